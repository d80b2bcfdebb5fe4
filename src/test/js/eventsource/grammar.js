/*
 * Event streams and what they mean (WHATWG HTML 9.2.5 and 9.2.6). Each is given to the parser whole, cut in two at every
 * place and one character at a time, and to an EventSource over the network.
 *
 *   stream   the text
 *   events   [type, data, last event id] of each event, in order
 *   lastId   the last event id afterwards; not said: that of the last event, or none
 *   retry    what `retry` has set, in order; not said: nothing
 */
(function (suite) {
  'use strict';

  var LONG = new Array(20001).join('long ');

  suite.grammar = [
    // Events
    { name: 'an empty line ends an event', stream: 'data: a\n\n', events: [['message', 'a', '']] },
    { name: 'events come in order', stream: 'data: 1\n\ndata: 2\n\ndata: 3\n\n',
      events: [['message', '1', ''], ['message', '2', ''], ['message', '3', '']] },
    { name: 'an empty stream has no events', stream: '', events: [] },
    { name: 'empty lines alone are no events', stream: '\n\n\r\n\n\r\r', events: [] },
    { name: 'a line of blanks is not an empty line', stream: 'data: a\n \n\t\ndata: b\n\n', events: [['message', 'a\nb', '']] },
    { name: 'a last event without its empty line has never been', stream: 'data: a\n\ndata: b\n', events: [['message', 'a', '']] },
    { name: 'a last event cut within its line has never been', stream: 'data: a\n\ndata: b', events: [['message', 'a', '']] },
    { name: 'a last event cut within CRLF has been if its CR ends an empty line', stream: 'data: a\r\n\r',
      events: [['message', 'a', '']] },

    // Line ends
    { name: 'lines end with LF', stream: 'data: a\ndata: b\n\n', events: [['message', 'a\nb', '']] },
    { name: 'lines end with CR', stream: 'data: a\rdata: b\r\r', events: [['message', 'a\nb', '']] },
    { name: 'lines end with CRLF', stream: 'data: a\r\ndata: b\r\n\r\n', events: [['message', 'a\nb', '']] },
    { name: 'line ends may be mixed', stream: 'data: a\rdata: b\r\ndata: c\ndata: d\r\n\rdata: e\n\r\ndata: f\n\n',
      events: [['message', 'a\nb\nc\nd', ''], ['message', 'e', ''], ['message', 'f', '']] },
    { name: 'LF CR is two line ends', stream: 'data: a\n\rdata: b\n\r', events: [['message', 'a', ''], ['message', 'b', '']] },
    { name: 'nothing else ends a line', stream: 'data: a\u000Bb\u000Cc\u0085d\u2028e\u2029f\u001Eg\n\n',
      events: [['message', 'a\u000Bb\u000Cc\u0085d\u2028e\u2029f\u001Eg', '']] },

    // Fields
    { name: 'one blank after the colon is left out, no more', stream: 'data:a\ndata: b\ndata:  c\ndata:\td\ndata: \n\n',
      events: [['message', 'a\nb\n c\n\td\n', '']] },
    { name: 'blanks at the end of a line are kept', stream: 'data: a \ndata: b\t\n\n', events: [['message', 'a \nb\t', '']] },
    { name: 'only the first colon divides', stream: 'data:a:b: c\ndata::d\ndata: :e\n\n', events: [['message', 'a:b: c\n:d\n:e', '']] },
    { name: 'a line without a colon is a field without a value', stream: 'data\n\ndata\ndata\n\ndata:x\n\n',
      events: [['message', '', ''], ['message', '\n', ''], ['message', 'x', '']] },
    { name: 'data may be empty', stream: 'data:\n\ndata: \n\n', events: [['message', '', ''], ['message', '', '']] },
    { name: 'empty data lines are kept', stream: 'data:\ndata: a\ndata:\ndata\n\n', events: [['message', '\na\n\n', '']] },
    { name: 'a line that starts with a colon is a comment', stream: ': a\n:\n::\n:data: b\ndata: c\n: d\ndata: e\n:\n\n',
      events: [['message', 'c\ne', '']] },
    { name: 'a comment does not end an event', stream: 'data: a\n:\n:\n\n', events: [['message', 'a', '']] },
    { name: 'a comment alone is no event', stream: ': a\n\n:\n\n', events: [] },
    { name: 'a comment may be long', stream: ':' + LONG + '\ndata: a\n\n', events: [['message', 'a', '']], isLong: true },
    { name: 'unknown fields are nothing', stream: 'dat: a\ndatas: b\nfoo\nfoo: c\n data: d\ndata : e\ndata\t: f\ndata: g\n\n',
      events: [['message', 'g', '']] },
    { name: 'names of fields are in lower case', stream: 'Data: a\nDATA: b\nEvent: c\nId: 1\nID: 2\ndata: d\n\n',
      events: [['message', 'd', '']] },
    { name: 'a block of unknown fields is no event', stream: 'foo: a\n\nbar\n\n', events: [] },
    { name: 'fields may come in any order', stream: 'data: a\nid: 1\nevent: b\ndata: c\n\n', events: [['b', 'a\nc', '1']] },
    { name: 'a name of an object\'s own is an unknown field', stream: '__proto__: a\nconstructor: b\ntoString\ndata: c\n\n',
      events: [['message', 'c', '']] },

    // event
    { name: 'event names the type', stream: 'event: a\ndata: b\n\n', events: [['a', 'b', '']] },
    { name: 'the type is of one event only', stream: 'event: a\ndata: b\n\ndata: c\n\n', events: [['a', 'b', ''], ['message', 'c', '']] },
    { name: 'the last type holds', stream: 'event: a\nevent: b\ndata: c\n\n', events: [['b', 'c', '']] },
    { name: 'an empty type is message', stream: 'event: a\nevent:\ndata: b\n\nevent\ndata: c\n\nevent: \ndata: d\n\n',
      events: [['message', 'b', ''], ['message', 'c', ''], ['message', 'd', '']] },
    { name: 'a type without data is forgotten', stream: 'event: a\n\ndata: b\n\n', events: [['message', 'b', '']] },
    { name: 'a type may be any text', stream: 'event:  a b:\ndata: 1\n\nevent: 알림\ndata: 2\n\n',
      events: [[' a b:', '1', ''], ['알림', '2', '']] },
    { name: 'a type may be a name that every object has',
      stream: 'event: __proto__\ndata: 1\n\nevent: constructor\ndata: 2\n\nevent: hasOwnProperty\ndata: 3\n\n',
      events: [['__proto__', '1', ''], ['constructor', '2', ''], ['hasOwnProperty', '3', '']] },
    { name: 'a type may be open', stream: 'event: open\ndata: a\n\n', events: [['open', 'a', '']] },

    // id
    { name: 'an id is told with its event', stream: 'id: 1\ndata: a\n\n', events: [['message', 'a', '1']] },
    { name: 'an id is told with all events until the next', stream: 'id: 1\ndata: a\n\ndata: b\n\nevent: c\ndata: d\n\nid: 2\ndata: e\n\n',
      events: [['message', 'a', '1'], ['message', 'b', '1'], ['c', 'd', '1'], ['message', 'e', '2']] },
    { name: 'an empty id takes it back', stream: 'id: 1\ndata: a\n\nid:\ndata: b\n\nid: 2\ndata: c\n\nid\ndata: d\n\ndata: e\n\n',
      events: [['message', 'a', '1'], ['message', 'b', ''], ['message', 'c', '2'], ['message', 'd', ''], ['message', 'e', '']] },
    { name: 'an id in a block without data counts', stream: 'id: 1\n\ndata: a\n\n', events: [['message', 'a', '1']] },
    { name: 'an id in the last block without data counts', stream: 'data: a\n\nid: 1\n\n', events: [['message', 'a', '']], lastId: '1' },
    { name: 'an id in a last block without its empty line does not count', stream: 'id: 1\ndata: a\n\nid: 2\ndata: b\n',
      events: [['message', 'a', '1']] },
    { name: 'an id with NUL in it is nothing', stream: 'id: 1\ndata: a\n\nid: 2\u0000\ndata: b\n\nid: \u0000\ndata: c\n\n',
      events: [['message', 'a', '1'], ['message', 'b', '1'], ['message', 'c', '1']] },
    { name: 'an id may be any other text', stream: 'id:  a b:\u0001\ndata: 1\n\nid: 둘\ndata: 2\n\n',
      events: [['message', '1', ' a b:\u0001'], ['message', '2', '둘']] },
    { name: 'the last id of a block holds', stream: 'id: 1\nid: 2\ndata: a\nid: 3\n\n', events: [['message', 'a', '3']] },

    // retry
    { name: 'retry is told when its line ends', stream: 'retry: 100\n', events: [], retry: [100] },
    { name: 'retry is no event', stream: 'retry: 100\n\ndata: a\nretry:200\n\n', events: [['message', 'a', '']], retry: [100, 200] },
    { name: 'retry may begin with zeros', stream: 'retry: 00100\n\n', events: [], retry: [100] },
    { name: 'retry that is not all digits is nothing', events: [['message', 'a', '']],
      stream: 'retry: 100x\nretry: x100\nretry: 1e3\nretry: 0x64\nretry: 1.5\nretry: -1\nretry: +1\nretry: 1 \nretry:  1\n' +
        'retry: \u0661\nretry: \uFF11\nretry: 1\u0000\ndata: a\n\n' },
    { name: 'retry without a value is nothing', stream: 'retry\nretry:\nretry: \ndata: a\n\n', events: [['message', 'a', '']] },

    // Characters
    { name: 'a byte order mark at the start is left out', stream: '\uFEFFdata: a\n\n', events: [['message', 'a', '']] },
    { name: 'a byte order mark before a comment is left out', stream: '\uFEFF: a\ndata: b\n\n', events: [['message', 'b', '']] },
    { name: 'a second byte order mark is part of the line', stream: '\uFEFF\uFEFFdata: a\ndata: b\n\n', events: [['message', 'b', '']] },
    { name: 'a byte order mark elsewhere is part of the line', stream: 'data: a\n\n\uFEFFdata: b\ndata: \uFEFFc\n\n',
      events: [['message', 'a', ''], ['message', '\uFEFFc', '']] },
    { name: 'NUL in data is kept', stream: 'data: a\u0000b\n\n', events: [['message', 'a\u0000b', '']] },
    { name: 'NUL in the name of a field makes it unknown', stream: 'da\u0000ta: a\ndata\u0000: b\ndata: c\n\n', events: [['message', 'c', '']] },
    { name: 'data may have characters of two, three and four bytes', stream: 'data: é 안녕하세요 \uD83D\uDE00\n\n',
      events: [['message', 'é 안녕하세요 \uD83D\uDE00', '']] },

    // Size
    { name: 'a line may be long', stream: 'data: ' + LONG + '\n\n', events: [['message', LONG, '']], isLong: true },
    { name: 'an event may have many lines', stream: new Array(1001).join('data: a\n') + '\n',
      events: [['message', new Array(1001).join('\na').slice(1), '']], isLong: true },
    { name: 'a block may be followed by many that are empty', stream: 'data: a\n\n' + new Array(1001).join('\n') + 'data: b\n\n',
      events: [['message', 'a', ''], ['message', 'b', '']], isLong: true }
  ];
}(window.suite = window.suite || {}));
