/*
 * One page by itself, over the client's own transports (client.js, link.js, poll.js, stream.js, websocket.js).
 */
(function (root) {
  'use strict';

  var check = root.check;
  var spec = root.portalSpec;

  spec('What is published while the first stream opens is not lost', function (world, portal) {
    var isSlow = false;
    var reader;
    world.without.websocket = true;
    reader = root.reader(world, { share: false });
    world.until('the stream opens', function () {
      return world.sources.length;
    });
    // It arrives before the stream does, and its answer after.
    isSlow = true;
    portal.latency = function () {
      return isSlow ? 1000 : 1;
    };
    portal.publish('a');
    isSlow = false;
    world.advance(10000);
    check.equal(reader.client.state.transport, 'eventsource');
    check.equal(reader.got, ['a-1']);
  });

  spec('A page that learns of a reset while a better way opens is told once', function (world, portal) {
    var reader;
    portal.publish('a');
    world.without.websocket = true;
    reader = root.reader(world, { share: false, after: 'z-7' });
    world.advance(10000);
    check.equal(reader.resets, ['epoch']);
    check.equal(reader.got, ['a-1']);
    check.equal(reader.client.state.transport, 'eventsource');
  });

  spec('Pages that were told the same Retry-After do not come back at the same moment', function (world, portal) {
    var moments = {};
    var readers = [];
    var i;
    portal.refusal = function () {
      return 503;
    };
    for (i = 0; i < 10; i += 1) readers.push(root.reader(world, { share: false }));
    // As the portal does it when too many connect at once.
    world.onrequest = function (request) {
      world.later(5, null, function () {
        request.answer(503, { retryAfter: 2 });
      });
    };
    world.requests.forEach(function (request) {
      request.answer(503, { retryAfter: 2 });
    });
    world.requests.length = 0;
    world.advance(1999);
    check.equal(world.requests.length, 0, 'requests before it is time');
    world.advance(4000);
    world.requests.forEach(function (request) {
      moments[request.sentAt] = true;
    });
    check.that(Object.keys(moments).length > 5, 'they are spread: ' + Object.keys(moments));
  });

  spec('A change of topics does not cut short the wait for a portal that has no time', function (world) {
    var reader;
    world.onrequest = function (request) {
      world.later(5, null, function () {
        request.answer(503, { retryAfter: 20 });
      });
    };
    reader = root.reader(world, { share: false });
    world.advance(1000);
    reader.subscribe('b');
    world.advance(18000);
    check.equal(world.requests.length, 1, 'requests');
    world.advance(40000);
    check.equal(world.requests[1].query('topic'), ['a', 'b']);
  });

  spec('Retention of what a page has read already is no reset to a better way that opens meanwhile', function (world, portal) {
    var reader;
    portal.publish('a');
    world.without.websocket = true;
    // What is asked for as a stream gets there when the poll has read on.
    portal.latency = function (kind) {
      return kind === 'stream' ? 100 : 1;
    };
    reader = root.reader(world, { share: false, after: 'earliest' });
    world.until('the stream is asked for', function () {
      return world.sources.length;
    });
    portal.publish('a');
    portal.publish('a');
    world.advance(50);
    portal.trim(0);
    portal.latency = function () {
      return 1;
    };
    world.advance(20000);
    check.equal(reader.resets, []);
    check.equal(reader.got, ['a-1', 'a-2', 'a-3']);
    check.equal(reader.client.state.transport, 'eventsource');
  });

  spec('A stream that a sleep of the computer has ended is not passed over', function (world, portal) {
    var reader;
    var night;
    world.without.websocket = true;
    reader = root.reader(world, { share: false });
    world.until('it streams', function () {
      return reader.client.state.transport === 'eventsource';
    });
    for (night = 0; night < 5; night += 1) {
      reader.tab.freeze();
      world.advance(100000);
      portal.cut();
      world.advance(30000000);
      reader.tab.thaw();
      world.advance(60000);
    }
    portal.publish('a');
    world.advance(1000);
    check.equal(reader.got, ['a-1']);
    check.equal(reader.client.state.transport, 'eventsource');
  });

  spec('A client without topics is refused at once', function (world) {
    check.equal(check.throwing(function () {
      root.reader(world, { topics: [] });
    }), 'topics: none; allowed: one or more');
  });

  spec('What is none of the words allowed is refused at once, and they are named', function (world) {
    var one = root.reader(world, { share: false });
    [[{ transports: ['websockets'] }, 'transports: "websockets"; allowed: websocket, eventsource, fetch, xhr, longpoll, poll'],
      [{ transports: [] }, 'transports: ""; allowed: websocket, eventsource, fetch, xhr, longpoll, poll'],
      [{ share: 'lock' }, 'share: "lock"; allowed: worker, locks, lease']].forEach(function (pair) {
      check.equal(check.throwing(function () {
        root.reader(world, pair[0]);
      }), pair[1]);
    });
    ['on', 'off'].forEach(function (what) {
      check.equal(check.throwing(function () {
        one.client[what]('messages', function () {});
      }), 'event: "messages"; allowed: message, state, reset, error, close');
    });
    check.equal(check.throwing(function () {
      one.use(['carrier pigeon']);
    }), 'transports: "carrier pigeon"; allowed: websocket, eventsource, fetch, xhr, longpoll, poll');
    world.advance(3000);
    check.equal(one.client.state.name, 'live');
  });

  spec('The options stay as the page has made them', function (world) {
    var tab = world.tab();
    var options = Object.freeze({ url: 'http://portal/', topics: 'a', share: false, storage: world.storage, clock: tab.clock });
    tab.run(function () {
      var client = root.Bongsu.connect(options);
      client.use(['poll']);
      client.close();
    });
    check.equal(options.transports, undefined);
  });

  ['connecting', 'live', 'waiting'].forEach(function (name) {
    spec('A client that a listener closes when it is ' + name + ' stays closed', function (world, portal) {
      var one = root.reader(world, { share: false });
      var after = 0;
      one.client.on('state', function (state) {
        if (one.isClosed && state.name !== 'stopped') after += 1;
        if (state.name !== name || one.isClosed || (name === 'live' && state.transport !== 'websocket')) return;
        one.isClosed = true;
        one.client.close();
      });
      if (name !== 'live') {
        world.advance(3000);
        portal.isDown = true;
        portal.cut();
      }
      world.advance(2000);
      portal.isDown = false;
      world.advance(60000);
      check.equal([one.isClosed, after, portal.readers().length], [true, 0, 0]);
    });
  });

  spec('A client that a listener closes while it changes transports stays closed', function (world, portal) {
    var one = root.reader(world, { share: false });
    world.advance(3000);
    one.client.on('state', function () {
      one.client.close();
    });
    one.use(['longpoll']);
    world.advance(60000);
    check.equal([one.client.state.name, portal.readers().length], ['stopped', 0]);
  });

  spec('A page to sign in, where the portal should answer, is no receipt, and is not asked for ever faster', function (world) {
    var one;
    var told = null;
    world.onrequest = function (request) {
      world.later(5, null, function () {
        request.answer(200, '<html>sign in</html>');
      });
    };
    world.onsocket = function (socket) {
      world.later(5, null, function () {
        socket.fail();
      });
    };
    one = root.reader(world, { share: false });
    world.advance(600000);
    check.between(world.requests.length, 10, 100, 'requests in ten minutes');
    check.that(one.states.indexOf('waiting') >= 0, 'it says that it waits');
    one.publish('a', 'hi', function (problem, receipt) {
      told = [problem.status, receipt];
    });
    world.advance(1000);
    check.equal(told, [0, undefined]);
  });

  spec('A portal that cannot read its log for a socket just now is asked later, and nobody is alarmed', function (world, portal) {
    var one;
    portal.refusedTopic = { name: 'a', status: 503 };
    one = root.reader(world, { share: false });
    world.advance(60000);
    check.equal(one.errors, []);
    portal.refusedTopic = null;
    world.advance(60000);
    check.equal(one.client.state.transport, 'websocket');
  });

  spec('What a page keeps while it is told of several messages is not ahead of what it was told', function (world, portal) {
    var one = root.reader(world, { transports: ['poll'] });
    var kept = [];
    world.advance(2000);
    one.client.on('message', function (message) {
      if (message.id === 'a-1') one.client.subscribe('b');
      kept.push(one.client.state.cursor);
    });
    [1, 2, 3].forEach(function () {
      portal.publish('a');
    });
    world.advance(10000);
    check.equal(kept, ['a-1', 'a-2', 'a-3']);
  });

  spec('A clock that is set back does not hide that the network has swallowed a socket', function (world, portal) {
    var behind = 0;
    var one = root.reader(world, { share: false });
    one.tab.clock.now = function () {
      return world.now - behind;
    };
    world.advance(5000);
    behind = 3600000;
    world.advance(20);
    portal.loses = function () {
      return true;
    };
    portal.publish('a');
    world.advance(60000);
    portal.loses = function () {
      return false;
    };
    world.advance(60000);
    check.equal(one.got, ['a-1']);
  });

  spec('What a quiet topic\'s reader begins to read in addition comes from then on, not from long ago', function (world, portal) {
    var one = root.reader(world, { share: false });
    var i;
    world.advance(5000);
    for (i = 0; i < 20; i += 1) portal.publish('b');
    world.advance(20000);
    one.subscribe('b');
    world.advance(1000);
    portal.publish('b');
    world.advance(1000);
    check.equal(one.got, ['a-21']);
  });

  spec('A quiet socket\'s position moves on over what is others\'', function (world, portal) {
    var one = root.reader(world, { share: false });
    world.advance(5000);
    portal.publish('b');
    world.advance(60000);
    check.equal(one.client.state.cursor, 'a-1');
  });

  spec('A page that was refused and then chooses transports goes on when it is shown again', function (world, portal) {
    var one;
    portal.refusal = function () {
      return 401;
    };
    one = root.reader(world, { share: false });
    world.advance(2000);
    portal.refusal = null;
    one.use(null);
    world.advance(2000);
    one.tab.tell('pagehide');
    one.tab.tell('pageshow', { persisted: true });
    world.advance(2000);
    check.equal(one.client.state.name, 'live');
  });

  spec('What a listener subscribes while a socket takes over is read', function (world, portal) {
    var one = root.reader(world, { share: false });
    one.client.on('state', function (state) {
      if (state.transport === 'websocket') one.client.subscribe('b');
    });
    world.advance(5000);
    portal.publish('b');
    world.advance(1000);
    check.equal([one.client.state.transport, one.got], ['websocket', ['a-1']]);
  });

  spec('What a page keeps when it closes a client amid several messages is not ahead of what it was told', function (world, portal) {
    var one = root.reader(world, { transports: ['poll'] });
    world.advance(2000);
    one.client.on('message', function () {
      one.client.close();
    });
    portal.publish('a');
    portal.publish('a');
    world.advance(10000);
    check.equal([one.got, one.client.state.cursor], [['a-1'], 'a-1']);
  });

  spec('A page that was refused stays so when it is shown again, until it is wished otherwise', function (world, portal) {
    var one;
    portal.refusal = function () {
      return 401;
    };
    one = root.reader(world, { share: false });
    world.advance(2000);
    one.tab.tell('pagehide');
    one.tab.tell('pageshow', { persisted: true });
    world.advance(2000);
    check.equal(one.errors, [401]);
    portal.refusal = null;
    one.retry();
    world.advance(2000);
    check.equal(one.client.state.name, 'live');
  });
}(typeof window === 'undefined' ? globalThis : window));
