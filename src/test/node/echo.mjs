// Prints its arguments, one a line: what a test of org.bongsu.node needs of a script.
const args = process.argv.slice(2);
for (const arg of args) console.log(arg);
console.error(`echoed ${args.length}`);
if (args[0] === '--forever') setInterval(() => {}, 1000);
