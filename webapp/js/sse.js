/*
 * The Server-Sent Events transport, over the browser's EventSource (see websocket.js for what a transport is).
 *
 * EventSource's own reconnecting is not used: the client decides when and with what to try again, the same way for
 * every transport, and it is the client that knows the cursor.
 */
(function (bongsu) {
  'use strict';

  var ALIVE_EVERY = 25000;

  /**
   * @param {{topics: Array<string>, after: string}} from
   * @param {Object} tell
   * @returns {{close: function()}}
   */
  bongsu.sse = function (from, tell) {
    var source = null;
    var open = true;
    var proven = false;
    var heartbeat = 15000;
    var heardAt = Date.now();
    var aliveUrl = null;
    var aliveAt = 0;
    var pulse = null;

    function close() {
      open = false;
      clearInterval(pulse);
      if (source) source.close();
    }

    function end(kind, detail) {
      if (!open) return;
      close();
      tell.ended(kind, detail);
    }

    // A stream is one-way: without this the server could not tell a reader from a network that swallows everything.
    // Called from a timer and from every event, because a hidden tab's timers may come only once a minute.
    function showAlive() {
      var now = Date.now();
      if (!aliveUrl || now - aliveAt < ALIVE_EVERY - 5000) return;
      aliveAt = now;
      bongsu.request('POST', aliveUrl, {}, function (answer) {
        if (answer.status === 401) end('unauthorised');
      });
    }

    function watch() {
      if (Date.now() - heardAt > 2.5 * heartbeat) end('silent');
      else showAlive();
    }

    function hear(event) {
      heardAt = Date.now();
      showAlive();
      return event.data ? JSON.parse(event.data) : {};
    }

    function on(name, then) {
      source.addEventListener(name, function (event) {
        if (open) then(event);
      });
    }

    if (!window.EventSource) {
      end('missing');
      return { close: close };
    }
    source = new window.EventSource(bongsu.query('api/stream', bongsu.topicPairs(from.topics).concat([
      ['after', from.after]
    ])));
    on('ready', function (event) {
      var ready = hear(event);
      proven = true;
      heartbeat = 1000 * (ready.heartbeat || 15);
      aliveUrl = ready.alive || null;
      aliveAt = Date.now();
      pulse = setInterval(watch, Math.min(ALIVE_EVERY, heartbeat));
      tell.proven(ready);
    });
    on('message', function (event) {
      tell.messages([hear(event)], event.lastEventId);
    });
    on('ping', function (event) {
      heardAt = Date.now();
      showAlive();
      // EventSource gives the last id again where an event has none: harmless, it is where we are.
      if (event.lastEventId) tell.moved(event.lastEventId);
    });
    on('reset', function (event) {
      tell.reset(hear(event).reason);
      // Not before it is told, not even from `ready`: a link that ended in between would hide the hole.
      if (event.lastEventId) tell.moved(event.lastEventId);
    });
    on('bye', function (event) {
      end('bye', hear(event).reason);
    });
    on('error', function () {
      end(proven ? 'lost' : 'refused');
    });
    return { close: close };
  };
}(window.Bongsu = window.Bongsu || {}));
