/*
 * The two transports that are plain requests: long-polling, which waits at the server for something new, and polling,
 * which asks again every few seconds (see websocket.js for what a transport is).
 */
(function (bongsu) {
  'use strict';

  var WAIT = 25; // seconds a long-poll may stay open at the server
  var EVERY = 5000; // milliseconds between two plain polls
  var LIMIT = 100;

  function polling(wait, pause) {
    return function (from, tell) {
      var open = true;
      var after = from.after;
      var proven = false;
      var abort = null;
      var timer = null;

      function close() {
        open = false;
        clearTimeout(timer);
        if (abort) abort();
      }

      function end(kind, detail) {
        if (!open) return;
        close();
        tell.ended(kind, detail);
      }

      function failed(answer) {
        if (answer.status === 401) end('unauthorised');
        else if (answer.status === 503 || answer.status === 429) end('busy', answer.retryAfter);
        else if (answer.status >= 400 && answer.status < 500) end('broken', answer.body && answer.body.detail);
        else end(proven ? 'lost' : 'refused');
      }

      function take(page) {
        if (!proven) {
          proven = true;
          tell.proven({});
        }
        if (open && page.reset) tell.reset(page.reset.reason);
        if (!open) return;
        after = page.cursor;
        if (page.messages.length) tell.messages(page.messages, page.cursor);
        else tell.moved(page.cursor);
      }

      function ask() {
        // The first one does not wait: its answer proves that the way works.
        var seconds = proven ? wait : 0;
        var path = bongsu.query('api/poll', bongsu.topicPairs(from.topics).concat([
          ['after', after], ['wait', String(seconds)], ['limit', String(LIMIT)]
        ]));
        abort = bongsu.request('GET', path, { timeout: 1000 * (seconds + 15) }, function (answer) {
          if (answer.status !== 200 || !answer.body) {
            failed(answer);
            return;
          }
          take(answer.body);
          if (!open) return;
          timer = setTimeout(ask, answer.body.messages.length >= LIMIT ? 0 : pause);
        });
      }

      ask();
      return { close: close };
    };
  }

  /** Waits at the server; the next request follows at once. */
  bongsu.longpoll = polling(WAIT, 0);

  /** Asks every few seconds; works through anything that lets a request through. */
  bongsu.poll = polling(0, EVERY);
}(window.Bongsu = window.Bongsu || {}));
