/*
 * What only ours has or promises: the options and the waiting that the standard leaves open, and the habits of browsers
 * that cannot be had here any more, played by a XMLHttpRequest of our own.
 */
(function (suite) {
  'use strict';

  var tools = suite.tools;
  var stream = tools.stream;
  var send = tools.send;

  /**
   * A XMLHttpRequest that does what it is told and nothing by itself.
   * @param {boolean} isShy throws where there is nothing to tell yet, as Internet Explorer did
   */
  function fakeXhr(isShy) {
    var fake = {
      readyState: 0,
      sent: [],
      headers: {},
      aborted: false,
      reads: 0,
      text: '',
      open: function () {
        fake.readyState = 1;
      },
      setRequestHeader: function (name, value) {
        fake.headers[name] = value;
      },
      send: function () {
        fake.sent.push(true);
      },
      abort: function () {
        fake.aborted = true;
      },
      getResponseHeader: function () {
        if (isShy && fake.readyState < 3) throw new Error('too early');
        return fake.readyState < 2 ? null : 'text/event-stream';
      },
      become: function (readyState, text) {
        fake.readyState = readyState;
        fake.text += text || '';
        if (fake.onreadystatechange) fake.onreadystatechange();
      }
    };
    Object.defineProperty(fake, 'status', {
      get: function () {
        if (isShy && fake.readyState < 3) throw new Error('too early');
        return fake.readyState < 2 ? 0 : 200;
      }
    });
    Object.defineProperty(fake, 'responseText', {
      get: function () {
        if (isShy && fake.readyState < 3) throw new Error('too early');
        fake.reads += 1;
        return fake.text;
      }
    });
    return fake;
  }

  /** Opens a source whose connection is the fake. */
  function openOn(check, fake) {
    var original = window.XMLHttpRequest;
    window.XMLHttpRequest = function () {
      return fake;
    };
    try {
      return tools.open(check, '/fake');
    } finally {
      window.XMLHttpRequest = original;
    }
  }

  function heardOf(source) {
    var heard = [];
    source.onopen = source.onmessage = source.onerror = function (event) {
      heard.push(event.data || event.type + source.readyState);
    };
    return heard;
  }

  suite.ours = [
    {
      name: 'ours: it is what the page uses',
      run: function (check) {
        check.that(window.EventSource === window.Bongsu.EventSource, 'EventSource is ours');
        check.done();
      }
    },
    {
      name: 'ours: headers are sent with each connection, with the values they have then',
      run: function (check) {
        var key = tools.newKey();
        var headers = { Authorization: 'Bearer one', 'X-Bongsu': '1' };
        var source = tools.open(check, stream([[send('retry: 50\n\n')], ['hang']], key), { headers: headers });
        source.onopen = function () {
          headers.Authorization = 'Bearer two';
        };
        tools.askUntil(check, key, tools.got(2), function (requests) {
          check.equal(requests.map(function (one) {
            return one.headers.authorization + ' ' + one.headers['x-bongsu'];
          }), ['Bearer one 1', 'Bearer two 1']);
          check.done();
        });
      }
    },
    {
      name: 'ours: a header that cannot be sent is an error at once at first, an error and the end later',
      run: function (check) {
        var headers = {};
        var before = window.onerror;
        var reported = 0;
        var source;
        var threw = false;
        try {
          tools.open(check, '/stream', { headers: { 'no name': 'x' } });
        } catch (error) {
          threw = true;
        }
        // The oldest send it, or leave it out.
        if (!threw) {
          check.done();
          return;
        }
        window.onerror = function () {
          reported += 1;
          return true;
        };
        check.afterwards(function () {
          window.onerror = before;
        });
        source = tools.open(check, stream([[send('retry: 50\n\n')]]), { headers: headers });
        source.onopen = function () {
          headers['no name'] = 'x';
        };
        source.onerror = check.guarded(function () {
          if (source.readyState === 0) return;
          check.equal(source.readyState, 2);
          check.later(100, function () {
            check.equal(reported, 1, 'reported');
            check.done();
          });
        });
      }
    },
    {
      name: 'ours: without retry after three seconds',
      run: function (check) {
        var key = tools.newKey();
        tools.open(check, stream([[send('data: a\n\n')]], key));
        tools.askUntil(check, key, tools.got(2), function (requests) {
          tools.checkGap(check, tools.gap(requests, 0), 2900, 4500);
          check.done();
        });
      }
    },
    {
      name: 'ours: retry of 0 waits longer and longer while nothing comes, and not after an event',
      run: function (check) {
        var nothing = tools.newKey();
        var something = tools.newKey();
        tools.open(check, stream([[send('retry: 0\n\n')]], nothing));
        tools.open(check, stream([[send('retry: 0\ndata: a\n\n')]], something));
        check.later(3000, function () {
          tools.asked(check, nothing, function (calm) {
            tools.asked(check, something, function (eager) {
              check.inTime(calm.length >= 4 && calm.length <= 12, 'few: ' + calm.length);
              check.inTime(eager.length >= 13, 'many: ' + eager.length);
              check.done();
            });
          });
        });
      }
    },
    {
      name: 'ours: after a redirect the next connection asks the first address again',
      run: function (check) {
        var key = tools.newKey();
        tools.open(check, stream([['status=302', 'header=Location: ' + stream([[send('retry: 50\n\n')]])]], key));
        check.waitsFor = 'another request';
        tools.askUntil(check, key, tools.got(2), check.done);
      }
    },
    {
      name: 'ours: a connection that is given up is not heard any more',
      run: function (check) {
        var fake = fakeXhr(false);
        var source = openOn(check, fake);
        var heard = heardOf(source);
        fake.become(2);
        fake.become(3, 'data: a\n\n');
        source.close();
        check.that(fake.aborted, 'aborted');
        fake.become(3, 'data: b\n\n');
        fake.become(4);
        check.equal(heard, ['open1', 'a']);
        check.done();
      }
    },
    {
      name: 'ours: a browser that throws until there is text, and tells of more by progress only',
      run: function (check) {
        var fake = fakeXhr(true);
        var source = openOn(check, fake);
        var heard = heardOf(source);
        fake.become(1);
        fake.become(2);
        check.equal(heard, []);
        fake.become(3, 'data: a\n');
        check.equal(heard, ['open1']);
        fake.text += '\ndata: b\n\n';
        fake.onprogress();
        check.equal(heard, ['open1', 'a', 'b']);
        fake.become(4, 'data: c\n\n');
        check.equal(heard, ['open1', 'a', 'b', 'c', 'error0']);
        check.done();
      }
    },
    {
      name: 'ours: the text received so far is asked for once for each piece',
      run: function (check) {
        var fake = fakeXhr(false);
        var source = openOn(check, fake);
        var heard = heardOf(source);
        var before;
        fake.become(2);
        before = fake.reads;
        fake.become(3, 'data: a\n\ndata: b\n\ndata: c\n\n');
        check.equal(heard, ['open1', 'a', 'b', 'c']);
        check.equal(fake.reads - before, 1);
        check.done();
      }
    },
    {
      name: 'ours: without overrideMimeType and responseURL a byte order mark that was left in is left out',
      run: function (check) {
        var fake = fakeXhr(false);
        var heard = heardOf(openOn(check, fake));
        fake.become(3, '\uFEFFdata: a\n\n');
        check.equal(heard, ['open1', 'a']);
        check.done();
      }
    },
    {
      name: 'ours: a listener added with once hears one event',
      run: function (check) {
        var seen = [];
        var source = tools.open(check, stream([[send('data: a\n\ndata: b\n\n')]]));
        source.addEventListener('message', function (event) {
          seen.push(event.data);
        }, { once: true });
        tools.gather(check, source, [], function () {
          check.equal(seen, ['a']);
          check.done();
        });
      }
    },
    {
      name: 'ours: install replaces what is there',
      run: function (check) {
        var before = window.EventSource;
        function Other() {}
        window.EventSource = Other;
        window.Bongsu.EventSource.install();
        check.that(window.EventSource === window.Bongsu.EventSource, 'installed');
        window.EventSource = before;
        check.done();
      }
    }
  ];
}(window.suite = window.suite || {}));
