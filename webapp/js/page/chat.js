/*
 * The chat room: a log, a field, and what one has written oneself until the log brings it back. A message of one's own
 * is shown as "sending" at once and gives way to the real one when that arrives; if it cannot be sent it stays, with a
 * button to try again under the same idempotency key, so that trying again never says it twice.
 */
(function (portal) {
  'use strict';

  var MOST = 500;
  var NEAR = 60; // pixels from the end that still count as being at the end

  function newKey() {
    var key = '';
    while (key.length < 24) key += Math.floor(Math.random() * 0x100000000).toString(36);
    return key;
  }

  /**
   * @param {{log: Element, entries: Element, empty: Element, more: Element, form: HTMLFormElement,
   *   field: HTMLTextAreaElement}} parts log: what scrolls
   * @param {Object} words
   * @param {{user: string, publish: function(Object, string, function(Object))}} room
   */
  portal.chat = function (parts, words, room) {
    var el = portal.element;
    var shown = {}; // id → its entry
    var order = []; // ids, oldest first
    var unsent = []; // how to send again what could not be sent for want of a server
    var sent = {}; // id → the entry that says "sending", until the message itself arrives

    function atEnd() {
      return parts.log.scrollHeight - parts.log.scrollTop - parts.log.clientHeight < NEAR;
    }

    function toEnd() {
      parts.log.scrollTop = parts.log.scrollHeight;
      parts.more.hidden = true;
    }

    function entry(message) {
      var mine = message.sender === room.user;
      var head = el('p', 'head', [el('span', 'sender', message.sender), words.time(message.time)]);
      var children = [head];
      var item;
      if (message.title) children.push(el('p', 'subject', message.title));
      if (message.body) children.push(el('p', 'body', message.body));
      item = el('li', mine ? 'entry mine' : 'entry', children);
      item.setAttribute('data-id', message.id);
      return item;
    }

    function remove(item) {
      if (item && item.parentNode) item.parentNode.removeChild(item);
    }

    function settle() {
      parts.empty.hidden = parts.entries.firstChild !== null;
    }

    function put(message, before) {
      shown[message.id] = entry(message);
      parts.entries.insertBefore(shown[message.id], before);
    }

    function firstPending() {
      return parts.entries.querySelector('.pending');
    }

    /** The message itself is here, by whatever way: what says "sending" goes. */
    function isHere(id) {
      remove(sent[id]);
      delete sent[id];
    }

    function arrive(message) {
      var follow = atEnd();
      isHere(message.id);
      if (shown[message.id]) return;
      put(message, firstPending());
      order.push(message.id);
      while (order.length > MOST && follow) {
        remove(shown[order[0]]);
        delete shown[order.shift()];
      }
      settle();
      if (follow) toEnd();
      else parts.more.hidden = false;
    }

    // 401: the session ended in between. Whoever signs in again still wants it said.
    function waits(answer) {
      return answer.status === 0 || answer.status === 401;
    }

    function refused(answer) {
      return answer.status >= 400 && answer.status < 500 && !waits(answer) && answer.status !== 429 &&
        answer.status !== 409;
    }

    function failed(pending, answer, again) {
      var fate = pending.querySelector('.fate');
      pending.classList.add('failed');
      if (refused(answer)) {
        words.put(fate, 'chat.refused', [(answer.body && answer.body.detail) || '']);
      } else {
        words.put(fate, waits(answer) ? 'chat.unsent' : 'chat.failed');
        if (waits(answer)) unsent.push(again);
        pending.appendChild(portal.button(words, 'chat.again', 'small', again));
      }
      pending.appendChild(portal.button(words, 'chat.discard', 'small', function () {
        remove(pending);
        settle();
        parts.field.focus();
      }));
      toEnd();
    }

    function send(text) {
      var key = newKey();
      var fate = words.put(el('p', 'fate'), 'chat.sending');
      var pending = el('li', 'entry mine pending', [el('p', 'body', text), fate]);

      function tryNow() {
        unsent = unsent.filter(function (other) {
          return other !== tryNow;
        });
        // It may have been thrown away since.
        if (!pending.parentNode) return;
        pending.classList.remove('failed');
        words.put(fate, 'chat.sending');
        Array.prototype.slice.call(pending.querySelectorAll('button')).forEach(remove);
        room.publish({ type: 'chat', body: text }, key, function (answer) {
          if (answer.status !== 200 && answer.status !== 201) {
            failed(pending, answer, tryNow);
          } else if (shown[answer.id]) {
            remove(pending);
          } else {
            sent[answer.id] = pending;
          }
        });
      }

      parts.entries.appendChild(pending);
      settle();
      toEnd();
      tryNow();
    }

    var composer = portal.composer(parts.field, send);
    parts.form.addEventListener('submit', function (event) {
      event.preventDefault();
      composer.send();
      parts.field.focus();
    });
    parts.more.addEventListener('click', toEnd);
    parts.log.addEventListener('scroll', function () {
      if (atEnd()) parts.more.hidden = true;
    });

    return {
      /** A message that came after all that are here. */
      arrive: arrive,

      /** What was said before the page was opened, newest first as the server gives it. */
      history: function (messages) {
        messages.forEach(function (message) {
          isHere(message.id);
          if (shown[message.id]) return;
          put(message, parts.entries.firstChild);
          order.unshift(message.id);
        });
        settle();
        toEnd();
      },

      /** Sends what waits for the server to be there again. */
      resend: function () {
        unsent.slice().forEach(function (again) {
          again();
        });
      },

      /** Takes everything away but what is still being sent. */
      clear: function () {
        order.forEach(function (id) {
          remove(shown[id]);
        });
        shown = {};
        order = [];
        settle();
      }
    };
  };
}(window.Portal = window.Portal || {}));
