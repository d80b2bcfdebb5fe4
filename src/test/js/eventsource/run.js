/*
 * Runs what the page's address asks for.
 */
(function (suite) {
  'use strict';

  if (suite.implementation === 'polyfill') window.Bongsu.EventSource.install();
  // Ours first: WebKit no more sees a XMLHttpRequest put in the place of its own once the code that asks for it has run often.
  suite.run(suite.implementation === 'native' ? suite.connection : suite.ours.concat(suite.connection, suite.parser),
    suite.parameter('only'));
}(window.suite = window.suite || {}));
