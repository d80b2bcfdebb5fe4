/*
 * In the shared worker: a hub with a link of its own, for all tabs. The worker's script is the bundle itself or, where the
 * readable files are used, shared-worker.js.
 */
(function (bongsu) {
  'use strict';

  var ports = {}; // member → port
  var hub = null;

  function post(message) {
    if (message.to) {
      if (ports[message.to]) ports[message.to].postMessage(message);
      return;
    }
    Object.keys(ports).forEach(function (member) {
      ports[member].postMessage(message);
    });
  }

  function start(hello) {
    var kept = hello.kept;
    var link = bongsu.link({
      topics: [],
      http: bongsu.http({ url: hello.url, token: hello.token }),
      clock: bongsu.clock,
      random: Math.random,
      memory: {
        get: function () {
          return kept;
        },
        set: function (name, value) {
          kept = value;
          post({ op: 'keep', value: value });
        }
      },
      open: bongsu.link.transports()
    }, {
      messages: function (messages, cursor) {
        hub.messages(messages, cursor);
      },
      reset: function () {
        hub.reset();
      },
      state: function (state) {
        if (hub) hub.state(state);
      },
      caughtUp: function () {
        hub.caughtUp();
      },
      stopped: function () {
        hub.stopped();
      },
      // One member's topic, perhaps: each asks for its own.
      broken: function () {
        link.stop();
        hub.stopped();
      }
    });
    hub = bongsu.hub({
      link: link,
      clock: bongsu.clock,
      id: 'worker' + Math.random(),
      own: function () {
        return [];
      },
      gone: function (member, wasLast) {
        delete ports[member];
        if (wasLast) link.stop();
      }
    }, post);
  }

  if (bongsu.isWorker && typeof onconnect !== 'undefined') {
    self.onconnect = function (event) {
      var port = event.ports[0];
      port.onmessage = function (heard) {
        var message = heard.data;
        ports[message.from] = port;
        if (!hub) start(message);
        hub.hear(message);
      };
    };
  }
}(Bongsu));
