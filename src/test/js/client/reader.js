/*
 * A page that only reads: tests sign it in, start its client and ask what has come.
 */
var test = (function () {
  'use strict';

  var client = null;

  function ask(method, body, done) {
    var xhr = new XMLHttpRequest();
    xhr.open(method, '../../api/session', true);
    xhr.setRequestHeader('Content-Type', 'application/json');
    xhr.setRequestHeader('X-Bongsu', '1');
    xhr.onreadystatechange = function () {
      if (xhr.readyState === 4) done(xhr.status);
    };
    xhr.send(body);
  }

  var test = {
    got: [], // bodies, in the order of their arrival
    resets: [],
    errors: [],
    states: [], // "name transport", each change once
    signedIn: 0, // the status of signing in
    signedOut: false,
    firsts: [], // milliseconds from connecting to the first message, one for each run
    counted: 0,
    wrong: '', // the first message that did not come in its turn
    kept: null, // a list: the text of every message that is counted is kept in it

    /** Unless another tab of this browser has done so: signing in again would end that one's session. */
    signIn: function (user) {
      ask('GET', null, function (status) {
        if (status === 200) test.signedIn = 204;
        else ask('POST', JSON.stringify({ user: user, password: user }), function (answer) {
          test.signedIn = answer;
        });
      });
    },

    signOut: function () {
      ask('DELETE', null, function () {
        test.signedOut = true;
      });
    },

    connect: function (options) {
      options.url = '../../';
      client = Bongsu.connect(options);
      client.on('message', function (message) {
        test.got.push(message.body);
      });
      client.on('reset', function (reset) {
        test.resets.push(reset.reason);
      });
      client.on('error', function (problem) {
        test.errors.push(problem);
      });
      client.on('state', function (state) {
        var text = state.name + ' ' + state.transport;
        if (test.states[test.states.length - 1] !== text) test.states.push(text);
      });
      test.client = client;
    },

    /** Connects and keeps nothing of what comes, the bodies of which have to begin with 0, 1, 2 and so on. */
    count: function (options) {
      options.url = '../../';
      client = test.client = Bongsu.connect(options);
      client.on('message', function (message) {
        var number = parseInt(message.body, 10);
        if (number !== test.counted && !test.wrong) test.wrong = number + ' in place of ' + test.counted;
        test.counted += 1;
        if (test.kept) test.kept.push(JSON.stringify(message));
      });
      client.on('reset', function (reset) {
        test.resets.push(reset.reason);
      });
      client.on('error', function (problem) {
        test.errors.push(problem);
      });
    },

    /** Connects, notes how long the first message took, ends; so many times, one after the other. */
    measure: function (options, runs) {
      var began = new Date().getTime();
      var one;
      if (!runs) return;
      options.url = '../../';
      one = Bongsu.connect(options);
      one.on('message', function () {
        if (!one) return;
        test.firsts.push(new Date().getTime() - began);
        one.close();
        one = null;
        setTimeout(function () {
          test.measure(options, runs - 1);
        }, 0);
      });
    },

    /** Stands still for so long, soon. */
    freeze: function (milliseconds) {
      setTimeout(function () {
        var until = new Date().getTime() + milliseconds;
        while (new Date().getTime() < until) {
          // Nothing else runs.
        }
      }, 0);
    },

    /** The final choice: live, and nothing better is being tried. */
    isSettled: function () {
      return Boolean(client) && client.state.name === 'live' && !client.state.probing;
    },

    describe: function () {
      return JSON.stringify({
        state: client && client.state, states: test.states, errors: test.errors, got: test.got.length,
        counted: test.counted, wrong: test.wrong, resets: test.resets
      });
    }
  };

  return test;
}());
