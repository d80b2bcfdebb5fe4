/*
 * Puts the page together: who is signed in, what is loaded first, and where each message goes. The only file that
 * knows the document's ids.
 *
 * Loading has no seam: first the position of the log's head is fetched, then history (which reaches at least up to
 * it), then everything after that position is read live. What comes twice is dropped by its id.
 */
(function (bongsu) {
  'use strict';

  var TOPICS = ['**'];
  var ROOM = 'chat/general';
  var PAGE = 50;

  function byId(id) {
    return document.getElementById(id);
  }

  var kept = bongsu.memory(function () {
    return window.localStorage;
  });
  var keptForTab = bongsu.memory(function () {
    return window.sessionStorage;
  });
  var words = bongsu.words(document, 'ko');
  var backoff = bongsu.backoff(Math.random);
  var announcer = bongsu.announcer(byId('announcer'), words);
  var session = null;
  var generation = 0; // of loading; an answer to an earlier one is of no use
  var list = bongsu.list({
    pane: byId('list'),
    rows: byId('messages'),
    empty: byId('list-empty'),
    more: byId('list-more'),
    older: byId('older')
  }, words);
  var room = null;

  var client = bongsu.client({
    topics: TOPICS,
    chosen: keptForTab.get('transport') || 'auto',
    transports: {
      websocket: bongsu.websocket,
      sse: bongsu.sse,
      longpoll: bongsu.longpoll,
      poll: bongsu.poll
    },
    random: Math.random
  }, {
    messages: function (messages) {
      messages.forEach(arrive);
    },
    reset: reset,
    state: function (state) {
      chip.show(state);
      if (state.name === 'live') room.resend();
    },
    expired: function () {
      signIn('signIn.expired');
    }
  });

  var chip = bongsu.chip({
    chip: byId('chip'),
    text: byId('chip-text'),
    panel: byId('chip-panel'),
    why: byId('chip-why'),
    failures: byId('chip-failures'),
    since: byId('chip-since'),
    now: byId('chip-now'),
    close: byId('chip-close')
  }, words, {
    choose: function (transport) {
      keptForTab.set('transport', transport);
      client.choose(transport);
    },
    hurry: client.hurry
  }, announcer);

  var login = bongsu.login({
    panel: byId('login'),
    form: byId('login-form'),
    user: byId('login-user'),
    password: byId('login-password'),
    button: byId('login-button'),
    note: byId('login-note')
  }, words, entered);

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

  function reset(reason) {
    if (reason !== 'trimmed') {
      // What is listed is of a log that is no more; the list shows what the log has, as after opening the page.
      client.stop();
      load('reset.' + reason);
    } else {
      list.line('reset.trimmed');
    }
  }

  function history(topic, before, done) {
    bongsu.request('GET', bongsu.query('api/messages', [
      ['topic', topic], ['before', before], ['limit', String(PAGE)]
    ]), {}, done);
  }

  function listed(page) {
    page.messages.forEach(function (message) {
      if (message.topic !== ROOM) list.older(message);
    });
    list.endAt(page.next || null);
  }

  /** @param {?string} line a sentence to put above what is loaded */
  function load(line) {
    var mine = generation + 1;
    var missing = 2;
    var head = null;
    generation = mine;

    function need(answer, then) {
      if (mine !== generation) return;
      if (answer.status === 200 && answer.body) {
        byId('list-note').hidden = true;
        then(answer.body);
      } else if (answer.status === 401) {
        signIn('signIn.expired');
      } else {
        generation += 1;
        byId('list-note').hidden = false;
        setTimeout(function () {
          if (mine + 1 === generation) load(line);
        }, Math.max(backoff.next(), 1000 * answer.retryAfter));
      }
    }

    function arrived() {
      missing -= 1;
      if (missing > 0) return;
      backoff.reset();
      if (line) list.line(line);
      client.start(head);
    }

    bongsu.request('GET', bongsu.query('api/poll', bongsu.topicPairs(TOPICS).concat([['wait', '0']])), {},
      function (answer) {
        need(answer, function (now) {
          head = now.cursor;
          list.clear();
          room.clear();
          history(TOPICS[0], null, function (answer) {
            need(answer, function (page) {
              listed(page);
              arrived();
            });
          });
          history(ROOM, null, function (answer) {
            need(answer, function (page) {
              room.history(page.messages);
              arrived();
            });
          });
        });
      });
  }

  function older() {
    byId('older').disabled = true;
    history(TOPICS[0], list.bottom(), function (answer) {
      byId('older').disabled = false;
      words.put(byId('older'), answer.status === 200 ? 'list.older' : 'list.olderFailed');
      if (answer.status === 200) listed(answer.body);
      else if (answer.status === 401) signIn('signIn.expired');
    });
  }

  function signIn(why) {
    generation += 1;
    client.stop();
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
      if (!client.resume()) load(null);
      return;
    }
    room = bongsu.chat({
      log: byId('chat-log'),
      entries: byId('chat-entries'),
      empty: byId('chat-empty'),
      more: byId('chat-more'),
      form: byId('chat-form'),
      field: byId('chat-field')
    }, words, {
      user: who.user,
      publish: function (message, key, done) {
        client.publish(ROOM, message, key, done);
      }
    });
    load(null);
  }

  function begin() {
    bongsu.request('GET', 'api/session', {}, function (answer) {
      if (answer.status === 200) entered(answer.body);
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
    bongsu.request('DELETE', 'api/session', {}, function () {
      window.location.reload();
    });
  });
  window.addEventListener('online', client.hurry);
  document.addEventListener('visibilitychange', function () {
    if (!document.hidden) client.hurry();
  });

  speak(/^(ko|en)$/.test(kept.get('language')) ? kept.get('language') : bongsu.languageOf(window.navigator));
  // Where there is room the example stands open; on a phone it would hide the list.
  if (window.innerWidth >= 700) byId('try').setAttribute('open', '');
  chip.chosen(keptForTab.get('transport') || 'auto');
  begin();
}(window.Bongsu = window.Bongsu || {}));
