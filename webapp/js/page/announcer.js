/*
 * Tells people who listen to the page what has happened, in few words: one sentence for one arrival, a number for many.
 */
(function (portal) {
  'use strict';

  var GATHER = 1000;

  /**
   * @param {Element} region a live region that is in the page from the start
   * @param {Object} words
   */
  portal.announcer = function (region, words) {
    var count = 0;
    var last = '';
    var timer = null;

    function tell() {
      timer = null;
      region.textContent = count === 1 ? words.say('list.arrived', [last]) : words.say('list.arrivedMany', [count]);
      count = 0;
    }

    return {
      arrived: function (title) {
        count += 1;
        last = title;
        if (timer === null) timer = setTimeout(tell, GATHER);
      },
      say: function (key) {
        region.textContent = words.say(key, []);
      }
    };
  };
}(window.Portal = window.Portal || {}));
