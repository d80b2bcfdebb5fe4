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
}(typeof window === 'undefined' ? globalThis : window));
