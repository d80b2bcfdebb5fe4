/*
 * A world for the client to live in, of one clock that only a specification moves: tabs that may be frozen or crash, and in
 * each of them what a browser has: XMLHttpRequest, WebSocket, EventSource, BroadcastChannel, locks, SharedWorker, storage.
 *
 * The fakes take the place of the page's own globals between enter() and leave(). Whatever happens belongs to a tab: it is
 * dropped if that has gone, and waits if that is frozen. What is made, is made by the tab that runs at that moment.
 */
(function (root) {
  'use strict';

  var GLOBALS = ['XMLHttpRequest', 'WebSocket', 'EventSource', 'BroadcastChannel', 'SharedWorker', 'Promise', 'AbortController',
    'addEventListener', 'removeEventListener', 'setTimeout', 'clearTimeout'];

  /** Mulberry32: the same numbers for the same seed in every engine. */
  function randomOf(seed) {
    var state = seed | 0;

    function multiply(a, b) {
      return ((a & 0xffff) * b + ((((a >>> 16) * b) & 0xffff) << 16)) | 0;
    }

    return function () {
      var t;
      state = (state + 0x6d2b79f5) | 0;
      t = multiply(state ^ (state >>> 15), state | 1);
      t = (t + multiply(t ^ (t >>> 7), t | 61)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }

  function copy(value) {
    return JSON.parse(JSON.stringify(value));
  }

  root.makeWorld = function (seed) {
    var random = randomOf(seed || 1);
    var events = []; // { at, order, owner, run }, sorted
    var order = 0;
    var kept = {};
    var mine = {}; // the page's own globals
    var channels = [];
    var locks = {}; // name → { holder, queue }
    var workers = {}; // name → tab
    var count = 0;
    var world;

    // Time.

    function insert(event) {
      var at = events.length;
      while (at > 0 && (events[at - 1].at > event.at || (events[at - 1].at === event.at && events[at - 1].order > event.order))) {
        at -= 1;
      }
      events.splice(at, 0, event);
      return event;
    }

    /** Has something happen in a tab, or, without one, outside of all. */
    function later(milliseconds, owner, run) {
      order += 1;
      return insert({ at: world.now + Math.max(0, milliseconds || 0), order: order, owner: owner, run: run });
    }

    function cancel(event) {
      if (event) event.run = null;
    }

    function happen(event) {
      var before = world.current;
      var owner = event.owner;
      if (!event.run || (owner && owner.isGone)) return;
      if (owner && owner.isFrozen) {
        owner.held.push(event);
        return;
      }
      world.current = owner;
      try {
        event.run();
      } finally {
        world.current = before;
      }
      if (world.after) world.after(owner);
    }

    function advance(milliseconds) {
      var end = world.now + milliseconds;
      var event;
      while (events.length && events[0].at <= end) {
        event = events.shift();
        world.now = Math.max(world.now, event.at);
        happen(event);
      }
      world.now = end;
    }

    // Tabs.

    function makeTab(name) {
      var listeners = [];
      var tab = {
        name: name || 'tab' + (count += 1),
        isGone: false,
        isFrozen: false,
        held: [],
        slow: 0, // its timers run at multiples of this, as in a hidden tab
        random: random,
        clock: {
          now: function () {
            return world.now;
          },
          set: function (run, milliseconds) {
            var due = world.now + Math.max(0, milliseconds || 0);
            if (tab.slow) due = Math.ceil(due / tab.slow) * tab.slow;
            return later(due - world.now, tab, run);
          },
          clear: cancel
        },
        listeners: listeners,

        /** Runs at once, as this tab. */
        run: function (run) {
          var result;
          happen({ owner: tab, run: function () {
            result = run();
          } });
          return result;
        },

        /** What the browser tells the page: online, pagehide, freeze, … */
        tell: function (event, more) {
          tab.run(function () {
            listeners.slice().forEach(function (one) {
              if (one.event === event) one.run(more || {});
            });
          });
        },

        /** As with SIGSTOP, or in a suspended computer: nothing is told. */
        freeze: function () {
          tab.isFrozen = true;
        },

        /**
         * What has been waiting happens at once, before anything new.
         *
         * @param {string=} mail what becomes of that which came in the meantime through channels: 'lost', 'first', before all
         *   else; if not given, it comes in its turn
         */
        thaw: function (mail) {
          var held = tab.held;

          function isMail(event) {
            return Boolean(event.isMail);
          }

          tab.isFrozen = false;
          tab.held = [];
          if (mail === 'first') held.filter(isMail).forEach(happen);
          held.filter(function (event) {
            return !mail || !isMail(event);
          }).forEach(happen);
        },

        crash: function () {
          tab.isGone = true;
          channels = channels.filter(function (one) {
            return one.tab !== tab;
          });
          Object.keys(locks).forEach(function (key) {
            dropLock(key, tab);
          });
          world.sockets.concat(world.sources).forEach(function (one) {
            if (one.tab === tab && one.onleft) one.onleft();
          });
          world.requests.forEach(function (one) {
            if (one.tab === tab && one.isOpen) {
              one.isOpen = false;
              if (one.onleft) one.onleft();
            }
          });
        }
      };
      return tab;
    }

    // XMLHttpRequest.

    function Request() {
      this.tab = world.current;
      this.readyState = 0;
      this.status = 0;
      this.responseText = '';
      this.sentHeaders = {};
      this.isOpen = false;
    }

    Request.prototype = {
      open: function (method, url) {
        this.method = method;
        this.url = url;
      },
      setRequestHeader: function (name, value) {
        this.sentHeaders[name] = value;
      },
      send: function (body) {
        this.body = body;
        this.isOpen = true;
        this.sentAt = world.now;
        world.requests.push(this);
        if (world.onrequest) world.onrequest(this);
      },
      abort: function () {
        if (!this.isOpen) return;
        this.isOpen = false;
        this.isAborted = true;
        this.readyState = 4;
        this.status = 0;
        if (this.onleft) this.onleft();
        if (this.onreadystatechange) this.onreadystatechange();
      },
      getResponseHeader: function (name) {
        return (this.answerHeaders || {})[name] || null;
      },

      /** For specifications: what the server answers, now. Body: an object, or text. Status 0: the connection breaks. */
      answer: function (status, body, headers) {
        var self = this;
        if (!self.isOpen) return;
        self.tab.run(function () {
          if (!self.isOpen) return;
          if (status) {
            // The head comes first.
            self.readyState = 2;
            self.onreadystatechange();
          }
          if (!self.isOpen) return;
          self.isOpen = false;
          self.readyState = 4;
          self.status = status;
          self.answerHeaders = headers;
          self.responseText = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
          self.onreadystatechange();
        });
      },

      /** The values of a parameter of its query. */
      query: function (name) {
        return (this.url.split('?')[1] || '').split('&').filter(function (pair) {
          return pair.split('=')[0] === name;
        }).map(function (pair) {
          return decodeURIComponent(pair.split('=')[1]);
        });
      }
    };

    // WebSocket and EventSource.

    function Socket(url, protocol) {
      if (world.without.websocket) throw new Error('there is no WebSocket');
      this.tab = world.current;
      this.url = url;
      this.protocol = protocol;
      this.readyState = 0;
      this.sent = [];
      world.sockets.push(this);
      if (world.onsocket) world.onsocket(this);
    }

    Socket.prototype = {
      send: function (text) {
        if (this.readyState === 0) throw new Error('InvalidStateError: still connecting');
        if (this.readyState > 1) return;
        this.sent.push(JSON.parse(text));
        if (this.onsent) this.onsent(JSON.parse(text));
      },
      close: function () {
        var self = this;
        if (self.readyState > 1) return;
        self.readyState = 2;
        if (self.onleft) self.onleft();
        later(1, self.tab, function () {
          self.readyState = 3;
          if (self.onclose) self.onclose({});
        });
      },

      // For specifications.
      opened: function () {
        var self = this;
        self.tab.run(function () {
          if (self.readyState !== 0) return;
          self.readyState = 1;
          if (self.onopen) self.onopen({});
        });
      },
      receive: function (frame) {
        var self = this;
        if (self.readyState === 0) self.opened();
        self.tab.run(function () {
          if (self.readyState === 1) self.onmessage({ data: JSON.stringify(frame) });
        });
      },
      fail: function () {
        var self = this;
        self.tab.run(function () {
          if (self.readyState === 3) return;
          self.readyState = 3;
          if (self.onclose) self.onclose({});
        });
      }
    };

    function Source(url) {
      this.tab = world.current;
      this.url = url;
      this.isOpen = true;
      this.lastEventId = '';
      this.heard = {};
      world.sources.push(this);
      if (world.onsource) world.onsource(this);
    }

    Source.prototype = {
      addEventListener: function (name, run) {
        this.heard[name] = run;
      },
      close: function () {
        if (!this.isOpen) return;
        this.isOpen = false;
        if (this.onleft) this.onleft();
      },
      query: Request.prototype.query,

      // For specifications.
      receive: function (name, data, eventId) {
        var self = this;
        self.tab.run(function () {
          if (!self.isOpen) return;
          if (eventId) self.lastEventId = eventId;
          if (self.heard[name]) {
            self.heard[name]({ data: typeof data === 'string' ? data : JSON.stringify(data), lastEventId: self.lastEventId });
          }
        });
      },
      fail: function () {
        var self = this;
        self.tab.run(function () {
          if (self.isOpen) self.heard.error({});
        });
      }
    };

    // What tabs have in common.

    function Channel(name) {
      this.name = name;
      this.tab = world.current;
      this.last = {};
      channels.push(this);
    }

    Channel.prototype = {
      postMessage: function (message) {
        var self = this;
        channels.forEach(function (other) {
          var due;
          if (other === self || other.name !== self.name) return;
          if (world.loses(self.tab, other.tab, message)) return;
          due = Math.max(world.now + world.mailDelay(), self.last[other.tab.name] || 0);
          self.last[other.tab.name] = due;
          mail(due - world.now, other.tab, function () {
            if (channels.indexOf(other) >= 0) other.onmessage({ data: copy(message) });
          });
        });
      },
      close: function () {
        var self = this;
        channels = channels.filter(function (one) {
          return one !== self;
        });
      }
    };

    function mail(milliseconds, owner, run) {
      later(milliseconds, owner, run).isMail = true;
    }

    function SyncPromise(executor) {
      var waiting = [];
      var isDone = false;
      this.then = function (run) {
        if (isDone) run();
        else waiting.push(run);
      };
      executor(function () {
        isDone = true;
        waiting.forEach(function (run) {
          run();
        });
      });
    }

    function Abort() {
      this.signal = {};
      this.abort = function () {
        if (this.signal.run) this.signal.run();
      };
    }

    function lockOf(key) {
      locks[key] = locks[key] || { holder: null, queue: [] };
      return locks[key];
    }

    function dropLock(key, tab) {
      var lock = lockOf(key);
      lock.queue = lock.queue.filter(function (one) {
        return one.tab !== tab;
      });
      if (lock.holder && lock.holder.tab === tab) {
        lock.holder = null;
        grant(key);
      }
    }

    function grant(key) {
      var lock = lockOf(key);
      var next;
      if (lock.holder || !lock.queue.length) return;
      next = lock.holder = lock.queue.shift();
      later(1, next.tab, function () {
        var kept;
        if (lock.holder !== next) return;
        kept = next.run({});

        function release() {
          if (lock.holder !== next) return;
          lock.holder = null;
          grant(key);
        }

        if (kept) kept.then(release);
        else release();
      });
    }

    function requestLock(key, options, run) {
      var lock = lockOf(key);
      var mine = { tab: world.current, run: run, rejected: function () {} };

      function reject(one) {
        later(1, one.tab, function () {
          one.rejected(new Error('AbortError'));
        });
      }

      if (options.steal) {
        if (lock.holder) reject(lock.holder);
        lock.holder = null;
        lock.queue.unshift(mine);
      } else {
        lock.queue.push(mine);
        options.signal.run = function () {
          if (lock.queue.indexOf(mine) < 0) return;
          lock.queue.splice(lock.queue.indexOf(mine), 1);
          reject(mine);
        };
      }
      grant(key);
      return { 'catch': function (rejected) {
        mine.rejected = rejected;
      } };
    }

    /** Runs webapp/js/worker.js, as it is, in a tab of its own. */
    function startWorker(name) {
      var tab = makeTab('worker');
      var scope = {};
      var bongsu = Object.create(root.Bongsu);
      bongsu.isWorker = true;
      bongsu.clock = tab.clock;
      tab.scope = scope;
      workers[name] = tab;
      tab.run(function () {
        // Its own globals: what it is told apart by.
        new Function('Bongsu', 'self', 'onconnect', 'document', 'importScripts', root.workerSource)(
          bongsu, scope, null, undefined, function () {});
      });
      return tab;
    }

    function Worker(script, name) {
      var tab = world.current;
      var worker = workers[name];
      var open = true;
      var here = {};
      var there = {};
      var last = [0, 0];
      var self;

      function connect(from, toTab, to, way) {
        from.postMessage = function (message) {
          var said = copy(message);
          var due = Math.max(world.now + world.mailDelay(), last[way]);
          last[way] = due;
          mail(due - world.now, toTab, function () {
            if (open && to.onmessage) to.onmessage({ data: said });
          });
        };
      }

      if (!worker || worker.isGone) worker = startWorker(name);
      connect(here, worker, there, 0);
      connect(there, tab, here, 1);
      here.close = function () {
        // What has been sent still arrives.
        later(world.mailDelay() + 1000, null, function () {
          open = false;
        });
        here.onmessage = null;
      };
      this.port = here;
      self = this;
      if (world.without.workerScript) {
        later(5, tab, function () {
          self.onerror({});
        });
        return;
      }
      later(world.workerDelay, worker, function () {
        worker.scope.onconnect({ ports: [there] });
      });
    }

    world = {
      now: 1600000000000,
      current: null,
      random: random,
      after: null, // told after whatever happens, with the tab
      without: {}, // what the browser has not
      requests: [],
      sockets: [],
      sources: [],
      onrequest: null,
      onsocket: null,
      onsource: null,
      workers: workers,
      workerDelay: 0,
      loses: function () {
        return false;
      },
      mailDelay: function () {
        return 1;
      },

      tab: makeTab,
      later: later,
      advance: advance,

      /** Advances until it holds, a minute at most. */
      until: function (what, isSo) {
        var end = world.now + 60000;
        while (!isSo()) {
          if (world.now > end) throw new Error('not within a minute: ' + what);
          advance(10);
        }
      },

      storage: {
        getItem: function (key) {
          return Object.prototype.hasOwnProperty.call(kept, key) ? kept[key] : null;
        },
        setItem: function (key, value) {
          if (world.without.space) throw new Error('QuotaExceededError');
          kept[key] = String(value);
        },
        removeItem: function (key) {
          delete kept[key];
        }
      },

      enter: function () {
        var fakes = {
          XMLHttpRequest: Request,
          WebSocket: Socket,
          EventSource: Source,
          BroadcastChannel: Channel,
          SharedWorker: world.without.worker ? undefined : Worker,
          Promise: SyncPromise,
          AbortController: Abort,
          addEventListener: function (event, run) {
            world.current.listeners.push({ event: event, run: run });
          },
          removeEventListener: function (event, run) {
            var all = world.current.listeners;
            all.slice().forEach(function (one) {
              if (one.event === event && one.run === run) all.splice(all.indexOf(one), 1);
            });
          },
          setTimeout: function (run, milliseconds) {
            return later(milliseconds, world.current, run);
          },
          clearTimeout: cancel
        };
        GLOBALS.forEach(function (name) {
          mine[name] = { value: root[name], isOwn: Object.prototype.hasOwnProperty.call(root, name) };
          root[name] = fakes[name];
        });
        if (typeof window === 'undefined') {
          root.window = root;
          root.onpagehide = null;
        }
        if (typeof document === 'undefined') root.document = {};
        mine.random = Math.random;
        Math.random = random;
        mine.document = [document.addEventListener, document.removeEventListener];
        document.addEventListener = fakes.addEventListener;
        document.removeEventListener = fakes.removeEventListener;
        if (typeof navigator === 'undefined') root.navigator = {};
        try {
          Object.defineProperty(navigator, 'locks', {
            value: world.without.locks ? undefined : { request: requestLock }, configurable: true, writable: true
          });
        } catch (sealed) {
          // The oldest engines: then there are none.
        }
        world.hasLocks = Boolean(navigator.locks);
      },

      leave: function () {
        GLOBALS.forEach(function (name) {
          root[name] = mine[name].value;
          if (!mine[name].isOwn) delete root[name];
        });
        Math.random = mine.random;
        document.addEventListener = mine.document[0];
        document.removeEventListener = mine.document[1];
        try {
          delete navigator.locks;
        } catch (sealed) {
          // Nor is there anything to take back.
        }
      }
    };
    return world;
  };

  /** A specification in a world of its own. */
  root.specIn = function (name, run) {
    root.spec(name, function () {
      var world = root.makeWorld(1);
      world.enter();
      try {
        run(world);
      } finally {
        world.leave();
      }
    });
  };
}(typeof window === 'undefined' ? globalThis : window));
