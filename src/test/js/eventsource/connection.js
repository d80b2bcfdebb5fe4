/*
 * The rules of an EventSource that need a server (WHATWG HTML 9.2.2 to 9.2.4), for the browser's own and for ours. The
 * server is ScriptedServer.java: what it answers stands in the address that is asked for.
 */
(function (suite) {
  'use strict';

  var CONNECTING = 0;
  var OPEN = 1;
  var CLOSED = 2;
  // The server may have seen this page before.
  var run = 'r' + Math.floor(Math.random() * 1e9).toString(36) + '-';
  var keys = 0;

  // Addresses: what the server shall answer

  function utf8(text) {
    return unescape(encodeURIComponent(text));
  }

  function hex(bytes) {
    var all = '';
    for (var i = 0; i < bytes.length; i++) all += ('0' + bytes.charCodeAt(i).toString(16)).slice(-2);
    return all;
  }

  function send(text) {
    return 'send=' + hex(utf8(text));
  }

  function bytes(inHex) {
    return 'send=' + inHex.replace(/ /g, '');
  }

  function bytewise(text) {
    return 'bytewise=' + hex(utf8(text));
  }

  function newKey() {
    keys += 1;
    return run + keys;
  }

  /** @param {Array<Array<string>>} answers the steps of the first answer, the second … (the last again and again) */
  function stream(answers, key) {
    return '/stream?key=' + (key || newKey()) + answers.map(function (steps) {
      return '&r=' + encodeURIComponent(steps.join('|'));
    }).join('');
  }

  /** Asks the server what it has been asked. */
  function asked(check, key, then) {
    var xhr = new XMLHttpRequest();
    xhr.open('GET', '/asked?key=' + key + '&now=' + Math.random(), true);
    xhr.onreadystatechange = check.guarded(function () {
      if (xhr.readyState !== 4) return;
      // Qt loses one of some thousand answers that come over a connection used before.
      if (xhr.status === 200) then(JSON.parse(xhr.responseText));
      else asked(check, key, then);
    });
    xhr.send(null);
  }

  /** Asks again and again until `isIt(requests)`. */
  function askUntil(check, key, isIt, then) {
    asked(check, key, function (requests) {
      if (isIt(requests)) then(requests);
      else check.later(100, function () { askUntil(check, key, isIt, then); });
    });
  }

  function got(count) {
    return function (requests) {
      return requests.length >= count;
    };
  }

  /** Milliseconds from the end of one answer to the next request. */
  function gap(requests, first) {
    return requests[first + 1].at - requests[first].endedAt;
  }

  /** Never sooner than `least`, and sooner than `most` on a machine that does not stand still. */
  function checkGap(check, milliseconds, least, most) {
    var what = 'from ' + least + ' to ' + most + ' ms, not ' + milliseconds;
    check.that(milliseconds >= least, what);
    check.inTime(milliseconds < most, what);
  }

  // Sources

  function open(check, url, options) {
    var source = options ? new window.EventSource(url, options) : new window.EventSource(url);
    check.afterwards(function () {
      source.onerror = source.onmessage = source.onopen = null;
      source.close();
    });
    return source;
  }

  function simple(event) {
    return [event.type, event.data, event.lastEventId];
  }

  /** Gathers the events of these types until the connection ends; then(events). */
  function gather(check, source, types, then) {
    var events = [];
    types.forEach(function (type) {
      source.addEventListener(type, check.guarded(function (event) {
        // The opening of the connection itself carries no data.
        if (event.data !== undefined) events.push(simple(event));
      }), false);
    });
    check.waitsFor = 'the end of the connection';
    source.addEventListener('error', check.guarded(function (event) {
      if (event.data === undefined) then(events);
    }), false);
  }

  function typesOf(events) {
    return events.map(function (event) {
      return event[0];
    }).concat('message').filter(function (type, i, all) {
      return all.indexOf(type) === i;
    });
  }

  /** The answer's events are these, and no others, until its end. */
  function receives(name, steps, events) {
    return {
      name: name,
      run: function (check) {
        gather(check, open(check, stream([steps])), typesOf(events), function (actual) {
          check.equal(actual, events);
          check.done();
        });
      }
    };
  }

  /** The answer is no event stream: an error, and that is all. */
  function refuses(name, steps) {
    return {
      name: name,
      run: function (check) {
        var key = newKey();
        var source = open(check, stream([steps], key));
        source.onopen = check.guarded(function () {
          check.fail('it opened');
        });
        source.onmessage = check.guarded(function () {
          check.fail('it gave a message');
        });
        check.waitsFor = 'the error';
        source.onerror = check.guarded(function (event) {
          check.equal(event.type, 'error');
          check.equal(source.readyState, CLOSED, 'readyState');
          check.later(400, function () {
            asked(check, key, function (requests) {
              check.equal(requests.length, 1, 'requests');
              check.done();
            });
          });
        });
      }
    };
  }

  function eventsOf(data) {
    return data.map(function (one) {
      return ['message', one, ''];
    });
  }

  var HELLO = send('data: hello\n\n');
  var SOON = send('retry: 50\n\n');

  var grammar = suite.grammar.map(function (one) {
    // A long line is one that the address has no room for.
    if (one.isLong) return null;
    return receives('stream: ' + one.name, [send(one.stream)], one.events);
  }).filter(Boolean);

  var bytesOfStreams = [
    receives('bytes: every byte in a chunk of its own',
      [bytewise('id: 가\r\ndata: é\r\ndata: \uD83D\uDE00\r\n\r\nevent: b\rdata: 나\r\r: c\nretry: 90\ndata: d\n\n')],
      [['message', 'é\n\uD83D\uDE00', '가'], ['b', '나', '가'], ['message', 'd', '가']]),
    receives('bytes: every byte in a piece of its own, without chunks',
      ['bare', bytewise('id: 가\r\ndata: é\r\ndata: \uD83D\uDE00\r\n\r\nevent: b\rdata: 나\r\r: c\nretry: 90\ndata: d\n\n')],
      [['message', 'é\n\uD83D\uDE00', '가'], ['b', '나', '가'], ['message', 'd', '가']]),
    receives('bytes: cut within a character of two bytes', [bytes('64 61 74 61 3a c3'), 'pause=100', bytes('a9 0a 0a')],
      eventsOf(['é'])),
    receives('bytes: cut within a character of three bytes',
      [bytes('64 61 74 61 3a ea'), 'pause=100', bytes('b0'), 'pause=100', bytes('80 0a 0a')], eventsOf(['가'])),
    receives('bytes: cut within a character of four bytes',
      [bytes('64 61 74 61 3a f0 9f'), 'pause=100', bytes('98'), 'pause=100', bytes('80 0a 0a')], eventsOf(['\uD83D\uDE00'])),
    receives('bytes: cut after the byte order mark', [bytes('ef bb bf'), 'pause=100', send('data: a\n\n')], eventsOf(['a'])),
    receives('bytes: cut after the first byte of the byte order mark',
      [bytes('ef'), 'pause=100', bytes('bb bf'), send('data: a\n\n')], eventsOf(['a'])),
    receives('bytes: cut before the last byte of the byte order mark',
      [bytes('ef bb'), 'pause=100', bytes('bf'), send('data: a\n\n')], eventsOf(['a'])),
    receives('bytes: cut between CR and LF', [send('data: a\r'), 'pause=100', send('\n\r'), 'pause=100', send('\ndata: b\n\n')],
      eventsOf(['a', 'b'])),
    receives('bytes: cut between CR and LF within an event', [send('data: a\r'), 'pause=100', send('\ndata: b\n\n')],
      eventsOf(['a\nb'])),
    receives('bytes: cut within the name of a field', [send('da'), 'pause=100', send('ta: a\n\n')], eventsOf(['a'])),
    receives('bytes: cut between colon and blank', [send('data:'), 'pause=100', send(' a\n\n')], eventsOf(['a'])),
    receives('bytes: cut before the empty line', [send('data: a\n'), 'pause=100', send('\n')], eventsOf(['a'])),
    receives('bytes: a character that is none becomes a replacement character',
      [send('data: '), bytes('ff'), send('a\ndata: '), bytes('c3'), send('b\n\n')], eventsOf(['\uFFFDa\n\uFFFDb'])),
    receives('bytes: a character that lacks its last byte becomes one replacement character',
      [send('data: '), bytes('e2 82'), send('a\n\n')], eventsOf(['\uFFFDa'])),
    receives('bytes: a character cut at the end of the stream is nothing', [send('data: a\n\ndata: b'), bytes('ea b0')], eventsOf(['a'])),
    {
      name: 'bytes: an event that ends in CR is told before the next byte comes',
      run: function (check) {
        var at = [];
        var source = open(check, stream([[send('data: a\r\r'), 'pause=1500', send('\ndata: b\r\r')]]));
        gather(check, source, ['message'], function (events) {
          check.equal(events, eventsOf(['a', 'b']));
          check.that(at[1] - at[0] > 700, 'the first came before the pause, not ' + (at[1] - at[0]) + ' ms before the second');
          check.done();
        });
        source.addEventListener('message', function () {
          at.push(Date.now());
        }, false);
      }
    },
    {
      name: 'bytes: an event is told when it comes, not when the answer ends',
      run: function (check) {
        var at = [];
        var source = open(check, stream([[HELLO, 'pause=1500', HELLO]]));
        gather(check, source, ['message'], function (events) {
          check.equal(events.length, 2, 'events');
          check.that(at[1] - at[0] > 700, 'the first came before the pause, not ' + (at[1] - at[0]) + ' ms before the second');
          check.done();
        });
        source.addEventListener('message', function () {
          at.push(Date.now());
        }, false);
      }
    },
    {
      name: 'bytes: a line of a megabyte',
      run: function (check) {
        gather(check, open(check, stream([[send('data: '), 'fill=65536 ' + hex('0123456789abcdef'), send('\n\ndata: a\n\n')]])), ['message'],
          function (events) {
            check.equal(events.map(function (event) { return event[1].length; }), [1048576, 1]);
            check.that(/^0123456789abcdef0123.*cdef$/.test(events[0][1]), 'it is what was sent');
            check.done();
          });
      }
    },
    {
      name: 'bytes: two thousand events at once',
      run: function (check) {
        gather(check, open(check, stream([['fill=2000 ' + hex('id: 1\ndata: a\n\n')]])), ['message'], function (events) {
          check.equal(events.length, 2000);
          check.equal(events[1999], ['message', 'a', '1']);
          check.done();
        });
      }
    }
  ];

  var answers = [
    receives('type: Text/EVENT-Stream', ['type=Text/EVENT-Stream', HELLO], eventsOf(['hello'])),
    receives('type: with a parameter', ['type=text/event-stream;charset=UTF-8', HELLO], eventsOf(['hello'])),
    receives('type: with an unknown parameter', ['type=text/event-stream; a="b;c"', HELLO], eventsOf(['hello'])),
    receives('type: with a semicolon at its end', ['type=text/event-stream;', HELLO], eventsOf(['hello'])),
    receives('type: with blanks', ['type= text/event-stream ;charset=utf-8', HELLO], eventsOf(['hello'])),
    receives('type: another charset is not heeded', ['type=text/event-stream;charset=windows-1252', send('data: é가\n\n')], eventsOf(['é가'])),
    receives('type: nosniff does not matter', ['header=X-Content-Type-Options: nosniff', HELLO], eventsOf(['hello'])),
    refuses('type: text/plain is refused', ['type=text/plain', HELLO]),
    refuses('type: text/html is refused', ['type=text/html', send('<p>Please sign in.</p>')]),
    refuses('type: a longer name is refused', ['type=text/event-streams', HELLO]),
    refuses('type: text/x-event-stream is refused', ['type=text/x-event-stream', HELLO]),
    refuses('type: one that is no type is refused', ['type=text/event-stream x', HELLO]),
    refuses('type: none is refused', ['type=none', HELLO]),
    receives('answer: with its length', ['header=Content-Length: 13', HELLO], eventsOf(['hello'])),
    receives('answer: in chunks', [HELLO, HELLO], eventsOf(['hello', 'hello'])),
    receives('answer: until the end of the connection', ['bare', HELLO, HELLO], eventsOf(['hello', 'hello'])),
    receives('answer: without a body', [], []),
    receives('answer: without a body, told by its length', ['header=Content-Length: 0'], [])
  ].concat([204, 205, 210, 299].map(function (status) {
    // 204 and 205 have no body by their definition.
    return refuses('status: ' + status, ['status=' + status].concat(status > 205 ? [HELLO] : []));
  }), [400, 401, 403, 404, 410, 500, 502, 503].map(function (status) {
    return refuses('status: ' + status, ['status=' + status, send('{"status":' + status + '}')]);
  }), [404, 503].map(function (status) {
    return refuses('status: ' + status + ' without a body', ['status=' + status, 'header=Content-Length: 0']);
  }), [301, 302, 303, 307, 308].map(function (status) {
    return receives('redirect: ' + status, ['status=' + status, 'header=Location: ' + stream([[HELLO]])], eventsOf(['hello']));
  }), [
    refuses('redirect: to what is no event stream', ['status=302', 'header=Location: ' + stream([['type=text/html', send('<p>')]])])
  ]);

  var request = [
    {
      name: 'request: a GET that accepts an event stream and no cached answer',
      run: function (check) {
        var key = newKey();
        gather(check, open(check, stream([[HELLO]], key)), ['message'], function () {
          asked(check, key, function (requests) {
            check.equal(requests[0].method, 'GET');
            check.equal(requests[0].headers.accept, 'text/event-stream');
            check.equal(requests[0].headers['cache-control'], 'no-cache');
            check.equal(requests[0].headers['last-event-id'], undefined, 'Last-Event-ID');
            check.done();
          });
        });
      }
    },
    {
      name: 'request: cookies go to the page\'s own origin',
      run: function (check) {
        var key = newKey();
        document.cookie = 'own=1; path=/';
        gather(check, open(check, stream([[HELLO]], key)), ['message'], function () {
          asked(check, key, function (requests) {
            check.that(/own=1/.test(requests[0].headers.cookie), 'own=1 in ' + requests[0].headers.cookie);
            check.done();
          });
        });
      }
    },
    {
      name: 'request: two sources of one address are two connections',
      run: function (check) {
        var url = stream([[send('data: 1\n\n'), 'hang'], [send('data: 2\n\n'), 'hang']]);
        var seen = [];
        [open(check, url), open(check, url)].forEach(function (source) {
          source.onmessage = check.guarded(function (event) {
            seen.push(event.data);
            if (seen.length < 2) return;
            check.equal(seen.sort(), ['1', '2']);
            check.done();
          });
        });
      }
    }
  ];

  var opening = [
    {
      name: 'open: told once, before the first message, with readyState OPEN',
      run: function (check) {
        var seen = [];
        var source = open(check, stream([[send('data: a\n\ndata: b\n\n')]]));
        check.equal(source.readyState, CONNECTING, 'readyState at first');
        source.onopen = check.guarded(function (event) {
          seen.push(event.type + source.readyState);
          check.that(event.target === source, 'the event is the source\'s');
        });
        gather(check, source, ['message'], function (events) {
          check.equal(seen, ['open1']);
          check.equal(events, eventsOf(['a', 'b']));
          check.equal(source.readyState, CONNECTING, 'readyState at the end');
          check.done();
        });
        source.addEventListener('message', check.guarded(function () {
          check.equal(seen, ['open1'], 'before a message');
        }), false);
      }
    },
    {
      name: 'open: told when the head is there, whether or not there is a body yet',
      patience: 3000,
      run: function (check) {
        var source = open(check, stream([['pause=0', 'hang']]));
        check.waitsFor = 'open';
        source.onopen = check.guarded(function () {
          check.equal(source.readyState, OPEN);
          check.done();
        });
      }
    },
    {
      name: 'open: told when a first comment is there',
      run: function (check) {
        var source = open(check, stream([[send(':\n'), 'hang']]));
        check.waitsFor = 'open';
        source.onopen = check.guarded(function () {
          check.equal(source.readyState, OPEN);
          check.done();
        });
      }
    },
    {
      name: 'open: told again for each connection',
      run: function (check) {
        var count = 0;
        var source = open(check, stream([[SOON]]));
        source.onopen = check.guarded(function () {
          count += 1;
          if (count === 3) check.done();
        });
      }
    }
  ];

  function reconnects(name, answersInTurn, howMany, then) {
    return {
      name: name,
      run: function (check) {
        var key = newKey();
        var source = open(check, stream(answersInTurn, key));
        check.waitsFor = howMany + ' requests';
        askUntil(check, key, got(howMany), function (requests) {
          then(check, requests, source);
          check.done();
        });
      }
    };
  }

  function idOf(asking) {
    return asking.headers['last-event-id'];
  }

  var again = [
    {
      name: 'again: the end of the answer is an error, CONNECTING, and another connection',
      run: function (check) {
        var seen = [];
        var source = open(check, stream([[SOON, send('data: 1\n\n')], [send('data: 2\n\n'), 'hang']]));
        source.onopen = check.guarded(function () {
          seen.push('open');
        });
        source.onerror = check.guarded(function (event) {
          seen.push(event.type + source.readyState);
        });
        source.onmessage = check.guarded(function (event) {
          seen.push(event.data);
          if (event.data !== '2') return;
          check.equal(seen, ['open', '1', 'error0', 'open', '2']);
          check.equal(source.readyState, OPEN);
          check.done();
        });
      }
    },
    reconnects('again: after the time that retry says', [[send('retry: 1000\n\n')]], 2, function (check, requests) {
      checkGap(check, gap(requests, 0), 950, 2500);
    }),
    reconnects('again: a short retry is obeyed', [[SOON]], 6, function (check, requests) {
      var least = Math.min(gap(requests, 0), gap(requests, 1), gap(requests, 2), gap(requests, 3), gap(requests, 4));
      checkGap(check, least, 40, 450);
    }),
    reconnects('again: retry holds for the connections that follow', [[send('retry: 300\n\n')], [HELLO]], 4, function (check, requests) {
      [0, 1, 2].forEach(function (i) {
        checkGap(check, gap(requests, i), 250, 2500);
      });
    }),
    reconnects('again: retry holds without an empty line after it', [[send('retry: 300\n')]], 2, function (check, requests) {
      checkGap(check, gap(requests, 0), 250, 2500);
    }),
    reconnects('again: retry that is not all digits changes nothing', [[send('retry: 300\nretry: 9000x\nretry: -1\nretry: 1e4\n\n')]], 2,
      function (check, requests) {
        checkGap(check, gap(requests, 0), 250, 2500);
      }),
    reconnects('again: without retry after a few seconds', [[HELLO]], 2, function (check, requests) {
      checkGap(check, gap(requests, 0), 1000, 10000);
    }),
    {
      name: 'again: not at once after a retry longer than a timer can be',
      run: function (check) {
        var key = newKey();
        var source = open(check, stream([[send('retry: 99999999999\n\n')]], key));
        source.onerror = check.guarded(function () {
          check.equal(source.readyState, CONNECTING);
          check.later(1500, function () {
            asked(check, key, function (requests) {
              check.equal(requests.length, 1, 'requests');
              check.done();
            });
          });
        });
      }
    },
    {
      name: 'again: after a cut connection, and what it had sent is told',
      run: function (check) {
        var source = open(check, stream([[HELLO, 'pause=300', 'reset'], ['hang']]));
        gather(check, source, ['message'], function (events) {
          check.equal(events, eventsOf(['hello']));
          check.equal(source.readyState, CONNECTING);
          check.done();
        });
      }
    },
    {
      name: 'again: after an answer shorter than it said, and the last event cut off has never been',
      run: function (check) {
        var source = open(check, stream([['header=Content-Length: 100', send('id: 1\ndata: a\n\nid: 2\ndata: b'), 'pause=300']]));
        gather(check, source, ['message'], function (events) {
          check.equal(events, [['message', 'a', '1']]);
          check.equal(source.readyState, CONNECTING);
          check.done();
        });
      }
    },
    reconnects('again: after attempts without an answer', [[SOON], ['reset'], ['reset'], ['hang']], 4, function (check, requests) {
      check.inTime(gap(requests, 2) < 4000, 'it does not take long');
    }),
    {
      name: 'again: after a first attempt without an answer',
      run: function (check) {
        var seen = [];
        var source = open(check, stream([['reset'], [HELLO, 'hang']]));
        source.onerror = check.guarded(function () {
          seen.push('error' + source.readyState);
        });
        source.onopen = check.guarded(function () {
          seen.push('open');
          // Firefox asks again by itself when a connection is cut before the answer.
          check.that(seen.join() === 'error0,open' || seen.join() === 'open', 'error0, open, not ' + seen);
          check.done();
        });
      }
    },
    {
      name: 'again: not after an answer that is none of its kind',
      run: function (check) {
        var key = newKey();
        var source = open(check, stream([[SOON], ['status=404', send('gone')]], key));
        var states = [];
        source.onerror = check.guarded(function () {
          states.push(source.readyState);
          if (states.length < 2) return;
          check.equal(states, [CONNECTING, CLOSED]);
          check.later(400, function () {
            asked(check, key, function (requests) {
              check.equal(requests.length, 2, 'requests');
              check.done();
            });
          });
        });
      }
    },
    {
      name: 'again: not after 204',
      run: function (check) {
        var source = open(check, stream([[SOON], ['status=204']]));
        var states = [];
        source.onerror = check.guarded(function () {
          states.push(source.readyState);
          if (states.length < 2) return;
          check.equal(states, [CONNECTING, CLOSED]);
          check.done();
        });
      }
    }
  ];

  var lastId = [
    reconnects('last id: sent to the next connection', [[SOON, send('id: k7-1042\ndata: a\n\n')], ['hang']], 2, function (check, requests) {
      check.equal(idOf(requests[1]), 'k7-1042');
    }),
    reconnects('last id: none is sent where there was none', [[SOON, HELLO], ['hang']], 2, function (check, requests) {
      check.equal(idOf(requests[1]), undefined);
    }),
    reconnects('last id: none is sent where it was taken back', [[SOON, send('id: 1\ndata: a\n\nid:\ndata: b\n\n')], ['hang']], 2,
      function (check, requests) {
        check.equal(idOf(requests[1]), undefined);
      }),
    reconnects('last id: that of a block without data is sent', [[SOON, send('id: 1\ndata: a\n\nid: 2\n\n')], ['hang']], 2,
      function (check, requests) {
        check.equal(idOf(requests[1]), '2');
      }),
    reconnects('last id: that of a last event cut off is not sent', [[SOON, send('id: 1\ndata: a\n\nid: 2\ndata: b\n')], ['hang']], 2,
      function (check, requests) {
        check.equal(idOf(requests[1]), '1');
      }),
    reconnects('last id: one with NUL is not sent', [[SOON, send('id: 1\ndata: a\n\nid: 2\u0000\ndata: b\n\n')], ['hang']], 2,
      function (check, requests) {
        check.equal(idOf(requests[1]), '1');
      }),
    reconnects('last id: one of Latin-1 is sent as UTF-8', [[SOON, send('id: é\ndata: a\n\n')], ['hang']], 2, function (check, requests) {
      check.equal(idOf(requests[1]), utf8('é'));
    }),
    reconnects('last id: one of Korean is sent as UTF-8', [[SOON, send('id: 가-1\ndata: a\n\n')], ['hang']], 2, function (check, requests) {
      check.equal(idOf(requests[1]), utf8('가-1'));
    }),
    reconnects('last id: kept through connections that bring nothing', [[SOON, send('id: 1\ndata: a\n\n')], [send(':\n')], ['reset'], ['hang']], 4,
      function (check, requests) {
        // Some ask once more by themselves when a connection is reset.
        check.that(requests.slice(1).map(idOf).join('') === requests.slice(1).map(function () { return '1'; }).join(''),
          'always 1, not ' + requests.map(idOf));
      }),
    reconnects('last id: each connection moves it on', [[SOON, send('id: 1\ndata: a\n\n')], [send('id: 2\ndata: b\n\n')], ['hang']], 3,
      function (check, requests) {
        check.equal(requests.map(idOf), [undefined, '1', '2']);
      }),
    {
      name: 'last id: events of a new connection that bring none have the last one',
      run: function (check) {
        var seen = [];
        var source = open(check, stream([[SOON, send('id: 1\ndata: a\n\n')], [HELLO, 'hang']]));
        source.onmessage = check.guarded(function (event) {
          seen.push(event.lastEventId);
          if (seen.length < 2) return;
          check.equal(seen, ['1', '1']);
          check.done();
        });
      }
    }
  ];

  var closing = [
    {
      name: 'close: in a message, and no more of the same piece is told',
      run: function (check) {
        var seen = [];
        var source = open(check, stream([[send('data: a\n\ndata: b\n\ndata: c\n\n')]]));
        source.onerror = check.guarded(function () {
          check.fail('closing is no error');
        });
        source.onmessage = check.guarded(function (event) {
          seen.push(event.data);
          source.close();
          check.equal(source.readyState, CLOSED);
          check.later(400, function () {
            check.equal(seen, ['a']);
            check.done();
          });
        });
      }
    },
    {
      name: 'close: in open, and no message is told',
      run: function (check) {
        var key = newKey();
        var source = open(check, stream([[send('data: a\n\n')]], key));
        source.onmessage = source.onerror = check.guarded(function () {
          check.fail('told after close');
        });
        source.onopen = check.guarded(function () {
          source.close();
          check.equal(source.readyState, CLOSED);
          check.later(400, function () {
            asked(check, key, function (requests) {
              check.equal(requests.length, 1, 'requests');
              check.done();
            });
          });
        });
      }
    },
    {
      name: 'close: in an error, and there is no other connection',
      run: function (check) {
        var key = newKey();
        var source = open(check, stream([[SOON]], key));
        source.onerror = check.guarded(function () {
          source.close();
          check.later(900, function () {
            asked(check, key, function (requests) {
              check.equal(requests.length, 1, 'requests');
              check.equal(source.readyState, CLOSED);
              check.done();
            });
          });
        });
      }
    },
    {
      name: 'close: while it waits to connect again',
      run: function (check) {
        var key = newKey();
        var source = open(check, stream([[send('retry: 600\n\n')]], key));
        source.onerror = check.guarded(function () {
          check.later(50, function () {
            source.close();
            check.later(1500, function () {
              asked(check, key, function (requests) {
                check.equal(requests.length, 1, 'requests');
                check.done();
              });
            });
          });
        });
      }
    },
    {
      name: 'close: at once',
      run: function (check) {
        var source = open(check, stream([[HELLO]]));
        source.onopen = source.onmessage = source.onerror = check.guarded(function (event) {
          check.fail('told after close: ' + event.type);
        });
        source.close();
        source.close();
        check.equal(source.readyState, CLOSED);
        check.later(500, check.done);
      }
    },
    {
      name: 'close: the server sees it',
      run: function (check) {
        var key = newKey();
        var source = open(check, stream([[HELLO, 'hang']], key));
        source.onmessage = check.guarded(function () {
          source.close();
          check.waitsFor = 'the server to see the end';
          askUntil(check, key, function (requests) {
            return requests[0].endedAt > 0;
          }, check.done);
        });
      }
    }
  ];

  var listeners = [
    {
      name: 'listeners: called in the order in which they were added, on… from when it was first set',
      run: function (check) {
        var seen = [];
        var source = open(check, stream([[HELLO]]));
        function says(what) {
          return function () {
            seen.push(what);
          };
        }
        source.addEventListener('message', says('first'), false);
        source.onmessage = says('replaced');
        source.addEventListener('message', says('third'), false);
        source.onmessage = says('second');
        gather(check, source, ['message'], function () {
          check.equal(seen, ['first', 'second', 'third']);
          check.done();
        });
      }
    },
    {
      name: 'listeners: on… is null or a function',
      run: function (check) {
        var source = open(check, stream([['hang']]));
        function nothing() {}
        ['onopen', 'onmessage', 'onerror'].forEach(function (name) {
          check.that(source[name] === null, name + ' is null at first');
          source[name] = nothing;
          check.that(source[name] === nothing, name + ' is what it was set to');
          source[name] = 'no function';
          check.that(source[name] === null, name + ' is null after anything else');
        });
        check.done();
      }
    },
    {
      name: 'listeners: one added twice is called once; the same as on… as well',
      run: function (check) {
        var count = 0;
        var source = open(check, stream([[HELLO]]));
        function counts() {
          count += 1;
        }
        source.addEventListener('message', counts, false);
        source.addEventListener('message', counts, false);
        source.onmessage = counts;
        gather(check, source, [], function () {
          check.equal(count, 2);
          check.done();
        });
      }
    },
    {
      name: 'listeners: one that was removed is not called, not even if removed by one before it',
      run: function (check) {
        var seen = [];
        var source = open(check, stream([[send('data: a\n\ndata: b\n\n')]]));
        function second() {
          seen.push('second');
        }
        source.addEventListener('message', function (event) {
          seen.push(event.data);
          source.removeEventListener('message', second, false);
          source.removeEventListener('message', function () {}, false);
        }, false);
        source.addEventListener('message', second, false);
        gather(check, source, [], function () {
          check.equal(seen, ['a', 'b']);
          check.done();
        });
      }
    },
    {
      name: 'listeners: one added by another hears from the next event on',
      run: function (check) {
        var seen = [];
        var source = open(check, stream([[send('data: a\n\ndata: b\n\n')]]));
        source.addEventListener('message', function first() {
          source.removeEventListener('message', first, false);
          source.addEventListener('message', function (event) {
            seen.push(event.data);
          }, false);
        }, false);
        gather(check, source, [], function () {
          check.equal(seen, ['b']);
          check.done();
        });
      }
    },
    {
      name: 'listeners: an object with handleEvent, looked up at each event',
      run: function (check) {
        var seen = [];
        var listener = {};
        var source = open(check, stream([[send('data: a\n\n')]]));
        source.addEventListener('message', listener, false);
        listener.handleEvent = function (event) {
          seen.push(event.data, this === listener);
        };
        gather(check, source, [], function () {
          check.equal(seen, ['a', true]);
          check.done();
        });
      }
    },
    {
      name: 'listeners: what the event knows',
      run: function (check) {
        var source = open(check, stream([[send('event: b\nid: 1\ndata: a\n\n')]]));
        source.addEventListener('b', check.guarded(function (event) {
          check.that(this === source, 'this is the source');
          check.that(event.target === source, 'target');
          check.that(event.currentTarget === source, 'currentTarget');
          check.equal(event.type, 'b');
          check.equal(event.data, 'a');
          check.equal(event.lastEventId, '1');
          check.equal(event.origin, window.location.protocol + '//' + window.location.host, 'origin');
          check.done();
        }), false);
      }
    },
    {
      name: 'listeners: one hears its own type only',
      run: function (check) {
        var seen = [];
        var source = open(check, stream([[send('event: Message\ndata: a\n\nevent: b\ndata: b\n\ndata: c\n\n')]]));
        source.onmessage = function (event) {
          seen.push(event.data);
        };
        source.onb = check.guarded(function () {
          check.fail('onb was called');
        });
        gather(check, source, [], function () {
          check.equal(seen, ['c']);
          check.done();
        });
      }
    },
    {
      name: 'listeners: one that throws harms no other and not the stream, and it is reported',
      run: function (check) {
        var reported = 0;
        var before = window.onerror;
        var source = open(check, stream([[send('data: a\n\ndata: b\n\n')]]));
        window.onerror = function (message) {
          if (/on purpose/.test(message)) reported += 1;
          return true;
        };
        check.afterwards(function () {
          window.onerror = before;
        });
        source.onmessage = function () {
          throw new Error('thrown on purpose');
        };
        gather(check, source, ['message'], function (events) {
          check.equal(events, eventsOf(['a', 'b']));
          check.later(100, function () {
            check.equal(reported, 2, 'reported');
            check.done();
          });
        });
      }
    },
    {
      name: 'listeners: stopImmediatePropagation stops the others',
      run: function (check) {
        var seen = [];
        var source = open(check, stream([[send('data: a\n\n')]]));
        source.addEventListener('message', function (event) {
          seen.push('first');
          event.stopPropagation();
          event.preventDefault();
        }, false);
        source.addEventListener('message', function (event) {
          seen.push('second');
          event.stopImmediatePropagation();
        }, false);
        gather(check, source, ['message'], function (events) {
          check.equal(seen, ['first', 'second']);
          check.equal(events, []);
          check.done();
        });
      }
    },
    {
      name: 'listeners: dispatchEvent with an event of the page',
      run: function (check) {
        var source = open(check, stream([['hang']]));
        var event = document.createEvent('Event');
        var seen = [];
        event.initEvent('message', false, false);
        source.onmessage = function (heard) {
          seen.push(heard === event, this === source);
        };
        check.equal(source.dispatchEvent(event), true);
        check.equal(seen, [true, true]);
        check.done();
      }
    }
  ];

  function throwsWhat(action) {
    try {
      action();
    } catch (error) {
      return error;
    }
    return null;
  }

  var constructing = [
    {
      name: 'constructor: names of the states on it, its prototype and its objects',
      run: function (check) {
        var source = open(check, stream([['hang']]));
        [window.EventSource, window.EventSource.prototype, source].forEach(function (where) {
          check.equal([where.CONNECTING, where.OPEN, where.CLOSED], [0, 1, 2]);
        });
        check.that(source instanceof window.EventSource, 'instanceof');
        check.that(typeof window.EventSource.prototype.close === 'function', 'close is on the prototype');
        check.done();
      }
    },
    {
      name: 'constructor: url is absolute',
      run: function (check) {
        var here = window.location.protocol + '//' + window.location.host;
        var base = here + window.location.pathname.replace(/[^\/]*$/, '');
        function urlOf(given) {
          var source = open(check, given);
          source.close();
          return source.url;
        }
        check.equal(urlOf('/stream?key=a'), here + '/stream?key=a');
        check.equal(urlOf('stream?key=a'), base + 'stream?key=a');
        check.equal(urlOf('../x/./y'), here + '/x/y');
        check.equal(urlOf('?key=a'), window.location.href.replace(/\?.*/, '') + '?key=a');
        check.equal(urlOf({ toString: function () { return '/object'; } }), here + '/object');
        check.equal(urlOf(null), base + 'null');
        check.equal(urlOf('/a b/가'), here + '/a%20b/%EA%B0%80');
        check.done();
      }
    },
    {
      name: 'constructor: withCredentials is what was asked for',
      run: function (check) {
        function credentialsOf(options) {
          var source = open(check, stream([['hang']]), options);
          source.close();
          return source.withCredentials;
        }
        check.equal([credentialsOf(null), credentialsOf({}), credentialsOf({ withCredentials: false }), credentialsOf({ withCredentials: true }),
          credentialsOf({ withCredentials: 1 })], [false, false, false, true, true]);
        check.done();
      }
    },
    {
      name: 'constructor: its attributes cannot be set',
      run: function (check) {
        var source = open(check, stream([['hang']]));
        var url = source.url;
        ['url', 'readyState', 'withCredentials'].forEach(function (name) {
          throwsWhat(function () {
            source[name] = 7;
          });
        });
        check.equal([source.url, source.readyState, source.withCredentials], [url, 0, false]);
        check.done();
      }
    },
    {
      name: 'constructor: an address that is none is a SyntaxError',
      run: function (check) {
        var error = throwsWhat(function () {
          open(check, 'http://a:b/');
        });
        check.that(error !== null, 'it throws');
        check.that(error.name === 'SyntaxError' || error.code === 12, 'SyntaxError, not ' + error);
        check.done();
      }
    },
    {
      name: 'constructor: TypeError without new, and without an address',
      run: function (check) {
        var EventSource = window.EventSource;
        check.that(throwsWhat(function () { EventSource('/stream'); }) instanceof TypeError, 'without new');
        check.that(throwsWhat(function () { new EventSource(); }) instanceof TypeError, 'without an address');
        check.done();
      }
    }
  ];

  // To another origin, which is another port of the same server

  function elsewhere(url) {
    return suite.parameter('other') + url;
  }

  function redirected(name, allows) {
    return {
      name: name,
      run: function (check) {
        var there = elsewhere(stream([['header=Access-Control-Allow-Origin: *', HELLO]])) + allows;
        var source = open(check, stream([['status=302', 'header=Location: ' + there]]));
        source.onerror = check.guarded(function () {
          check.fail('an error');
        });
        source.onmessage = check.guarded(function (event) {
          check.equal(event.origin, suite.parameter('other'), 'origin');
          check.done();
        });
      }
    };
  }

  var HERE = window.location.protocol + '//' + window.location.host;

  var origins = [
    {
      name: 'other origin: one that allows it, and the events say where they are from',
      run: function (check) {
        var source = open(check, elsewhere(stream([['header=Access-Control-Allow-Origin: *', HELLO]])));
        check.waitsFor = 'a message';
        source.onmessage = check.guarded(function (event) {
          check.equal(event.data, 'hello');
          check.equal(event.origin, suite.parameter('other'), 'origin');
          check.done();
        });
      }
    },
    {
      name: 'other origin: asks for no preflight',
      run: function (check) {
        var key = newKey();
        var source = open(check, elsewhere(stream([['header=Access-Control-Allow-Origin: *', HELLO]], key)));
        check.waitsFor = 'a message';
        source.onmessage = check.guarded(function () {
          asked(check, key, function (requests) {
            check.equal(requests[0].method, 'GET');
            check.done();
          });
        });
      }
    },
    {
      name: 'other origin: without credentials no cookies',
      run: function (check) {
        var key = newKey();
        document.cookie = 'own=1; path=/';
        var source = open(check, elsewhere(stream([['header=Access-Control-Allow-Origin: *', HELLO]], key)));
        check.waitsFor = 'a message';
        source.onmessage = check.guarded(function () {
          asked(check, key, function (requests) {
            check.equal(requests[0].headers.cookie, undefined, 'Cookie');
            check.done();
          });
        });
      }
    },
    {
      name: 'other origin: with credentials cookies',
      run: function (check) {
        var key = newKey();
        var url;
        document.cookie = 'own=1; path=/';
        url = elsewhere(stream([['header=Access-Control-Allow-Origin: ' + HERE, 'header=Access-Control-Allow-Credentials: true', HELLO]], key));
        check.waitsFor = 'a message';
        open(check, url, { withCredentials: true }).onmessage = check.guarded(function () {
          asked(check, key, function (requests) {
            check.that(/own=1/.test(requests[0].headers.cookie), 'own=1 in ' + requests[0].headers.cookie);
            check.done();
          });
        });
      }
    },
    {
      name: 'other origin: one that does not allow it is an error and never opens',
      run: function (check) {
        var source = open(check, elsewhere(stream([[HELLO]])));
        source.onopen = source.onmessage = check.guarded(function () {
          check.fail('it opened');
        });
        check.waitsFor = 'the error';
        source.onerror = check.guarded(function () {
          check.that(source.readyState !== OPEN, 'not open');
          check.done();
        });
      }
    },
    {
      name: 'other origin: with credentials one that allows anybody is an error',
      run: function (check) {
        var source = open(check, elsewhere(stream([['header=Access-Control-Allow-Origin: *', HELLO]])), { withCredentials: true });
        source.onopen = source.onmessage = check.guarded(function () {
          check.fail('it opened');
        });
        check.waitsFor = 'the error';
        source.onerror = check.done;
      }
    },
    {
      name: 'other origin: the last id is sent where the server allows the header',
      run: function (check) {
        var key = newKey();
        var allowed = 'header=Access-Control-Allow-Origin: *';
        open(check, elsewhere(stream([[allowed, SOON, send('id: 1\ndata: a\n\n')], [allowed, 'hang']], key)) + '&preflight=Last-Event-ID');
        function gets(requests) {
          return requests.filter(function (one) {
            return one.method === 'GET';
          });
        }
        check.waitsFor = 'another connection';
        askUntil(check, key, function (requests) {
          return gets(requests).length >= 2;
        }, function (requests) {
          check.equal(idOf(gets(requests)[1]), '1');
          check.done();
        });
      }
    },
    redirected('other origin: reached by a redirect, and the events say so', ''),
    redirected('other origin: reached by a redirect, where the server allows the headers', '&preflight=Cache-Control')
  ];

  // In workers

  var WORKER = 'worker.js?implementation=' + suite.implementation + '&file=' + suite.file;

  function worker(check, port) {
    var seen = [];
    port.onmessage = check.guarded(function (event) {
      seen.push(event.data);
      check.waitsFor = 'more than ' + JSON.stringify(seen);
      if (seen.length < 4) return;
      check.equal(seen, ['open', 'a 1 ' + HERE, 'error 0', 'b 1 ' + HERE]);
      check.done();
    });
    check.waitsFor = 'the worker';
    port.postMessage(stream([[SOON, send('id: 1\ndata: a\n\n')], [send('data: b\n\n'), 'hang']]));
  }

  var workers = [];
  if (window.Worker) {
    workers.push({
      name: 'worker: in a worker',
      run: function (check) {
        var one = new window.Worker(WORKER);
        check.afterwards(function () {
          one.terminate();
        });
        one.onerror = check.guarded(function (event) {
          check.fail('the worker: ' + event.message);
        });
        worker(check, one);
      }
    }, {
      name: 'worker: url is absolute',
      run: function (check) {
        var one = new window.Worker(WORKER);
        check.afterwards(function () {
          one.terminate();
        });
        check.waitsFor = 'the worker';
        one.onmessage = check.guarded(function (event) {
          check.equal(event.data, HERE + '/nothing');
          check.done();
        });
        one.postMessage('url of /nothing');
      }
    });
  }
  if (window.SharedWorker) {
    workers.push({
      name: 'worker: in a shared worker',
      run: function (check) {
        var one = new window.SharedWorker(WORKER);
        one.onerror = check.guarded(function (event) {
          check.fail('the worker: ' + event.message);
        });
        worker(check, one.port);
      }
    });
  }

  /** What the cases of our own need, too. */
  suite.tools = {
    stream: stream, send: send, newKey: newKey, asked: asked, askUntil: askUntil, got: got, gap: gap, checkGap: checkGap, open: open, gather: gather
  };

  suite.connection = grammar.concat(bytesOfStreams, answers, request, opening, again, lastId, closing, listeners, constructing, origins, workers);
}(window.suite = window.suite || {}));
