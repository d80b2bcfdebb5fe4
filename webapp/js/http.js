/*
 * JSON over XMLHttpRequest, to one portal, as one person. Writes carry X-Bongsu, which no other site's page can send, for
 * browsers that send no Origin.
 */
(function (bongsu) {
  'use strict';

  var TIMEOUT = 20000;

  function parsed(text) {
    try {
      return JSON.parse(text);
    } catch (notJson) {
      return null;
    }
  }

  function origin(address) {
    return (/^[a-z]+:\/\/[^\/]*/i.exec(address) || [''])[0];
  }

  /**
   * @typedef {{status: number, body: *, retryAfter: number, isCut: boolean, length: number}} Answer
   *   status 0: no answer came; body: the JSON, null if there is none; retryAfter: seconds, 0 if not said; isCut: an
   *   answer began, and its end is missing; length: of the text, in characters
   */

  /**
   * @param {{url: string, token: (string|undefined), clock: Object}} portal url: of the portal, ends with a slash, absolute
   *   in a worker; token: sent as Authorization in place of cookies
   */
  bongsu.http = function (portal) {
    var clock = portal.clock || bongsu.clock;
    var elsewhere = typeof location !== 'undefined' && origin(portal.url) && origin(portal.url) !== origin(location.href);
    var headers = portal.token ? { Authorization: 'Bearer ' + portal.token } : {};
    // Cookies go along by themselves to where the page came from; a token goes alone.
    var withCredentials = Boolean(elsewhere && !portal.token);

    /**
     * @param {string} path relative to the portal: "api/session"
     * @param {Array<Array<string>>=} pairs name and value of the query; a value of null leaves the pair out
     * @returns {string}
     */
    function url(path, pairs) {
      var parts = (pairs || []).filter(function (pair) {
        return pair[1] !== null;
      }).map(function (pair) {
        return pair[0] + '=' + encodeURIComponent(pair[1]);
      });
      return portal.url + path + (parts.length ? '?' + parts.join('&') : '');
    }

    /**
     * @param {string} method
     * @param {string} address as from {@link url}
     * @param {{body: *, headers: Object<string, string>, timeout: number}} options body: sent as JSON if defined;
     *   timeout: milliseconds until it is given up with status 0 (default 20 s)
     * @param {function(Answer)} done called once, unless aborted
     * @returns {function()} aborts; done is not called any more
     */
    function request(method, address, options, done) {
      var xhr = new XMLHttpRequest();
      var open = true;
      var hasBegun = false;
      var timer;

      function finish(status) {
        var body;
        var isBusy = status === 503 || status === 429;
        if (!open) return;
        open = false;
        clock.clear(timer);
        body = status ? parsed(xhr.responseText) : null;
        done({
          status: status,
          body: body,
          length: status ? xhr.responseText.length : 0,
          // Some engines show half a body as if it were whole: then it is no JSON.
          isCut: hasBegun && (!status || (status === 200 && !body)),
          // In the body too, since the page of another origin is not shown the header.
          retryAfter: Number(isBusy && (body && body.retryAfter || xhr.getResponseHeader('Retry-After'))) || 0
        });
      }

      function abort() {
        if (!open) return;
        open = false;
        clock.clear(timer);
        xhr.abort();
      }

      function add(more) {
        Object.keys(more).forEach(function (name) {
          xhr.setRequestHeader(name, more[name]);
        });
      }

      xhr.open(method, address, true);
      if (withCredentials) xhr.withCredentials = true;
      xhr.setRequestHeader('Accept', 'application/json, application/problem+json');
      if (method !== 'GET') xhr.setRequestHeader('X-Bongsu', '1');
      if (options.body !== undefined) xhr.setRequestHeader('Content-Type', 'application/json');
      add(headers);
      add(options.headers || {});
      xhr.onreadystatechange = function () {
        if (xhr.readyState === 4) finish(xhr.status);
        else if (xhr.readyState >= 2) hasBegun = true;
      };
      // Our own timer: xhr.timeout is missing in the oldest browsers and throws in some others.
      timer = clock.set(function () {
        finish(0);
        xhr.abort();
      }, options.timeout || TIMEOUT);
      xhr.send(options.body === undefined ? null : JSON.stringify(options.body));
      return abort;
    }

    return {
      url: url,
      request: request,
      headers: headers,
      withCredentials: withCredentials,
      token: portal.token,

      /** @returns {Array<Array<string>>} one `topic` pair for each topic, for {@link url} */
      topics: function (topics) {
        return topics.map(function (topic) {
          return ['topic', topic];
        });
      },

      /** What a refusal says, as the client tells it. */
      problem: function (answer) {
        var said = answer.body || {};
        // What is no answer of the portal's has no status of its.
        return { status: answer.status === 200 ? 0 : answer.status, title: said.title || '', detail: said.detail || '',
          retryAfter: answer.retryAfter || said.retryAfter || 0 };
      }
    };
  };
}(Bongsu));
