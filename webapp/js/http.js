/*
 * JSON over XMLHttpRequest. Paths are relative to the page ("api/session"), so the portal may live under any context
 * path. Writes carry X-Bongsu, which no other site's page can send, for browsers that send no Origin.
 */
(function (bongsu) {
  'use strict';

  function parsed(text) {
    try {
      return JSON.parse(text);
    } catch (notJson) {
      return null;
    }
  }

  /**
   * @typedef {{status: number, body: *, retryAfter: number}} Answer
   *   status 0: no answer came; body: the JSON, null if there is none; retryAfter: seconds, 0 if not said
   */

  /**
   * @param {string} method
   * @param {string} path relative to the page
   * @param {{body: *, headers: Object<string, string>, timeout: number}} options body: sent as JSON if defined;
   *   timeout: milliseconds until it is given up with status 0 (default 20 s)
   * @param {function(Answer)} done called once, unless aborted
   * @returns {function()} aborts; done is not called any more
   */
  bongsu.request = function (method, path, options, done) {
    var xhr = new XMLHttpRequest();
    var open = true;
    var timer;

    function finish(status) {
      if (!open) return;
      open = false;
      clearTimeout(timer);
      done({
        status: status,
        body: status ? parsed(xhr.responseText) : null,
        retryAfter: status ? Number(xhr.getResponseHeader('Retry-After')) || 0 : 0
      });
    }

    function abort() {
      open = false;
      clearTimeout(timer);
      xhr.abort();
    }

    xhr.open(method, path, true);
    xhr.setRequestHeader('Accept', 'application/json, application/problem+json');
    if (method !== 'GET') xhr.setRequestHeader('X-Bongsu', '1');
    Object.keys(options.headers || {}).forEach(function (name) {
      xhr.setRequestHeader(name, options.headers[name]);
    });
    if (options.body !== undefined) xhr.setRequestHeader('Content-Type', 'application/json');
    xhr.onreadystatechange = function () {
      if (xhr.readyState === 4) finish(xhr.status);
    };
    // Our own timer: xhr.timeout is missing in the oldest browsers and throws in some others.
    timer = setTimeout(function () {
      finish(0);
      xhr.abort();
    }, options.timeout || 20000);
    xhr.send(options.body === undefined ? null : JSON.stringify(options.body));
    return abort;
  };

  /**
   * @param {string} path
   * @param {Array<Array<string>>} pairs name and value; a value of null leaves the pair out
   * @returns {string} the path with its query
   */
  bongsu.query = function (path, pairs) {
    var parts = [];
    pairs.forEach(function (pair) {
      if (pair[1] !== null) parts.push(pair[0] + '=' + encodeURIComponent(pair[1]));
    });
    return path + '?' + parts.join('&');
  };

  /** @returns {Array<Array<string>>} one `topic` pair for each topic, for {@link query} */
  bongsu.topicPairs = function (topics) {
    return topics.map(function (topic) {
      return ['topic', topic];
    });
  };
}(window.Bongsu = window.Bongsu || {}));
