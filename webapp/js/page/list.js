/*
 * The list of notifications, newest first. New ones come in at the top unless somebody is reading further down; then
 * they wait behind a button, so that nothing moves under the eyes.
 */
(function (portal) {
  'use strict';

  var MOST = 500; // rows in the page; the oldest go, and "older" brings them back
  var READING = 80; // pixels scrolled from the top

  /**
   * @param {{pane: Element, rows: Element, empty: Element, more: Element, older: Element}} parts pane: what scrolls;
   *   more: releases what waits; older: asks for what came before
   * @param {Object} words
   */
  portal.list = function (parts, words) {
    var el = portal.element;
    var rows = {}; // id → its row
    var keys = {}; // id → topic and key, of those that have one
    var newestOfKey = {}; // topic and key → id of the newest
    var held = []; // rows that wait for the reader, oldest first
    var order = []; // ids in the page, oldest first
    var bottom = null; // the position before which older ones are to be had; null if there are none

    function keyOf(message) {
      return message.key ? message.topic + ' ' + message.key : null;
    }

    function bodyOf(message) {
      return message.body ? [el('p', 'body', message.body)] : [];
    }

    function row(message) {
      var priority = message.priority || 'normal';
      var resolved = message.status === 'resolved';
      var title = message.title || (message.body ? '' : message.topic);
      var head = el('div', 'head', [words.put(el('span', 'level'), 'priority.' + priority)]);
      var facts = el('p', 'facts', [el('span', 'topic', message.topic), el('span', 'sender', message.sender)]);
      var link = message.link ? portal.link(words, message.link) : null;
      var item;
      if (resolved) head.appendChild(words.put(el('span', 'resolved'), 'status.resolved'));
      if (title) head.appendChild(el('h3', 'subject', title));
      head.appendChild(words.time(message.time));
      (message.tags || []).forEach(function (tag) {
        facts.appendChild(el('span', 'tag', tag));
      });
      if (link) facts.appendChild(link);
      item = el('li', 'message ' + priority, [head].concat(bodyOf(message), [facts]));
      item.setAttribute('data-id', message.id);
      return item;
    }

    function isReading() {
      return parts.pane.scrollTop > READING || parts.rows.contains(document.activeElement);
    }

    function showState() {
      parts.empty.hidden = parts.rows.firstChild !== null || bottom !== null;
      parts.more.hidden = held.length === 0;
      parts.older.hidden = bottom === null;
      if (held.length) words.put(parts.more, 'list.more', [held.length]);
    }

    function remove(id) {
      var old = rows[id];
      if (!old) return;
      delete rows[id];
      // Or it could never come back: what has a newer one of its key is not shown.
      if (newestOfKey[keys[id]] === id) delete newestOfKey[keys[id]];
      delete keys[id];
      order.splice(order.indexOf(id), 1);
      held = held.filter(function (waiting) {
        return waiting !== old;
      });
      if (old.parentNode) old.parentNode.removeChild(old);
    }

    function place(item) {
      parts.rows.insertBefore(item, parts.rows.firstChild);
    }

    function release() {
      held.forEach(place);
      held = [];
      showState();
    }

    function trim() {
      while (order.length > MOST && !isReading()) {
        remove(order[0]);
        bottom = order[0];
      }
    }

    parts.more.addEventListener('click', function () {
      release();
      parts.pane.scrollTop = 0;
      parts.pane.focus();
    });
    parts.pane.addEventListener('scroll', function () {
      if (held.length && parts.pane.scrollTop === 0) release();
    });

    return {
      /** A message that came after all that are here. */
      arrive: function (message) {
        var key = keyOf(message);
        if (rows[message.id]) return;
        if (key) {
          remove(newestOfKey[key]);
          newestOfKey[key] = message.id;
          keys[message.id] = key;
        }
        rows[message.id] = row(message);
        order.push(message.id);
        if (isReading()) held.push(rows[message.id]);
        else place(rows[message.id]);
        trim();
        showState();
      },

      /** A message that came before all that are here. */
      older: function (message) {
        var key = keyOf(message);
        if (rows[message.id] || (key && newestOfKey[key])) return;
        if (key) {
          newestOfKey[key] = message.id;
          keys[message.id] = key;
        }
        rows[message.id] = row(message);
        order.unshift(message.id);
        parts.rows.appendChild(rows[message.id]);
        showState();
      },

      /** How many messages are in it, those that wait included. */
      count: function () {
        return order.length;
      },

      /** Where {@link older} goes on: a position, or null at the end. */
      bottom: function () {
        return bottom;
      },

      /** @param {?string} position before which there are older ones; null if there are none */
      endAt: function (position) {
        bottom = position;
        showState();
      },

      /** A line between what was there and what comes from now on. */
      line: function (key) {
        var line = words.put(el('li', 'line'), key);
        if (isReading()) held.push(line);
        else place(line);
        showState();
      },

      clear: function () {
        rows = {};
        keys = {};
        newestOfKey = {};
        held = [];
        order = [];
        bottom = null;
        while (parts.rows.firstChild) parts.rows.removeChild(parts.rows.firstChild);
        showState();
      }
    };
  };
}(window.Portal = window.Portal || {}));
