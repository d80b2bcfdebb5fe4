/*
 * The connection chip: says in two words how notifications come in, and in a panel why, and lets one choose. It stays
 * calm: a link that is back within a few seconds was never announced as lost.
 */
(function (portal) {
  'use strict';

  var CALM = 5000;

  /**
   * @param {{chip: Element, text: Element, panel: Element, why: Element, failures: Element, shared: Element,
   *   since: Element, now: Element, close: Element}} parts panel holds one radio button named "transport" for each choice
   * @param {Object} words
   * @param {{choose: function(string), hurry: function()}} client
   * @param {{say: function(string)}} announcer
   */
  portal.chip = function (parts, words, client, announcer) {
    var latest = null; // the state told last
    var shown = null; // the state on the page
    var calmTimer = null;
    var ticking = null;
    var troubled = false; // whether people have been told that it does not work

    function say(element, key, args) {
      if (key) words.put(element, key, args);
      else words.clear(element);
      element.hidden = !key;
    }

    function seconds(state) {
      return Math.max(0, Math.ceil((state.until - Date.now()) / 1000));
    }

    /** What people call it: all streams are one way to them. */
    function called(transport) {
      return /^(eventsource|fetch|xhr)$/.test(transport) ? 'sse' : transport;
    }

    function headline(state) {
      if (state.name === 'live') words.put(parts.text, 'chip.live.' + called(state.transport));
      else if (state.name === 'waiting') words.put(parts.text, 'chip.waiting', [seconds(state)]);
      else words.put(parts.text, 'chip.' + state.name);
    }

    /** What failed, once for each name that people know. */
    function failures(state) {
      var named = {};
      return state.tried.filter(function (tried) {
        var isNew = tried.result !== 'works' && !named[called(tried.transport)];
        if (isNew) named[called(tried.transport)] = true;
        // What some browsers lack hinders nobody as long as another of the same name works.
        return isNew && !(tried.result === 'missing' && called(tried.transport) === called(state.transport));
      });
    }

    function reason(state, isChosen) {
      if (state.name === 'live') {
        if (state.transport === 'poll') return 'why.slow';
        if (isChosen) return 'why.chosen';
        return failures(state).length ? 'why.fallback' : 'why.first';
      }
      if (isChosen && /^(refused|silent|missing|held)$/.test(state.reason)) return 'why.blocked';
      if (/^(restart|busy|lost|silent|refused|broken)$/.test(state.reason)) return 'why.' + state.reason;
      return null;
    }

    function show(state, isChosen) {
      shown = state;
      clearTimeout(calmTimer);
      calmTimer = null;
      clearInterval(ticking);
      parts.chip.setAttribute('data-state', state.name);
      parts.chip.setAttribute('data-transport', called(state.transport));
      headline(state);
      say(parts.why, reason(state, isChosen), [state.detail]);
      say(parts.since, state.name === 'live' ? 'chip.since' : null, [words.clock(state.since), state.breaks]);
      say(parts.shared, state.name === 'live' && state.shared ? 'chip.shared' : null);
      while (parts.failures.firstChild) parts.failures.removeChild(parts.failures.firstChild);
      failures(state).forEach(function (tried) {
        var line = portal.element('li', '');
        // 426 is the answer to an ordinary request: it got through, so something on the way refuses the others.
        var isKnown = tried.result === 'refused' && tried.status && tried.status !== 426;
        line.appendChild(words.put(portal.element('span', ''), 'failed.' + tried.result + (isKnown ? '.status' : ''),
          [words.say('chip.' + called(tried.transport), []), tried.status]));
        parts.failures.appendChild(line);
      });
      parts.now.hidden = state.name !== 'waiting';
      if (state.name === 'waiting') {
        ticking = setInterval(function () {
          headline(state);
        }, 1000);
        if (!troubled) announcer.say('say.waiting');
        troubled = true;
      } else if (state.name === 'live') {
        if (troubled) announcer.say('say.live');
        troubled = false;
      }
    }

    function open(wanted) {
      parts.panel.hidden = !wanted;
      parts.chip.setAttribute('aria-expanded', String(wanted));
      if (wanted) (parts.panel.querySelector('input:checked') || parts.panel).focus();
    }

    parts.chip.addEventListener('click', function () {
      open(parts.panel.hidden);
    });
    parts.close.addEventListener('click', function () {
      open(false);
      parts.chip.focus();
    });
    parts.panel.addEventListener('keydown', function (event) {
      if (event.key === 'Escape' || event.key === 'Esc') {
        open(false);
        parts.chip.focus();
      }
    });
    document.addEventListener('click', function (event) {
      var inside = parts.panel.contains(event.target) || parts.chip.contains(event.target);
      if (!parts.panel.hidden && !inside) open(false);
    });
    parts.panel.addEventListener('change', function (event) {
      if (event.target.name === 'transport') client.choose(event.target.value);
    });
    parts.now.addEventListener('click', client.hurry);

    return {
      /** @param {string} transport what is chosen from the start */
      chosen: function (transport) {
        parts.panel.querySelector('input[value="' + transport + '"]').checked = true;
      },

      /**
       * @param {Object} state as the client tells it
       * @param {boolean} isChosen whether the transport was chosen by hand
       */
      show: function (state, isChosen) {
        var broke = state.name === 'waiting' || (state.name === 'connecting' && state.reason !== 'chosen');
        latest = state;
        if (!shown || !broke || (shown.name !== 'live' && calmTimer === null)) {
          show(state, isChosen);
        } else if (calmTimer === null) {
          calmTimer = setTimeout(function () {
            show(latest, isChosen);
          }, CALM);
        }
      }
    };
  };
}(window.Portal = window.Portal || {}));
