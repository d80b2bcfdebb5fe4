/*
 * The connection chip: says in two words how notifications come in, and in a panel why, and lets one choose. It stays
 * calm: a link that is back within a few seconds was never announced as lost.
 */
(function (bongsu) {
  'use strict';

  var CALM = 5000;

  /**
   * @param {{chip: Element, text: Element, panel: Element, why: Element, failures: Element, since: Element,
   *   now: Element, close: Element}} parts panel holds one radio button named "transport" for each choice
   * @param {Object} words
   * @param {{choose: function(string), hurry: function()}} client
   * @param {{say: function(string)}} announcer
   */
  bongsu.chip = function (parts, words, client, announcer) {
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

    function headline(state) {
      if (state.name === 'live') words.put(parts.text, 'chip.live.' + state.transport);
      else if (state.name === 'waiting') words.put(parts.text, 'chip.waiting', [seconds(state)]);
      else words.put(parts.text, 'chip.' + state.name);
    }

    function reason(state) {
      var failures = Object.keys(state.failures);
      if (state.name === 'live') {
        if (state.transport === 'poll') return 'why.slow';
        if (state.chosen !== 'auto') return 'why.chosen';
        return failures.length ? 'why.fallback' : 'why.first';
      }
      if (/^(restart|busy|lost|silent|unreachable|blocked|broken)$/.test(state.reason)) return 'why.' + state.reason;
      return null;
    }

    function show(state) {
      shown = state;
      clearTimeout(calmTimer);
      calmTimer = null;
      clearInterval(ticking);
      parts.chip.setAttribute('data-state', state.name);
      parts.chip.setAttribute('data-transport', state.transport || '');
      headline(state);
      say(parts.why, reason(state), [state.detail]);
      say(parts.since, state.name === 'live' ? 'chip.since' : null, [words.clock(state.since), state.breaks]);
      while (parts.failures.firstChild) parts.failures.removeChild(parts.failures.firstChild);
      Object.keys(state.failures).forEach(function (name) {
        var line = bongsu.element('li', '');
        line.appendChild(words.put(bongsu.element('span', ''), 'failed.' + state.failures[name],
          [words.say('chip.' + name, [])]));
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

      /** @param {Object} state as the client tells it */
      show: function (state) {
        var broke = state.name === 'waiting' || (state.name === 'connecting' && state.reason !== 'chosen');
        latest = state;
        if (!shown || !broke || (shown.name !== 'live' && calmTimer === null)) {
          show(state);
        } else if (calmTimer === null) {
          calmTimer = setTimeout(function () {
            show(latest);
          }, CALM);
        }
      }
    };
  };
}(window.Bongsu = window.Bongsu || {}));
