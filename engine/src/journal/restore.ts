import { JournalError } from '../domain/index.js';
import type { JournalDisk, JournalFile } from './disk.js';
import { listSegments } from './journal-reader.js';
import { RESTORE_MARK } from './recovery.js';
import { parseSegmentName } from './segment-format.js';
import { ANEW_MARK } from './set-aside.js';
import { listSnapshots, snapshotName } from './snapshot-file.js';
import { type JournalReport, sizeOf, verifyJournal } from './verify.js';

export interface RestoreReport {
  /** Names of the files copied. */
  readonly files: readonly string[];
  readonly bytes: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** New names of what was there before. */
  readonly aside: readonly string[];
}

export interface RestoreProgress {
  readonly stage: 'verifying' | 'copying';
  readonly done: number;
  readonly total: number;
}

/** Why a restore was refused, in words for a person. Nothing was changed. */
export class RestoreError extends Error {
  override readonly name = 'RestoreError';
}

/**
 * Puts the segments and snapshots of `from` into `to`, whose own are damaged or absent and are kept under other names. All of
 * `from` is verified first, each copy is compared with its source; until all is done `recoverJournal` refuses the folder.
 * Running it again after an interruption starts over.
 *
 * Throws a RestoreError when there is nothing sound to restore, or nothing to restore it for, and the file systems' errors.
 */
export function* restoreJournal(
  from: JournalDisk,
  to: JournalDisk,
): Generator<RestoreProgress, RestoreReport, undefined> {
  const source = yield* verifying(from);
  const [broken] = source.damage;
  if (broken !== undefined) throw new RestoreError(`the source is damaged itself: ${broken.message}`);
  if (source.records === 0) throw new RestoreError('the source holds no record');
  yield* refuseSound(to);
  const names = [...listSnapshots(from).map(snapshotName), ...listSegments(from).map(({ name }) => name)];
  if (!to.list().includes(RESTORE_MARK)) {
    const mark = to.create(RESTORE_MARK);
    mark.sync();
    mark.close();
    to.syncFolder();
  }
  const aside = setAside(to);
  // What stood there is of no account any more.
  if (to.list().includes(ANEW_MARK)) to.remove(ANEW_MARK);
  const bytes = yield* copyAll(from, to, names);
  to.syncFolder();
  to.remove(RESTORE_MARK);
  to.syncFolder();
  const firstSequence = source.segments[0]!.firstSequence;
  const { lastSequence } = source.segments.at(-1)!;
  return { files: names, bytes, firstSequence, lastSequence, aside };
}

function* verifying(disk: JournalDisk): Generator<RestoreProgress, JournalReport, undefined> {
  const steps = verifyJournal(disk);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    yield { stage: 'verifying', ...step.value };
  }
}

/** A journal that can be continued is not replaced: it may hold what the source does not. */
function* refuseSound(to: JournalDisk): Generator<RestoreProgress, void, undefined> {
  if (to.list().includes(RESTORE_MARK)) return;
  const report = yield* verifying(to);
  if (report.records > 0 && report.damage.length === 0) {
    throw new RestoreError(
      `the folder holds a sound journal up to record ${report.segments.at(-1)!.lastSequence}: name an empty folder`,
    );
  }
}

function setAside(disk: JournalDisk): string[] {
  const names = disk.list();
  const mine = names.filter((name) => parseSegmentName(name) !== undefined || name.endsWith('.snapshot'));
  let n = 1;
  while (names.some((name) => name.endsWith(`.aside-${n}`))) n++;
  for (const name of mine) disk.rename(name, `${name}.aside-${n}`);
  disk.syncFolder();
  return mine.map((name) => `${name}.aside-${n}`);
}

function* copyAll(
  from: JournalDisk,
  to: JournalDisk,
  names: readonly string[],
): Generator<RestoreProgress, number, undefined> {
  const total = names.reduce((sum, name) => sum + sizeOf(from, name), 0);
  const window = new Uint8Array(1 << 20);
  const check = new Uint8Array(window.length);
  let done = 0;
  for (const name of names) {
    const source = from.open(name);
    const copy = to.create(name);
    try {
      const size = source.size;
      for (let at = 0; at < size; at += window.length) {
        const chunk = window.subarray(0, Math.min(window.length, size - at));
        source.read(chunk, at);
        copy.write(chunk, at);
        done += chunk.length;
        yield { stage: 'copying', done, total };
      }
      copy.sync();
      compare(source, copy, size, window, check);
    } finally {
      source.close();
      copy.close();
    }
  }
  return done;
}

function compare(a: JournalFile, b: JournalFile, size: number, mine: Uint8Array, yours: Uint8Array): void {
  for (let at = 0; at < size; at += mine.length) {
    const length = Math.min(mine.length, size - at);
    a.read(mine.subarray(0, length), at);
    b.read(yours.subarray(0, length), at);
    if (Buffer.compare(mine.subarray(0, length), yours.subarray(0, length)) !== 0) {
      throw new JournalError('TW_JOURNAL_DAMAGED', at, 'the copy reads differently: restore again', a.name);
    }
  }
}
