/*
 * Everything at once, by chance: tabs come, go, crash, freeze and change their topics; messages are published; connections
 * break, networks swallow, broadcasts are lost, two lead at once. Afterwards, when it has been calm for a while, each open tab
 * must have been given each message of its topics since its beginning, once, in order; and one connection serves all.
 *
 * What happened, seed by seed, is the same in every engine: ?seed=17 runs that one alone and tells all of it.
 */
(function (root) {
  'use strict';

  var TOPICS = ['a', 'b', 'c', 'd'];
  var WAYS = ['lease', 'locks', 'worker'];

  function isPosition(cursor) {
    return /^[a-z0-9]+-[0-9]+$/.test(cursor || '');
  }

  function missing(from, tell) {
    tell.ended('missing');
    return { close: function () {} };
  }

  function offsetOf(id) {
    return Number(id.split('-')[1]);
  }

  function epochOf(id) {
    return id.split('-')[0];
  }

  function run(seed, wanted) {
    var world = root.makeWorld(seed);
    var portal;
    var share = wanted.share;
    var published = []; // { id, topic, time, index, trimmedAt }
    var tabs = [];
    var story = [];
    var loss = 0; // share of the broadcasts that are lost
    var lag = 3;
    var swallowed = []; // tabs whose network swallows all

    function chance(share) {
      return world.random() < share;
    }

    function pick(list) {
      return list[Math.floor(world.random() * list.length)];
    }

    function tell(sentence) {
      story.push(((world.now - 1600000000000) / 1000).toFixed(3) + ' ' + sentence);
    }

    function fail(tab, sentence) {
      throw new Error('not so: seed ' + seed + ' by ' + share + ': ' + (tab ? tab.name + ' ' : '') + sentence
        + (root.seedAlone ? '\n' + story.join('\n') : ''));
    }

    function publish(topic) {
      var message = portal.publish(topic);
      message.index = published.length;
      published.push(message);
      tell('published ' + message.id + ' to ' + topic);
    }

    // What a tab is given is judged at once; what it is owed, at the end.

    function given(tab, message) {
      var known = published.filter(function (one) {
        return one.id === message.id;
      })[0];
      tell(tab.name + ' is given ' + message.id);
      if (tab.given[message.id]) fail(tab, 'is given ' + message.id + ' twice');
      tab.given[message.id] = true;
      if (tab.topics.indexOf(message.topic) < 0) fail(tab, 'is given ' + message.id + ' of ' + message.topic + ', which it does not read');
      // What it has just begun to read may be from before, and so older.
      if (known.index < tab.since[message.topic]) return;
      // What retention has removed meanwhile may come late, from a tab that was frozen with it; the reset has told of it.
      if (tab.resets.length && portal.isGone(message.id)) return;
      // Nor has what is left of a lost history, on its way from another tab.
      if (tab.last >= 0 && epochOf(published[tab.last].id) > epochOf(message.id)) return;
      if (tab.last > known.index) fail(tab, 'is given ' + message.id + ' after ' + published[tab.last].id);
      tab.last = known.index;
    }

    /** The first position that the page is told is where it begins. */
    function noteStart(tab) {
      var cursor = tab.client && tab.client.state.cursor;
      var start;
      if (tab.isStarted || !isPosition(cursor)) return;
      tab.isStarted = true;
      tell(tab.name + ' begins at ' + cursor);
      start = published.length;
      published.forEach(function (one) {
        if (epochOf(one.id) === epochOf(cursor) && offsetOf(one.id) > offsetOf(cursor)) start = Math.min(start, one.index);
      });
      tab.topics.forEach(function (topic) {
        tab.since[topic] = Math.max(tab.since[topic] || 0, start);
      });
    }

    function open() {
      var tab = world.tab();
      var after = chance(0.7) || !published.length ? 'latest' : chance(0.2) ? 'earliest' : pick(published).id;
      tab.topics = TOPICS.filter(function () {
        return chance(0.5);
      });
      if (!tab.topics.length) tab.topics = ['a'];
      tab.given = {};
      tab.since = {};
      tab.last = -1;
      tab.resets = [];
      tab.errors = [];
      tabs.push(tab);
      tell(tab.name + ' opens, reads ' + tab.topics + ' after ' + after);
      if (chance(0.2)) tab.slow = pick([1000, 60000]);
      tab.run(function () {
        tab.client = root.Bongsu.connect({
          url: 'http://portal/', topics: tab.topics, after: after, share: share, worker: 'worker.js',
          storage: world.storage, clock: tab.clock, random: world.random,
          open: { websocket: root.Bongsu.websocket, eventsource: root.Bongsu.eventsource, fetch: missing, xhr: missing,
            longpoll: root.Bongsu.longpoll, poll: root.Bongsu.poll }
        }).on('message', function (message) {
          given(tab, message);
        }).on('reset', function (reset) {
          tell(tab.name + ' is reset: ' + reset.reason);
          tab.resets.push({ index: published.length, reason: reset.reason });
        }).on('error', function (problem) {
          tab.errors.push(problem);
        }).on('state', function (state) {
          tell(tab.name + ' is ' + state.name + ' ' + (state.leader ? 'by itself ' : '') + state.transport + ' ' + state.reason);
        });
      });
      noteStart(tab);
    }

    function close(tab) {
      tell(tab.name + ' closes');
      tab.run(function () {
        tab.client.close();
      });
      tabs.splice(tabs.indexOf(tab), 1);
      world.later(50, null, function () {
        tab.crash();
      });
    }

    function crash(tab) {
      tell(tab.name + ' crashes');
      tabs.splice(tabs.indexOf(tab), 1);
      tab.crash();
    }

    function subscribe(tab) {
      var topic = pick(TOPICS);
      if (tab.topics.indexOf(topic) >= 0) return;
      tell(tab.name + ' subscribes ' + topic);
      tab.topics.push(topic);
      tab.since[topic] = published.length;
      tab.run(function () {
        tab.client.subscribe(topic);
      });
    }

    function unsubscribe(tab) {
      var topic = pick(tab.topics);
      if (tab.topics.length < 2) return;
      tell(tab.name + ' unsubscribes ' + topic);
      tab.topics.splice(tab.topics.indexOf(topic), 1);
      tab.run(function () {
        tab.client.unsubscribe(topic);
      });
    }

    function sleep() {
      var all = tabs.concat(Object.keys(world.workers).map(function (name) {
        return world.workers[name];
      })).filter(function (tab) {
        return !tab.isFrozen;
      });
      tell('the computer sleeps');
      all.forEach(function (tab) {
        tab.freeze();
      });
      if (chance(0.5)) portal.cut();
      if (chance(0.5)) publish(pick(TOPICS));
      world.advance(pick([10000, 200000, 4000000]));
      publish(pick(TOPICS));
      tell('the computer wakes');
      all.forEach(function (tab) {
        tab.thaw(pick(['', 'first']));
        if (chance(0.5)) world.advance(Math.floor(20 * world.random()));
      });
    }

    function act() {
      var isCalm = wanted.calm;
      var tab = pick(tabs);
      var dice = world.random();
      if (dice < 0.45) {
        publish(pick(TOPICS));
        if (chance(0.3)) publish(pick(TOPICS));
      } else if (dice < 0.53) {
        if (tabs.length < 6) open();
      } else if (dice < 0.58) {
        if (tabs.length > 1) (chance(0.5) ? close : crash)(tab);
      } else if (dice < 0.66) {
        if (!tab.isFrozen) subscribe(tab);
      } else if (dice < 0.70) {
        if (!tab.isFrozen) unsubscribe(tab);
      } else if (dice < 0.76) {
        tell(tab.name + (tab.isFrozen ? ' thaws' : ' freezes'));
        if (tab.isFrozen) tab.thaw(pick(['', 'first', 'lost']));
        else tab.freeze();
      } else if (dice < 0.80) {
        tell('the connections of ' + tab.name + ' break');
        portal.cut(tab);
      } else if (dice < 0.83) {
        loss = loss ? 0 : pick([0.2, 1]);
        tell('of the broadcasts are lost: ' + loss);
      } else if (dice < 0.86) {
        lag = pick(share === 'worker' ? [1, 3, 200] : [1, 3, 100, 700]);
        tell('broadcasts take up to ' + lag + ' ms');
      } else if (dice < 0.89) {
        if (swallowed.length) swallowed = [];
        else swallowed = [tab];
        tell('the network swallows what is of ' + swallowed.map(function (one) {
          return one.name;
        }));
      } else if (dice < 0.92) {
        portal.isDown = !portal.isDown;
        tell('the portal is ' + (portal.isDown ? 'down' : 'up'));
        if (portal.isDown) portal.cut();
      } else if (dice < 0.94) {
        if (!isCalm) sleep();
      } else if (dice < 0.95) {
        if (wanted.wipes) {
          tell('the log is wiped');
          portal.wipe();
        }
      } else if (dice < 0.96) {
        if (wanted.trims) {
          tell('the log is trimmed');
          portal.trim(10);
        }
      } else {
        tell(tab.name + ' freezes as the browser does it');
        if (!tab.isFrozen) {
          tab.tell('freeze');
          tab.freeze();
          world.later(5000 * world.random(), null, function () {
            tab.thaw();
            tab.tell('resume');
          });
        }
      }
    }

    function owed(tab) {
      var epoch = epochOf(portal.position());
      if (!tab.isStarted) fail(tab, 'has never begun: ' + JSON.stringify(tab.client.state));
      published.forEach(function (one) {
        var isOwed = tab.topics.indexOf(one.topic) >= 0 && one.index >= tab.since[one.topic];
        var isExcused;
        if (!isOwed || tab.given[one.id]) return;
        isExcused = tab.resets.some(function (reset) {
          return reset.index >= one.index && (epochOf(one.id) !== epoch || reset.reason === 'trimmed');
        });
        if (!isExcused) fail(tab, 'is never given ' + one.id + ' of ' + one.topic);
      });
      if (tab.errors.length) fail(tab, 'is told of ' + JSON.stringify(tab.errors));
    }

    function judge() {
      var readers = portal.readers();
      var alone = tabs.filter(function (tab) {
        return tab.client.state.shared === '';
      });
      tabs.forEach(owed);
      // Whoever freezes while a worker is about to answer takes it for one that does not work.
      if (alone.length && share !== 'worker') fail(alone[0], 'does not share');
      if (readers.length > alone.length + 1) {
        fail(null, readers.length + ' connections of ' + tabs.length + ' tabs: ' + readers.map(function (reader) {
          return reader.tab.name + ' ' + reader.kind;
        }));
      }
    }

    world.without = { worker: share !== 'worker', locks: share !== 'locks', websocket: chance(0.3) };
    world.enter();
    try {
      if (share === 'locks' && !world.hasLocks) return;
      portal = root.makePortal(world);
      portal.isRefused = function (kind) {
        return wanted.refused === kind;
      };
      wanted.refused = pick(['', '', 'websocket', 'stream']);
      portal.latency = function () {
        return Math.floor(world.random() * 40);
      };
      portal.loses = function (tab) {
        return swallowed.indexOf(tab) >= 0;
      };
      world.mailDelay = function () {
        return Math.floor(world.random() * lag);
      };
      world.loses = function () {
        return chance(loss);
      };
      world.after = function (tab) {
        if (tab && tab.client && !tab.isStarted) noteStart(tab);
      };
      open();
      while (published.length < wanted.messages) {
        act();
        world.advance(Math.floor(world.random() * (chance(0.05) ? 12000 : chance(0.3) ? 1500 : 60)));
      }
      tell('from here on all is well');
      loss = 0;
      lag = 3;
      swallowed = [];
      portal.isDown = false;
      tabs.forEach(function (tab) {
        tab.slow = 0;
        if (tab.isFrozen) tab.thaw();
      });
      // A WebSocket that was swallowed is missed after 2.5 heartbeats; a request, after 40 s.
      world.advance(150000);
      TOPICS.forEach(publish);
      world.advance(20000);
      judge();
      TOPICS.forEach(publish);
      // It may have come down to plain polls, every four seconds.
      world.advance(5000);
      judge();
    } finally {
      world.leave();
    }
  }

  root.model = function (seeds) {
    WAYS.forEach(function (share) {
      [{ messages: 40, calm: true, name: '' }, { messages: 120, name: ', and the computer sleeps' },
        { messages: 80, trims: true, name: ', and retention removes' },
        { messages: 80, wipes: true, name: ', and the log is lost' }].forEach(function (wanted) {
        root.spec('Whatever happens, each tab gets all of its topics once and in order (' + share + wanted.name + ')', function () {
          seeds.forEach(function (seed) {
            run(seed, { share: share, messages: wanted.messages, calm: wanted.calm, trims: wanted.trims, wipes: wanted.wipes });
          });
        });
      });
    });
  };
}(typeof window === 'undefined' ? globalThis : window));
