/*
 * Which transport is used when (link.js), with transports that do what the specification says.
 */
(function (root) {
  'use strict';

  var check = root.check;
  var NAMES = ['websocket', 'eventsource', 'fetch', 'xhr', 'longpoll', 'poll'];
  var MINUTE = 60000;

  /** A link, and all that it opened and told. */
  function linkIn(world, options) {
    var tab = world.tab();
    var more = options || {};
    var it = { opened: [], got: [], resets: [], stopped: [], states: [], broken: [], isOpen: {} };
    var open = {};
    var kept = more.kept || {};

    NAMES.forEach(function (name) {
      open[name] = function (from, tell) {
        var way = { name: name, from: from, isOpen: true, at: world.now };
        if ((more.missing || []).indexOf(name) >= 0) {
          tell.ended('missing');
          return { close: function () {} };
        }
        ['proven', 'messages', 'moved', 'reset', 'ended', 'caughtUp'].forEach(function (what) {
          way[what] = function (first, second) {
            if (what === 'ended') way.isOpen = false;
            tab.run(function () {
              tell[what](first, second);
            });
          };
        });
        /** As a poll's first answer. */
        way.answer = function (cursor) {
          way.moved(cursor || 'a-1');
          way.proven({ roundTrip: more.roundTrip || 10 });
          way.caughtUp();
        };
        it.opened.push(way);
        if (it.onopen) it.onopen(way);
        return { close: function () {
          way.isOpen = false;
        } };
      };
    });

    it.link = tab.run(function () {
      return root.Bongsu.link({
        topics: ['a'],
        http: root.Bongsu.http({ url: 'http://portal/', clock: tab.clock }),
        clock: tab.clock,
        random: more.random || function () {
          return 0.5;
        },
        memory: {
          get: function (name) {
            return kept[name] || null;
          },
          set: function (name, value) {
            kept[name] = value;
          }
        },
        hidden: function () {
          return false;
        },
        open: open
      }, {
        messages: function (messages) {
          messages.forEach(function (message) {
            it.got.push(message.id || message.body);
          });
        },
        reset: function (why) {
          it.resets.push(why);
        },
        state: function (state) {
          it.states.push(state);
        },
        caughtUp: function () {},
        stopped: function (problem) {
          it.stopped.push(problem.status);
        },
        broken: function (problem) {
          it.broken.push(problem.status);
        }
      });
    });
    it.kept = kept;
    it.run = function (run) {
      return tab.run(function () {
        return run(it.link);
      });
    };
    it.start = function (after) {
      it.run(function (link) {
        if (more.use) link.use(more.use);
        link.start(after || 'latest');
      });
      return it;
    };
    /** The newest that was opened under the name. */
    it.last = function (name) {
      return it.opened.filter(function (way) {
        return way.name === name;
      }).pop();
    };
    it.open = function () {
      return it.opened.filter(function (way) {
        return way.isOpen;
      }).map(function (way) {
        return way.name;
      });
    };
    it.names = function () {
      return it.opened.map(function (way) {
        return way.name;
      });
    };
    /** Polls work from now on, and better ones do what is said. */
    it.always = function (what) {
      it.onopen = function (way) {
        world.later(5, null, function () {
          var does = what[way.name] || (/poll/.test(way.name) ? 'works' : 'nothing');
          if (!way.isOpen || does === 'nothing') return;
          if (does === 'works' && /poll/.test(way.name)) way.answer();
          else if (does === 'works') way.proven({ heartbeat: 15 });
          else way.ended(does);
        });
      };
      return it;
    };
    world.onrequest = function (request) {
      world.later(5, null, function () {
        request.answer(it.questionStatus || 200, {});
      });
    };
    return it;
  }

  function message(id) {
    return { id: id, topic: 'a' };
  }

  function spec(name, run) {
    root.specIn(name, run);
  }

  spec('A link polls at once and tries the best way behind it', function (world) {
    var it = linkIn(world).start();
    check.equal(it.names(), ['longpoll']);
    it.last('longpoll').answer();
    check.equal(it.names(), ['longpoll', 'websocket']);
    check.equal(it.link.state().name, 'live');
    check.equal(it.link.state().transport, 'longpoll');
    check.equal(it.link.state().probing, 'websocket');
  });

  spec('A way takes over with its first frame, from where the poll has come to, and the poll ends', function (world) {
    var it = linkIn(world).start();
    it.last('longpoll').answer('a-4');
    it.last('longpoll').messages([message('a-5')], 'a-5');
    check.equal(it.last('websocket').from.position(), 'a-5');
    it.last('websocket').proven({ heartbeat: 15 });
    check.equal(it.open(), ['websocket']);
    it.last('websocket').messages([message('a-5'), message('a-6')], 'a-6');
    check.equal(it.got, ['a-5', 'a-6']);
    check.equal(it.link.cursor(), 'a-6');
    check.equal(it.link.state().transport, 'websocket');
  });

  spec('Without a first frame within 2.5 s a way is passed over, and the next one is tried', function (world) {
    var it = linkIn(world).start();
    it.last('longpoll').answer();
    world.advance(2499);
    check.equal(it.names(), ['longpoll', 'websocket']);
    world.advance(1);
    check.equal(it.names(), ['longpoll', 'websocket', 'eventsource']);
    check.equal(it.open(), ['longpoll', 'eventsource']);
  });

  spec('On a slow network the first frame may take three round trips, 8 s at most', function (world) {
    [[1500, 4500], [5000, 8000]].forEach(function (pair) {
      var it = linkIn(world, { roundTrip: pair[0] }).start();
      it.last('longpoll').answer();
      world.advance(pair[1] - 1);
      check.equal(it.names(), ['longpoll', 'websocket']);
      world.advance(1);
      check.equal(it.names(), ['longpoll', 'websocket', 'eventsource']);
    });
  });

  spec('A stream that is held back is held back however it is read: the others are not tried', function (world) {
    var it = linkIn(world).start();
    it.last('longpoll').answer();
    world.advance(2500 + 2500);
    check.equal(it.names(), ['longpoll', 'websocket', 'eventsource']);
    world.advance(2 * MINUTE);
    check.equal(it.names(), ['longpoll', 'websocket', 'eventsource']);
    check.equal(it.link.state().tried.map(function (one) {
      return one.transport + ' ' + one.result;
    }), ['websocket silent', 'eventsource held', 'longpoll works']);
  });

  spec('What the browser has not is no reason to wait for the next', function (world) {
    var it = linkIn(world, { missing: ['websocket', 'eventsource', 'fetch'] }).start();
    it.last('longpoll').answer();
    check.equal(it.names(), ['longpoll', 'xhr']);
    check.equal(it.link.state().probing, 'xhr');
  });

  spec('A refusal is asked about, and the answer is told', function (world) {
    var it = linkIn(world).start();
    it.questionStatus = 403;
    it.last('longpoll').answer();
    it.last('websocket').ended('refused');
    world.advance(10);
    check.equal(world.requests[0].url, 'http://portal/ws');
    check.equal(it.link.state().tried[0], { transport: 'websocket', result: 'refused', status: 403 });
    check.equal(it.names(), ['longpoll', 'websocket', 'eventsource']);
    check.equal(it.stopped, [], 'a WebSocket alone may be forbidden');
  });

  spec('A refusal for want of a login stops the link and tells', function (world) {
    var it = linkIn(world).start();
    it.questionStatus = 401;
    it.last('longpoll').answer();
    it.last('websocket').ended('refused');
    world.advance(MINUTE);
    check.equal(it.stopped, [401]);
    check.equal(it.open(), []);
    check.equal(it.link.state().name, 'stopped');
  });

  spec('Forbidden, nothing is tried again until it is started anew', function (world) {
    var it = linkIn(world).start();
    it.last('longpoll').ended('forbidden', { status: 403, title: 'no', detail: '' });
    world.advance(60 * MINUTE);
    check.equal(it.names(), ['longpoll']);
    check.equal(it.stopped, [403]);
    it.start('a-9');
    check.equal(it.last('longpoll').from.after, 'a-9');
  });

  spec('The winner of last time is tried first, for 24 h', function (world) {
    [[86399000, 'xhr'], [86401000, 'websocket']].forEach(function (pair) {
      var kept = { transport: JSON.stringify({ name: 'xhr', at: world.now - pair[0] }) };
      var it = linkIn(world, { kept: kept }).start();
      it.last('longpoll').answer();
      check.equal(it.names()[1], pair[1]);
    });
  });

  spec('What is remembered may be anything', function (world) {
    ['', 'null', '7', '"x"', '{}', '[', '{"name":"nonsense","at":' + world.now + '}'].forEach(function (text) {
      var it = linkIn(world, { kept: { transport: text } }).start();
      it.last('longpoll').answer();
      check.equal(it.names(), ['longpoll', 'websocket'], text);
    });
  });

  spec('The winner is remembered, and better ones are still tried behind it', function (world) {
    var it = linkIn(world, { kept: { transport: JSON.stringify({ name: 'eventsource', at: world.now }) } }).start();
    it.last('longpoll').answer();
    it.last('eventsource').proven({});
    check.equal(it.open(), ['eventsource', 'websocket']);
    it.last('websocket').proven({});
    check.equal(it.open(), ['websocket']);
    check.equal(JSON.parse(it.kept.transport).name, 'websocket');
  });

  spec('A way that dies within 30 s twice is passed over for 5 min, then for 10', function (world) {
    var it = linkIn(world).always({ websocket: 'works', eventsource: 'works' }).start();
    var i;

    function dies() {
      world.until('the socket is used', function () {
        return it.link.state().transport === 'websocket' && it.last('websocket').isOpen;
      });
      world.advance(3000);
      it.last('websocket').ended('lost');
    }

    function silentFor() {
      var count;
      var since = world.now;
      world.advance(6000);
      count = it.names().length;
      while (it.names().slice(count).indexOf('websocket') < 0 && world.now - since < 30 * MINUTE) world.advance(1000);
      return world.now - since;
    }

    for (i = 0; i < 2; i += 1) dies();
    world.advance(10000);
    check.equal(it.link.state().transport, 'eventsource');
    check.between(silentFor() + 10000, 5 * MINUTE, 5 * MINUTE + 15000, 'it is passed over for');
    for (i = 0; i < 2; i += 1) dies();
    check.between(silentFor(), 10 * MINUTE, 10 * MINUTE + 15000, 'it is passed over for');
  });

  spec('A way that lives for long and dies twice is tried again', function (world) {
    var it = linkIn(world).always({ websocket: 'works' }).start();
    var i;
    for (i = 0; i < 5; i += 1) {
      world.until('the socket is used', function () {
        return it.link.state().transport === 'websocket' && it.last('websocket').isOpen;
      });
      world.advance(31000);
      it.last('websocket').ended('lost');
    }
    world.advance(10000);
    check.equal(it.link.state().transport, 'websocket');
  });

  spec('A way that falls silent is passed over at once', function (world) {
    var it = linkIn(world).always({ websocket: 'works', eventsource: 'works' }).start();
    world.advance(20000);
    it.last('websocket').ended('silent');
    world.advance(10000);
    check.equal(it.link.state().transport, 'eventsource');
    check.equal(it.link.state().tried[0].result, 'silent');
  });

  spec('What was passed over is tried again after its time, behind what is used', function (world) {
    var it = linkIn(world).always({ websocket: 'nothing', eventsource: 'works' }).start();
    world.advance(10000);
    check.equal(it.open(), ['eventsource']);
    it.always({ websocket: 'works' });
    world.advance(5 * MINUTE);
    check.equal(it.open(), ['websocket']);
  });

  spec('What has lasted as long as it was first passed over is passed over as if for the first time', function (world) {
    var it = linkIn(world).always({ websocket: 'works', eventsource: 'works' }).start();
    var i;

    function isUsed() {
      return it.link.state().transport === 'websocket' && it.last('websocket').isOpen;
    }

    function passedOver() {
      var since;
      it.last('websocket').ended('silent');
      since = world.now;
      while (!isUsed()) world.advance(1000);
      return world.now - since;
    }

    world.advance(20000);
    for (i = 0; i < 2; i += 1) {
      passedOver();
      world.advance(20000);
    }
    check.between(passedOver(), 20 * MINUTE, 20 * MINUTE + 15000, 'the third time it is passed over for');
    world.advance(5 * MINUTE);
    check.between(passedOver(), 5 * MINUTE, 5 * MINUTE + 15000, 'later it is passed over for');
  });

  spec('A hint that had nothing to do does not make the next one late', function (world) {
    var it = linkIn(world).always({ websocket: 'nothing', eventsource: 'works' }).start();
    world.advance(10000);
    it.run(function (link) {
      link.hint(false);
      link.hint(true);
    });
    check.equal(it.link.state().probing, 'websocket');
  });

  spec('On another network long-polls are tried again where plain polls are used', function (world) {
    var it = linkIn(world, { use: ['longpoll', 'poll'] }).start();
    it.last('longpoll').ended('held');
    it.last('poll').answer('a-7');
    it.run(function (link) {
      link.hint(true);
    });
    check.equal(it.open(), ['longpoll']);
    check.equal(it.last('longpoll').from.after, 'a-7');
  });

  spec('Where nothing but long-polls is allowed and they are held back, it waits before it tries again', function (world) {
    var it = linkIn(world, { use: ['longpoll'] }).always({ longpoll: 'held' }).start();
    world.advance(MINUTE);
    check.between(it.names().length, 2, 20, 'tries in a minute');
  });

  spec('A network that comes back is a reason to try all at once, but not every second', function (world) {
    var it = linkIn(world).always({ websocket: 'nothing', eventsource: 'works' }).start();
    world.advance(10000);
    it.run(function (link) {
      link.hint(true);
    });
    check.equal(it.names().filter(function (name) {
      return name === 'websocket';
    }).length, 2);
    world.advance(3000);
    it.run(function (link) {
      link.hint(true);
    });
    check.equal(it.names().filter(function (name) {
      return name === 'websocket';
    }).length, 2);
  });

  spec('Waits are between half a second and what doubles with each try, up to 30 s', function (world) {
    [[0, [500, 500, 500, 500, 500, 500, 500, 500]], [0.999999, [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]]].forEach(function (pair) {
      var it = linkIn(world, { random: function () {
        return pair[0];
      } }).start();
      var waits = pair[1].map(function () {
        var state;
        var wait;
        it.last('longpoll').ended('refused');
        state = it.link.state();
        check.equal(state.name, 'waiting');
        wait = state.until - world.now;
        world.advance(wait);
        return Math.round(wait / 10) * 10;
      });
      check.equal(waits, pair[1]);
    });
  });

  spec('What breaks each time waits longer each time; what is well for 30 s begins anew', function (world) {
    var it = linkIn(world, { random: function () {
      return 0.999999;
    } }).start();

    function waitAfter(milliseconds) {
      var way = it.last('longpoll');
      var wait;
      way.answer();
      world.advance(milliseconds);
      it.last('longpoll').ended('lost');
      wait = it.link.state().until - world.now;
      world.advance(wait);
      return Math.round(wait / 1000);
    }

    it.always({ longpoll: 'nothing', websocket: 'missing', eventsource: 'missing', fetch: 'missing', xhr: 'missing' });
    check.equal([waitAfter(1000), waitAfter(1000), waitAfter(29000), waitAfter(31000), waitAfter(1000)], [1, 2, 4, 1, 2]);
  });

  spec('A restart that was told to all spreads over 1 to 10 s', function (world) {
    [[0, 1000], [0.999999, 10000]].forEach(function (pair) {
      var it = linkIn(world, { random: function () {
        return pair[0];
      } }).start();
      it.last('longpoll').answer();
      it.last('websocket').proven({});
      it.last('websocket').ended('bye', 'shutdown');
      check.equal(it.link.state().until - world.now, pair[1]);
      check.equal(it.link.state().reason, 'restart');
    });
  });

  spec('A stream that renews itself is followed by the next at once', function (world) {
    var it = linkIn(world).always({ websocket: 'missing', eventsource: 'works' }).start();
    world.advance(100000);
    it.last('eventsource').ended('bye', 'renew');
    world.advance(20);
    check.equal(it.link.state().transport, 'eventsource');
    check.equal(it.link.state().breaks, 0);
  });

  spec('The end of the login is told as 401, of a right as 403', function (world) {
    [['logout', 401], ['expired', 401], ['revoked', 403]].forEach(function (pair) {
      var it = linkIn(world).start();
      it.last('longpoll').answer();
      it.last('websocket').proven({});
      it.last('websocket').ended('bye', pair[0]);
      check.equal(it.stopped, [pair[1]], pair[0]);
    });
  });

  spec('No message is handed on twice where two ways overlap, whatever the order', function (world) {
    var it = linkIn(world).start('a-0');
    it.last('longpoll').answer('a-0');
    it.last('websocket').proven({});
    it.last('websocket').messages([message('a-1'), message('a-2')], 'a-2');
    it.last('websocket').messages([message('a-1')], 'a-1');
    it.last('websocket').messages([message('a-2'), message('a-3')], 'a-3');
    check.equal(it.got, ['a-1', 'a-2', 'a-3']);
  });

  spec('Nothing of a way that has been left is heard any more', function (world) {
    var it = linkIn(world).start('a-0');
    it.last('longpoll').answer('a-0');
    it.last('websocket').proven({});
    it.last('longpoll').messages([message('a-9')], 'a-9');
    it.last('longpoll').ended('forbidden', { status: 401 });
    check.equal([it.got, it.link.cursor(), it.stopped], [[], 'a-0', []]);
  });

  spec('Ephemeral messages are handed on each time and move no cursor', function (world) {
    var it = linkIn(world).start('a-0');
    it.last('longpoll').answer('a-0');
    it.last('websocket').proven({});
    it.last('websocket').messages([{ topic: 'a', body: 'typing' }], null);
    it.last('websocket').messages([{ topic: 'a', body: 'typing' }], null);
    check.equal([it.got, it.link.cursor()], [['typing', 'typing'], 'a-0']);
  });

  spec('What comes late from before the loss of the history is not handed on twice', function (world) {
    var it = linkIn(world).start('a-0');
    it.last('longpoll').answer('a-0');
    it.last('longpoll').messages([message('a-1')], 'a-1');
    it.last('longpoll').reset('epoch');
    it.last('longpoll').messages([message('b-1')], 'b-1');
    // As from a tab that led and hands on what it had before.
    it.run(function (link) {
      link.take([message('a-1'), message('b-1')], 'b-1');
    });
    check.equal(it.got, ['a-1', 'b-1']);
  });

  spec('After a position beyond the head an id may stand for another message', function (world) {
    var it = linkIn(world).start('a-0');
    it.last('longpoll').answer('a-0');
    it.last('longpoll').messages([message('a-1')], 'a-1');
    it.last('longpoll').reset('ahead');
    it.last('longpoll').messages([message('a-1')], 'a-1');
    check.equal(it.got, ['a-1', 'a-1']);
  });

  spec('Where long-polls are held back, plain polls read on from the same place', function (world) {
    var it = linkIn(world).start('a-0');
    it.last('longpoll').answer('a-7');
    it.last('longpoll').ended('held');
    check.equal(it.last('poll').from.after, 'a-7');
    check.equal(it.link.state().name === 'stopped', false);
  });

  spec('Only what is allowed is opened', function (world) {
    [['websocket'], ['eventsource', 'xhr'], ['longpoll'], ['poll'], ['websocket', 'longpoll']].forEach(function (allowed) {
      var it = linkIn(world, { use: allowed }).always({}).start('a-0');
      world.advance(5 * MINUTE);
      it.names().forEach(function (name) {
        check.that(allowed.indexOf(name) >= 0, name + ' is among ' + allowed);
      });
    });
  });

  spec('A single way that fails is tried again and again, and later each time', function (world) {
    var it = linkIn(world, { use: ['websocket'], random: function () {
      return 0.999999;
    } }).always({ websocket: 'refused' }).start('a-0');
    world.advance(5 * MINUTE);
    check.between(it.names().length, 8, 16, 'tries in five minutes');
    it.always({ websocket: 'works' });
    world.advance(31000);
    check.equal(it.link.state().name, 'live');
  });

  spec('A link that was stopped opens nothing, whatever timers it had', function (world) {
    var it = linkIn(world).always({ websocket: 'nothing', eventsource: 'works' }).start();
    var count;
    world.advance(1000);
    it.run(function (link) {
      link.stop();
    });
    count = it.opened.length;
    world.advance(60 * MINUTE);
    check.equal([it.opened.length, it.open()], [count, []]);
  });

  spec('A link that may not probe polls; when it may, it tries the better ones at once', function (world) {
    var it = linkIn(world);
    it.link.probing(false);
    it.start();
    it.last('longpoll').answer();
    world.advance(10 * MINUTE);
    check.equal(it.names(), ['longpoll']);
    it.run(function (link) {
      link.probing(true);
    });
    check.equal(it.names(), ['longpoll', 'websocket']);
  });

  spec('What was tried with long-polls is no matter while something better is used', function (world) {
    var it = linkIn(world).always({ websocket: 'nothing', eventsource: 'missing', fetch: 'missing', xhr: 'missing' }).start();
    world.advance(100);
    it.last('longpoll').ended('held');
    it.always({ websocket: 'works' });
    world.advance(20 * MINUTE);
    check.equal(it.link.state().transport, 'websocket');
    it.states.length = 0;
    world.advance(10 * MINUTE);
    check.equal(it.states.length, 0, 'states told');
  });

  spec('A question that is not answered yet is not asked again', function (world) {
    var it = linkIn(world).start();
    world.onrequest = function () {};
    it.last('longpoll').answer();
    it.last('websocket').ended('refused');
    it.run(function (link) {
      link.hint(true);
    });
    check.equal(it.names(), ['longpoll', 'websocket']);
    it.run(function (link) {
      link.stop();
    });
    world.advance(60 * MINUTE);
    check.equal([it.open(), it.link.state().name], [[], 'stopped']);
  });

  spec('A portal that has no time for a stream is not the stream\'s fault', function (world) {
    var it = linkIn(world).always({ websocket: 'missing', eventsource: 'nothing' }).start();
    world.advance(100);
    it.last('eventsource').proven({});
    it.last('eventsource').ended('bye', 'busy');
    it.always({ websocket: 'missing', eventsource: 'works' });
    world.advance(30000);
    check.equal(it.link.state().transport, 'eventsource');
  });

  spec('The server\'s word for when to come back to a better way is kept', function (world) {
    var it = linkIn(world).start();
    var before;
    it.last('longpoll').answer();
    world.onrequest = function (request) {
      world.later(5, null, function () {
        request.answer(503, { retryAfter: 90 });
      });
    };
    it.last('websocket').ended('refused');
    before = it.opened.length;
    world.advance(89000);
    check.equal(it.opened.length, before, 'opened before it is time');
    world.advance(30000);
    check.that(it.opened.length > before, 'it is tried again');
  });
}(typeof window === 'undefined' ? globalThis : window));
