/*
 * A portal as the contract has it (§4, §5), small: one log, long-polls, event streams, WebSockets, in a world with a network
 * between. What passes through that takes its time, in order on each connection.
 */
(function (root) {
  'use strict';

  var HEARTBEAT = 15;

  root.makePortal = function (world) {
    var log = []; // { id, offset, topic }
    var gone = []; // what retention has removed
    var epoch = 'a';
    var head = 0;
    var epochs = 1;
    var readers = []; // each { tab, topics, offset, send(read), end() }
    var portal;

    function position(offset) {
      return epoch + '-' + offset;
    }

    function match(topics, message) {
      return root.Bongsu.topics.match(topics, message.topic);
    }

    /** From a position on: { reset, offset } */
    function place(after) {
      var parts = after.split('-');
      var offset = Number(parts[1]);
      var oldest = gone.length ? gone[gone.length - 1].offset : 0;
      if (after === 'latest') return { offset: head };
      if (after === 'earliest') return { offset: oldest };
      if (parts[0] !== epoch) return { reset: 'epoch', offset: oldest };
      if (offset > head) return { reset: 'ahead', offset: oldest };
      return { offset: offset };
    }

    function read(topics, offset, limit) {
      var all = log.filter(function (message) {
        return message.offset > offset && match(topics, message);
      });
      var some = all.slice(0, limit);
      var isTrimmed = gone.some(function (message) {
        return message.offset > offset && match(topics, message);
      });
      return {
        reset: isTrimmed ? 'trimmed' : null,
        messages: some.map(function (message) {
          return { id: message.id, topic: message.topic };
        }),
        offset: some.length < all.length ? some[some.length - 1].offset : head
      };
    }

    /** Both together, for a reader that comes. */
    function readFrom(topics, after, limit) {
      var at = place(after);
      var answer = read(topics, at.offset, limit);
      answer.reset = at.reset || answer.reset;
      return answer;
    }

    function flush(reader) {
      var answer = read(reader.topics, reader.offset, 100);
      if (!answer.messages.length && !answer.reset) return;
      if (answer.reset) reader.reset(answer.reset);
      reader.offset = answer.offset;
      if (answer.messages.length) reader.messages(answer.messages);
    }

    function drop(reader) {
      readers = readers.filter(function (one) {
        return one !== reader;
      });
    }

    /**
     * A connection: what is sent in one direction comes in order. After the network has swallowed a part of it, nothing comes
     * any more.
     * @returns {{there: function(function()), here: function(function()), isDead: function(): boolean}}
     */
    function connect(tab, kind) {
      var isDead = false;

      function line() {
        var last = 0;
        return function (run) {
          var due = Math.max(world.now + portal.latency(kind), last);
          last = due;
          world.later(due - world.now, null, function () {
            isDead = isDead || portal.loses(tab);
            if (!isDead) run();
          });
        };
      }

      return { there: line(), here: line(), isDead: function () {
        return isDead;
      } };
    }

    function isPark(url) {
      return /\/api\/poll\?/.test(url);
    }

    // Requests.

    function poll(request, lines, back) {
      var topics = request.query('topic');
      var after = request.query('after')[0] || 'latest';
      var wait = Number(request.query('wait')[0]);
      var limit = Math.min(Number(request.query('limit')[0] || 100), portal.limit);
      var answer = readFrom(topics, after, limit);
      var reader;

      function body(said) {
        var text = { cursor: position(said.offset), messages: said.messages };
        if (said.reset) text.reset = { reason: said.reset };
        return text;
      }

      if (after === 'latest' || !wait || answer.messages.length || answer.reset) {
        back(200, body(answer));
        return;
      }
      reader = {
        kind: 'poll',
        isDead: lines.isDead,
        tab: request.tab,
        topics: topics,
        offset: answer.offset,
        reset: function () {},
        end: function () {
          back(0);
        },
        messages: function () {
          drop(reader);
          back(200, body(readFrom(topics, after, limit)));
        }
      };
      readers.push(reader);
      request.onleft = function () {
        drop(reader);
      };
      world.later(1000 * wait, null, function () {
        if (readers.indexOf(reader) < 0) return;
        drop(reader);
        back(200, body(readFrom(topics, after, limit)));
      });
    }

    function onrequest(request) {
      var lines = connect(request.tab, 'poll');
      var there = lines.there;
      var here = lines.here;

      function back(status, body) {
        here(function () {
          request.answer(status, body);
        });
      }

      there(function () {
        if (!request.isOpen) return;
        if (portal.isDown) back(0);
        else if (portal.refusal && portal.refusal(request)) back(portal.refusal(request), { title: 'refused' });
        else if (isPark(request.url)) poll(request, lines, back);
        else if (/\/ws$/.test(request.url)) back(426, {});
        else back(204);
      });
    }

    // WebSockets.

    function onsocket(socket) {
      var lines = connect(socket.tab, 'websocket');
      var there = lines.there;
      var here = lines.here;
      var reader = {
        kind: 'websocket', tab: socket.tab, isDead: lines.isDead, topics: [], offset: 0,
        messages: function (messages) {
          send({ op: 'messages', id: 'main', cursor: position(reader.offset), messages: messages });
        },
        reset: function (reason) {
          send({ op: 'reset', id: 'main', reason: reason });
        },
        end: function () {
          drop(reader);
          here(function () {
            socket.fail();
          });
        }
      };

      function isHere() {
        return readers.indexOf(reader) >= 0;
      }

      function send(frame) {
        here(function () {
          socket.receive(frame);
        });
      }

      function subscribe(frame) {
        var at = place(frame.after);
        if (portal.refusedTopic && frame.topics.indexOf(portal.refusedTopic.name) >= 0) {
          send({ op: 'error', ref: frame.ref, status: portal.refusedTopic.status, title: 'refused' });
          return;
        }
        reader.topics = frame.topics;
        reader.offset = at.offset;
        send({ op: 'ok', ref: frame.ref, id: 'main', cursor: position(at.offset) });
        if (at.reset) reader.reset(at.reset);
        flush(reader);
      }

      /** Tells where reading has come to, if that has moved past what is not for this one. */
      function pong(frame) {
        var told = reader.offset;
        var at = read(reader.topics, reader.offset, 100);
        if (!at.messages.length && !at.reset) reader.offset = at.offset;
        send({ op: 'pong', ref: frame.ref, cursors: reader.offset === told ? undefined : { main: position(reader.offset) } });
      }

      socket.onsent = function (frame) {
        there(function () {
          if (!isHere()) return;
          if (frame.op === 'subscribe') subscribe(frame);
          else if (frame.op === 'auth' && portal.isWithoutTokens) send({ op: 'error', ref: frame.ref, status: 401, title: 'no' });
          else if (frame.op === 'auth') send({ op: 'ok', ref: frame.ref });
          else if (frame.op === 'ping') pong(frame);
        });
      };
      socket.onleft = function () {
        there(function () {
          drop(reader);
        });
      };
      there(function () {
        if (portal.isHeld('websocket')) return;
        if (portal.isDown || portal.isRefused('websocket')) {
          here(function () {
            socket.fail();
          });
          return;
        }
        if (socket.tab.isGone || socket.readyState !== 0) return;
        readers.push(reader);
        send({ op: 'ready', connection: 'c', user: 'kim', heartbeat: HEARTBEAT });
      });
    }

    // Event streams.

    function onsource(source) {
      var lines = connect(source.tab, 'stream');
      var there = lines.there;
      var here = lines.here;
      var topics = source.query('topic');
      var reader = {
        kind: 'stream', tab: source.tab, isDead: lines.isDead, topics: topics, offset: 0,
        messages: function (messages) {
          messages.forEach(function (message) {
            send('message', message, message.id);
          });
        },
        reset: function (reason) {
          send('reset', { reason: reason }, position(reader.offset));
        },
        end: function () {
          drop(reader);
          here(function () {
            source.fail();
          });
        }
      };

      function isHere() {
        return readers.indexOf(reader) >= 0;
      }

      function send(name, data, id) {
        here(function () {
          source.receive(name, data, id);
        });
      }

      function ping() {
        world.later(1000 * HEARTBEAT, null, function () {
          if (!isHere()) return;
          send('ping', 'now', position(reader.offset));
          ping();
        });
      }

      source.onleft = function () {
        there(function () {
          drop(reader);
        });
      };
      there(function () {
        var at;
        if (portal.isHeld('stream') || !source.isOpen || source.tab.isGone) return;
        if (portal.isDown || portal.isRefused('stream')) {
          here(function () {
            source.fail();
          });
          return;
        }
        at = place(source.query('after')[0]);
        reader.offset = at.offset;
        readers.push(reader);
        send('ready', { connection: 'c', heartbeat: HEARTBEAT, alive: 'api/alive?c=c' }, position(at.offset));
        if (at.reset) reader.reset(at.reset);
        flush(reader);
        ping();
      });
    }

    portal = {
      isDown: false,
      limit: 100,
      refusal: null, // function(request): the status of a refusal, or 0
      refusedTopic: null, // { name, status }: by WebSocket
      isWithoutTokens: false, // in WebSockets; a cookie has let them in

      latency: function () {
        return 5;
      },
      /** Whether the network swallows what goes from or to the tab. */
      loses: function () {
        return false;
      },
      /** Whether nothing of this kind comes through, and nothing tells. */
      isHeld: function () {
        return false;
      },
      isRefused: function () {
        return false;
      },

      /** @returns {{id: string, topic: string}} once it is durable, as the contract has it */
      publish: function (topic) {
        var message;
        head += 1;
        message = { id: position(head), offset: head, topic: topic, time: world.now };
        log.push(message);
        readers.slice().forEach(flush);
        return message;
      },

      /** Retention removes all but the newest. */
      trim: function (left) {
        gone = gone.concat(log.splice(0, Math.max(0, log.length - left)));
      },

      isGone: function (id) {
        return gone.some(function (message) {
          return message.id === id;
        });
      },

      /** The history is lost: another database. */
      wipe: function () {
        epochs += 1;
        epoch = String.fromCharCode(96 + epochs);
        log = [];
        gone = [];
        head = 0;
        portal.cut();
      },

      /** Ends connections: all, or those of a tab. */
      cut: function (tab) {
        readers.slice().forEach(function (reader) {
          if (!tab || reader.tab === tab) reader.end();
        });
        if (!tab) readers = [];
      },

      position: function () {
        return position(head);
      },

      /** Whom it serves; those the network has cut off it would end in a minute. */
      readers: function () {
        return readers.filter(function (reader) {
          return !reader.isDead();
        });
      }
    };
    world.onrequest = onrequest;
    world.onsocket = onsocket;
    world.onsource = onsource;
    return portal;
  };
}(typeof window === 'undefined' ? globalThis : window));
