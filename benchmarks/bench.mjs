/**
 * `npm run bench -- [suite ...] [--json FILE] [--report FILE.html] [--from PATH ...] [--for 60s]`: runs the named suites, or
 * all but the soak, and prints what was measured on what. `--from` names stored results: they are the report's history, and
 * without a suite nothing is run.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { parseDuration } from '@tradewind/engine/config';
import { budgetLines } from './lib/budgets.mjs';
import { commit, machine } from './lib/machine.mjs';
import { clockCost } from './lib/measure.mjs';
import { printBudgets, printTable } from './lib/report.mjs';
import { DEFAULT_SUITES, SUITES } from './lib/suites.mjs';
import { writeReport } from './report/html.mjs';
import { RESULT_FORMAT, readResults } from './report/results.mjs';

const OPTIONS = {
  json: { type: 'string' },
  report: { type: 'string' },
  from: { type: 'string', multiple: true, default: [] },
  for: { type: 'string' },
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
if (values.for !== undefined) {
  if (!positionals.includes('soak'))
    fail('--for says how long the soak lasts: npm run bench -- soak --for 1h');
  if (!(parseDuration(values.for) > 0)) fail(`--for: a duration such as 10m or 1h, was ${values.for}`);
  process.env.TRADEWIND_BENCH_SOAK = values.for;
}

const stored = await readResults(values.from).catch((error) => fail(error.message));
const isRun = positionals.length > 0 || values.from.length === 0;
if (!isRun && stored.length === 0) fail('--from: no results there');
if (!isRun && values.report === undefined)
  fail('--from without a suite makes a report: name its file with --report');
const results = isRun ? [...stored, await runSuites(positionals)] : stored;
if (isRun && values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify(results.at(-1), null, 2)}\n`);
}
if (values.report !== undefined) await writeReport(values.report, results);

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
    try {
      const suite = await import(`./suites/${name}.mjs`);
      console.log(`\n${name}: ${suite.title}`);
      const result = await suite.run();
      for (const source of result.frames) console.log(`frames: ${source}`);
      console.log();
      printTable(result.rows);
      rows.push(...result.rows.map((figures) => ({ suite: name, ...figures })));
      frames.push(...result.frames.map((source) => `${name}: ${source}`));
      series.push(...(result.series ?? []).map((each) => ({ suite: name, ...each })));
    } catch (error) {
      // The others have been waited for, or are yet to come: theirs are figures too.
      console.error(`bench: ${name} failed:`, error);
      process.exitCode = 1;
    }
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
