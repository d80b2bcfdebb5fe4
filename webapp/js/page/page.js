/*
 * Puts the page together: who is signed in, what is loaded first, and where each message goes. The only file that
 * knows the document's ids.
 *
 * Loading has no seam: first the position of the log's head is fetched, then history (which reaches at least up to
 * it), then everything after that position is read live. What comes twice is dropped by its id.
 */
(function (portal) {
  'use strict';

  var TOPICS = ['**'];
  var ROOM = 'chat/general';
  var PAGE = 50;
  var FEW = 10; // with fewer rows than this of what was asked for, more is asked for: the rest was chat
  var LARGE_PAGE = 500;
  // What one may choose by hand. A page with a choice has a connection of its own.
  var CHOICES = {
    auto: null,
    websocket: ['websocket'],
    sse: ['eventsource', 'fetch', 'xhr'],
    longpoll: ['longpoll'],
    poll: ['poll']
  };

  function byId(id) {
    return document.getElementById(id);
  }

  var kept = Bongsu.memory(function () {
    return window.localStorage;
  });
  var keptForTab = Bongsu.memory(function () {
    return window.sessionStorage;
  });
  var words = portal.words(document, 'ko');
  var backoff = Bongsu.backoff(Math.random);
  var announcer = portal.announcer(byId('announcer'), words);
  var http = Bongsu.http({ url: '' });
  var client = null; // once it is known from where to read on
  var session = null;
  var generation = 0; // of loading; an answer to an earlier one is of no use
  var list = portal.list({
    pane: byId('list'),
    rows: byId('messages'),
    empty: byId('list-empty'),
    more: byId('list-more'),
    older: byId('older')
  }, words);
  var room = null;

  var chip = portal.chip({
    chip: byId('chip'),
    text: byId('chip-text'),
    panel: byId('chip-panel'),
    why: byId('chip-why'),
    failures: byId('chip-failures'),
    shared: byId('chip-shared'),
    since: byId('chip-since'),
    now: byId('chip-now'),
    close: byId('chip-close')
  }, words, {
    choose: function (transport) {
      keptForTab.set('transport', transport);
      if (client) client.use(CHOICES[transport]);
    },
    hurry: function () {
      if (client) client.retry();
    }
  }, announcer);

  var login = portal.login({
    panel: byId('login'),
    form: byId('login-form'),
    user: byId('login-user'),
    password: byId('login-password'),
    button: byId('login-button'),
    note: byId('login-note')
  }, words, http, entered);

  function isEphemeral(message) {
    return !message.id;
  }

  function arrive(message) {
    if (isEphemeral(message)) return;
    if (message.topic === ROOM) {
      room.arrive(message);
    } else {
      list.arrive(message);
      announcer.arrived(message.title || message.body || message.topic);
    }
  }

  function chosen() {
    var kept = keptForTab.get('transport');
    return CHOICES.hasOwnProperty(kept) ? kept : 'auto';
  }

  function connect(after) {
    disconnect();
    client = Bongsu.connect({ topics: TOPICS, after: after, transports: CHOICES[chosen()] });
    client.on('message', arrive);
    client.on('reset', function (told) {
      reset(told.reason);
    });
    client.on('state', show);
    client.on('error', function (problem) {
      if (problem.status === 401) signIn('signIn.expired');
    });
    show(client.state);
  }

  function disconnect() {
    if (client) client.off('state', show).close();
    client = null;
  }

  function show(state) {
    chip.show(state, chosen() !== 'auto');
    if (state.name === 'live') room.resend();
  }

  function reset(reason) {
    if (reason !== 'trimmed') {
      // What is listed is of a log that is no more; the list shows what the log has, as after opening the page.
      disconnect();
      load('reset.' + reason);
    } else {
      list.line('reset.trimmed');
    }
  }

  function history(topic, before, limit, done) {
    http.request('GET', http.url('api/messages', [
      ['topic', topic], ['before', before], ['limit', String(limit)]
    ]), {}, done);
  }

  /**
   * Fetches what came before a position, until there is something to show or nothing more: where people chat a lot,
   * whole pages of history hold no notification.
   * @param {?string} before null: the newest
   * @param {function(Array, ?string)} then given notifications, newest first, and the position before which to go on
   * @param {function(Answer)} failed
   */
  function notifications(before, then, failed) {
    var found = [];

    function take(answer) {
      if (answer.status !== 200 || !answer.body) {
        failed(answer);
        return;
      }
      found = found.concat(answer.body.messages.filter(function (message) {
        return message.topic !== ROOM;
      }));
      if (found.length < FEW && answer.body.next) history(TOPICS[0], answer.body.next, LARGE_PAGE, take);
      else then(found, answer.body.next || null);
    }

    history(TOPICS[0], before, PAGE, take);
  }

  function listed(messages, next) {
    messages.forEach(list.older);
    list.endAt(next);
  }

  /** @param {?string} line a sentence to put above what is loaded */
  function load(line) {
    var mine = generation + 1;
    var head = null;
    var rows = null;
    var next = null;
    var said = null;
    generation = mine;

    function failed(answer) {
      if (mine !== generation) return;
      if (answer.status === 401) {
        signIn('signIn.expired');
        return;
      }
      generation += 1;
      byId('list-note').hidden = false;
      setTimeout(function () {
        if (mine + 1 === generation) load(line);
      }, Math.max(backoff.next(), 1000 * answer.retryAfter));
    }

    function need(then) {
      return function (answer) {
        if (answer.status !== 200 || !answer.body) failed(answer);
        else if (mine === generation) then(answer.body);
      };
    }

    // What was there stays until all is here that takes its place.
    function arrived() {
      if (mine !== generation || !rows || !said) return;
      backoff.reset();
      byId('list-note').hidden = true;
      list.clear();
      room.clear();
      listed(rows, next);
      room.history(said);
      if (line) list.line(line);
      connect(head);
    }

    http.request('GET', http.url('api/poll', http.topics(TOPICS).concat([['wait', '0']])), {},
      need(function (now) {
        head = now.cursor;
        notifications(null, function (messages, position) {
          rows = messages;
          next = position;
          arrived();
        }, failed);
        history(ROOM, null, PAGE, need(function (page) {
          said = page.messages;
          arrived();
        }));
      }));
  }

  function older() {
    var mine = generation;
    var rows = list.count();

    function settle(word) {
      byId('older').disabled = false;
      words.put(byId('older'), word);
    }

    function next() {
      var before = list.bottom();
      notifications(before, function (messages, position) {
        // The list may have been loaded again or cut short meanwhile; what comes now would leave a hole.
        var fits = mine === generation && list.bottom() === before;
        if (fits) listed(messages, position);
        // Whatever came may all have been replaced by newer ones of the same keys.
        if (fits && position && list.count() <= rows) next();
        else settle('list.older');
      }, function (answer) {
        settle('list.olderFailed');
        if (answer.status === 401) signIn('signIn.expired');
      });
    }

    byId('older').disabled = true;
    next();
  }

  function signIn(why) {
    generation += 1;
    byId('portal').hidden = true;
    byId('account').hidden = true;
    login.ask(why);
  }

  /** The command that sends something here; to where this person may send. */
  function example() {
    var here = window.location.href.replace(/[^\/]*$/, '').replace(/[?#].*$/, '');
    var mayPublish = session.roles.some(function (role) {
      return role === 'bongsu-publisher' || role === 'bongsu-admin';
    });
    var start = 'curl -u ' + session.user + ' -d "';
    // What others may send with the command goes to the chat: the list would stay as it is.
    words.put(byId('list-empty'), mayPublish ? 'list.emptyTry' : 'list.empty');
    byId('example').textContent = mayPublish
      ? start + words.say('try.body', []) + '" -H "Title: ' + words.say('try.title', []) + '" ' + here +
        'api/topics/demo/backup'
      : start + words.say('try.chat', []) + '" ' + here + 'api/topics/' + ROOM;
  }

  function entered(who) {
    var before = session;
    if (before && before.user !== who.user) {
      // Another person: nothing of the one before may stay in the page.
      window.location.reload();
      return;
    }
    session = who;
    words.put(byId('user'), 'user', [who.user]);
    byId('portal').hidden = false;
    byId('account').hidden = false;
    example();
    if (before) {
      // Signed in again: on from the cursor, unless there never was one.
      if (client) client.retry();
      else load(null);
      return;
    }
    room = portal.chat({
      log: byId('chat-log'),
      entries: byId('chat-entries'),
      empty: byId('chat-empty'),
      more: byId('chat-more'),
      form: byId('chat-form'),
      field: byId('chat-field')
    }, words, {
      user: who.user,
      publish: function (message, key, done) {
        // While the page begins anew: as if it had not got through.
        if (!client) {
          done({ status: 0 });
          return;
        }
        client.publish(ROOM, message, { idempotencyKey: key }, function (problem, receipt) {
          done(problem ? { status: problem.status, body: problem } : { status: 201, id: receipt.id });
        });
      }
    });
    load(null);
  }

  function begin() {
    http.request('GET', 'api/session', {}, function (answer) {
      // A server that is just being started says nothing about who is signed in.
      var isDown = answer.status === 0 || answer.status === 429 || answer.status >= 500;
      byId('opening').hidden = !isDown;
      if (isDown) setTimeout(begin, Math.max(backoff.next(), 1000 * answer.retryAfter));
      else if (answer.status === 200) entered(answer.body);
      else if (answer.status === 401) signIn(null);
      else signIn(answer.status === 403 ? 'signIn.forbidden' : 'signIn.unreachable');
    });
  }

  function speak(language) {
    words.speak(language);
    byId('language').value = language;
    if (session) example();
  }

  byId('language').addEventListener('change', function () {
    kept.set('language', byId('language').value);
    speak(byId('language').value);
  });
  byId('older').addEventListener('click', older);
  byId('sign-out').addEventListener('click', function () {
    http.request('DELETE', 'api/session', {}, function () {
      window.location.reload();
    });
  });

  speak(/^(ko|en)$/.test(kept.get('language')) ? kept.get('language') : portal.languageOf(window.navigator));
  // Where there is room the example stands open; on a phone it would hide the list.
  if (window.innerWidth >= 700) byId('try').setAttribute('open', '');
  chip.chosen(chosen());
  begin();
}(window.Portal = window.Portal || {}));
