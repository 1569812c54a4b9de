import { spawnSync } from 'node:child_process';
import { closeSync, cpSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type FlipOutcome, fingerprint, readDamaged } from '../journal/flip.js';
import { segmentFiles, writtenEnd } from '../journal/segment-files.js';
import { Random } from '../random.js';
import { CLI } from '../rig/engine-cli.js';
import { Rig } from '../rig/rig.js';
import { emptyResult, type RoundPlace, type RoundResult } from './round.js';

const SEGMENT_BYTES = 1 << 20;
const ORDERS = 6_000;
const TRADE_MS = 120_000;
const VERIFY_MS = 60_000;
/** The command itself is asked about every so many: it is a process each time. */
const VERIFY_EVERY = 5;

/**
 * A journal whose writer was killed, of several segments, some of them compressed; of each copy one bit is turned over. It
 * is refused with an offset, or its last records are missing as those of a torn tail are; no record ever comes out wrong.
 */
export async function runFlips(place: RoundPlace, flips: number, seed: number): Promise<RoundResult> {
  const { children, options, tick } = place;
  const folder = join(place.folder, `flips-${seed}`);
  const result = emptyResult('bit flips', seed, folder);
  const random = new Random(seed);
  let rig: Rig | undefined;
  try {
    const { symbols, durability } = options;
    rig = await Rig.start(children, { folder, seed, symbols, durability, segmentBytes: SEGMENT_BYTES });
    result.lease = rig.lease;
    await rig.watch.moreOrders(ORDERS, TRADE_MS);
    const { leader } = await rig.settled(TRADE_MS);
    await rig.nodes[leader].kill();
    const source = join(folder, 'undamaged');
    cpSync(rig.journalOf(leader), source, { recursive: true });
    await rig.close();
    const right = fingerprint(source);
    result.journalRecords = right.length;
    for (let index = 0; index < flips; index++) {
      flipOne(source, join(folder, `flip-${index}`), index, right, random, result);
      result.faults++;
      tick();
    }
  } catch (error) {
    result.problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    await rig?.close().catch(() => {});
  }
  const clean = result.violations.length === 0 && result.problems.length === 0;
  if (clean && !options.keep) rmSync(folder, { recursive: true, force: true });
  return result;
}

/** Copies, damages, reads. The copy is kept when what came of it was wrong. */
function flipOne(
  source: string,
  copy: string,
  index: number,
  right: Int32Array,
  random: Random,
  result: RoundResult,
): void {
  cpSync(source, copy, { recursive: true });
  const segments = segmentFiles(copy);
  const segment = random.pick(segments);
  const { offset, bit } = flipBit(join(copy, segment), random);
  const outcome = readDamaged(copy, right);
  result.log.push({ us: 0, fault: 'bit flip', segment, offset, bit, ...outcome });
  const where = `${segment} at ${offset}, bit ${bit}`;
  const wrong = verdict(outcome, segment === segments.at(-1), where);
  if (wrong !== undefined) result.violations.push({ check: 'journal', us: 0, detail: wrong });
  if (index % VERIFY_EVERY === 0) {
    const told = verify(copy, outcome, where);
    if (told !== undefined) result.violations.push({ check: 'journal', us: 0, detail: told });
    else if (wrong === undefined) rmSync(copy, { recursive: true, force: true });
  } else if (wrong === undefined) rmSync(copy, { recursive: true, force: true });
}

function verdict(outcome: FlipOutcome, isLast: boolean, where: string): string | undefined {
  if (outcome.kind === 'wrong') return `${where}: ${outcome.message}`;
  if (outcome.kind === 'refused' && !Number.isInteger(outcome.offset)) {
    return `${where}: refused without an offset: ${outcome.message}`;
  }
  if (outcome.kind === 'cut' && !isLast)
    return `${where}: ${outcome.missing} records are gone without a word`;
  return undefined;
}

/** The command agrees with what was read here: it fails when the journal is refused, and only then. */
function verify(folder: string, outcome: FlipOutcome, where: string): string | undefined {
  const { status } = spawnSync(process.execPath, [CLI, 'journal', 'verify', '--dir', folder], {
    timeout: VERIFY_MS,
    stdio: 'ignore',
  });
  const refused = status !== 0;
  if (refused === (outcome.kind === 'refused')) return undefined;
  return `${where}: ${outcome.kind} when read, but tradewind journal verify ended with ${status}`;
}

function flipBit(path: string, random: Random): { readonly offset: number; readonly bit: number } {
  const file = openSync(path, 'r+');
  try {
    const end = path.endsWith('.gz') ? statSync(path).size : writtenEnd(file);
    const offset = random.below(end);
    const bit = random.below(8);
    const byte = Buffer.alloc(1);
    readSync(file, byte, 0, 1, offset);
    byte[0]! ^= 1 << bit;
    writeSync(file, byte, 0, 1, offset);
    return { offset, bit };
  } finally {
    closeSync(file);
  }
}
