/*
 * A few choices that outlive the page (the language, the transport chosen by hand). Storage may be missing, full or
 * forbidden; the page then simply forgets.
 */
(function (bongsu) {
  'use strict';

  /**
   * @param {function(): Storage} storage asked each time, since even naming it may throw
   * @returns {{get: function(string): ?string, set: function(string, string)}}
   */
  bongsu.memory = function (storage) {
    return {
      get: function (name) {
        try {
          return storage().getItem('bongsu.' + name);
        } catch (forbidden) {
          return null;
        }
      },
      set: function (name, value) {
        try {
          storage().setItem('bongsu.' + name, value);
        } catch (forbidden) {
          // Nothing depends on it.
        }
      }
    };
  };
}(Bongsu));
