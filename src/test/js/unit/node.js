/*
 * The same in node, for who works on the client: `node src/test/js/unit/node.js [words of names] [seed or seeds a-b]`.
 * The page's own list of scripts is run as it is.
 */
'use strict';

var fs = require('fs');
var path = require('path');
var vm = require('vm');

var webapp = path.join(__dirname, '../../../../webapp');
var seeds = /^(\d+)(?:-(\d+))?$/.exec(process.argv[3] || '');

// As in a page.
globalThis.self = globalThis;
globalThis.workerSource = fs.readFileSync(path.join(webapp, 'js/worker.js'), 'utf8');
if (seeds) {
  globalThis.seeds = { from: Number(seeds[1]), to: Number(seeds[2] || seeds[1]) };
  globalThis.seedAlone = !seeds[2];
}
fs.readFileSync(path.join(__dirname, 'specs.html'), 'utf8').replace(/<script src="([^"]*)"/g, function (all, file) {
  var from = file.charAt(0) === '/' ? path.join(webapp, file) : path.join(__dirname, file);
  if (file !== 'run.js') vm.runInThisContext(fs.readFileSync(from, 'utf8'), { filename: from });
});
globalThis.runSpecs(process.argv[2], function (cases) {
  var failed = cases.filter(function (one) {
    return !one.passed;
  });
  failed.forEach(function (one) {
    console.log('FAILED ' + one.name + '\n    ' + one.detail);
  });
  console.log(cases.length + ' specifications, ' + failed.length + ' failed');
  process.exitCode = failed.length ? 1 : 0;
});
