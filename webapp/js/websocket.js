/*
 * The WebSocket transport, subprotocol bongsu.v1: one connection, one subscription, sending over the same socket.
 *
 * Every transport is a function (from, tell) that opens a link and returns {close, publish}: `from` says what to read
 * ({topics, after}); `tell` is whom to tell:
 *   proven(info)              the first frame from the server came: the way there and back works
 *   messages(list, cursor)    in log order, and the position after them
 *   moved(cursor)             the position has moved without a message for us
 *   reset(reason)             the position could not be honoured
 *   ended(kind, detail)       once, the last thing told. Kinds: missing, refused, lost, silent, bye (detail: reason),
 *                             unauthorised, busy (detail: seconds), broken (detail: the server's words)
 * `publish` is absent where a transport only receives. Nothing is told after close().
 */
(function (bongsu) {
  'use strict';

  /** Relative WebSocket URLs are too new to rely on. */
  function address() {
    var here = window.location;
    return (here.protocol === 'https:' ? 'wss://' : 'ws://') + here.host +
      here.pathname.replace(/[^\/]*$/, '') + 'ws';
  }

  /**
   * @param {{topics: Array<string>, after: string}} from
   * @param {Object} tell
   * @returns {{close: function(), publish: function(string, Object, string, function(Object))}}
   */
  bongsu.websocket = function (from, tell) {
    var socket = null;
    var open = true;
    var proven = false;
    var nextRef = 1;
    var waiting = {}; // ref → who waits for the answer
    var pulse = null;
    var pingedAt = 0; // when the ping that nothing has answered yet was sent; 0 when there is none
    var heardAt = 0;

    function close() {
      open = false;
      clearInterval(pulse);
      if (socket) socket.close();
      // Those who wait learn that the answer will not come: whether the message arrived is not known.
      Object.keys(waiting).forEach(function (ref) {
        waiting[ref]({ status: 0 });
      });
      waiting = {};
    }

    function end(kind, detail) {
      if (!open) return;
      close();
      tell.ended(kind, detail);
    }

    function send(frame, answered) {
      frame.ref = nextRef;
      nextRef += 1;
      if (answered) waiting[frame.ref] = answered;
      socket.send(JSON.stringify(frame));
    }

    function answer(frame) {
      var who = waiting[frame.ref];
      if (!who) return;
      delete waiting[frame.ref];
      who(frame);
    }

    // Scripts do not see the server's own pings, so silence is told from a ping of ours that stays without any frame
    // after it. Only the waiting for an answer is timed: a hidden tab's timers run late, its frames do not.
    function beat(every) {
      var now = Date.now();
      if (pingedAt && now - pingedAt >= 2 * every - 100) {
        end('silent');
      } else if (!pingedAt && now - heardAt >= every / 2) {
        pingedAt = now;
        send({ op: 'ping' });
      }
    }

    function ready(frame) {
      var every = 1000 * (frame.heartbeat || 15);
      proven = true;
      pulse = setInterval(function () {
        beat(every);
      }, every);
      send({ op: 'subscribe', id: 'main', topics: from.topics, after: from.after }, function (said) {
        if (said.op === 'error') end(said.status === 401 ? 'unauthorised' : 'broken', said.detail || said.title);
      });
      tell.proven(frame);
    }

    function hear(frame) {
      heardAt = Date.now();
      pingedAt = 0;
      if (frame.op === 'ready') ready(frame);
      else if (frame.op === 'messages') tell.messages(frame.messages, frame.cursor);
      else if (frame.op === 'reset') tell.reset(frame.reason);
      else if (frame.op === 'bye') end('bye', frame.reason);
      else if (frame.op === 'ok' || frame.op === 'error') answer(frame);
    }

    function publish(topic, message, idempotencyKey, done) {
      send({ op: 'publish', topic: topic, message: message, idempotencyKey: idempotencyKey }, function (said) {
        if (said.op === 'ok') done({ status: 201, id: said.message });
        else done({ status: said.status, body: said });
      });
    }

    if (!window.WebSocket) {
      end('missing');
    } else {
      try {
        socket = new window.WebSocket(address(), 'bongsu.v1');
      } catch (forbidden) {
        end('missing');
      }
    }
    if (socket) {
      socket.onmessage = function (event) {
        if (open && typeof event.data === 'string') hear(JSON.parse(event.data));
      };
      socket.onclose = function () {
        end(proven ? 'lost' : 'refused');
      };
    }
    return { close: close, publish: publish };
  };
}(window.Bongsu = window.Bongsu || {}));
