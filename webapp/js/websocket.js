/*
 * The WebSocket transport: bongsu.v1 frames.
 *
 * A transport is a function opened with { topics, after, position, http, clock, random, kept } and what it is to tell:
 *   proven(ready)             the first frame of the server came: the way there and back works
 *   messages(list, cursor)    in log order, and the position after them; null where they move none
 *   moved(cursor)             the position has moved without a message for us
 *   caughtUp()                all that there was has been told, as far as a transport can know
 *   reset(reason)             the position could not be honoured
 *   ended(kind, detail)       once, the last thing told. Kinds: missing, refused, lost, silent, held, bye (detail: reason),
 *                             forbidden (detail: the problem, with status 401 or 403), busy (detail: seconds), broken
 *                             (detail: the problem)
 * It returns { close, publish, topics }; `publish` is absent where a transport only receives, `topics` where its topics
 * cannot be changed while it is open. Nothing is told after close().
 */
(function (bongsu) {
  'use strict';

  /**
   * @param {{topics: Array<string>, after: string}} from
   * @param {Object} tell
   * @returns {{close: function(), publish: function(string, Object, string, function(Object)),
   *   topics: function(Array<string>, string)}}
   */
  bongsu.websocket = function (from, tell) {
    var clock = from.clock;
    var socket = null;
    var open = true;
    var proven = false;
    var isKnown = !from.http.token; // whether the portal has taken the token
    var greeting = null; // its first frame
    var nextRef = 1;
    var waiting = {}; // ref → who waits for the answer
    var subscribing = 0; // subscriptions that are not answered yet
    var rest = null; // ends the beating
    var pingedAt = 0; // when the ping that nothing has answered yet was sent; 0 when there is none
    var heardAt = 0;

    function close() {
      var left = waiting;
      open = false;
      waiting = {};
      if (rest) rest();
      if (socket) socket.close();
      // Those who wait learn that the answer will not come: whether the message arrived is not known.
      Object.keys(left).forEach(function (ref) {
        left[ref]({ status: 0 });
      });
    }

    function end(kind, detail) {
      if (!open) return;
      open = false;
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
    function beat(every, late) {
      var now = clock.now();
      if (late > bongsu.SLEPT) {
        // The computer has slept: that is not the network's fault.
        end('lost');
      } else if (pingedAt && now - pingedAt >= 1.5 * every - 100) {
        end('silent');
      } else if (!pingedAt && now - heardAt >= every / 2) {
        pingedAt = now;
        // The answer also tells where reading has come to over what is not for us: nobody wants to be told of that later on.
        send({ op: 'ping' }, function (said) {
          if (open && !subscribing && said.cursors) tell.moved(said.cursors.main);
        });
      }
    }

    function refused(said) {
      var problem = { status: said.status, title: said.title || '', detail: said.detail || '' };
      if (said.status === 503 || said.status === 429) end('busy', said.retryAfter);
      else end(said.status === 401 || said.status === 403 ? 'forbidden' : 'broken', problem);
    }

    function subscribe(topics, after) {
      subscribing += 1;
      send({ op: 'subscribe', id: 'main', topics: topics, after: after }, function (said) {
        if (!open) return;
        subscribing -= 1;
        if (said.op === 'error') refused(said);
        // "latest" is where it is now; any other position is ours until the server has moved it or told a reset.
        else if (after === 'latest') tell.moved(said.cursor);
      });
    }

    // A browser may have sent another's cookie with the handshake: nothing is read before the token counts.
    function begin(frame) {
      greeting = frame || greeting;
      if (greeting && isKnown) ready(greeting);
    }

    function ready(frame) {
      var every = 1000 * (frame.heartbeat || 15);
      proven = true;
      rest = bongsu.every(clock, every / 2, function (late) {
        beat(every, late);
      });
      tell.proven(frame);
      // A listener may have chosen others meanwhile.
      if (open && !subscribing) subscribe(from.topics, from.position());
    }

    function hear(frame) {
      heardAt = clock.now();
      pingedAt = 0;
      if (frame.op === 'ready') begin(frame);
      else if (frame.op === 'bye') end('bye', frame.reason);
      else if (frame.op === 'ok' || frame.op === 'error' || frame.op === 'pong') answer(frame);
      // What still comes for the topics before is sent again for the new ones, from the position they were given.
      else if (subscribing) return;
      else if (frame.op === 'messages') tell.messages(frame.messages, frame.cursor);
      else if (frame.op === 'reset') tell.reset(frame.reason);
    }

    function publish(topic, message, idempotencyKey, done) {
      send({ op: 'publish', topic: topic, message: message, idempotencyKey: idempotencyKey }, function (said) {
        if (said.op === 'ok') done({ status: 201, body: { id: said.message, topic: topic } });
        else done({ status: said.status, body: said });
      });
    }

    try {
      // Relative addresses are too new to rely on.
      socket = new self.WebSocket(from.http.url('ws').replace(/^http/i, 'ws'), 'bongsu.v1');
    } catch (forbidden) {
      // There is none, or a page from https may not open one without TLS.
      end('missing');
      return { close: close };
    }
    socket.onopen = function () {
      if (!open || !from.http.token) return;
      send({ op: 'auth', token: from.http.token }, function (said) {
        // Perhaps only here, for the cookie: an ordinary request with the token tells.
        if (said.op === 'error') end('refused');
        if (said.op !== 'ok') return;
        isKnown = true;
        begin();
      });
    };
    socket.onmessage = function (event) {
      if (open && typeof event.data === 'string') hear(JSON.parse(event.data));
    };
    socket.onclose = function () {
      end(proven ? 'lost' : 'refused');
    };
    return { close: close, publish: publish, topics: subscribe };
  };
}(Bongsu));
