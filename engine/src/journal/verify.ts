import { JournalError } from '../domain/index.js';
import { damaged } from './damage.js';
import type { JournalDisk } from './disk.js';
import {
  listSegments,
  nextRecord,
  openReader,
  openSegment,
  SegmentChain,
  type SegmentName,
} from './journal-reader.js';
import { RESTORE_MARK, readFooter } from './recovery.js';
import { lastByte, type SegmentReader } from './segment-reader.js';
import { listSnapshots, readSnapshot, snapshotName } from './snapshot-file.js';

/** What a segment is: `torn` is an open one with a tail that recovery will cut off. */
export type SegmentState = 'closed' | 'open' | 'torn' | 'damaged';

export interface SegmentReport {
  readonly name: string;
  readonly compressed: boolean;
  /** Of the file. */
  readonly bytes: number;
  readonly state: SegmentState;
  readonly firstSequence: number;
  /** One less than the first for a segment without records, or of which nothing is known. */
  readonly lastSequence: number;
  readonly epoch: number;
  /** `tsInit` of the first and last record, microseconds since 1970; 0 when there is none. */
  readonly tsFirst: number;
  readonly tsLast: number;
  /** Offset and reason of a torn tail. */
  readonly tail?: { readonly offset: number; readonly bytes: number; readonly why: string };
  readonly damage?: JournalError;
}

export interface JournalReport {
  readonly segments: readonly SegmentReport[];
  /** Records read and found right. */
  readonly records: number;
  /** Of all segment files. */
  readonly bytes: number;
  readonly snapshots: number;
  /** All damage found, that of snapshots too. Empty: the folder is sound. */
  readonly damage: readonly JournalError[];
}

/** The segments of a folder as their heads and footers tell; only one that is still open is read whole. */
export function describeSegments(disk: JournalDisk): SegmentReport[] {
  const segments = listSegments(disk);
  const chain = new SegmentChain();
  const reports: SegmentReport[] = [];
  for (const [i, segment] of segments.entries()) {
    const steps = examine(disk, segment, chain, i === segments.length - 1, false);
    let step = steps.next();
    while (!step.done) step = steps.next();
    if (step.value !== undefined) reports.push(step.value);
  }
  return reports;
}

/**
 * Reads every record of every segment and every snapshot. Yields now and then how many bytes of how many it has read. Goes on
 * behind a damaged segment, so that all damage is told at once. A torn tail is no damage.
 */
export function* verifyJournal(
  disk: JournalDisk,
): Generator<{ readonly done: number; readonly total: number }, JournalReport, undefined> {
  // Before the segments: what a snapshot holds is durable before the snapshot is there.
  const snapshots = listSnapshots(disk);
  const names = listSegments(disk);
  const sizes = names.map((segment) => segmentSize(disk, segment));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const chain = new SegmentChain();
  const segments: SegmentReport[] = [];
  const damage: JournalError[] = [];
  if (disk.list().includes(RESTORE_MARK)) {
    damage.push(damaged(RESTORE_MARK, 0, 'a restore into this folder was interrupted'));
  }
  let done = 0;
  for (const [i, name] of names.entries()) {
    const steps = examine(disk, name, chain, i === names.length - 1, true);
    let step = steps.next();
    for (; !step.done; step = steps.next()) yield { done: done + Math.floor(step.value * sizes[i]!), total };
    if (step.value !== undefined) segments.push(step.value);
    if (step.value?.damage !== undefined) damage.push(step.value.damage);
    done += sizes[i]!;
    yield { done, total };
  }
  damage.push(...snapshotDamage(disk, snapshots, segments));
  const records = segments.reduce(
    (sum, { firstSequence, lastSequence }) => sum + lastSequence - firstSequence + 1,
    0,
  );
  return { segments, records, bytes: total, snapshots: snapshots.length, damage };
}

/** Yields the share of the segment that was read. Undefined when it is not there any more, as retention deletes the oldest. */
function* examine(
  disk: JournalDisk,
  segment: SegmentName,
  chain: SegmentChain,
  isLast: boolean,
  whole: boolean,
): Generator<number, SegmentReport | undefined, undefined> {
  const { name, firstSequence, compressed } = segment;
  const report = {
    ...{
      name,
      compressed,
      bytes: segmentSize(disk, segment),
      firstSequence,
      lastSequence: firstSequence - 1,
    },
    ...{ epoch: 0, tsFirst: 0, tsLast: 0 },
  };
  let reader: SegmentReader | undefined;
  try {
    const file = openSegment(disk, segment);
    try {
      reader = openReader(file);
      report.epoch = reader.header.epoch;
      chain.link(segment, reader.header);
      const footer = whole ? undefined : readFooter(file);
      if (footer !== undefined) {
        const { records, tsFirst, tsLast } = footer;
        chain.end({ sequence: firstSequence + records - 1, chain: footer.chain });
        return { ...report, state: 'closed', lastSequence: firstSequence + records - 1, tsFirst, tsLast };
      }
      let count = 0;
      const mayEndOpen = isLast && !compressed;
      for (let record = nextRecord(file, reader, mayEndOpen); record !== undefined; ) {
        if (++count % 16_384 === 0) yield record.offset / file.size;
        record = nextRecord(file, reader, mayEndOpen);
      }
      const end = reader.end!;
      chain.end(reader.position);
      const found = { ...report, lastSequence: reader.position.sequence, ...reader.times };
      if (end.kind !== 'broken') return { ...found, state: end.kind };
      const tail = { offset: end.at, bytes: lastByte(file, end.at) + 1 - end.at, why: end.why };
      return { ...found, state: 'torn', tail };
    } finally {
      file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && isPast(disk, segment)) {
      chain.forget();
      return undefined;
    }
    if (!(error instanceof JournalError)) throw error;
    // What the next one continues is not known: it is held to its own header.
    chain.forget();
    const read = reader && { lastSequence: reader.position.sequence, ...reader.times };
    return { ...report, ...read, state: 'damaged', damage: error };
  }
}

/** Whether the journal begins after the segment by now: what is gone, retention has deleted. */
function isPast(disk: JournalDisk, { firstSequence }: SegmentName): boolean {
  const oldest = listSegments(disk)[0];
  return oldest === undefined || oldest.firstSequence > firstSequence;
}

/** Snapshots that are damaged, or newer than the journal they belong to. */
function snapshotDamage(
  disk: JournalDisk,
  snapshots: readonly number[],
  segments: readonly SegmentReport[],
): JournalError[] {
  const last = segments.at(-1)?.lastSequence ?? 0;
  return snapshots.flatMap((sequence) => {
    try {
      readSnapshot(disk, sequence);
    } catch (error) {
      if (error instanceof JournalError) return [error];
      // A running engine deletes old ones.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    if (sequence <= last) return [];
    return [
      damaged(snapshotName(sequence), 16, `it is of record ${sequence}, but the journal ends with ${last}`),
    ];
  });
}

/** Of its file; 0 when that has been compressed or deleted since the folder was listed. */
function segmentSize(disk: JournalDisk, { name }: SegmentName): number {
  try {
    return sizeOf(disk, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

export function sizeOf(disk: JournalDisk, name: string): number {
  const file = disk.open(name);
  try {
    return file.size;
  } finally {
    file.close();
  }
}
