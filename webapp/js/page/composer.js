/*
 * Enter sends, in every script. A Hangul syllable that is still being composed belongs to the message and Enter means
 * "send"; while Japanese or Chinese is composed Enter means "this candidate". Browsers and input methods tell the two
 * keys and the composition in different orders, so it is tracked here and the field is read only when all is done.
 */
(function (portal) {
  'use strict';

  /** Ends in a Hangul syllable or letter. */
  var HANGUL = /[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]$/;

  /**
   * @param {HTMLTextAreaElement} field
   * @param {function(string)} send given the text; the field is empty by then
   * @returns {{send: function()}} send: what a button does
   */
  portal.composer = function (field, send) {
    var composing = false;
    var composed = '';
    var sendAfter = false;

    function flush() {
      var text = field.value.replace(/^\s+|\s+$/g, '');
      field.value = '';
      // A second Enter finds nothing: some input methods give two for one.
      if (text) send(text);
    }

    // Later: the last syllable reaches the field only after the event that ends its composition.
    function soon() {
      setTimeout(flush, 0);
    }

    function isEnter(event) {
      return event.key === 'Enter' || event.code === 'Enter' || event.keyCode === 13;
    }

    field.addEventListener('compositionstart', function () {
      composing = true;
      composed = '';
      sendAfter = false;
    });
    field.addEventListener('compositionupdate', function (event) {
      composed = event.data || '';
    });
    field.addEventListener('compositionend', function (event) {
      composing = false;
      composed = event.data || composed;
      if (sendAfter) soon();
      sendAfter = false;
    });
    field.addEventListener('blur', function () {
      composing = false;
      sendAfter = false;
    });
    field.addEventListener('keydown', function (event) {
      if (!isEnter(event) || event.shiftKey) return;
      if (composing) {
        if (HANGUL.test(composed)) sendAfter = true;
        return;
      }
      event.preventDefault();
      soon();
    });

    return { send: soon };
  };
}(window.Portal = window.Portal || {}));
