// Runs blocks as one session: each is a module of its own, because some declare the same name again, and its names are global for
// those that follow. What they print comes out as lines of JSON.
const print = (...values) => process.stdout.write(`${JSON.stringify(values)}\n`);
console.log = print;
console.error = (...values) => print(...values.map((value) => (value instanceof Error ? value.message : value)));

// Half a minute of the guide is a second here.
const wait = setTimeout;
globalThis.setTimeout = Object.assign((run, ms, ...rest) => wait(run, ms === 30_000 ? 1_000 : ms, ...rest), wait);

await import('./prelude.mjs');
await import('./block-0.mjs');
await import('./block-1.mjs');
await import('./block-2.mjs');
await import('./block-3.mjs');
print('--- ready');
process.stdin.resume();
process.stdin.on('end', () => process.exit());
