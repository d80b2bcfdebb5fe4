/*
 * Topics and patterns (contract §1): `*` stands for one whole segment, a last `**` for one or more. Pure.
 */
(function (bongsu) {
  'use strict';

  function matches(pattern, topic) {
    var wanted = pattern.split('/');
    var given = topic.split('/');
    var i;
    for (i = 0; i < wanted.length; i += 1) {
      if (wanted[i] === '**') return given.length > i;
      if (i >= given.length || (wanted[i] !== '*' && wanted[i] !== given[i])) return false;
    }
    return wanted.length === given.length;
  }

  bongsu.topics = {
    /** @returns {boolean} whether any of the patterns stands for the topic */
    match: function (patterns, topic) {
      return patterns.some(function (pattern) {
        return matches(pattern, topic);
      });
    },

    /** @returns {Array<string>} both lists, each entry once */
    union: function (some, more) {
      return some.concat(more.filter(function (topic, at) {
        return some.indexOf(topic) < 0 && more.indexOf(topic) === at;
      }));
    },

    /** @returns {Array<string>} those of the first list that are not in the second */
    without: function (some, others) {
      return some.filter(function (topic) {
        return others.indexOf(topic) < 0;
      });
    }
  };
}(Bongsu));
