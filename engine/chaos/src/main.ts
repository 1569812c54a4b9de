import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Coverage } from './coverage.js';
import { isMutation, MUTATIONS, type Mutation } from './mutation.js';
import { ProgressLine } from './progress.js';
import { type Broken, runSeed } from './run.js';
import { commandFor, type RunResult } from './run-result.js';
import { runSeeds } from './seed-pool.js';

const USAGE = `npm run chaos -- --seed N [--trace] [--mutation NAME] [--aim NAME]
npm run chaos -- --seeds COUNT [--from N] [--jobs N] [--mutation NAME] [--aim NAME]
npm run chaos -- --mutations [--mutation NAME]

  --seed N          one run; --trace prints every step
  --seeds COUNT     runs COUNT seeds from --from (default 1) on, on --jobs threads (default: every core)
  --mutation NAME   with a rule taken out, and more of the faults it is there for: ${Object.keys(MUTATIONS).join(', ')}
  --aim NAME        with more of those faults, and the rule in its place
  --mutations       takes each of these rules (or the one named) out and checks that it is found
`;

/** Seeds after which a class of fault that was never hit is a failure of the plan. */
const COVERED_AFTER = 1000;
/** In so many seeds each mutation must be found. */
const MUTATION_SEEDS = 300;

class UsageError extends Error {}

/** Runs the command line; resolves with the exit code: 0 well, 1 a breach, 2 not understood. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        seeds: { type: 'string' },
        from: { type: 'string' },
        jobs: { type: 'string' },
        mutation: { type: 'string' },
        aim: { type: 'string' },
        mutations: { type: 'boolean' },
        trace: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) {
      process.stdout.write(USAGE);
      return 0;
    }
    const broken = { ...ruleOf('mutation', values.mutation), ...ruleOf('aim', values.aim) };
    const jobs = natural('--jobs', values.jobs) ?? availableParallelism();
    const seed = natural('--seed', values.seed);
    if (seed !== undefined) return await one(seed, values.trace === true, broken);
    if (values.mutations === true) return await findMutations(broken.mutation, jobs);
    const seeds = natural('--seeds', values.seeds);
    if (seeds === undefined) throw new UsageError('give --seed, --seeds or --mutations');
    return await many(natural('--from', values.from) ?? 1, seeds, jobs, broken);
  } catch (error) {
    const { code } = error as { code?: string };
    if (!(error instanceof UsageError) && code?.startsWith('ERR_PARSE_ARGS') !== true) throw error;
    process.stderr.write(`chaos: ${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
}

async function one(seed: number, trace: boolean, broken: Broken): Promise<number> {
  const result = await runSeed(seed, {
    ...broken,
    ...(trace && {
      trace: (atUs, who, what) =>
        process.stdout.write(`${(atUs / 1e6).toFixed(6)}  ${who.padEnd(12)} ${what}\n`),
    }),
  });
  const { coverage, figures, violation } = result;
  const hit = coverage.filter(([, count]) => count > 0).map(([name, count]) => `${name} ${count}`);
  process.stdout.write(`seed ${seed}: ${hit.join(', ') || 'no faults'}\n`);
  process.stdout.write(
    `${Object.entries(figures)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ')}\n`,
  );
  if (violation === undefined) {
    process.stdout.write('every invariant held\n');
    return 0;
  }
  process.stdout.write(failure(result, broken));
  return 1;
}

async function many(from: number, count: number, jobs: number, broken: Broken): Promise<number> {
  const coverage = new Coverage();
  const progress = new ProgressLine('chaos', count);
  const failures: RunResult[] = [];
  const totals = { arrivals: 0, fills: 0, events: 0, takeovers: 0, crashes: 0 };
  const began = performance.now();
  await runSeeds({ from, count, jobs, broken }, (result) => {
    coverage.add(result.coverage);
    const { figures } = result;
    totals.arrivals += figures.orders;
    totals.fills += figures.fills;
    totals.events += figures.events;
    totals.takeovers += figures.takeovers;
    totals.crashes += figures.deaths;
    if (result.violation !== undefined) {
      failures.push(result);
      progress.say(failure(result, broken));
    }
    progress.step();
  });
  progress.end();
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(`\n${coverageTable(coverage)}\n`);
  process.stdout.write(
    `${count} seeds from ${from} in ${seconds.toFixed(1)} s: ${totals.crashes} crashes, ${totals.takeovers} takeovers, ` +
      `${totals.arrivals} orders, ${totals.fills} fills, ${totals.events} events; ${failures.length} seeds failed\n`,
  );
  const { missing } = coverage;
  if (failures.length > 0) {
    process.stdout.write(
      `failed: ${failures
        .map(({ seed }) => seed)
        .sort((a, b) => a - b)
        .join(' ')}\n`,
    );
    return 1;
  }
  if (count >= COVERED_AFTER && missing.length > 0) {
    process.stdout.write(`never hit in ${count} seeds: ${missing.join(', ')}\n`);
    return 1;
  }
  return 0;
}

/** Each must be found; it costs as many seeds as that takes. */
async function findMutations(only: Mutation | undefined, jobs: number): Promise<number> {
  let unfound = 0;
  const all = Object.keys(MUTATIONS) as Mutation[];
  for (const mutation of only === undefined ? all : [only]) {
    let found: RunResult | undefined;
    let tried = 0;
    await runSeeds({ from: 1, count: MUTATION_SEEDS, jobs, broken: { mutation } }, (result) => {
      tried++;
      if (result.violation === undefined) return true;
      found ??= result;
      return false;
    });
    const what = MUTATIONS[mutation];
    if (found === undefined) {
      unfound++;
      process.stdout.write(`NOT FOUND in ${tried} seeds: ${mutation}: ${what}\n`);
    } else {
      process.stdout.write(
        `found with seed ${found.seed} (${found.violation!.invariant}): ${mutation}: ${what}\n`,
      );
    }
  }
  return unfound === 0 ? 0 : 1;
}

function failure({ seed, violation }: RunResult, broken: Broken): string {
  return `FAILED seed ${seed}: ${violation!.invariant}: ${violation!.detail}\n  ${commandFor(seed, broken)}\n`;
}

function coverageTable(coverage: Coverage): string {
  const rows = [...coverage.counts].map(
    ([name, count]) => `  ${name.padEnd(34)} ${String(count).padStart(8)}`,
  );
  return ['faults, and how often each was hit', ...rows].join('\n');
}

function ruleOf(option: keyof Broken, name: string | undefined): Broken {
  if (name === undefined) return {};
  if (isMutation(name)) return { [option]: name };
  throw new UsageError(`--${option} must be one of ${Object.keys(MUTATIONS).join(', ')}, was ${name}`);
}

function natural(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`${option} must be a positive integer, was ${text}`);
}
