/*
 * What the page's address asks for, and what has to happen before eventsource.js is loaded.
 */
(function (suite) {
  'use strict';

  /** @returns {string} a parameter of the page's address, '' if it is not there */
  suite.parameter = function (name) {
    var found = new RegExp('[?&]' + name + '=([^&]*)').exec(window.location.search);
    return found ? decodeURIComponent(found[1]) : '';
  };

  suite.file = suite.parameter('file') || '/js/eventsource.js';
  suite.implementation = suite.parameter('implementation') || 'polyfill';
  if (suite.implementation === 'missing') window.EventSource = undefined;
  document.write('<script src="' + suite.file + '"><\/script>');
}(window.suite = window.suite || {}));
