/*
 * EventSource (WHATWG HTML 9.2) for browsers without it, over a streamed XMLHttpRequest. Stands alone: any page or worker
 * may load this one file before its own code; in a browser that has an EventSource it changes nothing.
 *
 *   new Bongsu.EventSource(url, options)         like the browser's own: url, readyState, withCredentials, onopen,
 *                                                onmessage, onerror, addEventListener, removeEventListener,
 *                                                dispatchEvent, close; CONNECTING 0, OPEN 1, CLOSED 2.
 *     options.withCredentials                    as in the standard
 *     options.headers                            not in the standard: {name: value} sent along, Authorization for
 *                                                example; read again at every connection, so a value may be renewed
 *   Bongsu.EventSource.install()                 makes it the global EventSource, also where there is one
 *   Bongsu.eventStreamParser(onEvent, onRetry, lastEventId)
 *                                                the grammar alone, for other transports; returns a function that is
 *                                                given the text piece by piece, see below
 *
 * Events are plain objects {type, target} and, from the stream, {type, target, data, lastEventId, origin}.
 *
 * An XMLHttpRequest keeps all that it has received: a server should end a stream now and then (ours does after 1 MB
 * when asked with `padding`); the reconnection that follows loses nothing where messages have ids. To another origin
 * `Last-Event-ID` and any `headers` are only sent if that server's preflight answer allows them.
 */
