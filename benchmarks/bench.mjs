/**
 * `npm run bench -- [suite ...] [--json FILE]`: runs the named suites, or all, and prints what was measured on what.
 */
import { parseArgs } from 'node:util';
import { clockCost } from './lib/measure.mjs';
import { environment, printTable, writeJson } from './lib/report.mjs';

const SUITES = ['book', 'kernel', 'recovery', 'journal-append', 'durability', 'failover'];

let given;
try {
  given = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });
} catch (error) {
  fail(error.message);
}
const names = given.positionals.length === 0 ? SUITES : given.positionals;
const unknown = names.filter((name) => !SUITES.includes(name));
if (unknown.length > 0) fail(`no suite ${unknown.join(', ')}; there are: ${SUITES.join(', ')}`);

const { node, cpu, cores, platform } = environment();
const clockNs = clockCost();
console.log(
  `node ${node}, ${platform}, ${cores} x ${cpu}; reading the clock costs ${clockNs.toFixed(0)} ns, in every figure`,
);
const rows = [];
const frames = [];
for (const name of names) {
  const suite = await import(`./suites/${name}.mjs`);
  const result = await suite.run();
  console.log(`\n${name}: ${suite.title}`);
  for (const source of result.frames) console.log(`frames: ${source}`);
  console.log();
  printTable(result.rows);
  rows.push(...result.rows.map((figures) => ({ suite: name, ...figures })));
  frames.push(...result.frames.map((source) => `${name}: ${source}`));
}
if (given.values.json !== undefined) await writeJson(given.values.json, { frames, clockNs, rows });

function fail(message) {
  console.error(`bench: ${message}`);
  process.exit(2);
}
