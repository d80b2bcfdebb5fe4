/*
 * How long to wait before the next try: full jitter, so that a thousand pages that lost the same server do not come
 * back in the same second. Pure; knows nothing of the browser.
 */
(function (bongsu) {
  'use strict';

  var BASE = 1000;
  var CAP = 30000;
  var LEAST = 500;

  /**
   * @param {function(): number} random like Math.random
   * @returns {{next: function(): number, reset: function()}} next: milliseconds to wait, growing with every call
   */
  bongsu.backoff = function (random) {
    var tries = 0;
    return {
      next: function () {
        var most = Math.min(CAP, BASE * Math.pow(2, tries));
        tries += 1;
        return Math.round(LEAST + random() * (most - LEAST));
      },
      reset: function () {
        tries = 0;
      }
    };
  };
}(Bongsu));
