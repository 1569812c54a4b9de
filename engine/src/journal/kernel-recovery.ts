import type { Kernel } from '../kernel/index.js';
import type { JournalDisk } from './disk.js';
import { listSegments, readJournal } from './journal-reader.js';
import type { JournalRecord, OptionsRecord } from './record.js';
import { type Cut, type RecoverOptions, recoverJournal } from './recovery.js';
import { type KernelFactory, Replay } from './replay.js';
import type { JournalPosition } from './segment-format.js';
import { finishSetAside } from './set-aside.js';
import {
  listSnapshots,
  readSnapshot,
  type Snapshot,
  type SnapshotFault,
  snapshotName,
} from './snapshot-file.js';

export interface RecoverKernelOptions extends RecoverOptions {
  readonly makeKernel: KernelFactory;
  /** What the kernel that comes out runs under, and what is assumed of records before any told theirs. */
  readonly today: OptionsRecord;
  /** Called now and then with the records applied and those there are to apply. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Milliseconds on any clock. Default: none is read, and {@link RecoveredKernel.ms} is 0. */
  readonly nowMs?: () => number;
}

export interface RecoveredKernel {
  /** As it was after the last record, under today's options. A session goes on with SessionStarted under a higher epoch. */
  readonly kernel: Kernel;
  /** The same before it was given today's options: a standby goes on with it, record by record. */
  readonly replay: Replay;
  /** Where a `SegmentWriter` continues; its sequence and epoch are those of the last record. */
  readonly position: JournalPosition;
  /** Events replayed after the snapshot. */
  readonly events: number;
  /** 0: there was no usable snapshot, the whole journal was replayed. */
  readonly snapshotSequence: number;
  /** Snapshots that could not be used. */
  readonly faults: readonly SnapshotFault[];
  /** Records that came out otherwise than recorded. */
  readonly differences: number;
  /** The first differences, and whatever else a person should know, in words. */
  readonly reports: readonly string[];
  /** The journal ends in an orderly way. */
  readonly isSealed: boolean;
  readonly cut?: Cut;
  readonly ms: number;
}

const PROGRESS_EVERY = 16_384;

/**
 * Brings a journal back to life: repairs its tail (`recoverJournal`), takes the newest snapshot that is whole, replays what came
 * after it under the options it was recorded under, and gives the state to a kernel of today's options.
 *
 * Throws TW_JOURNAL_DAMAGED when something durable is damaged or missing, and the file system's errors.
 */
export function recoverKernel(disk: JournalDisk, options: RecoverKernelOptions): RecoveredKernel {
  const { makeKernel, today, onProgress, nowMs = () => 0 } = options;
  const began = nowMs();
  const faults: SnapshotFault[] = [];
  finishSetAside(disk);
  // A snapshot holds nothing that was not durable, so that a journal that ends before it has lost something.
  const newest = listWhole(disk, faults).at(-1) ?? 0;
  const durable = Math.max(newest, options.durable ?? 0);
  const recovery = recoverJournal(disk, durable > 0 ? { durable } : {});
  const { position } = recovery;
  const { replay, records } = beginReplay(disk, makeKernel, today, faults);
  const snapshotSequence = replay.sequence;
  const total = position.sequence - snapshotSequence;
  for (const record of records) {
    replay.apply(record);
    const done = record.sequence - snapshotSequence;
    if (done % PROGRESS_EVERY === 0) onProgress?.(done, total);
  }
  onProgress?.(total, total);
  return {
    kernel: replay.finish(),
    replay,
    position,
    events: replay.events,
    snapshotSequence,
    faults,
    differences: replay.differences,
    reports: replay.reports,
    isSealed: recovery.sealed !== undefined,
    ...(recovery.cut !== undefined && { cut: recovery.cut }),
    ms: nowMs() - began,
  };
}

/** A replay that stands at the newest snapshot that fits the journal, and the records after it. */
export function beginReplay(
  disk: JournalDisk,
  makeKernel: KernelFactory,
  today: OptionsRecord,
  faults: SnapshotFault[],
): { readonly replay: Replay; readonly records: Iterable<JournalRecord> } {
  const oldest = listSegments(disk)[0]?.firstSequence ?? 1;
  for (const sequence of listSnapshots(disk).reverse()) {
    const name = snapshotName(sequence);
    if (faults.some((fault) => fault.name === name)) continue;
    try {
      const snapshot = readSnapshot(disk, sequence);
      const replay = new Replay(makeKernel, today);
      replay.begin(snapshot);
      // Its last record is still there, most likely: is it that record?
      const from = Math.max(oldest, sequence);
      const records = readJournal(disk, { from });
      if (from === sequence) expectRecord(records, snapshot);
      return { replay, records };
    } catch (error) {
      faults.push({ name, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return { replay: new Replay(makeKernel, today), records: readJournal(disk, { from: 1 }) };
}

function expectRecord(records: Generator<JournalRecord>, { sequence, checksum }: Snapshot): void {
  const { value, done } = records.next();
  if (done === true) throw new Error(`the journal does not hold record ${sequence}, after which it was made`);
  if ((value as JournalRecord).checksum === checksum) return;
  records.return(undefined);
  throw new Error(
    `it is of another history: record ${sequence} of the journal is not the one it was made after`,
  );
}

/** Sequences of the snapshots whose bytes are whole, oldest first. */
function listWhole(disk: JournalDisk, faults: SnapshotFault[]): number[] {
  return listSnapshots(disk).filter((sequence) => {
    try {
      readSnapshot(disk, sequence);
      return true;
    } catch (error) {
      faults.push({
        name: snapshotName(sequence),
        why: error instanceof Error ? error.message : String(error),
      });
      return false;
    }
  });
}
