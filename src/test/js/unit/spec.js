/*
 * Runs specifications: `spec('a sentence', function () { … })`, one after the other, each synchronous. What came of them is
 * in window.results. `check` says what should have been.
 */
(function (root) {
  'use strict';

  var specs = [];

  function text(value) {
    var json = value === undefined ? 'undefined' : JSON.stringify(value);
    return json.length > 500 ? json.slice(0, 500) + '… (' + json.length + ')' : json;
  }

  function fail(sentence) {
    throw new Error(sentence);
  }

  root.results = { done: false, cases: [] };

  root.spec = function (name, run) {
    specs.push({ name: name, run: run });
  };

  root.check = {
    equal: function (actual, expected, what) {
      if (text(actual) !== text(expected)) fail((what ? what + ': ' : '') + text(actual) + ' instead of ' + text(expected));
    },

    that: function (isTrue, what) {
      if (!isTrue) fail('not so: ' + what);
    },

    between: function (actual, least, most, what) {
      if (!(actual >= least && actual <= most)) fail((what || 'it') + ' is ' + actual + ', not ' + least + ' to ' + most);
    },

    throwing: function (run) {
      var thrown = null;
      try {
        run();
      } catch (expected) {
        thrown = expected;
      }
      if (!thrown) fail('nothing was thrown');
      return thrown.message;
    }
  };

  function one(what) {
    var detail = '';
    try {
      what.run();
    } catch (failure) {
      detail = failure.message + (/^not so|instead of/.test(failure.message) ? '' : '\n' + (failure.stack || ''));
    }
    root.results.cases.push({ name: what.name, passed: !detail, detail: detail });
  }

  /** Lets the page breathe between two: some engines ask whether a script that runs for long should be stopped. */
  root.runSpecs = function (only, done) {
    var left = specs.filter(function (what) {
      return what.name.indexOf(only || '') >= 0;
    });

    function next() {
      var end = new Date().getTime() + 200;
      while (left.length && new Date().getTime() < end) one(left.shift());
      if (left.length) {
        setTimeout(next, 0);
        return;
      }
      root.results.done = true;
      if (done) done(root.results.cases);
    }

    setTimeout(next, 0);
  };
}(typeof window === 'undefined' ? globalThis : window));
