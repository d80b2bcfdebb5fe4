/*
 * The namespace, and what the client takes from its surroundings: the clock, where its own file came from, addresses.
 * Works in pages, in workers and, as part of the bundle, as a CommonJS module.
 */
var Bongsu = Bongsu || {};

(function (bongsu) {
  'use strict';

  var hasDocument = typeof document !== 'undefined';

  function ownScript() {
    var scripts;
    if (!hasDocument) return typeof location === 'undefined' ? '' : location.href;
    if (document.currentScript) return document.currentScript.src;
    // Older browsers: while a script runs, it is the last there is, unless it was added by another.
    scripts = document.getElementsByTagName('script');
    return scripts.length ? scripts[scripts.length - 1].src : '';
  }

  /** Tabs of different versions do not share a connection. */
  bongsu.VERSION = '0.1.0';

  /** Where this file was loaded from; its neighbours (the polyfill, the worker) are there too. Empty if not known. */
  bongsu.script = ownScript() || '';

  /** Whether this runs in a worker, which has no document. */
  bongsu.isWorker = !hasDocument && typeof importScripts === 'function';

  /** Time, so that tests can make their own. */
  bongsu.clock = {
    now: function () {
      return new Date().getTime();
    },
    set: function (run, milliseconds) {
      return setTimeout(run, milliseconds);
    },
    clear: function (timer) {
      clearTimeout(timer);
    }
  };

  /**
   * @param {string} address absolute, or relative to the page
   * @returns {string} absolute; in a worker, which has no way to tell, unchanged
   */
  bongsu.absolute = function (address) {
    var link;
    if (!hasDocument) return address;
    link = document.createElement('a');
    // "" would stay empty in the oldest engines.
    link.href = address || '.';
    return link.href;
  };

  /** Where a timer is so late, in milliseconds, the computer has slept. A hidden page's may come once a minute. */
  bongsu.SLEPT = 120000;

  /**
   * Runs `then` every so often until the function returned is called.
   * @param {function(number)} then told by how much it is late, in milliseconds, or by how much the clock was set
   * @returns {function()}
   */
  bongsu.every = function (clock, milliseconds, then) {
    var timer;
    var ended = false;

    function turn() {
      var due = clock.now() + milliseconds;
      timer = clock.set(function () {
        // A clock that was set back is no reason to go on waiting.
        then(Math.abs(clock.now() - due));
        if (!ended) turn();
      }, milliseconds);
    }

    turn();
    return function () {
      ended = true;
      clock.clear(timer);
    };
  };
}(Bongsu));
