/*
 * The link to the server: one cursor, and whichever transport gets through. It owns where its reader stands in the log; a
 * transport is opened with that position, moves it, and may be exchanged for another at any time without losing or
 * doubling a message. Knows no document and no other tab.
 *
 *   stopped ──start──▶ connecting ──first answer──▶ live ──ends──▶ waiting ──timer──▶ connecting …
 *                                       any ──401, 403──▶ stopped (tell.stopped)
 *
 * A link begins with the base, a long-poll: it works wherever a request gets through, and brings the first message at
 * once. Behind it better transports are tried (probes), best first, but the one that won last time before all. One that
 * brings its first frame takes over from the cursor, and the base ends. One that does not is passed over for some
 * minutes, longer each time, and then tried again.
 */
(function (bongsu) {
  'use strict';

  var UPGRADES = ['websocket', 'eventsource', 'fetch', 'xhr']; // best first
  var STREAMS = ['eventsource', 'fetch', 'xhr']; // one way through the network: what holds one back holds back all
  var ALL = UPGRADES.concat(['longpoll', 'poll']);
  var PROOF_LEAST = 2500; // a transport without its first frame by then does not work here
  var PROOF_MOST = 8000;
  var HEALTHY = 30000; // after so long the next fault is a first one again; a transport that twice ends sooner is passed over
  var AGAIN = 300000; // so long a transport is passed over; twice as long each time, unless it has lasted so long meanwhile
  var AGAIN_MOST = 86400000;
  var REMEMBERED = 86400000; // so long the winner is tried first
  var BUSY = 10000; // to twice as long a probe waits for a server that has no time
  var HINTS = 5000; // the browser's hints hurry it at most so often

  /**
   * @typedef {Object} LinkState
   * @property {string} name stopped, connecting, live, waiting
   * @property {string} transport the one in use or being tried
   * @property {string} probing the better one being tried behind it; empty if none
   * @property {string} reason why: first, again, renewed, chosen, restart, busy, lost, silent, refused, held, broken
   * @property {string} detail the server's own words, for `broken`
   * @property {number} since when this state began
   * @property {number} until when the next try comes, for `waiting`
   * @property {number} breaks how often a live link has ended unasked
   * @property {Array<{transport: string, result: string, status: number}>} tried what was tried and what came of it:
   *   works, missing, refused, silent, held, lost
   */

  /**
   * @param {{topics: Array<string>, http: Object, clock: Object, random: function(): number, memory: Object,
   *   open: Object<string, function>}} options open: the transports by name
   * @param {{messages: function(Array, ?string), reset: function(string), state: function(LinkState),
   *   caughtUp: function(), stopped: function({status: number, title: string, detail: string}),
   *   broken: function({status: number, title: string, detail: string})}} tell broken: the request is refused for what it
   *   is; it is tried again all the same, since a proxy may have said so
   */
  bongsu.link = function (options, tell) {
    var clock = options.clock;
    var http = options.http;
    var backoff = bongsu.backoff(options.random);
    var seen = bongsu.seen();
    var topics = options.topics;
    var allowed = ALL;
    var cursor = null;
    var received = 0; // messages so far, those that came twice included
    var state = { name: 'stopped' };
    var roundTrip = 0; // milliseconds, as the base has measured it
    var mayProbe = true;
    var running = false;
    var isCaughtUp = false; // whether it has told all that there was when it began

    // Each { name, isOpen, link, openedAt, liveAt, before, after }, or null. after: the position it was given.
    var base = null;
    var upgrade = null;
    var probe = null;

    var tried = {}; // transport → what came of it
    var round = {}; // transports tried since the link was opened
    var passed = {}; // transport → { until, times, shortLives }
    var kept = {}; // transport → what it keeps for its next time
    var isHeld = false; // long-polls are cut here, however short
    var breaks = 0;
    var retryTimer = null;
    var proofTimer = null;
    var againTimer = null;
    var wellTimer = null;
    var hurriedAt = -HINTS;
    var abortQuestion = null;

    function isAllowed(name) {
      return allowed.indexOf(name) >= 0;
    }

    function baseName() {
      if (isAllowed('longpoll') && !(isHeld && isAllowed('poll'))) return 'longpoll';
      return isAllowed('poll') ? 'poll' : null;
    }

    // What is told.

    /** @returns {boolean} whether that is still so: a listener may have decided otherwise, and then nothing may follow */
    function become(name, reason, more) {
      var now = clock.now();
      var used = upgrade || base || probe;
      var transport = used ? used.name : state.transport || '';
      var told;
      state = told = {
        name: name,
        transport: transport,
        probing: probe && probe !== used ? probe.name : '',
        reason: reason,
        detail: (more && more.detail) || '',
        since: state.name === name && state.transport === transport ? state.since : now,
        until: more && more.wait ? now + more.wait : 0,
        breaks: breaks,
        tried: ALL.filter(function (transport) {
          return tried[transport];
        }).map(function (transport) {
          return tried[transport];
        })
      };
      tell.state(told);
      return state === told;
    }

    function note(transport, result, status) {
      tried[transport] = { transport: transport, result: result, status: status || 0 };
    }

    function live(reason) {
      // What is well for a while begins counting anew; what breaks each time goes on waiting longer.
      clock.clear(wellTimer);
      wellTimer = clock.set(backoff.reset, HEALTHY);
      note((upgrade || base).name, 'works');
      return become('live', reason);
    }

    // The three ways that may be open.

    function open(name, on) {
      var way = { name: name, isOpen: true, link: null, openedAt: clock.now(), liveAt: 0, before: received, after: cursor };
      var opened;
      kept[name] = kept[name] || {};

      function heard(then) {
        return function (first, second) {
          if (way.isOpen) then(first, second);
        };
      }

      opened = options.open[name]({
        topics: topics,
        after: cursor,
        position: function () {
          way.after = cursor;
          return cursor;
        },
        http: http,
        clock: clock,
        random: options.random,
        kept: kept[name]
      }, {
        proven: heard(function (said) {
          way.liveAt = clock.now();
          on.proven(way, said);
        }),
        messages: heard(take),
        caughtUp: heard(on.caughtUp || function () {}),
        moved: heard(function (next) {
          cursor = next;
          tell.messages([], cursor);
        }),
        reset: heard(function (why) {
          // It speaks of where the way was opened. Where another has read on since, that is no hole: the next asks from there.
          if (way !== base && way.after !== cursor) begin('again');
          else resetBy(why);
        }),
        ended: function (kind, detail) {
          if (!way.isOpen) return;
          way.isOpen = false;
          on.ended(way, kind, detail);
        }
      });
      way.link = opened;
      if (!way.isOpen) opened.close();
      return way;
    }

    function shut(way) {
      if (!way || !way.isOpen) return;
      way.isOpen = false;
      if (way.link) way.link.close();
    }

    function drop() {
      [base, upgrade, probe].forEach(shut);
      base = upgrade = probe = null;
      [retryTimer, proofTimer, againTimer, wellTimer].forEach(clock.clear);
      if (abortQuestion) abortQuestion();
      abortQuestion = null;
    }

    function take(messages, next) {
      var fresh = messages.filter(function (message) {
        return !message.id || seen.add(message.id);
      });
      received += messages.length;
      // Ephemeral ones have no id and move no cursor.
      if (next) cursor = next;
      tell.messages(fresh, next);
    }

    // A round: the base at once, probes behind it.

    function begin(reason) {
      drop();
      running = true;
      isCaughtUp = false;
      round = {};
      if (!become('connecting', reason)) return;
      if (baseName()) openBase(reason);
      else probeNext();
    }

    function openBase(reason) {
      base = open(baseName(), {
        proven: function (way, said) {
          roundTrip = said.roundTrip || 0;
          live(reason);
        },
        // What has gathered comes fastest by large answers; only then is it worth while to look for a better way.
        caughtUp: function () {
          if (isCaughtUp) return;
          isCaughtUp = true;
          tell.caughtUp();
          probeNext();
        },
        ended: function (way, kind, detail) {
          if (base === way) base = null;
          baseEnded(way, kind, detail);
        }
      });
    }

    function baseEnded(way, kind, detail) {
      if (kind === 'forbidden') {
        stop(detail);
      } else if (kind === 'held') {
        note(way.name, kind);
        isHeld = true;
        passOver(way.name);
        if (baseName() !== way.name) openBase('held');
        else lost(way, kind, detail);
      } else {
        lost(way, kind, detail);
      }
    }

    /** The way in use has ended: everything begins anew, after a while. */
    function lost(way, kind, detail) {
      if (way.liveAt) breaks += 1;
      drop();
      if (kind === 'bye') {
        // Everybody was told at the same moment; they need not all come back at the same one.
        wait(1000 + Math.round(9000 * options.random()), detail === 'busy' ? 'busy' : 'restart');
      } else if (kind === 'busy') {
        // Not the longer of the two: many were told the same.
        wait(backoff.next() + 1000 * (detail || 0), 'busy');
      } else if (kind === 'broken') {
        if (wait(Math.max(backoff.next(), 10000), 'broken', detail.detail || detail.title)) tell.broken(detail);
      } else {
        wait(backoff.next(), kind);
      }
    }

    function wait(milliseconds, reason, detail) {
      retryTimer = clock.set(function () {
        begin('again');
      }, milliseconds);
      return become('waiting', reason, { wait: milliseconds, detail: detail });
    }

    // Probes.

    function isPassed(name) {
      return Boolean(passed[name] && passed[name].until > clock.now());
    }

    /** Better than what is in use, and not known to fail. */
    function candidates() {
      var better = upgrade ? UPGRADES.slice(0, UPGRADES.indexOf(upgrade.name)) : UPGRADES;
      return better.filter(function (name) {
        // Without a base there is nothing else: then only the round counts.
        return isAllowed(name) && !round[name] && !(baseName() && isPassed(name));
      });
    }

    function remembered() {
      var winner;
      try {
        winner = JSON.parse(options.memory.get('transport'));
      } catch (unreadable) {
        winner = null;
      }
      return winner && clock.now() - winner.at < REMEMBERED ? winner.name : null;
    }

    function probeNext() {
      var names = candidates();
      var winner = remembered();
      if (!mayProbe || probe || abortQuestion) return;
      if (!names.length) {
        settle();
        return;
      }
      startProbe(!upgrade && names.indexOf(winner) >= 0 ? winner : names[0]);
    }

    function startProbe(name) {
      var opened;
      round[name] = true;
      // Known before it is opened: it may end within.
      probe = { name: name, isOpen: true, link: null };
      opened = open(name, {
        proven: adopt,
        ended: function (way, kind, detail) {
          if (upgrade === way) upgradeEnded(way, kind, detail);
          else probeEnded(way, kind, detail);
        }
      });
      if (!opened.isOpen || !probe) return;
      if (opened.liveAt) return;
      probe = opened;
      proofTimer = clock.set(function () {
        shut(opened);
        probeEnded(opened, 'silent');
      }, Math.min(PROOF_MOST, Math.max(PROOF_LEAST, 3 * roundTrip)));
      become(state.name, state.reason);
    }

    /** A probe has brought its first frame: it goes on from the cursor, and what was in use ends. */
    function adopt(way) {
      var old = [base, upgrade];
      clock.clear(proofTimer);
      probe = null;
      base = null;
      upgrade = way;
      old.forEach(shut);
      if (received - way.before > bongsu.seen.SAFE) {
        // It would send more again than are remembered: it begins once more, from where we are now.
        shut(way);
        upgrade = null;
        delete round[way.name];
        begin('again');
        return;
      }
      remember(way.name);
      if (live(state.reason)) probeNext();
    }

    function remember(name) {
      options.memory.set('transport', JSON.stringify({ name: name, at: clock.now() }));
    }

    function probeEnded(way, kind, detail) {
      clock.clear(proofTimer);
      probe = null;
      if (kind === 'forbidden') stop(detail);
      else if (kind === 'refused') ask(way.name);
      else if (kind === 'bye' || kind === 'busy') probeLater(kind, detail);
      else probeFailed(way.name, kind, 0);
    }

    /** The server has no time now, or cannot be reached: that says nothing of the transport. */
    function probeLater(kind, detail) {
      var least = Math.max(BUSY, kind === 'busy' ? 1000 * (detail || 0) : 0);
      if (base || upgrade) {
        clock.clear(againTimer);
        againTimer = clock.set(climb, least + Math.round(BUSY * options.random()));
        become(state.name, state.reason);
      } else {
        lost({ liveAt: 0 }, kind, detail);
      }
    }

    function probeFailed(name, kind, status) {
      var isStream = STREAMS.indexOf(name) >= 0;
      var result = kind === 'silent' && isStream ? 'held' : kind;
      note(name, result, status);
      passOver(name);
      if (result === 'held') {
        STREAMS.forEach(function (other) {
          round[other] = true;
        });
      }
      if (base || upgrade) {
        if (become(state.name, state.reason)) probeNext();
      } else if (candidates().length) {
        probeNext();
      } else {
        lost({ liveAt: 0 }, kind);
      }
    }

    /**
     * Neither API tells why it was refused. An ordinary request to the same address does: what the server answers to
     * that, it has not answered to the other.
     */
    function ask(name) {
      var path = name === 'websocket' ? http.url('ws')
        : http.url('api/poll', http.topics(topics).concat([['wait', '0']]));
      abortQuestion = http.request('GET', path, { timeout: 10000 }, function (answer) {
        abortQuestion = null;
        if (answer.status === 401 || (answer.status === 403 && name !== 'websocket')) stop(http.problem(answer));
        else if (answer.status === 503 || answer.status === 429) probeLater('busy', answer.retryAfter);
        else if (answer.status === 0) probeLater('refused');
        else probeFailed(name, 'refused', answer.status === 200 ? 0 : answer.status);
      });
    }

    function upgradeEnded(way, kind, detail) {
      var lived = clock.now() - way.liveAt;
      var isShort = lived < HEALTHY && kind === 'lost';
      upgrade = null;
      if (kind === 'forbidden') {
        stop(detail);
      } else if (kind === 'bye' && /^(logout|expired|revoked)$/.test(detail)) {
        stop({ status: detail === 'revoked' ? 403 : 401, title: detail, detail: '' });
      } else if (kind === 'bye' && detail === 'renew') {
        begin('renewed');
      } else {
        if (lived >= AGAIN || !passed[way.name]) passed[way.name] = { until: 0, times: 0, shortLives: 0 };
        passed[way.name].shortLives = isShort ? passed[way.name].shortLives + 1 : 0;
        if (kind === 'silent' || passed[way.name].shortLives >= 2) {
          note(way.name, kind);
          passOver(way.name);
        }
        lost(way, kind, detail);
      }
    }

    function passOver(name) {
      var entry = passed[name] || { until: 0, times: 0, shortLives: 0 };
      entry.until = clock.now() + Math.min(AGAIN_MOST, AGAIN * Math.pow(2, entry.times));
      entry.times += 1;
      entry.shortLives = 0;
      passed[name] = entry;
    }

    /** Nothing better is left to try: until what was passed over comes up again. A proxy is mended, a laptop goes home. */
    function settle() {
      var next = Infinity;
      Object.keys(passed).forEach(function (name) {
        var isBetter = !upgrade || UPGRADES.indexOf(name) < UPGRADES.indexOf(upgrade.name);
        if (isAllowed(name) && isBetter && isPassed(name)) next = Math.min(next, passed[name].until);
      });
      clock.clear(againTimer);
      if (next < Infinity) againTimer = clock.set(climb, Math.max(1000, next - clock.now()));
      become(state.name, state.reason);
    }

    function climb() {
      round = {};
      if (isHeld && !isPassed('longpoll')) {
        isHeld = false;
        kept = {};
      }
      // Long-polls may work again, or on this network.
      if (base && base.name !== baseName()) begin('again');
      else probeNext();
    }

    function stop(problem) {
      drop();
      running = false;
      if (become('stopped', 'stopped') && problem) tell.stopped(problem);
    }

    /** Asks for all there is, without waiting, until there is nothing more, or no more is needed. */
    function drain(done, isEnough) {
      drop();
      running = false;
      base = open('poll', {
        proven: function () {},
        // A short answer may be all that was found in a part of the log.
        caughtUp: function () {
          if (received > base.before && !isEnough()) {
            drain(done, isEnough);
            return;
          }
          drop();
          done(true);
        },
        ended: function (way, kind, detail) {
          drop();
          if (kind === 'forbidden') stop(detail);
          else done(false);
        }
      });
    }

    function resetBy(why) {
      // An id may come to stand for another message. Those of another epoch never do, and some may still be on their way.
      if (why === 'ahead') seen.clear();
      tell.reset(why);
    }

    /** What is known of the network. */
    function forget() {
      passed = {};
      kept = {};
      isHeld = false;
    }

    /** This may be another network, or it works again. */
    function hint(isNew) {
      var climbs = isNew && state.name === 'live' && !probe;
      if (isNew) forget();
      if (!running || (state.name !== 'waiting' && !climbs) || clock.now() - hurriedAt < HINTS) return;
      hurriedAt = clock.now();
      if (climbs) climb();
      else begin('again');
    }

    return {
      /**
       * Reads on from this position.
       * @param {string} after
       * @param {string=} reason first, if not given
       */
      start: function (after, reason) {
        cursor = after;
        begin(reason || 'first');
      },

      /**
       * Reads what there is and ends, since from here on another brings what comes. No state is told.
       * @param {Array<string>} list the topics
       * @param {function(boolean)} done whether it got through
       * @param {function(): boolean} isEnough whether what follows is known already
       */
      drain: function (list, done, isEnough) {
        topics = list;
        drain(done, isEnough);
      },

      /** What another has brought: as if it had come here. */
      take: take,

      /** Ends; the position is kept. */
      stop: function () {
        stop(null);
      },

      isRunning: function () {
        return running;
      },

      isCaughtUp: function () {
        return running && isCaughtUp && state.name === 'live';
      },

      /** @param {boolean} allowedTo whether it may try anything better than the base */
      probing: function (allowedTo) {
        mayProbe = allowedTo;
        if (mayProbe && isCaughtUp && state.name === 'live') probeNext();
      },

      /** Reads other topics from the present position on. */
      topics: function (list) {
        var way = upgrade;
        topics = list;
        if (!running) {
          // What is being asked for would move the position past what is new.
          drop();
          return;
        }
        // The next try takes the new ones; it is no reason to come sooner, unless the old ones were refused.
        if (state.name === 'waiting' && state.reason !== 'broken') return;
        if (way && way.link.topics) {
          shut(probe);
          clock.clear(proofTimer);
          probe = null;
          way.after = cursor;
          way.link.topics(topics, cursor);
        } else {
          begin('chosen');
        }
      },

      /** @param {?Array<string>} list the transports that may be used; null: all */
      use: function (list) {
        allowed = list || ALL;
        tried = {};
        forget();
        if (running) begin('chosen');
      },

      /** Does not wait any longer, if it waits. */
      hurry: function () {
        if (running && state.name === 'waiting') begin('again');
      },

      hint: hint,

      /** Publishes over the way in use if that can, and says so. */
      publish: function (topic, message, idempotencyKey, done) {
        if (!upgrade || !upgrade.link.publish) return false;
        upgrade.link.publish(topic, message, idempotencyKey, done);
        return true;
      },

      cursor: function () {
        return cursor;
      },

      state: function () {
        return state;
      }
    };
  };

  /** All there are, by name. */
  bongsu.link.transports = function () {
    return ALL.reduce(function (all, name) {
      all[name] = bongsu[name];
      return all;
    }, {});
  };
}(Bongsu));
