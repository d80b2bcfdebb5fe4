/*
 * Signing in, in the page itself: what one was reading or writing stays where it is.
 */
(function (portal) {
  'use strict';

  var FAULTS = { 401: 'signIn.wrong', 400: 'signIn.wrong', 403: 'signIn.forbidden' };

  /**
   * @param {{panel: Element, form: HTMLFormElement, user: HTMLInputElement, password: HTMLInputElement,
   *   button: Element, note: Element}} parts
   * @param {Object} words
   * @param {Object} http
   * @param {function(Object)} entered given the answer of `GET api/session`
   */
  portal.login = function (parts, words, http, entered) {
    function note(key) {
      if (key) words.put(parts.note, key);
      else words.clear(parts.note);
    }

    function settle(fault) {
      parts.button.disabled = false;
      note(fault);
      if (fault) {
        parts.password.value = '';
        (fault === 'signIn.wrong' ? parts.password : parts.button).focus();
      }
    }

    function who() {
      http.request('GET', 'api/session', {}, function (answer) {
        settle(answer.status === 200 ? null : (FAULTS[answer.status] || 'signIn.unreachable'));
        if (answer.status === 200) {
          parts.panel.hidden = true;
          parts.password.value = '';
          entered(answer.body);
        }
      });
    }

    parts.form.addEventListener('submit', function (event) {
      event.preventDefault();
      parts.button.disabled = true;
      note('signIn.busy');
      http.request('POST', 'api/session', {
        body: { user: parts.user.value, password: parts.password.value }
      }, function (answer) {
        if (answer.status === 204 || answer.status === 200) who();
        else settle(FAULTS[answer.status] || 'signIn.unreachable');
      });
    });

    return {
      /** @param {?string} key a sentence that says why one is asked */
      ask: function (key) {
        note(key);
        parts.panel.hidden = false;
        (parts.user.value ? parts.password : parts.user).focus();
      }
    };
  };
}(window.Portal = window.Portal || {}));
