/*
 * The two transports that are plain requests (see websocket.js for what a transport is): long-polling, which waits at the
 * server for something new, and plain polling, which asks again every few seconds.
 *
 * Some proxies end every answer that takes longer than a few seconds. A wait that is cut twice while a request that does
 * not wait gets through is made shorter than what is cut; where even the shortest would be, long-polling does not work
 * (`held`).
 */
(function (bongsu) {
  'use strict';

  var WAITS = [25, 10, 3, 1]; // seconds a long-poll may stay open at the server
  var EVERY = 4000; // milliseconds between two plain polls: a logout elsewhere has to show within five seconds
  var LIMIT = 500;
  var FULL = 20000; // characters; after less there is no more: the server ends an answer at 64 kB, of three to a character
  var MARGIN = 15000; // an answer that is so much late does not come
  var SPREAD = 1000; // a server that goes down cuts everybody's wait at once: not all need ask again at once

  function polling(waits) {
    return function (from, tell) {
      var clock = from.clock;
      // Kept from one to the next, since the network stays the same: how long and for how much an answer may be asked.
      var kept = from.kept;
      var after = from.after;
      var open = true;
      var proven = false;
      var cuts = 0; // how often in a row the wait of this length has been cut
      var lasted = 0; // how long the wait that was cut last had taken, in milliseconds
      var isCheck = true; // the request in flight does not wait: it shows whether the way is open, or fetches what is left
      var askedAt = 0;
      var abort = null;
      var timer = null;

      function close() {
        open = false;
        clock.clear(timer);
        if (abort) abort();
      }

      function end(kind, detail) {
        if (!open) return;
        close();
        tell.ended(kind, detail);
      }

      function cut(status, isCut) {
        if (isCut && kept.limit > 1) {
          // What broke in the middle may come through in smaller pieces.
          kept.limit = Math.max(1, Math.floor(kept.limit / 4));
        } else if (isCheck) {
          end(proven ? 'lost' : 'refused');
          return;
        }
        if (isCheck) {
          timer = clock.set(ask, Math.round(SPREAD * from.random()));
          return;
        }
        lasted = clock.now() - askedAt;
        cuts += 1;
        isCheck = true;
        if (status) ask();
        else timer = clock.set(ask, Math.round(SPREAD * from.random()));
      }

      function failed(answer) {
        if (answer.status === 401 || answer.status === 403) end('forbidden', from.http.problem(answer));
        else if (answer.status === 503 || answer.status === 429) end('busy', answer.retryAfter);
        else if (answer.status >= 400 && answer.status < 500 && answer.status !== 408) end('broken', from.http.problem(answer));
        else cut(answer.status, answer.isCut);
      }

      function take(page) {
        var roundTrip = clock.now() - askedAt;
        if (page.reset) tell.reset(page.reset.reason);
        if (!open) return;
        after = page.cursor;
        if (page.messages.length) tell.messages(page.messages, page.cursor);
        else tell.moved(page.cursor);
        // Last: what is opened behind it begins where this has come to, not at "latest" or before a reset.
        if (!open || proven) return;
        proven = true;
        tell.proven({ roundTrip: roundTrip });
      }

      /** After an answer: how long to wait at the server next time, and when to ask. */
      function next(isMore) {
        if (!isMore) tell.caughtUp();
        if (!open) return;
        if (!isCheck) cuts = 0;
        if (cuts >= 2) {
          while (kept.rung < waits.length && 1000 * waits[kept.rung] >= lasted) kept.rung += 1;
          cuts = 0;
        }
        if (waits.length && kept.rung === waits.length) {
          end('held');
          return;
        }
        isCheck = isMore || !waits.length;
        if (isCheck && !isMore) timer = clock.set(ask, EVERY);
        else ask();
      }

      function ask() {
        // The first one does not wait: its answer shows that the way is open.
        var seconds = isCheck ? 0 : waits[kept.rung];
        var asked = kept.limit;
        askedAt = clock.now();
        abort = from.http.request('GET', from.http.url('api/poll', from.http.topics(from.topics).concat([
          ['after', after], ['wait', String(seconds)], ['limit', String(kept.limit)]
        ])), { timeout: 1000 * seconds + MARGIN }, function (answer) {
          var page = answer.body;
          if (answer.status !== 200 || !page || !page.messages) {
            failed(answer.status === 200 ? { status: 0, isCut: answer.isCut } : answer);
            return;
          }
          kept.limit = Math.min(LIMIT, 2 * kept.limit);
          take(page);
          if (open) next(page.messages.length >= asked || answer.length > FULL);
        });
      }

      kept.rung = kept.rung || 0;
      kept.limit = kept.limit || LIMIT;
      ask();
      return { close: close };
    };
  }

  /** Waits at the server; the next request follows at once. */
  bongsu.longpoll = polling(WAITS);

  /** Asks every few seconds; works through anything that lets a request through. */
  bongsu.poll = polling([]);
}(Bongsu));