var Bongsu = Bongsu || {};
(function (bongsu) {
  'use strict';

  var CONNECTING = 0;
  var OPEN = 1;
  var CLOSED = 2;

  // Milliseconds. `retry` is obeyed as it is, but 0 or 1 and a server that is down would be a busy loop: as long as no
  // event comes, a wait is at least twice the one before, up to a second (9.2.3 lets a browser wait longer).
  var LEAST = 5;
  var LEAST_MOST = 1000;
  // A timer of more than 31 bits would go off at once.
  var LONGEST = 0x7FFFFFFF;

  /**
   * Text of an event stream in, events out, however the text is cut (WHATWG HTML 9.2.5 and 9.2.6). A line is taken when
   * its end is there, so an event that ends in CR does not wait for the next piece; what has no empty line after it
   * when the stream ends has never been.
   *
   * @param {function({type: string, data: string, lastEventId: string})} onEvent must not throw
   * @param {?function(number)=} onRetry told the milliseconds of each valid `retry`
   * @param {string=} lastEventId where an earlier connection of the same source ended
   * @returns {function(string): string} takes the next piece, decoded; returns the last event id so far, also that of a
   *   block without data. One leading U+FEFF is dropped, so a decoder may leave the byte order mark in.
   */
  bongsu.eventStreamParser = function (onEvent, onRetry, lastEventId) {
    var lastId = lastEventId || '';
    var id = lastId; // of the block being read; becomes the last id where that ends
    var type = '';
    var data = '';
    var line = ''; // what has come of a line without its end
    var atStart = true;
    var afterCr = false; // an LF that comes first in the next piece belongs to it

    function dispatch() {
      var event = { type: type || 'message', data: data.slice(0, -1), lastEventId: id };
      var isEmpty = !data;
      lastId = id;
      type = data = '';
      if (!isEmpty) onEvent(event);
    }

    function take(text) {
      var colon = text.indexOf(':');
      var name = colon < 0 ? text : text.slice(0, colon);
      var value = colon < 0 ? '' : text.slice(colon + (text.charAt(colon + 1) === ' ' ? 2 : 1));
      if (!text) dispatch();
      else if (name === 'data') data += value + '\n';
      else if (name === 'event') type = value;
      else if (name === 'id' && value.indexOf('\0') < 0) id = value;
      else if (name === 'retry' && onRetry && /^\d+$/.test(value)) onRetry(Number(value));
    }

    return function (text) {
      var ends = /\r\n?|\n/g;
      var from = 0;
      var end;
      if (!text) return lastId;
      if (atStart ? text.charAt(0) === '\uFEFF' : afterCr && text.charAt(0) === '\n') from = 1;
      atStart = false;
      ends.lastIndex = from;
      while ((end = ends.exec(text))) {
        take(line + text.slice(from, end.index));
        line = '';
        from = ends.lastIndex;
      }
      // Only the new piece is searched: a line of a megabyte costs no more for coming in a thousand pieces.
      line += text.slice(from);
      afterCr = text.charAt(text.length - 1) === '\r';
      return lastId;
    };
  };

  /** @returns {string} as the browser's own would show it; an invalid one unchanged, for `open` to refuse */
  function absolute(url) {
    var link;
    if (self.document) {
      link = document.createElement('a');
      link.href = url;
      return link.href;
    }
    try {
      return new URL(url, location.href).href || url;
    } catch (noUrlInThisWorker) {
      return url;
    }
  }

  function originOf(url) {
    var parts = /^(\w+:\/\/)(?:[^\/?#]*@)?([^\/?#]+)/.exec(url);
    return parts ? parts[1] + parts[2] : location.protocol + '//' + location.host;
  }

  function report(error) {
    setTimeout(function () {
      throw error;
    }, 0);
  }

  /** What a listener is given. Not one of the browser's own events: the oldest have no constructor for them. */
  function Event(type, target) {
    this.type = type;
    this.target = this.currentTarget = target;
    this.isStopped = false;
  }

  Event.prototype.preventDefault = Event.prototype.stopPropagation = function () {};
  Event.prototype.stopImmediatePropagation = function () {
    this.isStopped = true;
  };

  /**
   * @constructor
   * @param {string} url
   * @param {{withCredentials: boolean, headers: Object<string, string>}=} options
   */
  function EventSource(url, options) {
    var source = this;
    var given = options || {};
    var inner = { url: absolute(String(url)), withCredentials: !!given.withCredentials, listeners: [], close: close };
    var retry = 3000;
    var least = LEAST;
    var lastEventId = '';
    var xhr = null; // the connection that is listened to
    var timer;

    function drop() {
      var old = xhr;
      xhr = null;
      clearTimeout(timer);
      if (old) old.abort();
    }

    function close() {
      drop();
      inner.readyState = CLOSED;
    }

    function become(state, type) {
      inner.readyState = state;
      source.dispatchEvent(new Event(type, source));
    }

    /** The connection has ended: for good, or there will be another. */
    function end(state) {
      drop();
      become(state, 'error');
      if (inner.readyState !== CONNECTING) return;
      least = Math.min(LEAST_MOST, 2 * least);
      timer = setTimeout(function () {
        try {
          connect();
        } catch (badHeader) {
          report(badHeader);
          end(CLOSED);
        }
      }, Math.min(LONGEST, Math.max(least, retry)));
    }

    function connect() {
      var mine = xhr = new XMLHttpRequest();
      var headers = given.headers || {};
      var taken = 0; // characters of the answer
      var origin; // of the answer, from when it is known to be an event stream
      var parse = bongsu.eventStreamParser(function (message) {
        var event = new Event(message.type, source);
        if (xhr !== mine) return;
        least = LEAST;
        event.data = message.data;
        event.lastEventId = message.lastEventId;
        event.origin = origin;
        source.dispatchEvent(event);
      }, function (milliseconds) {
        retry = milliseconds;
      }, lastEventId);

      function look() {
        var status, mime, text;
        if (xhr !== mine) return;
        try {
          status = mine.status;
          mime = mine.getResponseHeader('Content-Type');
          text = mine.responseText;
        } catch (tooEarly) {
          // Some throw until there is something to tell.
        }
        if (!origin && status) {
          if (status !== 200 || !/^\s*text\/event-stream\s*(;|$)/i.test(mime)) {
            end(CLOSED);
            return;
          }
          origin = originOf(mine.responseURL || inner.url);
          try {
            // The stream is UTF-8 whatever its charset says. Not before now: some engines then show this as the type.
            mine.overrideMimeType('text/event-stream;charset=utf-8');
          } catch (unable) {
            // What declares another charset is then read by that one.
          }
          become(OPEN, 'open');
        }
        if (xhr === mine && origin && text && text.length > taken) {
          text = text.slice(taken);
          taken += text.length;
          lastEventId = parse(text);
        }
        if (xhr === mine && mine.readyState === 4) end(CONNECTING);
      }

      // These have taken the byte order mark away themselves; another one would be part of the first line. Older ones
      // leave it in where it did not come in one piece.
      if ('responseURL' in mine) parse('\uFEFF');
      mine.open('GET', inner.url, true);
      mine.withCredentials = inner.withCredentials;
      mine.setRequestHeader('Accept', 'text/event-stream');
      // To another origin it would ask for a preflight, which a server made for EventSource does not expect.
      if (originOf(inner.url) === originOf('')) mine.setRequestHeader('Cache-Control', 'no-cache');
      // A header holds bytes: those of UTF-8, each as one character.
      if (lastEventId) mine.setRequestHeader('Last-Event-ID', unescape(encodeURIComponent(lastEventId)));
      Object.keys(headers).forEach(function (name) {
        mine.setRequestHeader(name, headers[name]);
      });
      mine.onreadystatechange = mine.onprogress = look;
      mine.send(null);
    }

    if (!arguments.length) throw new TypeError('EventSource needs a URL');
    source._ = inner;
    inner.readyState = CONNECTING;
    try {
      connect();
    } catch (badUrl) {
      close();
      throw badUrl;
    }
  }

  var prototype = EventSource.prototype;

  /** @returns {number} the listener's place; without one, that of what on{type} was set to; -1 if it is not there */
  function placeOf(source, type, listener) {
    var listeners = source._.listeners;
    var place = listeners.length;
    var one;
    while (place--) {
      one = listeners[place];
      if (one.type === type && (listener ? one.listener === listener && !one.isHandler : one.isHandler)) return place;
    }
    return place;
  }

  prototype.addEventListener = function (type, listener, options) {
    if (listener && placeOf(this, type, listener) < 0) {
      this._.listeners.push({ type: type, listener: listener, once: options && options.once });
    }
  };

  prototype.removeEventListener = function (type, listener) {
    var place = placeOf(this, type, listener);
    if (listener && place >= 0) this._.listeners.splice(place, 1);
  };

  prototype.dispatchEvent = function (event) {
    var source = this;
    var listeners = source._.listeners;
    listeners.slice().forEach(function (one) {
      // It may have been removed by one before it.
      if (one.type !== event.type || event.isStopped || listeners.indexOf(one) < 0) return;
      if (one.once) source.removeEventListener(one.type, one.listener);
      try {
        if (typeof one.listener === 'function') one.listener.call(source, event);
        else one.listener.handleEvent(event);
      } catch (error) {
        report(error);
      }
    });
    return true;
  };

  prototype.close = function () {
    this._.close();
  };

  ['open', 'message', 'error'].forEach(function (type) {
    Object.defineProperty(prototype, 'on' + type, {
      get: function () {
        var place = placeOf(this, type);
        return place < 0 ? null : this._.listeners[place].listener;
      },
      // Its turn among the listeners is from when it was set first, also if it is set to another one later.
      set: function (handler) {
        var listeners = this._.listeners;
        var place = placeOf(this, type);
        if (typeof handler !== 'function') {
          if (place >= 0) listeners.splice(place, 1);
        } else if (place < 0) {
          listeners.push({ type: type, listener: handler, isHandler: true });
        } else {
          listeners[place].listener = handler;
        }
      }
    });
  });

  ['url', 'withCredentials', 'readyState'].forEach(function (name) {
    Object.defineProperty(prototype, name, {
      get: function () {
        return this._[name];
      }
    });
  });

  ['CONNECTING', 'OPEN', 'CLOSED'].forEach(function (name, value) {
    EventSource[name] = prototype[name] = value;
  });

  /** Makes this the global EventSource, also where the browser has one of its own. */
  EventSource.install = function () {
    self.EventSource = EventSource;
  };

  bongsu.EventSource = EventSource;
  if (!self.EventSource) EventSource.install();
}(Bongsu));
