/*
 * The three transports that read an event stream (see websocket.js for what a transport is): over the browser's
 * EventSource; by fetch, which can send a token; and by XMLHttpRequest, for browsers that have neither.
 *
 * Nobody's own reconnecting is used: the client decides when and with what to try again, the same way for every
 * transport, and it is the client that knows the cursor.
 */
(function (bongsu) {
  'use strict';

  var ALIVE_EVERY = 25000;
  var LOAD = 10000; // the polyfill has to be there by then
  var EVENTS = ['ready', 'message', 'ping', 'reset', 'bye'];

  /**
   * @param {function(string, Object, function(string, string, string), function(number)): function()} connect opens a
   *   stream: address, http, heard(event, data, lastEventId), ended(status, 0 if not known); returns what closes it.
   *   Throws, or returns null, where the browser cannot
   * @param {number} padding bytes of comment that come first
   */
  function streaming(connect, padding) {
    return function (from, tell) {
      var clock = from.clock;
      var open = true;
      var proven = false;
      var heartbeat = 15000;
      var heardAt = clock.now();
      var aliveUrl = null;
      var aliveAt = 0;
      var rest = null; // ends the watching
      var disconnect = null;

      function close() {
        open = false;
        if (rest) rest();
        if (disconnect) disconnect();
      }

      function end(kind, detail) {
        if (!open) return;
        close();
        tell.ended(kind, detail);
      }

      // A stream is one-way: without this the server could not tell a reader from a network that swallows everything.
      // Called from a timer and from every event, because a hidden tab's timers may come only once a minute.
      function showAlive() {
        var now = clock.now();
        if (!aliveUrl || now - aliveAt < ALIVE_EVERY - 5000) return;
        aliveAt = now;
        from.http.request('POST', from.http.url(aliveUrl), {}, function (answer) {
          if (answer.status === 401) end('forbidden', from.http.problem(answer));
        });
      }

      function watch(late) {
        // That is not the network's fault: tried again, not passed over.
        if (late > bongsu.SLEPT) end('lost');
        else if (clock.now() - heardAt > 2.5 * heartbeat) end('silent');
        else showAlive();
      }

      function ready(said, position) {
        proven = true;
        heartbeat = 1000 * (said.heartbeat || 15);
        aliveUrl = said.alive || null;
        aliveAt = clock.now();
        rest = bongsu.every(clock, Math.min(ALIVE_EVERY, heartbeat), watch);
        // "latest" is where it is now; any other position is ours until a message or a reset has moved it.
        if (from.after === 'latest') tell.moved(position);
        if (open) tell.proven(said);
      }

      function hear(event, data, lastEventId) {
        var said;
        if (!open) return;
        heardAt = clock.now();
        showAlive();
        if (event === 'ping') {
          // EventSource gives the last id again where an event has none: harmless, it is where we are.
          if (lastEventId) tell.moved(lastEventId);
          return;
        }
        try {
          said = JSON.parse(data);
        } catch (cutShort) {
          // The oldest engines show what the end of a connection has cut off as if it were whole.
          end('lost');
          return;
        }
        if (event === 'ready') {
          ready(said, lastEventId);
        } else if (event === 'message') {
          // Ephemeral ones have no id, and a stream repeats the last one: no position of theirs.
          tell.messages([said], said.id ? lastEventId : null);
        } else if (event === 'reset') {
          tell.reset(said.reason);
          // Not before it is told, not even from `ready`: a link that ended in between would hide the hole.
          if (open && lastEventId) tell.moved(lastEventId);
        } else {
          end('bye', said.reason);
        }
      }

      function ended(status) {
        if (status === 401 || status === 403) end('forbidden', { status: status, title: '', detail: '' });
        else end(proven ? 'lost' : 'refused', status);
      }

      try {
        disconnect = connect(from.http.url('api/stream', from.http.topics(from.topics).concat([
          ['after', from.after], ['padding', padding ? String(padding) : null]
        ])), from.http, hear, ended);
      } catch (forbidden) {
        disconnect = null;
      }
      if (!disconnect) end('missing');
      else if (!open) disconnect();
      return { close: close };
    };
  }

  function listen(source, heard, ended) {
    EVENTS.forEach(function (name) {
      source.addEventListener(name, function (event) {
        heard(name, event.data, event.lastEventId);
      });
    });
    source.addEventListener('error', function () {
      // Closed first: nobody's own reconnecting.
      source.close();
      ended(0);
    });
  }

  function byEventSource(address, http, heard, ended) {
    var source;
    if (typeof EventSource === 'undefined' || http.token) return null;
    // Ours takes the place of a missing one; it keeps all it has received, so it needs streams that end (see `xhr`).
    if (self.EventSource === bongsu.EventSource) return null;
    source = new self.EventSource(address, { withCredentials: http.withCredentials });
    listen(source, heard, ended);
    return function () {
      source.close();
    };
  }

  /** Calls back once the polyfill is there, or with false. */
  function polyfilled(http, done) {
    var script;
    var timer;

    function finish() {
      if (!script) return;
      script.onload = script.onerror = script.onreadystatechange = null;
      script = null;
      clearTimeout(timer);
      done(Boolean(bongsu.EventSource));
    }

    if (bongsu.EventSource) {
      done(true);
    } else if (bongsu.isWorker) {
      try {
        importScripts(http.url('js/eventsource.js'));
      } catch (unreachable) {
        // Told below.
      }
      done(Boolean(bongsu.EventSource));
    } else {
      script = document.createElement('script');
      script.onload = script.onerror = finish;
      script.onreadystatechange = function () {
        // IE up to 10 has no error event: what is complete without bringing the polyfill has failed.
        if (/loaded|complete/.test(script.readyState)) finish();
      };
      timer = setTimeout(finish, LOAD);
      script.src = http.url('js/eventsource.js');
      document.getElementsByTagName('head')[0].appendChild(script);
    }
  }

  /** With the polyfill, once it is there. */
  function withPolyfill(connect) {
    return function (address, http, heard, ended) {
      var open = true;
      var disconnect = null;
      polyfilled(http, function (isThere) {
        if (!open) return;
        if (isThere) disconnect = connect(address, http, heard, ended);
        else ended(0);
      });
      return function () {
        open = false;
        if (disconnect) disconnect();
      };
    };
  }

  /** Step by step: a chain of promises that each wait for the next would hold all of the stream. */
  function read(reader, isOpen, take, ended) {
    reader.read().then(function (chunk) {
      if (chunk.done) {
        ended();
      } else if (isOpen()) {
        take(chunk.value);
        read(reader, isOpen, take, ended);
      }
    }, ended);
  }

  var fetched = withPolyfill(function (address, http, heard, ended) {
    var open = true;
    var abort = typeof AbortController === 'undefined' ? null : new self.AbortController();
    var reader = null;

    function finish(status) {
      if (!open) return;
      open = false;
      ended(status);
    }

    self.fetch(address, {
      headers: http.headers,
      credentials: http.token ? 'omit' : 'include',
      cache: 'no-store',
      signal: abort ? abort.signal : undefined
    }).then(function (response) {
      var type = response.headers.get('Content-Type') || '';
      var decoder = new self.TextDecoder();
      var parse = bongsu.eventStreamParser(function (event) {
        heard(event.type, event.data, event.lastEventId);
      });
      if (response.status !== 200 || type.toLowerCase().indexOf('text/event-stream') !== 0) {
        finish(response.status);
        return;
      }
      reader = response.body.getReader();
      read(reader, function () {
        return open;
      }, function (bytes) {
        parse(decoder.decode(bytes, { stream: true }));
      }, function () {
        finish(0);
      });
    })['catch'](function () {
      finish(0);
    });
    return function () {
      open = false;
      if (abort) abort.abort();
      else if (reader) reader.cancel();
    };
  });

  var requested = withPolyfill(function (address, http, heard, ended) {
    var source = new bongsu.EventSource(address, { withCredentials: http.withCredentials, headers: http.headers });
    listen(source, heard, ended);
    return function () {
      source.close();
    };
  });

  bongsu.eventsource = streaming(byEventSource, 0);

  bongsu.fetch = streaming(function (address, http, heard, ended) {
    // There are engines with one of them and not the others.
    if (typeof fetch === 'undefined' || typeof ReadableStream === 'undefined' || typeof TextDecoder === 'undefined') {
      return null;
    }
    return fetched(address, http, heard, ended);
  }, 0);

  /** With padding, without which some browsers show nothing of a stream; the server then ends it after a megabyte. */
  bongsu.xhr = streaming(requested, 2048);
}(Bongsu));
