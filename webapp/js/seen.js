/*
 * Remembers which message ids have been handed on, so that none is handed on twice where two transports overlap.
 * Keeps between LIMIT and 2 * LIMIT of the newest ids, however long the page stays open.
 */
(function (bongsu) {
  'use strict';

  var LIMIT = 10000;

  /** @returns {{add: function(string): boolean, clear: function()}} add: true the first time it is given an id */
  bongsu.seen = function () {
    var older = {};
    var newer = {};
    var count = 0;

    function add(id) {
      // Epochs begin with a letter or digit and ids hold a '-': no id is a name that every object has.
      if (newer[id] || older[id]) return false;
      if (count === LIMIT) {
        older = newer;
        newer = {};
        count = 0;
      }
      newer[id] = true;
      count += 1;
      return true;
    }

    return {
      add: add,
      clear: function () {
        older = {};
        newer = {};
        count = 0;
      }
    };
  };

  /** So many messages may come twice and still be known: a hand-over in which more came in between begins anew. */
  bongsu.seen.SAFE = LIMIT / 2;
}(Bongsu));
