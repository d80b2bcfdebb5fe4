/*
 * Bongsu.connect: what a page sees. One client reads some topics from one position on, alone or together with the other
 * tabs of the browser, over whatever gets through.
 *
 * Its link runs until another tab, or the shared worker, brings what comes (see hub.js), and again as soon as that is in
 * doubt. It owns the cursor all the time, so it can go on alone from wherever it stands:
 *
 *   solo ──a hub is heard──▶ joining ──covered──▶ draining ──nothing more──▶ following
 *    ▲ │                        │                    │                          │ a hole: joining
 *    │ └─chosen to lead─▶ leader └──── no answer, the hub resigns, stops or falls silent ───▶ solo
 *   alone: where tabs cannot share, or this one must not
 */
(function (bongsu) {
  'use strict';

  var ANSWER = 10000; // a worker that has not answered by then does not work; its scripts have to be loaded first
  var COVERED = 2000; // nor a hub
  var LOOK = 1000;
  var HERE = 20000; // so often a member shows that it is there
  var SUSPECT = 5500; // a hub that has not been heard for so long is gone; it beats every two seconds
  var PARTED = 60000; // so long nobody tries anew what is refused to all together, though perhaps to none alone
  var ACTIVITY = 60000; // so often a person who sends over the socket is shown to be active

  var EVENTS = ['message', 'state', 'reset', 'error', 'close'];
  var SHARES = ['worker', 'locks', 'lease'];
  var NAMES = {
    websocket: 'WebSocket',
    eventsource: 'Server-Sent Events',
    fetch: 'streaming by fetch',
    xhr: 'streaming by XMLHttpRequest',
    longpoll: 'long-polling',
    poll: 'polling'
  };
  var TRANSPORTS = Object.keys(NAMES);
  var RESULTS = {
    works: ' works',
    missing: ' is missing in this browser',
    refused: ' refused',
    silent: ' brought nothing in time',
    held: ' held back by a proxy',
    lost: ' breaks off'
  };

  /** A short name for a long text, so that none of it (a token) is kept. Not for secrets against people: FNV-1a, 32 bits. */
  function hash(text) {
    var value = 0x811c9dc5;
    var i;
    for (i = 0; i < text.length; i += 1) {
      value ^= text.charCodeAt(i);
      value = (value + (value << 1) + (value << 4) + (value << 7) + (value << 8) + (value << 24)) >>> 0;
    }
    return value.toString(36);
  }

  /** What came of a try, as a sentence. */
  function why(tried, token) {
    var status = tried.status;
    var sentence = NAMES[tried.transport] + (RESULTS[tried.result] || ' ' + tried.result);
    if (tried.result === 'missing' && tried.transport === 'eventsource' && token) return NAMES.eventsource + ' cannot send a token';
    if (tried.result !== 'refused' || !status) return sentence;
    if (tried.transport !== 'websocket' || status !== 426) return sentence + ': HTTP ' + status;
    return sentence + ', though an ordinary request to its address arrives (HTTP 426)'
      + (token ? '; a browser opens it without the token' : '');
  }

  function list(topics) {
    return typeof topics === 'string' ? [topics] : topics;
  }

  /** What is given as a list, or as one. */
  function among(allowed, given, what) {
    var names = list(given);
    var isWrong = names.some(function (name) {
      return allowed.indexOf(name) < 0;
    });
    if (isWrong || !names.length) throw new Error(what + ': "' + names + '"; allowed: ' + allowed.join(', '));
    return names;
  }

  function required(topics) {
    if (!topics.length) throw new Error('topics: none; allowed: one or more');
    return topics;
  }

  function isPosition(cursor) {
    return Boolean(cursor) && cursor !== 'latest' && cursor !== 'earliest';
  }

  /** @param {Object} given see bongsu.d.ts */
  bongsu.connect = function (given) {
    var options = given || {};
    var clock = options.clock || bongsu.clock;
    var random = options.random || Math.random;
    var topics = required(bongsu.topics.union([], list(options.topics === undefined ? ['**'] : options.topics)));
    var shares = options.share === false ? []
      : among(SHARES, options.share && options.share !== true ? options.share : SHARES, 'share');
    var transports = options.transports ? among(TRANSPORTS, options.transports, 'transports') : null;
    var url = bongsu.absolute(options.url || '').replace(/[?#].*$/, '').replace(/([^\/])$/, '$1/');
    var http = bongsu.http({ url: url, token: options.token, clock: clock });
    var name = hash([bongsu.VERSION, url, options.token || '', bongsu.script].join('\n'));
    var id = 'tab' + String(random()).slice(2) + clock.now();
    var memory = bongsu.memory(storage);
    var listeners = { message: [], state: [], reset: [], error: [], close: [] };
    var client;

    var role = 'stopped'; // stopped, alone, solo, leader, joining, draining, following
    var way = null; // how tabs share, or null
    var wayName = '';
    var ways = [];
    var hub = null; // ours, if we lead
    var followed = null; // { hub, since, seq } of the hub that is followed or asked to
    var buffered = 0; // messages in it, or too many for it
    var buffer = null; // what the hub brought while the rest was still being asked for
    var heardAt = 0; // when a hub was heard last
    var isAsked = false; // whether there is one, since it has not been heard
    var hubState = null;
    var answerTimer = null;
    var joinTimer = null;
    var joins = 0; // so often it has been asked
    var challengeTimer = null;
    var hereAt = 0;
    var partedAt = -Infinity; // when what all read together was refused
    var told = null; // the message that listeners are told of just now
    var last = null; // the last one that they were told of
    var activeAt = 0;
    var endLook = null;
    var isRefused = false; // then only the page's wish goes on
    var isClosed = false;

    /** Null where even naming it throws. */
    function storage() {
      try {
        return options.storage === undefined ? window.localStorage : options.storage;
      } catch (forbidden) {
        return null;
      }
    }

    function isHidden() {
      return typeof document !== 'undefined' && Boolean(document.hidden);
    }

    // What the page is told.

    function emit(event, what) {
      listeners[event].slice().forEach(function (listener) {
        try {
          listener(what);
        } catch (fault) {
          // The listener's own fault: shown as such, and no other's concern.
          setTimeout(function () {
            throw fault;
          }, 0);
        }
      });
    }

    function show() {
      var from = role === 'following' && hubState ? hubState : link.state();
      var isWaiting = role === 'stopped' ? 'stopped' : from.name;
      client.state = {
        name: isWaiting,
        transport: from.transport || '',
        probing: from.probing || '',
        leader: role === 'alone' || role === 'leader' || role === 'solo',
        shared: role === 'alone' ? '' : wayName,
        since: from.since || clock.now(),
        until: from.until || 0,
        reason: from.reason || '',
        detail: from.detail || '',
        breaks: from.breaks || 0,
        cursor: told || link.cursor(),
        tried: from.tried || [],
        why: (from.tried || []).map(function (tried) {
          return why(tried, options.token);
        })
      };
      emit('state', client.state);
    }

    function deliver(messages) {
      messages.forEach(function (message) {
        if (isClosed || !bongsu.topics.match(topics, message.topic)) return;
        // A listener may keep it.
        if (message.id) client.state.cursor = told = last = message.id;
        emit('message', message);
      });
      // Closed amid them: the rest has not been told.
      if (isClosed) return;
      told = null;
      client.state.cursor = link.cursor();
    }

    var link = bongsu.link({
      topics: topics,
      http: http,
      clock: clock,
      random: random,
      memory: {
        get: function () {
          return memory.get('transport.' + name);
        },
        set: function (key, value) {
          memory.set('transport.' + name, value);
        }
      },
      open: options.open || bongsu.link.transports()
    }, {
      messages: function (messages, cursor) {
        if (hub) hub.messages(messages, cursor);
        deliver(messages);
      },
      reset: function (reason) {
        if (hub) hub.reset();
        emit('reset', { reason: reason });
      },
      state: function (state) {
        if (hub) hub.state(state);
        if (role === 'solo' && state.name === 'live' && way && isPosition(link.cursor())) greet();
        show();
      },
      caughtUp: function () {
        if (hub) hub.caughtUp();
        else if (role === 'leader') openHub();
      },
      stopped: function (problem) {
        if (problem.status !== 401 && hub && hub.isWider()) part();
        else stopped(problem);
      },
      broken: function (problem) {
        if (hub && hub.isWider()) {
          part();
          return;
        }
        // It was not for what others read.
        partedAt = -Infinity;
        emit('error', problem);
      }
    });

    // Alone or together.

    function become(next) {
      role = next;
      show();
    }

    function begin(after) {
      isRefused = false;
      // A page that insists on certain transports has a connection of its own: the others may need another.
      ways = transports || bongsu.isWorker ? [] : shares.slice();
      role = ways.length ? 'solo' : 'alone';
      link.probing(role === 'alone');
      link.use(transports);
      link.start(after);
      if (ways.length) nextWay();
      endLook = bongsu.every(clock, LOOK, look);
    }

    function workerScript() {
      var own = /^(.*\/)bongsu(\.min)?\.js([?#].*)?$/.exec(bongsu.script);
      if (options.worker) return options.worker;
      // Within another's bundle: what is beside that is not ours.
      if (!own || bongsu.script.indexOf(location.protocol + '//' + location.host + '/') !== 0) return null;
      return own[2] ? bongsu.script : own[1] + 'shared-worker.js';
    }

    function nextWay() {
      clock.clear(answerTimer);
      answerTimer = null;
      if (way) way.close();
      way = null;
      wayName = ways.shift() || '';
      if (!wayName) {
        goAlone();
        return;
      }
      heardAt = clock.now();
      way = bongsu.share[wayName](name, {
        clock: clock,
        id: id,
        storage: storage(),
        worker: workerScript(),
        url: url,
        token: options.token,
        kept: function () {
          return memory.get('transport.' + name);
        }
      }, { message: hear, lead: lead, deposed: stepDown, failed: function () {
        if (answerTimer) nextWay();
      } });
      if (!way) {
        nextWay();
        return;
      }
      way.enter();
      if (wayName === 'worker') answerTimer = clock.set(nextWay, ANSWER);
    }

    function goAlone() {
      leaveHub();
      role = 'alone';
      wayName = '';
      link.probing(true);
      go();
      show();
    }

    /** By itself, from where it stands. */
    function go() {
      if (link.isRunning()) return;
      link.topics(topics);
      link.start(link.cursor(), 'again');
    }

    function leaveHub() {
      clock.clear(joinTimer);
      followed = null;
      buffer = null;
      hubState = null;
    }

    /** Goes on by itself from where it stands, until a hub is heard. */
    function goSolo() {
      leaveHub();
      if (role === 'stopped') return;
      role = 'solo';
      link.probing(false);
      go();
    }

    function greet() {
      way.post({ op: 'hello', from: id });
    }

    function lead() {
      if (role === 'stopped') {
        way.leave();
        return;
      }
      leaveHub();
      role = 'leader';
      if (link.isCaughtUp()) openHub();
      else go();
    }

    /** Not before the link has caught up: the others would be told again what they have. */
    function openHub() {
      hub = bongsu.hub({
        link: link,
        clock: clock,
        id: id,
        own: function () {
          return topics;
        },
        gone: function () {}
      }, way.post);
      link.probing(true);
      show();
    }

    /** Another leads now: what this link brings is still ours, until that one covers us. */
    function stepDown() {
      if (role !== 'leader') return;
      if (hub) hub.end();
      hub = null;
      heardAt = clock.now();
      goSolo();
      show();
    }

    /** What has been refused may be another's topic: each asks for its own. */
    function part() {
      partedAt = clock.now();
      hub.stopped();
      way.leave();
      link.topics(topics);
      stepDown();
      way.enter();
    }

    function join(said) {
      followed = { hub: said.hub, since: said.since, seq: said.seq };
      buffer = null;
      role = 'joining';
      clock.clear(joinTimer);
      joinTimer = clock.set(goSolo, COVERED);
      hereAt = clock.now();
      joins += 1;
      way.post({ op: 'join', from: id, topics: topics, cursor: link.cursor(), join: joins });
    }

    function drain(said) {
      var mine = followed;
      clock.clear(joinTimer);
      followed.seq = said.seq;
      buffer = [];
      buffered = 0;
      hubState = said.state;
      role = 'draining';
      link.drain(topics, function (gotThrough) {
        var held = buffer;
        if (role !== 'draining' || followed !== mine) return;
        if (!gotThrough) {
          goSolo();
          return;
        }
        // More than is remembered: this may have read it all by itself. What is left now is little.
        if (buffered > bongsu.seen.SAFE) {
          join(mine);
          return;
        }
        buffer = null;
        role = 'following';
        held.forEach(take);
        show();
      }, function () {
        // What comes next is here already; where much comes, there is always more at the server.
        return !buffer || buffer.some(function (one) {
          return one.messages.some(function (message) {
            return message.id === last;
          });
        });
      });
    }

    function take(said) {
      link.take(said.messages.filter(function (message) {
        return bongsu.topics.match(topics, message.topic);
      }), said.cursor);
    }

    /** From the hub that is followed. */
    function hearHub(said) {
      var follows = role === 'following' || role === 'draining';
      if (said.op === 'covered') {
        // The answer to an earlier one covers fewer topics.
        if (role === 'joining' && said.join === joins) drain(said);
      } else if (said.op === 'refused') {
        if (role === 'joining') {
          way.close();
          way = null;
          goAlone();
        }
      } else if (said.op === 'resign' || said.op === 'stopped') {
        if (said.op === 'stopped') partedAt = clock.now();
        goSolo();
      } else if (follows && said.op === 'messages' && said.seq === followed.seq + 1) {
        followed.seq = said.seq;
        if (role === 'following') take(said);
        else if ((buffered += said.messages.length) <= bongsu.seen.SAFE) buffer.push(said);
      } else if (follows && said.seq !== followed.seq) {
        // Something was missed, or cannot be told by another: the server knows.
        join(said);
      } else if (follows && said.op === 'state') {
        hubState = said.state;
        if (role === 'following') show();
      }
    }

    function hear(said) {
      if (said.op === 'keep') {
        memory.set('transport.' + name, said.value);
      } else if (!said.hub) {
        if (hub) hub.hear(said);
      } else {
        hearOf(said);
      }
    }

    function hearOf(said) {
      clock.clear(answerTimer);
      answerTimer = null;
      if (role === 'stopped' || role === 'alone') return;
      if (role === 'leader') {
        // Two lead: the later one was chosen because we seemed to be gone.
        if (!hub || said.since < hub.since || (said.since === hub.since && said.hub < id)) return;
        way.leave();
        stepDown();
        way.enter();
      }
      if (followed && followed.hub !== said.hub && said.since < followed.since) return;
      heardAt = clock.now();
      isAsked = false;
      // Somebody leads, whoever it is.
      clock.clear(challengeTimer);
      challengeTimer = null;
      if (said.to && said.to !== id) return;
      if (followed && followed.hub === said.hub) hearHub(said);
      else if (said.op !== 'resign' && said.op !== 'stopped' && mayJoin()) join(said);
    }

    function mayJoin() {
      return clock.now() - partedAt > PARTED && isPosition(link.cursor()) && (!link.isRunning() || link.state().name === 'live');
    }

    function look() {
      var now = clock.now();
      if (!way || role === 'leader' || role === 'stopped') return;
      if (followed && now - hereAt > HERE) {
        hereAt = now;
        way.post({ op: 'here', from: id });
      }
      // A hidden leader's timers may be late; a visible tab's are not.
      if (role === 'following' && hubState.name === 'waiting' && now > hubState.until && !isHidden()) hint(false);
      if (now - heardAt <= SUSPECT || challengeTimer) return;
      // A worker has longer to answer.
      if (!isAsked || answerTimer) {
        // A hidden tab beats once a minute, or this one looks as rarely; but it answers at once.
        isAsked = true;
        greet();
        return;
      }
      isAsked = false;
      heardAt = now;
      goSolo();
      if (way.challenge) {
        // Not all at once: the first to lead is heard by the others.
        challengeTimer = clock.set(function () {
          challengeTimer = null;
          // Where the portal is down nobody could do better.
          if (way && role === 'solo' && !followed && link.isCaughtUp()) way.challenge();
        }, Math.round(500 * random()));
      } else {
        ways.unshift('worker');
        nextWay();
      }
    }

    function depart() {
      clock.clear(answerTimer);
      clock.clear(challengeTimer);
      answerTimer = challengeTimer = null;
      if (hub) hub.resign();
      else if (way) way.post({ op: 'leave', from: id });
      hub = null;
      leaveHub();
      if (way) way.leave();
    }

    function stopped(problem) {
      if (hub) hub.stopped();
      depart();
      role = 'stopped';
      isRefused = true;
      show();
      emit('error', problem);
    }

    function halt() {
      depart();
      role = 'stopped';
      link.stop();
    }

    function resume() {
      if (role !== 'stopped' || isClosed) return;
      isRefused = false;
      partedAt = -Infinity;
      role = way ? 'solo' : 'alone';
      heardAt = clock.now();
      link.probing(role === 'alone');
      go();
      if (way) way.enter();
    }

    function hint(isNew) {
      if (role === 'following') way.post({ op: 'hint', from: id, isNew: isNew });
      else link.hint(isNew);
    }

    // What the browser tells. Only hints, but for a page that is being put away.

    function whenOnline() {
      hint(true);
    }

    function whenSeen() {
      if (!isHidden()) hint(false);
    }

    function whenThawed() {
      if (!isRefused) resume();
    }

    function whenShown(event) {
      if (event.persisted) whenThawed();
    }

    function watch(add) {
      var change = add ? 'addEventListener' : 'removeEventListener';
      if (typeof window === 'undefined' || !window[change]) return;
      window[change]('online', whenOnline);
      window[change]('onpagehide' in window ? 'pagehide' : 'unload', halt);
      window[change]('pageshow', whenShown);
      document[change]('visibilitychange', whenSeen);
      document[change]('freeze', halt);
      document[change]('resume', whenThawed);
    }

    // What the page may say.

    function change(next) {
      topics = next;
      if (hub) {
        hub.cover();
      } else {
        // One that waits to follow, too: it may not come to that.
        link.topics(topics);
        if (followed) join(followed);
      }
    }

    /** To the server a socket is no activity, whatever is sent over it: its session would end under who only chats. */
    function showActivity() {
      var now = clock.now();
      if (http.token || now - activeAt < ACTIVITY) return;
      activeAt = now;
      http.request('GET', http.url('api/session'), {}, function (answer) {
        if (answer.status === 401 && role !== 'stopped') expire(answer);
      });
    }

    function expire(answer) {
      link.stop();
      stopped(http.problem(answer));
    }

    function publish(topic, message, key, done) {
      function finish(answer) {
        if (answer.status === 401 && role !== 'stopped') expire(answer);
        // A proxy's page to sign in is a 200, too.
        if (answer.body && /^20[012]$/.test(answer.status)) done(null, answer.body);
        else done(http.problem(answer));
      }

      function post() {
        http.request('POST', http.url('api/topics/' + topic), {
          body: message,
          headers: { 'Idempotency-Key': key }
        }, finish);
      }

      var isSent = link.publish(topic, message, key, function (answer) {
        // Status 0: the socket ended before the answer. The first one may have arrived; the key knows.
        if (answer.status === 0) {
          post();
          return;
        }
        showActivity();
        finish(answer);
      });
      if (!isSent) post();
    }

    client = {
      /** See {@link bongsu.d.ts}; replaced at each change. */
      state: null,

      on: function (event, listener) {
        listeners[among(EVENTS, event, 'event')[0]].push(listener);
        return client;
      },

      off: function (event, listener) {
        among(EVENTS, event, 'event');
        listeners[event] = listeners[event].filter(function (other) {
          return other !== listener;
        });
        return client;
      },

      subscribe: function (more) {
        var next = bongsu.topics.union(topics, list(more));
        if (next.length > topics.length) change(next);
      },

      unsubscribe: function (fewer) {
        var next = required(bongsu.topics.without(topics, list(fewer)));
        if (next.length < topics.length) change(next);
      },

      publish: function (topic, message, third, fourth) {
        var more = typeof third === 'function' ? {} : third || {};
        var done = typeof third === 'function' ? third : fourth;
        var body = typeof message === 'string' ? { body: message } : message;
        var key = more.idempotencyKey || id + '.' + String(random()).slice(2);
        if (done || typeof Promise === 'undefined') {
          publish(topic, body, key, done || function () {});
          return undefined;
        }
        return new self.Promise(function (resolve, reject) {
          publish(topic, body, key, function (problem, receipt) {
            if (problem) reject(problem);
            else resolve(receipt);
          });
        });
      },

      use: function (next) {
        transports = next ? among(TRANSPORTS, next, 'transports') : null;
        if (isClosed) return;
        halt();
        // A listener may have had enough of it.
        if (isClosed) return;
        if (way) way.close();
        way = null;
        wayName = '';
        endLook();
        begin(link.cursor());
      },

      retry: function () {
        if (role === 'stopped') resume();
        else if (role === 'following') hint(false);
        else link.hurry();
      },

      close: function () {
        if (isClosed) return;
        isClosed = true;
        halt();
        watch(false);
        endLook();
        if (way) way.close();
        way = null;
        show();
        emit('close');
      }
    };

    function observable() {
      return {
        subscribe: function (first, second, third) {
          var observer = typeof first === 'function' ? { next: first, error: second, complete: third } : first || {};
          var subscription;

          function next(message) {
            if (observer.next) observer.next(message);
          }

          function failed(problem) {
            // What is tried again has not ended.
            if (role !== 'stopped') return;
            subscription.unsubscribe();
            if (observer.error) observer.error(problem);
          }

          function completed() {
            subscription.unsubscribe();
            if (observer.complete) observer.complete();
          }

          subscription = {
            unsubscribe: function () {
              client.off('message', next).off('error', failed).off('close', completed);
            }
          };
          client.on('message', next).on('error', failed).on('close', completed);
          if (isClosed) completed();
          return subscription;
        }
      };
    }

    // Libraries look for one of the two, whichever they found when they were loaded.
    client['@@observable'] = observable;
    if (typeof Symbol === 'function' && self.Symbol.observable) client[self.Symbol.observable] = observable;

    client.state = { name: 'connecting', tried: [], why: [] };
    watch(true);
    begin(options.after || 'latest');
    return client;
  };

  if (typeof module === 'object' && module.exports) module.exports = bongsu;
}(Bongsu));
