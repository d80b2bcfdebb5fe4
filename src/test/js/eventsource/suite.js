/*
 * Runs cases, a few at a time, and leaves what came of them in window.results for whoever drives the page.
 *
 * A case is {name, run(check), patience}; it ends with check.done(), or with the first check that fails, or when the patience
 * (milliseconds) is over. One that has not been in time is run again, lest a machine that stood still be taken for a fault.
 */
(function (suite) {
  'use strict';

  var AT_ONCE = 4; // browsers allow six connections to a server, and some cases need two
  var PATIENCE = 60000; // Firefox waits 5 s before it connects again, an old engine on a busy machine longer
  var RUNS = 3;
  var results = { done: false, cases: [] };

  function show(value) {
    var text = value === undefined ? 'undefined' : JSON.stringify(value);
    return text.length > 300 ? text.slice(0, 300) + '… (' + text.length + ')' : text;
  }

  /** Runs one case; then(detail, isTime) is told what was wrong, '' if nothing, and whether that was only the time. */
  function runOne(one, then) {
    var patience = one.patience || PATIENCE;
    var afterwards = [];
    var open = true;
    var timer = setTimeout(function () {
      end('not within ' + patience + ' ms' + (check.waitsFor ? ', waiting for ' + check.waitsFor : ''));
    }, patience);
    var check = {
      /** What is waited for, should it not come. */
      waitsFor: '',

      equal: function (actual, expected, what) {
        if (show(actual) !== show(expected)) end((what ? what + ': ' : '') + show(actual) + ' instead of ' + show(expected));
      },

      that: function (isTrue, what) {
        if (!isTrue) end('not so: ' + what);
      },

      /** What is so on a machine that does not stand still. */
      inTime: function (isTrue, what) {
        if (!isTrue) end('not in time: ' + what, true);
      },

      /** Has something done when the case has ended, however it did. */
      afterwards: function (action) {
        afterwards.push(action);
      },

      later: function (milliseconds, action) {
        setTimeout(guarded(action), milliseconds);
      },

      /** @returns {function} the same, but ends the case if it throws, and does nothing when the case has ended */
      guarded: guarded,

      fail: function (what) {
        end(what);
      },

      done: function () {
        end('');
      }
    };

    function guarded(action) {
      return function () {
        if (!open) return undefined;
        try {
          return action.apply(this, arguments);
        } catch (error) {
          end('threw ' + error);
          return undefined;
        }
      };
    }

    function end(detail, isTime) {
      if (!open) return;
      open = false;
      clearTimeout(timer);
      afterwards.forEach(function (action) {
        action();
      });
      then(detail, isTime === true);
    }

    guarded(one.run)(check);
  }

  function runUntilInTime(one, run, then) {
    runOne(one, function (detail, isTime) {
      if (isTime && run < RUNS) runUntilInTime(one, run + 1, then);
      else then(detail, run);
    });
  }

  function write(one, detail, runs) {
    var line = document.createElement('li');
    line.textContent = (detail ? '✗ ' : '✓ ') + one.name + (runs > 1 ? ' (run ' + runs + ')' : '') + (detail ? ': ' + detail : '');
    document.getElementById('results').appendChild(line);
    results.cases.push({ name: one.name, passed: !detail, detail: detail, runs: runs });
  }

  /** @param {string} only runs only cases with this in their names; '' runs all */
  suite.run = function (cases, only) {
    var waiting = cases.filter(function (one) {
      return one.name.indexOf(only) >= 0;
    });
    var running = 0;

    function next() {
      var one = waiting.shift();
      if (!one) {
        if (running === 0) results.done = true;
        return;
      }
      running += 1;
      runUntilInTime(one, 1, function (detail, runs) {
        running -= 1;
        write(one, detail, runs);
        setTimeout(next, 0);
      });
    }

    results.total = waiting.length;
    for (var i = 0; i < AT_ONCE; i++) next();
  };

  window.results = results;
}(window.suite = window.suite || {}));
