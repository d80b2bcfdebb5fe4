/* A page with a client, which writes down what it is told. */
(function (root) {
  'use strict';

  /**
   * @param {Object} options as for Bongsu.connect; what is left out: everything that a lonely world has
   * @returns {{tab: Object, client: Object, got: Array<string>, errors: Array, resets: Array<string>, states: Array}}
   */
  root.reader = function (world, options) {
    var reader = { tab: world.tab(), got: [], errors: [], resets: [], states: [] };
    var given = { url: 'http://portal/', topics: ['a'], storage: world.storage, clock: reader.tab.clock, random: world.random,
      worker: 'worker.js' };

    Object.keys(options || {}).forEach(function (name) {
      given[name] = options[name];
    });
    given.open = given.open || {
      websocket: root.Bongsu.websocket,
      eventsource: root.Bongsu.eventsource,
      fetch: root.missing,
      xhr: root.missing,
      longpoll: root.Bongsu.longpoll,
      poll: root.Bongsu.poll
    };
    reader.tab.run(function () {
      reader.client = root.Bongsu.connect(given).on('message', function (message) {
        reader.got.push(message.id || message.body);
      }).on('error', function (problem) {
        reader.errors.push(problem.status);
      }).on('reset', function (reset) {
        reader.resets.push(reset.reason);
      }).on('state', function (state) {
        reader.states.push(state.name);
      });
    });

    ['subscribe', 'unsubscribe', 'publish', 'close', 'retry', 'use'].forEach(function (name) {
      reader[name] = function (first, second, third) {
        return reader.tab.run(function () {
          return reader.client[name](first, second, third);
        });
      };
    });

    /** Whether another brings what it reads. */
    reader.follows = function () {
      return reader.client.state.name === 'live' && !reader.client.state.leader;
    };
    reader.leads = function () {
      return reader.client.state.leader && reader.client.state.shared !== '';
    };
    return reader;
  };

  /** A transport that the browser has not. */
  root.missing = function (from, tell) {
    tell.ended('missing');
    return { close: function () {} };
  };

  /** A leader and one that follows, both live. */
  root.twoReaders = function (world, leads, follows) {
    var first = root.reader(world, leads);
    var second;
    world.until('the first leads', function () {
      return first.client.state.transport === 'websocket';
    });
    second = root.reader(world, follows);
    world.until('the second follows', second.follows);
    return [first, second];
  };

  root.portalSpec = function (name, run) {
    root.specIn(name, function (world) {
      run(world, root.makePortal(world));
    });
  };
}(typeof window === 'undefined' ? globalThis : window));
