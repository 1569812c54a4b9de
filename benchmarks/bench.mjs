/**
 * `npm run bench -- [suite ...] [--json FILE]`: runs the named suites, or all, and prints what was measured on what.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { budgetLines } from './lib/budgets.mjs';
import { commit, machine } from './lib/machine.mjs';
import { clockCost } from './lib/measure.mjs';
import { printBudgets, printTable } from './lib/report.mjs';
import { DEFAULT_SUITES, SUITES } from './lib/suites.mjs';
import { RESULT_FORMAT } from './report/results.mjs';

const OPTIONS = {
  json: { type: 'string' },
};

let given;
try {
  given = parseArgs({ allowPositionals: true, options: OPTIONS });
} catch (error) {
  fail(error.message);
}
const { values, positionals } = given;
const unknown = positionals.filter((name) => !SUITES.includes(name));
if (unknown.length > 0) fail(`no suite ${unknown.join(', ')}; there are: ${SUITES.join(', ')}`);
const result = await runSuites(positionals);
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);

async function runSuites(wanted) {
  const names = wanted.length === 0 ? DEFAULT_SUITES : wanted;
  // As it was before there was anything of ours to load it.
  const began = {
    machine: machine(),
    date: new Date().toISOString(),
    commit: commit(),
    node: process.version,
  };
  const { cpu, cores, kernel, memoryMiB, load } = began.machine;
  const clockNs = clockCost();
  console.log(`node ${began.node}, ${kernel}, ${cores} x ${cpu}, ${memoryMiB} MiB, load ${load}`);
  console.log(`commit ${began.commit.hash ?? 'unknown'}${began.commit.dirty ? ', with changes' : ''}`);
  console.log(`reading the clock costs ${clockNs.toFixed(0)} ns, in every figure`);
  const [rows, frames, series] = [[], [], []];
  for (const name of names) {
    const suite = await import(`./suites/${name}.mjs`);
    console.log(`\n${name}: ${suite.title}`);
    const result = await suite.run();
    for (const source of result.frames) console.log(`frames: ${source}`);
    console.log();
    printTable(result.rows);
    rows.push(...result.rows.map((figures) => ({ suite: name, ...figures })));
    frames.push(...result.frames.map((source) => `${name}: ${source}`));
    series.push(...(result.series ?? []).map((each) => ({ suite: name, ...each })));
  }
  const budgets = budgetLines(rows);
  console.log();
  printBudgets(budgets);
  return { format: RESULT_FORMAT, ...began, clockNs, frames, rows, budgets, series };
}

function fail(message) {
  console.error(`bench: ${message}`);
  process.exit(2);
}
