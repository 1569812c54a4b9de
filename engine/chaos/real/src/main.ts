import { mkdtempSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HELP, type Options, readOptions } from './options.js';
import { Progress } from './progress.js';
import { isClean, makeReport, renderReport } from './report.js';
import { Children } from './rig/children.js';
import { etcdProgram } from './rig/etcd.js';
import { Network } from './rig/network.js';
import { SmallDisk } from './rig/small-disk.js';
import { WallClock } from './rig/wall-clocks.js';
import { clockJumps } from './rounds/clock-jumps.js';
import { runFlips } from './rounds/flips.js';
import { fullDisks } from './rounds/full-disks.js';
import { kills } from './rounds/kills.js';
import { partitions } from './rounds/partitions.js';
import { type RoundBody, type RoundPlace, type RoundResult, runRound } from './rounds/round.js';
import { stops } from './rounds/stops.js';
import { tornTails } from './rounds/torn-tails.js';

/** Faults one pair goes through: what it leaves is read at the end, and kept when something was found. */
const FAULTS_PER_ROUND = 50;

interface Campaign {
  readonly name: string;
  readonly faults: number;
  /** Why it can not be run here. */
  readonly missing: string | undefined;
  run(place: RoundPlace, faults: number, seed: number): Promise<RoundResult>;
}

function campaigns({ counts }: Options, folder: string): Campaign[] {
  const of = (faults: number, make: (faults: number) => RoundBody, missing?: () => string | undefined) => ({
    name: make(0).name,
    faults,
    missing: faults === 0 ? undefined : missing?.(),
    run: (place: RoundPlace, some: number, seed: number) => runRound(place, make(some), seed),
  });
  return [
    of(counts.kills, kills),
    of(counts.torn, tornTails),
    { name: 'bit flips', faults: counts.flips, missing: undefined, run: runFlips },
    of(counts.clockJumps, clockJumps, () =>
      WallClock.library() === undefined ? 'needs libfaketime (Debian: faketime)' : undefined,
    ),
    of(counts.fullDisks, fullDisks, () => SmallDisk.missing(folder)),
    of(counts.partitions, partitions, () => Network.missing()),
    of(counts.stops, stops),
  ].filter(({ faults }) => faults > 0);
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), () => Math.floor(Math.random() * 2 ** 32));
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
  const beganMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-chaos-'));
  const all = campaigns(options, folder);
  const able = all.filter(({ missing }) => missing === undefined);
  const skipped = Object.fromEntries(all.flatMap(({ name, missing }) => (missing ? [[name, missing]] : [])));
  const progress = new Progress(
    able.reduce((total, { faults }) => total + faults, 0),
    process.stderr,
  );
  progress.say(`seed ${options.seed}; state in ${folder}`);
  if (etcdProgram === undefined) progress.say('NO ETCD on this machine: the lease is kept in files');
  for (const [name, why] of Object.entries(skipped)) progress.say(`SKIPPED ${name}: ${why}`);

  const place = { children: new Children(), options, folder, tick: () => progress.tick() };
  const rounds: RoundResult[] = [];
  for (const { name, faults, run } of able) {
    for (let done = 0; done < faults; done += FAULTS_PER_ROUND) {
      progress.begin(name);
      const seed = (options.seed + rounds.length) % 2 ** 32;
      const round = await run(place, Math.min(FAULTS_PER_ROUND, faults - done), seed);
      rounds.push(round);
      for (const problem of round.problems) progress.say(`${name}: ${problem.split('\n')[0]}`);
      for (const { check, detail } of round.violations.slice(0, 3))
        progress.say(`${name}: ${check}: ${detail}`);
    }
  }
  progress.end();
  const report = makeReport(options, rounds, skipped, (performance.now() - beganMs) / 1000);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${renderReport(report)}\n`);
  if (isClean(report) && !options.keep) rmdirSync(folder);
  return isClean(report) ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`chaos: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
