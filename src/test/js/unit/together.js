/*
 * Tabs that share one connection (share.js, hub.js, client.js), each in one situation that the model meets by chance.
 */
(function (root) {
  'use strict';

  var check = root.check;
  var spec = root.portalSpec;

  spec('Several tabs have one connection, and each is given its own topics', function (world, portal) {
    var two = root.twoReaders(world, { share: 'lease', topics: 'a' }, { share: 'lease', topics: ['a', 'b'] });
    portal.publish('a');
    portal.publish('b');
    world.advance(100);
    check.equal(two[0].got, ['a-1']);
    check.equal(two[1].got, ['a-1', 'a-2']);
    check.equal(portal.readers().length, 1, 'connections');
    check.equal(portal.readers()[0].topics, ['a', 'b']);
  });

  spec('A tab that follows one which has no position yet loses nothing', function (world, portal) {
    var isSlow = true;
    var leader;
    var follower;
    portal.latency = function () {
      return isSlow ? 4000 : 5;
    };
    leader = root.reader(world, { share: 'lease', topics: 'a' });
    world.advance(300);
    isSlow = false;
    follower = root.reader(world, { share: 'lease', topics: 'a' });
    world.advance(2500);
    portal.publish('a');
    world.advance(20000);
    check.equal(follower.got, ['a-1']);
    check.that(leader.leads() && follower.follows(), 'it follows');
  });

  spec('What is subscribed while a tab waits for the one it will follow is read even if that never answers', function (world, portal) {
    var two = root.twoReaders(world, { share: 'lease' }, { share: 'lease' });
    var third = root.reader(world, { share: 'lease' });
    var isDeaf = false;
    world.loses = function (from, to, message) {
      return isDeaf && message.op === 'covered';
    };
    isDeaf = true;
    world.until('it has asked', function () {
      return third.client.state.name === 'live' && third.client.state.cursor === 'a-0';
    });
    world.advance(2100);
    third.subscribe('b');
    world.advance(1000);
    portal.publish('b');
    world.advance(10000);
    check.equal(third.got, ['a-1']);
    check.equal(two[1].got, []);
  });

  spec('What is subscribed while a tab reads what it has missed is not passed over', function (world, portal) {
    var two = root.twoReaders(world, { share: 'lease' }, { share: 'lease' });
    var isSlow = false;
    portal.latency = function () {
      return isSlow ? 300 : 5;
    };
    isSlow = true;
    two[1].subscribe('c');
    // The question for a and c is on its way.
    world.advance(100);
    world.mailDelay = function () {
      return 400;
    };
    two[1].subscribe('b');
    portal.publish('b');
    // This takes the one that leads past it.
    portal.publish('a');
    world.advance(10000);
    check.equal(two[1].got, ['a-1', 'a-2']);
  });

  spec('An answer to an earlier question is none to a later one for more topics', function (world, portal) {
    var two = root.twoReaders(world, { share: 'lease' }, { share: 'lease' });
    var delay = 50;
    world.mailDelay = function () {
      return delay;
    };
    two[1].subscribe('c');
    world.advance(60);
    delay = 500;
    two[1].subscribe('b');
    world.advance(140);
    // The one that leads goes past it before it hears of b.
    portal.publish('b');
    portal.publish('a');
    world.advance(20000);
    check.equal(two[1].got, ['a-1', 'a-2']);
    check.that(two[1].follows(), 'it follows');
  });

  /** Counts those that come to lead from now on. */
  function countHubs(world) {
    var hubs = {};
    var now = world.now;
    world.loses = function (from, to, message) {
      if (message.since >= now) hubs[message.hub + ' since ' + message.since] = true;
      return false;
    };
    return function () {
      return Object.keys(hubs).length;
    };
  }

  spec('One that led and was replaced does not take the lease away from the one that leads now', function (world) {
    var two = root.twoReaders(world, { share: 'lease' }, { share: 'lease' });
    var hubs;
    two[0].tab.freeze();
    world.advance(30000);
    hubs = countHubs(world);
    two[0].tab.thaw('first');
    world.advance(20000);
    check.that(two[0].follows(), 'it follows');
    check.equal(hubs(), 0, 'that have begun to lead');
  });

  spec('One that is put away after it was replaced does not take the lease along', function (world) {
    var two = root.twoReaders(world, { share: 'lease' }, { share: 'lease' });
    var hubs;
    two[0].tab.freeze();
    world.advance(30000);
    root.reader(world, { share: 'lease' });
    two[0].tab.held = [];
    two[0].tab.thaw();
    two[0].close();
    world.advance(10);
    hubs = countHubs(world);
    world.advance(20000);
    check.equal(hubs(), 0, 'that have begun to lead');
  });

  spec('Of several tabs that miss the one that led only one takes the lead', function (world, portal) {
    var readers = [0, 1, 2, 3, 4, 5].map(function () {
      return root.reader(world, { share: 'locks' });
    });
    var hubs;
    if (!world.hasLocks) return;
    world.until('all but the first follow', function () {
      return readers.slice(1).every(function (reader) {
        return reader.follows();
      });
    });
    // Its answers take longer than the tabs wait for each other.
    portal.latency = function () {
      return 400;
    };
    readers[0].tab.freeze();
    world.advance(1000);
    hubs = countHubs(world);
    world.advance(30000);
    check.equal(hubs(), 1, 'that took the lead');
  });

  spec('A tab that the computer\'s sleep made forgotten is given its topics all the same', function (world, portal) {
    ['lease', 'locks', 'worker'].forEach(function (share) {
      var two = [root.reader(world, { share: share, topics: 'a', token: share })];
      var third;
      if (share === 'locks' && !world.hasLocks) return;
      world.advance(5000);
      two.push(root.reader(world, { share: share, topics: ['b', 'd'], token: share }));
      world.advance(5000);
      var all = two.map(function (reader) {
        return reader.tab;
      }).concat(Object.keys(world.workers).map(function (name) {
        return world.workers[name];
      }));
      all.forEach(function (tab) {
        tab.freeze();
      });
      world.advance(600000);
      // The timers of the one that serves come first.
      all.reverse();
      if (share !== 'worker') all.reverse();
      all.forEach(function (tab) {
        tab.thaw('first');
        world.advance(5);
      });
      third = root.reader(world, { share: share, topics: 'c', token: share });
      world.advance(10000);
      portal.publish('b');
      world.advance(100);
      check.equal(two[1].got.length, 1, share + ': messages that it was given');
      world.advance(60000);
      portal.publish('d');
      world.advance(100);
      check.equal(two[1].got.length, 2, share + ': messages that it was given later');
      third.close();
      two[0].close();
      two[1].close();
    });
  });

  /** Whom the portal refuses this topic. */
  function refuse(portal, topic, status) {
    portal.refusal = function (request) {
      return request.query('topic').indexOf(topic) >= 0 ? status : 0;
    };
    portal.refusedTopic = { name: topic, status: status };
  }

  ['lease', 'worker'].forEach(function (share) {
    [403, 400].forEach(function (status) {
      spec('A topic refused to one tab with ' + status + ' is no matter of the others (' + share + ')', function (world, portal) {
        var readers = root.twoReaders(world, { share: share, topics: 'a' }, { share: share, topics: 'b' });
        readers.push(root.reader(world, { share: share, topics: 'c' }));
        world.advance(5000);
        refuse(portal, 'bad', status);
        readers[1].subscribe('bad');
        world.advance(60000);
        portal.publish('a');
        portal.publish('c');
        world.advance(100);
        check.equal(readers[0].got, ['a-1'], 'the first');
        check.equal(readers[2].got, ['a-2'], 'the third');
        check.equal(readers[0].errors.concat(readers[2].errors), [], 'what others were told');
        check.that(readers[1].errors.indexOf(status) >= 0, 'the one is told ' + status + ': ' + readers[1].errors);
        check.equal(readers[1].client.state.name === 'stopped', status === 403, 'it has stopped');
      });
    });
  });

  spec('The tab that leads is refused a topic of its own: the others go on', function (world, portal) {
    var two = root.twoReaders(world, { share: 'lease', topics: 'a' }, { share: 'lease', topics: 'b' });
    refuse(portal, 'bad', 403);
    two[0].subscribe('bad');
    world.advance(10000);
    portal.publish('b');
    world.advance(1000);
    check.equal(two[0].errors, [403]);
    check.equal(two[0].client.state.name, 'stopped');
    check.equal(two[1].got, ['a-1']);
    check.equal(two[1].errors, []);
  });

  spec('A login that has ended is told in every tab, once, and retry goes on in each', function (world, portal) {
    ['lease', 'worker'].forEach(function (share) {
      var two = root.twoReaders(world, { share: share, token: share }, { share: share, token: share });
      portal.refusal = function () {
        return 401;
      };
      portal.refusedTopic = { name: 'a', status: 401 };
      portal.cut();
      world.advance(60000);
      check.equal([two[0].errors, two[1].errors], [[401], [401]], share);
      check.equal(portal.readers().length, 0, 'connections');
      portal.refusal = portal.refusedTopic = null;
      two[0].retry();
      two[1].retry();
      portal.publish('a');
      world.advance(20000);
      check.equal([two[0].got.length, two[1].got.length], [1, 1], share);
      check.equal(portal.readers().length, 1, 'connections');
      two[0].close();
      two[1].close();
      world.advance(5000);
    });
  });

  spec('A browser that tells storage events to the tab that made them, too, has one leader all the same', function (world) {
    var BroadcastChannel = root.BroadcastChannel;
    var listeners = [];
    var setItem = world.storage.setItem;
    var two;
    root.BroadcastChannel = undefined;
    root.addEventListener = function (event, run) {
      if (event === 'storage') listeners.push({ tab: world.current, run: run });
    };
    world.storage.setItem = function (key, value) {
      setItem(key, value);
      listeners.forEach(function (one) {
        world.later(1, one.tab, function () {
          one.run({ key: key, newValue: value });
        });
      });
    };
    two = root.twoReaders(world, { share: 'lease', storage: world.storage }, { share: 'lease', storage: world.storage });
    world.advance(10000);
    check.that(two[0].leads() && two[1].follows(), 'one leads, one follows');
    check.equal(two[0].states.filter(function (name) {
      return name === 'connecting';
    }).length, 0, 'times that the first began anew');
    root.BroadcastChannel = BroadcastChannel;
  });

  spec('Storage that is full makes tabs go on by themselves', function (world, portal) {
    var reader;
    world.without.space = false;
    reader = root.reader(world, { share: 'lease', storage: {
      getItem: world.storage.getItem,
      removeItem: world.storage.removeItem,
      setItem: function (key) {
        if (!/test$/.test(key)) throw new Error('QuotaExceededError');
      }
    } });
    world.advance(5000);
    portal.publish('a');
    world.advance(100);
    check.equal(reader.got, ['a-1']);
  });

  spec('A tab that catches up behind a busy one is told nothing twice', function (world, portal) {
    var second;
    var times = {};
    var i;
    var j;
    portal.limit = 1000;
    root.reader(world, { share: 'lease' });
    world.advance(5000);
    for (i = 0; i < 3000; i += 1) portal.publish('a');
    world.advance(5000);
    portal.latency = function (kind) {
      return kind === 'poll' ? 500 : 1;
    };
    second = root.reader(world, { share: 'lease', after: 'earliest' });
    for (i = 0; i < 24; i += 1) {
      world.advance(1000);
      for (j = 0; j < 900; j += 1) portal.publish('a');
    }
    world.advance(200000);
    second.got.forEach(function (id) {
      times[id] = true;
    });
    check.equal([second.got.length, Object.keys(times).length, second.follows()], [24600, 24600, true]);
  });

  spec('A tab that begins behind a quiet one is not told what was before', function (world, portal) {
    var first = root.reader(world, { share: 'lease', topics: 'a' });
    var second;
    var i;
    world.advance(5000);
    for (i = 0; i < 20; i += 1) portal.publish('b');
    world.advance(20000);
    second = root.reader(world, { share: 'lease', topics: 'b' });
    world.advance(10000);
    check.that(first.leads() && second.follows(), 'one leads, one follows');
    portal.publish('b');
    world.advance(1000);
    check.equal(second.got, ['a-21']);
  });

  spec('The position of a tab that follows stays where it is at what is not for it', function (world) {
    var two = root.twoReaders(world, { share: 'lease', topics: 'a' }, { share: 'lease', topics: 'b' });
    world.advance(3000);
    world.sockets[world.sockets.length - 1].receive({ op: 'messages', id: 'main', messages: [{ topic: 'a', type: 'typing' }] });
    world.advance(50);
    check.equal(two[1].client.state.cursor, 'a-0');
  });

  spec('A listener that closes a tab while it reads what it has missed ends that', function (world, portal) {
    var second;
    var count = 0;
    var i;
    root.reader(world, { share: 'lease' });
    world.advance(5000);
    portal.limit = 10;
    for (i = 0; i < 500; i += 1) portal.publish('a');
    world.advance(3000);
    second = root.reader(world, { share: 'lease', after: 'earliest' });
    second.client.on('message', function () {
      if (second.got.length < 100 || count) return;
      count = world.requests.length;
      second.client.close();
    });
    world.advance(30000);
    check.equal([second.got.length, world.requests.length - count], [100, 0]);
  });

  spec('A listener that changes transports while it reads what it has missed goes on with them', function (world, portal) {
    var second;
    var isChanged = false;
    var i;
    root.reader(world, { share: 'lease' });
    world.advance(5000);
    portal.limit = 10;
    for (i = 0; i < 300; i += 1) portal.publish('a');
    world.advance(3000);
    second = root.reader(world, { share: 'lease', after: 'earliest' });
    second.client.on('message', function () {
      if (second.got.length < 100 || isChanged) return;
      isChanged = true;
      second.client.use(['longpoll']);
    });
    world.advance(60000);
    portal.publish('a');
    world.advance(60000);
    check.equal([second.got.length, second.client.state.transport], [301, 'longpoll']);
  });

  spec('A person who will not wait is heard in a tab that follows, too', function (world, portal) {
    var two = root.twoReaders(world, { share: 'lease' }, { share: 'lease' });
    var count;
    world.advance(40000);
    portal.isDown = true;
    portal.cut();
    world.advance(60000);
    world.until('it waits', function () {
      return two[1].client.state.name === 'waiting' && two[1].client.state.until - world.now > 3000;
    });
    count = world.requests.length;
    portal.isDown = false;
    two[1].retry();
    world.advance(1000);
    check.that(world.requests.length > count, 'it is tried at once');
    check.equal(two[1].client.state.name, 'live');
  });

  ['lease', 'worker'].forEach(function (share) {
    spec('Tabs whose topics are refused together, though not alone, do not try that all the time (' + share + ')', function (world, portal) {
      var readers;
      var count;
      portal.isRefused = function () {
        return true;
      };
      portal.refusal = function (request) {
        return request.query('topic').length > 2 ? 414 : 0;
      };
      readers = [['a', 'b'], ['c', 'd']].map(function (topics) {
        return root.reader(world, { share: share, topics: topics });
      });
      world.advance(60000);
      count = world.requests.length;
      world.advance(60000);
      check.between(world.requests.length - count, 1, 20, 'requests in a minute');
      ['a', 'b', 'c', 'd'].forEach(portal.publish);
      world.advance(120000);
      check.equal([readers[0].got, readers[1].got], [['a-1', 'a-2'], ['a-3', 'a-4']]);
    });
  });

  spec('Where a page may keep nothing and speak to no other, it goes on alone', function (world, portal) {
    var BroadcastChannel = root.BroadcastChannel;
    var one;
    root.BroadcastChannel = function () {
      throw new Error('SecurityError: The operation is insecure.');
    };
    one = root.reader(world, { share: ['locks', 'lease'] });
    root.BroadcastChannel = BroadcastChannel;
    world.advance(5000);
    portal.publish('a');
    world.advance(1000);
    check.equal([one.got, one.client.state.shared], [['a-1'], '']);
  });

  spec('A worker that never answers is given up for good', function (world) {
    var one;
    world.workerDelay = 1e9;
    one = root.reader(world, {});
    world.advance(30000);
    check.equal([one.client.state.shared === 'worker', one.client.state.transport], [false, 'websocket']);
  });

  spec('A tab that is told of a network while it reads what it has missed follows all the same', function (world, portal) {
    var two = root.twoReaders(world, { share: 'lease' }, { share: 'lease' });
    portal.latency = function (kind) {
      return kind === 'poll' ? 500 : 5;
    };
    two[1].subscribe('b');
    world.advance(250);
    two[1].tab.tell('online');
    world.advance(20000);
    check.that(two[1].follows(), 'it follows');
    check.equal(portal.readers().length, 1, 'connections');
  });

  spec('A tab comes to follow where there is always something new', function (world, portal) {
    var second;
    var i;
    portal.latency = function (kind) {
      return kind === 'poll' ? 100 : 5;
    };
    root.reader(world, { share: 'lease' });
    world.advance(5000);
    second = root.reader(world, { share: 'lease' });
    for (i = 0; i < 500; i += 1) {
      portal.publish('a');
      world.advance(20);
    }
    check.that(second.follows(), 'it follows');
    world.advance(5000);
    check.equal(second.got.length, 501 - Number(second.got[0].split('-')[1]), 'messages since the first');
  });

  spec('After a time without the application the tabs share again at once', function (world, portal) {
    var readers = ['a', 'b', 'c', 'd'].map(function (topic) {
      return root.reader(world, { share: 'locks', topics: topic });
    });
    if (!world.hasLocks) return;
    world.advance(10000);
    portal.refusal = function () {
      return 404;
    };
    portal.isRefused = function () {
      return true;
    };
    portal.cut();
    world.advance(20000);
    portal.refusal = null;
    portal.isRefused = function () {
      return false;
    };
    world.advance(15000);
    check.equal(portal.readers().length, 1, 'connections');
    check.equal(readers.filter(function (reader) {
      return reader.follows();
    }).length, 3, 'that follow');
  });

  spec('A worker that is slow to answer is waited for; one that fails is not', function (world, portal) {
    var one;
    world.workerDelay = 6000;
    one = root.reader(world, { token: 'slow' });
    world.advance(20000);
    check.equal(one.client.state.shared, 'worker');
    world.without.workerScript = true;
    one = root.reader(world, { token: 'fails' });
    world.advance(2000);
    check.that(one.client.state.shared !== 'worker', one.client.state.shared);
    portal.publish('a');
    world.advance(1000);
    check.equal(one.got, ['a-1']);
  });

  spec('While the portal is down the tabs leave the lead where it is', function (world, portal) {
    var readers = [0, 1, 2].map(function () {
      return root.reader(world, { share: 'locks' });
    });
    var steals = 0;
    var request = world.hasLocks && root.navigator.locks.request;
    if (!world.hasLocks) return;
    world.until('all but the first follow', function () {
      return readers.slice(1).every(function (reader) {
        return reader.follows();
      });
    });
    root.navigator.locks.request = function (name, options, run) {
      if (options.steal) steals += 1;
      return request.call(root.navigator.locks, name, options, run);
    };
    portal.isDown = true;
    portal.cut();
    readers.shift().close();
    world.advance(120000);
    check.equal(steals, 0, 'times that one took the lead');
    portal.isDown = false;
    world.advance(60000);
    portal.publish('a');
    world.advance(5000);
    readers.forEach(function (reader) {
      check.equal(reader.got, ['a-1']);
    });
    check.equal(portal.readers().length, 1, 'connections');
    root.navigator.locks.request = request;
  });

  spec('A tab with more topics than one stream can have leaves nothing of itself with the others', function (world, portal) {
    var two = root.twoReaders(world, { share: 'lease', topics: 'a' }, { share: 'lease', topics: 'b' });
    var many = [];
    var i;
    for (i = 0; i < 64; i += 1) many.push('many/' + i);
    two[1].subscribe(many);
    world.advance(60000);
    two[0].subscribe('c');
    world.advance(10000);
    check.equal(portal.readers().map(function (reader) {
      return reader.topics.length;
    }).sort(), [2, 65], 'topics of each connection');
    portal.publish('b');
    world.advance(1000);
    check.equal([two[0].got, two[1].got], [[], ['a-1']]);
  });

  spec('A leader whose timers run once a minute, as a hidden tab\'s do, is not taken for gone', function (world) {
    var two;
    var hubs;
    if (!world.hasLocks) return;
    two = root.twoReaders(world, { share: 'locks' }, { share: 'locks' });
    hubs = countHubs(world);
    two[1].states.length = 0;
    two[0].tab.slow = 60000;
    world.advance(300000);
    check.equal(hubs(), 0, 'that have begun to lead');
    check.that(two[0].leads() && two[1].follows(), 'it goes on');
    check.equal(two[1].states, [], 'what the other went through');
    two[1].tab.slow = 60000;
    world.advance(600000);
    check.equal(hubs(), 0, 'that have begun to lead while all are hidden');
    check.equal(two[1].states, [], 'what the other went through while all are hidden');
  });

  spec('A socket that knows a cookie and not the token reads nothing and is passed over', function (world, portal) {
    var one;
    portal.isWithoutTokens = true;
    one = root.reader(world, { share: false, token: 'good' });
    world.advance(3000);
    check.equal(portal.readers().map(function (reader) {
      return reader.kind;
    }).indexOf('websocket'), -1, 'sockets');
    portal.publish('a');
    world.advance(3000);
    check.equal(one.got, ['a-1']);
    check.equal(one.errors, []);
    check.equal(one.client.state.transport, 'longpoll');
    check.equal(one.client.state.why[0].slice(0, 17), 'WebSocket refused');
  });

  spec('Who keeps the cursor in a listener is not told that message again', function (world, portal) {
    var kept = [];
    var one = root.reader(world, { share: false });
    world.advance(3000);
    one.client.on('message', function () {
      kept.push(one.client.state.cursor);
    });
    portal.cut();
    portal.publish('a');
    portal.publish('a');
    world.advance(60000);
    check.equal(kept, ['a-1', 'a-2']);
  });
}(typeof window === 'undefined' ? globalThis : window));
