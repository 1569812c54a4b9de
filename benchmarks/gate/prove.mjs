/**
 * `npm run bench:prove`: what the gate itself is worth. Runs whole gates, each independent of the others, on identical trees
 * (every refusal is a false alarm) and on trees with a regression in them (every pass is a miss), and says how often it erred.
 * Hours of work: each gate is one line of the file, and what is in it already is not run again.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { printCells } from '../lib/report.mjs';
import { atMost } from './binomial.mjs';
import { exitCode } from './decide.mjs';
import { INJECTIONS, inject } from './injections.mjs';
import { drawn } from './random.mjs';
import { GATES, runGate } from './run-gate.mjs';
import { HEAD_TREE } from './trees.mjs';

const NEIGHBOR = `
  const memory = new Float64Array(4e6);
  const work = () => {
    const end = performance.now() + Math.random() * 400;
    while (performance.now() < end) for (let i = 0; i < memory.length; i += 64) memory[i] += i;
    setTimeout(work, Math.random() * 400);
  };
  work();`;
/** More refusals of identical trees, or passes of slower ones, than these shares of the gates end it with 1. */
const FALSE_ALARMS = 0.01;
const MISSES = 0.05;
const OUTCOMES = ['passed', 'refused', 'not known'];

const { values } = parseArgs({
  options: {
    identical: { type: 'string', default: '300' },
    slowdown: { type: 'string', default: '100' },
    allocation: { type: 'string', default: '100' },
    workload: { type: 'string', default: 'decode' },
    gates: { type: 'string', default: 'allocation,time' },
    neighbor: { type: 'boolean', default: false },
    file: { type: 'string', default: 'gate-proof.jsonl' },
  },
});
const gates = values.gates.split(',');
const unknown = gates.find((gate) => !GATES.includes(gate));
if (unknown !== undefined) {
  console.error(`bench:prove: --gates ${unknown}: there are ${GATES.join(', ')}`);
  process.exit(2);
}
const setting = `${values.workload} by ${gates.join(', ')}${values.neighbor ? ', beside a noisy neighbor' : ''}`;
const before = existsSync(values.file) ? readFileSync(values.file, 'utf8').split('\n').filter(Boolean) : [];
const outcomes = before.map((line) => JSON.parse(line)).filter((each) => each.setting === setting);
// A noisy neighbor for each processor: bursts of up to 400 ms that take it and its cache.
const neighbors = values.neighbor ? cpus().map(() => spawn(process.execPath, ['-e', NEIGHBOR])) : [];
try {
  for (const kind of ['identical', ...Object.keys(INJECTIONS)]) await prove(kind, Number(values[kind]));
} finally {
  for (const neighbor of neighbors) neighbor.kill();
}
process.exitCode = printTable() ? 0 : 1;

async function prove(kind, count) {
  const has = outcomes.filter((each) => each.kind === kind).length;
  const head = kind === 'identical' ? { path: HEAD_TREE, remove: () => {} } : inject(kind, HEAD_TREE);
  try {
    for (let i = has; i < count; i++) {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const findings = await runGate({
        ...{ workloads: [values.workload], gates, waivers: [], random: drawn(seed), tell: () => {} },
        ...{ base: HEAD_TREE, head: head.path },
      });
      const outcome = {
        ...{ setting, kind, seed, outcome: OUTCOMES[exitCode(findings)] },
        findings: findings.map(({ gate, state, ratio }) => ({ gate, state, ratio })),
      };
      outcomes.push(outcome);
      appendFileSync(values.file, `${JSON.stringify(outcome)}\n`);
      process.stderr.write(`${kind} ${i + 1}/${count}: ${outcome.outcome}\n`);
    }
  } finally {
    head.remove();
  }
}

/** True: the gate errs as seldom as it has to. */
function printTable() {
  let isGood = true;
  const rows = [['trees', 'gates', ...OUTCOMES, 'erred', '95 % sure: at most']];
  for (const kind of ['identical', ...Object.keys(INJECTIONS)]) {
    const of = outcomes.filter((each) => each.kind === kind);
    if (of.length === 0) continue;
    const counts = OUTCOMES.map((outcome) => of.filter((each) => each.outcome === outcome).length);
    const wrong = kind === 'identical' ? counts[1] : counts[0];
    const most = kind === 'identical' ? FALSE_ALARMS : MISSES;
    if (wrong > most * of.length) isGood = false;
    rows.push([
      ...[kind, String(of.length), ...counts.map(String), `${((100 * wrong) / of.length).toFixed(1)} %`],
      `${(100 * atMost(wrong, of.length, 0.05)).toFixed(1)} %`,
    ]);
  }
  console.log(setting);
  printCells(rows);
  return isGood;
}
