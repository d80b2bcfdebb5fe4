/* How many chances the model is given: a few each time; many, by hand, in node. */
(function (root) {
  'use strict';

  var asked = typeof location === 'undefined' ? null : /[?&]seed=(\d+)/.exec(location.search);
  var range = root.seeds || { from: 1, to: 6 };
  var seeds = [];
  var seed;

  if (asked) {
    range = { from: Number(asked[1]), to: Number(asked[1]) };
    root.seedAlone = true;
  }
  for (seed = range.from; seed <= range.to; seed += 1) seeds.push(seed);
  root.model(seeds);
}(typeof window === 'undefined' ? globalThis : window));
