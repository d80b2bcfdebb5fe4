/*
 * The hub: where one link serves several tabs. It stands beside the link, in the tab that leads or in a worker, and hands on
 * to the others (members) what the link brings. Both sides speak in small objects over whatever channel there is:
 *
 *   member → hub   join {from, topics, cursor, join}, here {from}, leave {from}, hint {isNew}
 *   hub → members  beat, covered {to, join}, refused {to}, messages {messages, cursor}, reset, state {state}, stopped, resign
 *
 * Everything from a hub carries `hub` (its id), `since` (when it began: of two hubs the later one counts) and `seq`, the
 * number of the last thing that may not be missed, so that a member notices a hole and joins anew.
 *
 * `covered` says: whatever comes after it is handed on for the member's topics as well. The member asks the server once
 * for what came before, and has all.
 */
(function (bongsu) {
  'use strict';

  var BEAT = 2000;
  var SILENT = 180000; // hidden tabs' timers may come once a minute
  var MOST_TOPICS = 64;
  var MOST_CHARACTERS = 3000; // of a query of 4 KiB

  /**
   * @param {{link: Object, clock: Object, id: string, own: function(): Array<string>, gone: function(string, boolean)}}
   *   options own: the topics of the tab that leads; none in a worker. gone: told of each member that has left, and
   *   whether it was the last
   * @param {function(Object)} post to all members
   */
  bongsu.hub = function (options, post) {
    var clock = options.clock;
    var since = clock.now();
    var members = {}; // id → { topics, heardAt }
    var covered = options.own();
    var waiting = []; // what asked to join while the link was behind
    var seq = 0;
    var rest;

    function say(op, more) {
      var what = more || {};
      what.op = op;
      what.hub = options.id;
      what.since = since;
      what.seq = seq;
      post(what);
    }

    function wanted() {
      return Object.keys(members).reduce(function (all, id) {
        return bongsu.topics.union(all, members[id].topics);
      }, options.own());
    }

    /** Wider at once; narrower only along with something else, since it costs a new stream. */
    function cover() {
      var all = wanted();
      if (!bongsu.topics.without(all, covered).length) return;
      covered = all;
      options.link.topics(all);
    }

    function join(message) {
      var all;
      members[message.from] = { topics: message.topics, heardAt: clock.now() };
      all = wanted();
      if (all.length > MOST_TOPICS || encodeURIComponent(all.join('&topic=')).length > MOST_CHARACTERS) {
        say('refused', { to: message.from });
        leave(message.from);
        return;
      }
      if (!options.link.isRunning()) {
        covered = all;
        options.link.topics(all);
        options.link.start(message.cursor);
      } else {
        cover();
      }
      // A link that is still behind would tell again what the member has; one that begins at "latest" may begin after it.
      if (options.link.isCaughtUp()) answer(message);
      else waiting.push(message);
    }

    function answer(message) {
      say('covered', { to: message.from, join: message.join, state: options.link.state() });
    }

    function leave(id) {
      delete members[id];
      options.gone(id, !Object.keys(members).length);
    }

    rest = bongsu.every(clock, BEAT, function () {
      var now = clock.now();
      Object.keys(members).forEach(function (id) {
        if (now - members[id].heardAt <= SILENT) return;
        // It may be there all the same, when the computer has slept: a hole makes it join anew.
        seq += 1;
        leave(id);
      });
      say('beat');
    });
    say('beat');

    return {
      since: since,

      /** From a member. */
      hear: function (message) {
        var member = members[message.from];
        if (message.op === 'join') join(message);
        else if (message.op === 'leave') leave(message.from);
        else if (message.op === 'hint') options.link.hint(message.isNew);
        else if (message.op === 'hello') say('beat');
        if (member) member.heardAt = clock.now();
      },

      /** The link has told all that there was. */
      caughtUp: function () {
        waiting.splice(0).forEach(answer);
      },

      /** The leading tab's own topics have changed. */
      cover: cover,

      /** Whether the link reads topics for others. */
      isWider: function () {
        return bongsu.topics.without(covered, options.own()).length > 0;
      },

      messages: function (messages, cursor) {
        seq += 1;
        say('messages', { messages: messages, cursor: cursor });
      },

      reset: function () {
        seq += 1;
        say('reset');
      },

      state: function (state) {
        say('state', { state: state });
      },

      /** The link has stopped: each member sees for itself whether it may go on. */
      stopped: function () {
        members = {};
        covered = options.own();
        seq += 1;
        say('stopped');
      },

      /** Another takes over. */
      resign: function () {
        rest();
        say('resign');
      },

      /** Another has taken over already. */
      end: rest
    };
  };
}(Bongsu));
