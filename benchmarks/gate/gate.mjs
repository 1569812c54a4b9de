/**
 * `npm run bench:gate -- --base REF`: refuses a slower engine. Builds the base beside this tree, runs both in turn and
 * decides; exit code 0: no regression; 1: a regression; 2: not known, the command line or waiver file is wrong, or it broke.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { exitCode } from './decide.mjs';
import { conclusion, describe, markdown, printFindings } from './gate-report.mjs';
import { drawn } from './random.mjs';
import { COUNTED, GATES, runGate } from './run-gate.mjs';
import { buildTree, HEAD_TREE, headCommit, TreeError, usualBase } from './trees.mjs';
import { readWaivers, WaiverError } from './waivers.mjs';
import { HOTTEST, WORKLOADS } from './workload.mjs';

const USAGE = `npm run bench:gate -- --base REF [options]

Compares the engine of this working tree with that of a commit: bytes allocated, instructions, time.

  --base REF          the commit to compare with, e.g. origin/main, or "usual": where this branch left main or, on main, the
                      commit before the last one that changed the engine
  --workloads A,B     of ${WORKLOADS.join(', ')} (default all)
  --gates A,B         of ${GATES.join(', ')} (default all)
  --short             only ${HOTTEST.join(', ')}, and only what is counted: no time
  --waivers FILE      regressions that were accepted (default benchmarks/waivers.json)
  --seed N            of the order in which things run (default: drawn, and printed)
  --json FILE         findings and every raw sample
  --markdown FILE     a summary for a pull request`;

class UsageError extends Error {}

try {
  process.exitCode = await main();
} catch (error) {
  const isPlain = [TreeError, WaiverError, UsageError].some((kind) => error instanceof kind);
  // Left to Node the process would end with 1, which says that head is slower.
  console.error(`bench:gate: ${isPlain ? error.message : error.stack}`);
  process.exitCode = 2;
}

async function main() {
  const options = readOptions();
  if (options === undefined) return 0;
  const { base: ref, workloads, gates, waivers, seed } = options;
  const tell = (text) => console.error(`bench:gate: ${text}`);
  const base = buildTree(ref === 'usual' ? usualBase(tell) : ref, tell);
  let findings;
  try {
    findings = await runGate({
      ...{ workloads, gates, waivers, tell },
      ...{ base: base.path, head: HEAD_TREE, random: drawn(seed) },
    });
  } finally {
    base.remove();
  }
  const compared = describe(base.commit, headCommit(), seed);
  console.log(`${compared.head} against ${base.commit}, seed ${seed}`);
  printFindings(findings);
  console.log(`bench:gate: ${conclusion(findings)}`);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ ...compared, findings })}\n`);
  if (options.markdown !== undefined) writeFileSync(options.markdown, markdown(findings, compared));
  return exitCode(findings);
}

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        ...{ base: { type: 'string' }, workloads: { type: 'string' }, gates: { type: 'string' } },
        ...{ short: { type: 'boolean' }, waivers: { type: 'string' }, seed: { type: 'string' } },
        ...{ json: { type: 'string' }, markdown: { type: 'string' }, help: { type: 'boolean' } },
      },
    }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  if (values.help) {
    console.log(USAGE);
    return undefined;
  }
  if (values.base === undefined) throw new UsageError(`--base is missing: what to compare with\n\n${USAGE}`);
  const today = new Date().toISOString().slice(0, 10);
  const path = values.waivers ?? join(HEAD_TREE, 'benchmarks/waivers.json');
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new UsageError(`--seed ${values.seed} is no whole number`);
  return {
    ...values,
    seed,
    workloads: listOf('workloads', values.workloads, WORKLOADS, values.short ? HOTTEST : WORKLOADS),
    gates: listOf('gates', values.gates, GATES, values.short ? COUNTED : GATES),
    waivers: readWaivers(path, today, WORKLOADS),
  };
}

function listOf(name, text, known, otherwise) {
  if (text === undefined) return otherwise;
  const names = text.split(',');
  const unknown = names.find((each) => !known.includes(each));
  if (unknown !== undefined) throw new UsageError(`--${name} ${unknown}: there are ${known.join(', ')}`);
  return names;
}
