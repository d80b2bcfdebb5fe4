/*
 * The grammar given to Bongsu.eventStreamParser directly, cut at every place.
 */
(function (suite) {
  'use strict';

  /** @returns {{events: Array, retry: Array, lastId: string}} what comes out when these pieces go in */
  function parsed(pieces) {
    var out = { events: [], retry: [], lastId: '' };
    var parse = window.Bongsu.eventStreamParser(function (event) {
      out.events.push([event.type, event.data, event.lastEventId]);
    }, function (milliseconds) {
      out.retry.push(milliseconds);
    });
    pieces.forEach(function (piece) {
      out.lastId = parse(piece);
    });
    return out;
  }

  function expected(one) {
    var last = one.events[one.events.length - 1];
    var lastId = one.lastId !== undefined ? one.lastId : last ? last[2] : '';
    return { events: one.events, retry: one.retry || [], lastId: lastId };
  }

  var cut = suite.grammar.map(function (one) {
    return {
      name: 'parser, however cut: ' + one.name,
      run: function (check) {
        var text = one.stream;
        // Long ones at a few hundred places: at all of them it would be a matter of minutes.
        var step = one.isLong ? 997 : 1;
        check.equal(parsed([text]), expected(one), 'whole');
        for (var i = 0; i <= text.length; i += step) {
          check.equal(parsed([text.slice(0, i), text.slice(i)]), expected(one), 'cut at ' + i);
        }
        if (!one.isLong) {
          for (var j = 0; j < text.length; j++) {
            for (var k = j; k < text.length; k++) {
              check.equal(parsed([text.slice(0, j), text.slice(j, k), text.slice(k)]), expected(one),
                'cut at ' + j + ' and ' + k);
            }
          }
        }
        check.equal(parsed(text.split('')), expected(one), 'one by one');
        check.done();
      }
    };
  });

  suite.parser = cut.concat([
    {
      name: 'parser: an event that ends in CR does not wait for the next piece',
      run: function (check) {
        var seen = [];
        var parse = window.Bongsu.eventStreamParser(function (event) {
          seen.push(event.data);
        });
        parse('data: a\r\r');
        check.equal(seen, ['a']);
        parse('\ndata: b\r');
        parse('\n');
        check.equal(seen, ['a']);
        parse('\r');
        check.equal(seen, ['a', 'b']);
        check.done();
      }
    },
    {
      name: 'parser: the last id of an earlier connection holds until there is another',
      run: function (check) {
        var seen = [];
        var parse = window.Bongsu.eventStreamParser(function (event) {
          seen.push(event.lastEventId);
        }, null, '7');
        check.equal(parse(''), '7');
        check.equal(parse('retry: 1\ndata: a\n\nid: 8\n'), '7');
        check.equal(parse('data: b\n\n'), '8');
        check.equal(seen, ['7', '8']);
        check.done();
      }
    },
    {
      name: 'parser: a line of a megabyte in small pieces takes no long time',
      run: function (check) {
        var piece = new Array(65).join('x');
        var size = 0;
        var began = Date.now();
        var parse = window.Bongsu.eventStreamParser(function (event) {
          size = event.data.length;
        });
        parse('data: ');
        for (var i = 0; i < 16384; i++) parse(piece);
        parse('\n\n');
        check.equal(size, 16384 * 64);
        check.that(Date.now() - began < 3000, 'within 3 s, not ' + (Date.now() - began) + ' ms');
        check.done();
      }
    },
    {
      name: 'parser: two parsers do not know each other',
      run: function (check) {
        var seen = [];
        var inner = window.Bongsu.eventStreamParser(function (event) {
          seen.push(event.data);
        });
        var outer = window.Bongsu.eventStreamParser(function (event) {
          seen.push(event.data);
          inner('data: in ' + event.data + '\n\n');
        });
        outer('data: a\n\ndata: b\n\n');
        check.equal(seen, ['a', 'in a', 'b', 'in b']);
        check.done();
      }
    }
  ]);
}(window.suite = window.suite || {}));
