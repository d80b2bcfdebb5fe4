/*
 * Opens the address that it is told, in a worker or a shared worker, and tells what happens there; told "url of …" it tells
 * the url that a source of that address has.
 */
(function () {
  'use strict';

  function serve(port) {
    port.onmessage = function (message) {
      var source = new self.EventSource(message.data.replace('url of ', ''));
      if (/^url of /.test(message.data)) {
        source.close();
        port.postMessage(source.url);
        return;
      }
      source.onopen = function () {
        source.onopen = null;
        port.postMessage('open');
      };
      source.onerror = function () {
        port.postMessage('error ' + source.readyState);
      };
      source.onmessage = function (event) {
        port.postMessage(event.data + ' ' + event.lastEventId + ' ' + event.origin);
        if (event.data === 'b') source.close();
      };
    };
  }

  var implementation = /implementation=(\w+)/.exec(self.location.search)[1];
  if (implementation === 'missing') self.EventSource = undefined;
  self.importScripts(/file=([^&]+)/.exec(self.location.search)[1]);
  if (implementation === 'polyfill') self.Bongsu.EventSource.install();

  // A shared worker has a port for each page.
  if ('onconnect' in self) {
    self.onconnect = function (event) {
      serve(event.ports[0]);
    };
  } else {
    serve(self);
  }
}());
