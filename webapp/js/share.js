/*
 * Who holds the one connection of a browser, and how its tabs speak with each other: a shared worker where one answers;
 * else a tab that leads, chosen by Web Locks or by a lease in localStorage, over a BroadcastChannel or storage events.
 *
 * Each way is a function of (name, options, on) that returns null where the browser cannot, else
 *   post(object)   to all others
 *   enter()        wishes to lead; on.lead() tells when it does, on.deposed() when another has taken that away
 *   challenge()    the one that leads seems to be gone; null where nobody leads
 *   leave()        leads no longer, nor wishes to
 *   close()
 * and tells on.message(object), and on.failed() when it cannot work after all.
 */
(function (bongsu) {
  'use strict';

  var LEASE = 6000; // a lease not renewed by then is free
  var RENEW = 2000;
  var LOOK = 500;
  var SETTLE = 80; // two that took it in the same moment see by then who was the last

  /** @returns {?{post: function(Object), close: function()}} */
  function channel(name, storage, hear) {
    var one;
    var key = 'bongsu.mail.' + name;
    var count = 0;
    var me = Math.random();

    function onStorage(event) {
      var post = event.key === key && event.newValue ? JSON.parse(event.newValue) : null;
      // IE tells it to the page that wrote it, too.
      if (post && post.by !== me) hear(post.said);
    }

    if (typeof BroadcastChannel !== 'undefined') {
      try {
        one = new self.BroadcastChannel('bongsu ' + name);
      } catch (forbidden) {
        // As all that is kept, where cookies are blocked.
        return null;
      }
      one.onmessage = function (event) {
        hear(event.data);
      };
      return {
        post: function (message) {
          one.postMessage(message);
        },
        close: function () {
          one.close();
        }
      };
    }
    if (typeof window === 'undefined' || !storage) return null;
    window.addEventListener('storage', onStorage);
    return {
      post: function (message) {
        count += 1;
        try {
          // The same value twice makes no event.
          storage.setItem(key, JSON.stringify({ count: count, by: me, said: message }));
          storage.removeItem(key);
        } catch (full) {
          // The others notice a hole, or that nobody leads.
        }
      },
      close: function () {
        window.removeEventListener('storage', onStorage);
      }
    };
  }

  /** By a lock that the browser frees when its holder ends, however that ends. */
  function byLocks(name, options, on) {
    var locks = typeof navigator !== 'undefined' && navigator.locks;
    var mail;
    var entered = false;
    var release = null; // of the lock that is held
    var cancel = null; // of the request that waits

    function request(steals) {
      var abort = new self.AbortController();
      var isMine = false;
      cancel = function () {
        abort.abort();
      };
      locks.request('bongsu ' + name, steals ? { steal: true } : { signal: abort.signal }, function () {
        cancel = null;
        if (!entered) return null;
        isMine = true;
        return new self.Promise(function (resolve) {
          release = resolve;
          on.lead();
        });
      })['catch'](function () {
        // Taken away by one to whom we seemed to be gone; or no longer wanted.
        if (!isMine || !release) return;
        release = null;
        on.deposed();
        if (entered) request(false);
      });
    }

    function leave() {
      var had = release;
      entered = false;
      release = null;
      if (cancel) cancel();
      cancel = null;
      if (had) had();
    }

    if (!locks || !locks.request || typeof BroadcastChannel === 'undefined') return null;
    mail = channel(name, null, on.message);
    if (!mail) return null;
    return {
      post: mail.post,
      enter: function () {
        if (entered) return;
        entered = true;
        request(false);
      },
      challenge: function () {
        if (release) return;
        if (cancel) cancel();
        request(true);
      },
      leave: leave,
      close: function () {
        leave();
        mail.close();
      }
    };
  }

  /** By a lease: whoever leads renews it, and lets go of it when it ends. */
  function byLease(name, options, on) {
    var clock = options.clock;
    var key = 'bongsu.lease.' + name;
    var mail = options.storage && channel(name, options.storage, on.message);
    var entered = false;
    var leads = false;
    var settling = null;
    var rest;

    function read() {
      try {
        return JSON.parse(options.storage.getItem(key)) || {};
      } catch (unreadable) {
        return {};
      }
    }

    function write() {
      try {
        options.storage.setItem(key, JSON.stringify({ by: options.id, until: clock.now() + LEASE, renewed: clock.now() }));
      } catch (full) {
        // Then nobody comes to lead.
      }
    }

    function look() {
      var lease = read();
      // A clock that was set back must not make a lease last for ever.
      var isFree = entered && !(lease.until > clock.now() && lease.until <= clock.now() + LEASE);
      if (leads) {
        if (lease.by !== options.id) {
          leads = false;
          on.deposed();
        } else if (clock.now() - lease.renewed >= RENEW) {
          write();
        }
      } else if (isFree && !settling) {
        write();
        settling = clock.set(function () {
          settling = null;
          if (read().by !== options.id) return;
          leads = true;
          write();
          on.lead();
        }, SETTLE);
      }
    }

    function leave() {
      clock.clear(settling);
      settling = null;
      entered = false;
      // Whoever was taken for gone may not have seen yet that it is another's.
      if (leads && read().by === options.id) options.storage.removeItem(key);
      leads = false;
    }

    if (!mail) return null;
    try {
      options.storage.setItem(key + '.test', '1');
      options.storage.removeItem(key + '.test');
    } catch (full) {
      mail.close();
      return null;
    }
    rest = bongsu.every(clock, LOOK, look);
    return {
      post: mail.post,
      enter: function () {
        entered = true;
        look();
      },
      // A lease runs out by itself.
      challenge: function () {},
      leave: leave,
      close: function () {
        rest();
        leave();
        mail.close();
      }
    };
  }

  /** By a worker that all tabs share; whether it works is known when it answers. */
  function byWorker(name, options, on) {
    var worker;
    if (typeof SharedWorker === 'undefined' || !options.worker) return null;
    // Those of the engines before it came and went: a WebSocket in one ends the whole browser (QtWebKit 538).
    if (typeof BroadcastChannel === 'undefined') return null;
    try {
      worker = new self.SharedWorker(options.worker, 'bongsu ' + name);
      worker.onerror = on.failed;
      worker.port.onmessage = function (event) {
        on.message(event.data);
      };
      worker.port.postMessage({ op: 'hello', from: options.id, url: options.url, token: options.token,
        kept: options.kept() });
    } catch (forbidden) {
      return null;
    }
    return {
      post: function (message) {
        worker.port.postMessage(message);
      },
      enter: function () {},
      challenge: null,
      leave: function () {},
      close: function () {
        worker.port.close();
      }
    };
  }

  bongsu.share = { worker: byWorker, locks: byLocks, lease: byLease };
}(Bongsu));
