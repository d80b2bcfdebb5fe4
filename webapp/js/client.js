/*
 * The client: one cursor, and whichever transport works. It owns where the page stands in the log; a transport is
 * opened with that position, moves it, and may be exchanged for another at any time without losing or doubling a
 * message. Knows no document.
 *
 *   stopped ──start──▶ connecting ──first frame──▶ live ──ends──▶ waiting ──timer──▶ connecting …
 *                                                                any ──401──▶ stopped (tell.expired)
 *
 * On "auto" the transports are tried in order, best first; one that does not bring its first frame is passed over in
 * favour of the next only if the server answers otherwise (so a server that is down demotes nobody). What was passed
 * over is tried again after some minutes, and when the browser says that it is online again.
 */
(function (bongsu) {
  'use strict';

  var LADDER = ['websocket', 'sse', 'longpoll', 'poll'];
  var PROOF = 5000; // a transport without its first frame by then does not work here
  var HEALTHY = 30000; // after so long without a fault the next fault is a first one again
  var SHORT = 10000; // a link that ends sooner than this, twice, is passed over
  var CLIMB = 300000; // after so long on a lesser transport a better one is tried again; twice as long each time
  var CLIMB_MOST = 3600000;
  var ACTIVITY = 60000; // so often a person who sends over the socket is shown to be active

  /**
   * @typedef {Object} State
   * @property {string} name stopped, connecting, live, waiting
   * @property {string} transport the one in use or being tried
   * @property {string} reason why: first, chosen, fallback, renewed, again, restart, busy, lost, silent, unreachable,
   *   blocked, broken
   * @property {string} detail the server's own words, for `broken`
   * @property {string} chosen auto, or the transport chosen by hand
   * @property {number} since when this state began
   * @property {number} until when the next try comes, for `waiting`
   * @property {number} breaks how often a live link has ended unasked
   * @property {Object<string, string>} failures transport → how it failed, of those passed over
   */

  /**
   * @param {{topics: Array<string>, chosen: string, transports: Object, random: function(): number}} options
   * @param {{messages: function(Array), reset: function(string), state: function(State), expired: function()}} tell
   */
  bongsu.client = function (options, tell) {
    var seen = bongsu.seen();
    var backoff = bongsu.backoff(options.random);
    var chosen = options.chosen;
    var cursor = null;
    var rung = 0;
    var shortLives = 0;
    var breaks = 0;
    var failures = {};
    var link = null;
    var linkNumber = 0; // what an earlier link still tells is not heard
    var proofTimer = null;
    var retryTimer = null;
    var climbTimer = null;
    var climbAfter = CLIMB;
    var activeAt = 0; // when the server was last shown that a person is here
    var abortQuestion = null;
    var state = { name: 'stopped' };

    function transport() {
      return chosen === 'auto' ? LADDER[rung] : chosen;
    }

    function become(name, reason, more) {
      var since = Date.now();
      state = {
        name: name,
        transport: transport(),
        reason: reason,
        detail: (more && more.detail) || '',
        chosen: chosen,
        since: since,
        until: more && more.wait ? since + more.wait : 0,
        breaks: breaks,
        failures: failures
      };
      tell.state(state);
    }

    function drop() {
      var old = link;
      linkNumber += 1;
      link = null;
      clearTimeout(proofTimer);
      clearTimeout(retryTimer);
      clearTimeout(climbTimer);
      if (abortQuestion) abortQuestion();
      abortQuestion = null;
      if (old) old.close();
    }

    function open(reason) {
      var number;
      var opened;
      drop();
      number = linkNumber;

      function heard(then) {
        return function (first, second) {
          if (number === linkNumber) then(first, second);
        };
      }

      become('connecting', reason);
      proofTimer = setTimeout(heard(function () {
        ended('silent');
      }), PROOF);
      opened = options.transports[transport()]({ topics: options.topics, after: cursor }, {
        proven: heard(function () {
          clearTimeout(proofTimer);
          become('live', reason);
          if (isBelowBest()) climbTimer = setTimeout(heard(climb), climbAfter);
        }),
        messages: heard(received),
        moved: heard(function (next) {
          cursor = next;
        }),
        reset: heard(function (why) {
          // The positions before are worth nothing now, and an id may come to stand for another message.
          if (why !== 'trimmed') seen.clear();
          tell.reset(why);
        }),
        ended: heard(ended)
      });
      if (number === linkNumber) link = opened;
      else opened.close();
    }

    function received(messages, next) {
      var fresh = messages.filter(function (message) {
        return !message.id || seen.add(message.id);
      });
      // Ephemeral ones have no id and move no cursor.
      if (next) cursor = next;
      if (fresh.length) tell.messages(fresh);
    }

    function wait(milliseconds, reason, detail) {
      become('waiting', reason, { wait: milliseconds, detail: detail });
      retryTimer = setTimeout(function () {
        open('again');
      }, milliseconds);
    }

    function stepDown(how) {
      failures[transport()] = how;
      shortLives = 0;
      if (chosen !== 'auto') {
        wait(backoff.next(), 'blocked');
      } else if (rung < LADDER.length - 1) {
        rung += 1;
        open('fallback');
      } else {
        rung = 0;
        wait(backoff.next(), 'blocked');
      }
    }

    /**
     * A link that never worked cannot say why (neither API gives a status): an ordinary request can. A poll, since that
     * is no activity of a person: a page alone must not keep a session for ever.
     */
    function ask(how) {
      var question = bongsu.query('api/poll', bongsu.topicPairs(options.topics).concat([['wait', '0']]));
      abortQuestion = bongsu.request('GET', question, { timeout: 10000 }, function (answer) {
        abortQuestion = null;
        if (answer.status === 401) expire();
        else if (answer.status === 200) stepDown(how);
        else wait(Math.max(backoff.next(), 1000 * answer.retryAfter), 'unreachable');
      });
    }

    function isBelowBest() {
      return chosen === 'auto' && rung > 0;
    }

    /** What was passed over may work by now: a proxy was mended, a laptop went home. Costs a few seconds if not. */
    function climb() {
      climbAfter = Math.min(2 * climbAfter, CLIMB_MOST);
      rung = 0;
      shortLives = 0;
      failures = {};
      open('again');
    }

    /** To the server a socket is no activity, whatever is sent over it: its session would end under who only chats. */
    function showActivity() {
      var now = Date.now();
      if (now - activeAt < ACTIVITY) return;
      activeAt = now;
      bongsu.request('GET', 'api/session', {}, function (answer) {
        if (answer.status === 401 && state.name !== 'stopped') expire();
      });
    }

    function expire() {
      stop();
      tell.expired();
    }

    function ended(kind, detail) {
      var lived = state.name === 'live' ? Date.now() - state.since : -1;
      drop();
      if (lived > HEALTHY) {
        backoff.reset();
        shortLives = 0;
      }
      if (kind === 'bye' && detail === 'renew') {
        open('renewed');
        return;
      }
      if (lived >= 0) breaks += 1;
      if (kind === 'unauthorised' || (kind === 'bye' && /^(logout|expired|revoked)$/.test(detail))) {
        expire();
      } else if (kind === 'bye') {
        // Everybody was told at the same moment; they need not all come back at the same one.
        wait(1000 + Math.round(9000 * options.random()), detail === 'busy' ? 'busy' : 'restart');
      } else if (kind === 'busy') {
        wait(Math.max(backoff.next(), 1000 * (detail || 0)), 'busy');
      } else if (kind === 'broken') {
        wait(Math.max(backoff.next(), 10000), 'broken', detail);
      } else if (lived < 0) {
        become('connecting', 'fallback');
        ask(kind);
      } else {
        if (lived < SHORT) shortLives += 1;
        if (shortLives >= 2 && chosen === 'auto') ask(kind);
        else wait(backoff.next(), kind);
      }
    }

    function stop() {
      drop();
      become('stopped', 'stopped');
    }

    return {
      /** Reads on from this position, on the transport chosen. */
      start: function (after) {
        cursor = after;
        rung = 0;
        open('first');
      },

      /** Ends the link; the position is kept. */
      stop: stop,

      /** Goes on where it stopped; false if it never started. */
      resume: function () {
        if (cursor === null) return false;
        open('first');
        return true;
      },

      /** @param {string} name a transport, or auto */
      choose: function (name) {
        chosen = name;
        climbAfter = CLIMB;
        rung = 0;
        shortLives = 0;
        failures = {};
        if (state.name !== 'stopped') open('chosen');
      },

      /** Does not wait any longer, if it waits. */
      hurry: function () {
        if (state.name === 'waiting') open('again');
      },

      /** This may be another network: tries the best way again. */
      online: function () {
        climbAfter = CLIMB;
        if (state.name === 'live' && isBelowBest()) {
          climb();
        } else if (state.name === 'waiting') {
          if (chosen === 'auto') rung = 0;
          open('again');
        }
      },

      /**
       * Publishes over the live link if that can, else by POST; the key makes it safe to do both.
       * @param {string} topic
       * @param {Object} message
       * @param {string} idempotencyKey
       * @param {function({status: number, id: string, body: *})} done
       */
      publish: function (topic, message, idempotencyKey, done) {
        function post() {
          bongsu.request('POST', 'api/topics/' + topic, {
            body: message,
            headers: { 'Idempotency-Key': idempotencyKey }
          }, function (answer) {
            if (answer.status === 401 && state.name !== 'stopped') expire();
            done({ status: answer.status, id: answer.body && answer.body.id, body: answer.body });
          });
        }

        if (state.name === 'live' && link && link.publish) {
          link.publish(topic, message, idempotencyKey, function (answer) {
            // Status 0: the socket ended before the answer. The first one may have arrived; the key knows.
            if (answer.status === 0) {
              post();
              return;
            }
            showActivity();
            done(answer);
          });
        } else {
          post();
        }
      },

      state: function () {
        return state;
      }
    };
  };
}(window.Bongsu = window.Bongsu || {}));
