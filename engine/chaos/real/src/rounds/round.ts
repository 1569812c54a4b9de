import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastSequence, readFacts } from '../journal/store-facts.js';
import {
  LeadershipJudge,
  type LedgerEntry,
  LimitJudge,
  type Limits,
  SurvivorJudge,
  type Violation,
} from '../judge/index.js';
import type { Options } from '../options.js';
import { Random } from '../random.js';
import type { Children } from '../rig/children.js';
import { LedgerFile } from '../rig/ledger-file.js';
import { limitsOf } from '../rig/load-config.js';
import { type FaultEntry, type NodeName, Rig, type RigOptions } from '../rig/rig.js';

/** What the faults of a round do with the pair. */
export interface RoundBody {
  /** In the report. */
  readonly name: string;
  readonly faults: number;
  readonly rig?: Partial<Pick<RigOptions, 'network' | 'diskMb' | 'clocks'>>;
  /** Injects fault number `index`; returns when the pair is whole again. */
  inject(context: RoundContext, index: number): Promise<void>;
}

export interface RoundContext {
  readonly rig: Rig;
  readonly random: Random;
  readonly result: RoundResult;
}

/** What became of one pair under its faults. Durations in milliseconds. */
export interface RoundResult {
  readonly name: string;
  readonly seed: number;
  readonly folder: string;
  lease: 'etcd' | 'file' | undefined;
  faults: number;
  /** From the fault to the first order of the new leader, as the venue saw it. */
  readonly failoversMs: number[];
  /** From the start of a process to when it could take over. */
  readonly recoveriesMs: number[];
  /** Leaders that went without a fault of ours: what the machine made of the lease. */
  unforced: number;
  orders: number;
  fills: number;
  requests: number;
  seconds: number;
  /** See SurvivorJudge. */
  unseen: number;
  mostOpen: number;
  largestShare: number;
  journalRecords: number;
  readonly violations: Violation[];
  /** What did not happen, or not as it should, without being one of the violations. */
  readonly problems: string[];
  readonly log: FaultEntry[];
}

export interface RoundPlace {
  readonly children: Children;
  readonly options: Options;
  /** Of all rounds. */
  readonly folder: string;
  /** Told after each fault. */
  readonly tick: () => void;
}

/** Trading without a fault before the end: what the last one left undecided is decided by then. */
const SETTLE_MS = 8_000;

/** Takes a new pair through its faults and judges what is left. Never throws: what goes wrong is in the result. */
export async function runRound(place: RoundPlace, body: RoundBody, seed: number): Promise<RoundResult> {
  const { children, options, tick } = place;
  const folder = join(place.folder, `${body.name.replaceAll(' ', '-')}-${seed}`);
  const result = emptyResult(body.name, seed, folder);
  let rig: Rig | undefined;
  try {
    const { symbols, durability } = options;
    rig = await Rig.start(children, { folder, seed, symbols, durability, ...body.rig });
    result.lease = rig.lease;
    const context = { rig, random: new Random(seed), result };
    const before = fencesOf(rig);
    for (let index = 0; index < body.faults; index++) {
      await body.inject(context, index);
      result.faults++;
      tick();
    }
    result.unforced += Math.max(0, fencesOf(rig) - before - forcedFences(rig.faults));
    await sleep(SETTLE_MS);
    const codes = await rig.stop();
    for (const [name, code] of Object.entries(codes)) {
      if (code !== 0) result.problems.push(`engine ${name} ended with ${code ?? 'a signal'} when asked to`);
    }
    await rig.close();
    judge(rig, options, result);
  } catch (error) {
    result.problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    await rig?.close().catch(() => {});
    result.log.push(...(rig?.faults ?? []));
  }
  const clean = result.violations.length === 0 && result.problems.length === 0;
  rig?.unmount();
  if (clean && !options.keep) rmSync(folder, { recursive: true, force: true });
  return result;
}

/** Nothing happened yet. */
export function emptyResult(name: string, seed: number, folder: string): RoundResult {
  return {
    ...{ name, seed, folder, lease: undefined, faults: 0, failoversMs: [], recoveriesMs: [], unforced: 0 },
    ...{ orders: 0, fills: 0, requests: 0, seconds: 0, unseen: 0, mostOpen: 0, largestShare: 0 },
    ...{ journalRecords: 0, violations: [], problems: [], log: [] },
  };
}

function fencesOf({ nodes }: Rig): number {
  return nodes.a.fenced + nodes.b.fenced;
}

/** Faults after which a leader that lives finds itself fenced. */
function forcedFences(faults: readonly FaultEntry[]): number {
  return faults.filter(({ fences }) => fences === true).length;
}

/** Reads the ledger and both journals, and compares. */
function judge(rig: Rig, options: Options, result: RoundResult): void {
  const strict = options.durability === 'replicated-before-send';
  const survivor = new SurvivorJudge({ strict });
  const leadership = new LeadershipJudge();
  const limits = new LimitJudge(limitsOf(options.symbols) satisfies Limits);
  const ledger = new LedgerFile(rig.ledger);
  ledger.read((entry: LedgerEntry) => {
    survivor.accept(entry);
    leadership.accept(entry);
    limits.accept(entry);
  });
  ledger.close();
  result.violations.push(...compareJournals(rig, survivor, result));
  for (const { violations } of [leadership, limits, survivor]) result.violations.push(...violations);
  const { orders, fills, requests, unseen, firstUs, lastUs } = survivor;
  Object.assign(result, { orders, fills, requests, unseen, seconds: (lastUs - firstUs) / 1e6 });
  result.mostOpen = limits.mostOpen;
  result.largestShare = limits.largestShare;
}

/** The one that led last survived; the other has a part of the same history. */
function compareJournals(rig: Rig, judge: SurvivorJudge, result: RoundResult): Violation[] {
  const found: Violation[] = [];
  const journal = (detail: string) => found.push({ check: 'journal', us: 0, detail });
  try {
    const ends = { a: lastSequence(rig.journalOf('a')), b: lastSequence(rig.journalOf('b')) };
    const survivor: NodeName = ends.a >= ends.b ? 'a' : 'b';
    const other: NodeName = survivor === 'a' ? 'b' : 'a';
    const hashAt = ends[other];
    const facts = readFacts(rig.journalOf(survivor), { hashAt });
    const behind = readFacts(rig.journalOf(other), { hashAt });
    judge.compare(facts);
    result.journalRecords = facts.records;
    for (const difference of facts.differences) journal(`${survivor}: ${difference}`);
    for (const difference of behind.differences) journal(`${other}: ${difference}`);
    if (facts.seal === undefined) journal(`${survivor} has no seal although it ended in order`);
    else if (facts.seal !== facts.finalHash) {
      journal(`${survivor} was sealed with state ${facts.seal}, a full replay leads to ${facts.finalHash}`);
    }
    if (facts.checksum !== behind.checksum) journal(`up to record ${hashAt} the journals are not the same`);
    if (facts.hash !== behind.hash) {
      journal(`state after record ${hashAt}: ${facts.hash} at ${survivor}, ${behind.hash} at ${other}`);
    }
  } catch (error) {
    journal(error instanceof Error ? error.message : String(error));
  }
  return found;
}
