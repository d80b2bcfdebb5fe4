/* Runs what the page's address asks for, and shows what came of it to people. */
(function (root) {
  'use strict';

  var only = /[?&]only=([^&]*)/.exec(location.search);
  var request = new XMLHttpRequest();

  // Workers of the world are made of it.
  request.open('GET', '/js/worker.js', false);
  request.send();
  root.workerSource = request.responseText;

  root.runSpecs(only && decodeURIComponent(only[1]), function (cases) {
    cases.forEach(function (one) {
      var item = document.createElement('li');
      item.textContent = (one.passed ? 'passed: ' : 'FAILED: ') + one.name + ' ' + one.detail;
      document.getElementById('results').appendChild(item);
    });
  });
}(window));
