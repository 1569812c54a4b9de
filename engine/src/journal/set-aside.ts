import type { JournalDisk, JournalFile } from './disk.js';
import { listSegments, openSegment, type SegmentName } from './journal-reader.js';
import { encodeSegmentHeader, type JournalPosition, segmentName } from './segment-format.js';
import { SegmentReader } from './segment-reader.js';
import { listSnapshots, snapshotName } from './snapshot-file.js';

/** Stands in a folder while all of its journal makes room for another, and until that is whole. */
export const ANEW_MARK = 'anew.incomplete';
const DRAFT = 'shortened.twj.new';
const COPY_BYTES = 1 << 20;

/** What a file that was taken out of a journal is called. */
export const DIVERGED_PREFIX = 'diverged-';

/**
 * Takes all records after `sequence` out of a journal and keeps them, in files the journal does not know: nothing a standby
 * once had is deleted. A crash at any point leaves a journal that holds at least everything up to `sequence`, and some or all
 * of what was to be taken out; `recoverJournal` then closes what is left. No one may be writing.
 *
 * A journal that begins later than with its first record and has no snapshot of so early would be of no use to anybody: then
 * all of it is taken out.
 */
export function setAside(disk: JournalDisk, sequence: number): void {
  if (sequence > 0 && isOfUse(disk, sequence)) takeOut(disk, sequence);
  else anew(disk, () => {});
}

/**
 * Takes everything out of a journal as {@link setAside} does, and puts a snapshot's file in its place: the journal goes on
 * after `at`, which the snapshot covers. A crash at any point leaves the journal as it was, an empty one, or the new one.
 */
export function installSnapshot(
  disk: JournalDisk,
  name: string,
  snapshot: Uint8Array,
  at: JournalPosition,
): void {
  anew(disk, () => {
    create(disk, name, snapshot);
    // Without a record it says where the journal goes on, which the snapshot does not.
    const { sequence, epoch, chain } = at;
    const header = encodeSegmentHeader({ firstSequence: sequence + 1, epoch, chain });
    create(disk, segmentName(sequence + 1), header);
  });
}

/** Makes an end of what a crash interrupted while a journal was begun anew: an empty one, for nobody has more here. */
export function finishSetAside(disk: JournalDisk): void {
  if (disk.list().includes(ANEW_MARK)) anew(disk, () => {});
}

function anew(disk: JournalDisk, fill: () => void): void {
  if (!disk.list().includes(ANEW_MARK)) {
    disk.create(ANEW_MARK).close();
    disk.syncFolder();
  }
  takeOut(disk, 0);
  fill();
  disk.syncFolder();
  disk.remove(ANEW_MARK);
  disk.syncFolder();
}

/** Durable but for its name; over any of that name. */
function create(disk: JournalDisk, name: string, bytes: Uint8Array): void {
  if (disk.list().includes(name)) disk.remove(name);
  const file = disk.create(name);
  try {
    file.write(bytes, 0);
    file.sync();
  } finally {
    file.close();
  }
}

/** Whether a journal that ends with `sequence` can be brought back to life. */
function isOfUse(disk: JournalDisk, sequence: number): boolean {
  const first = listSegments(disk)[0]?.firstSequence ?? 1;
  return first === 1 || listSnapshots(disk).some((at) => at >= first - 1 && at <= sequence);
}

function takeOut(disk: JournalDisk, sequence: number): void {
  if (disk.list().includes(DRAFT)) disk.remove(DRAFT);
  const segments = listSegments(disk);
  // First: a snapshot of records that are gone would say that the journal has lost something.
  for (const at of listSnapshots(disk)) {
    if (at <= sequence) continue;
    disk.rename(snapshotName(at), freeName(disk, snapshotName(at)));
    disk.syncFolder();
  }
  // Newest first: what is left is a journal at any time.
  for (const segment of segments.filter(({ firstSequence }) => firstSequence > sequence).reverse()) {
    disk.rename(segment.name, freeName(disk, segment.name));
    disk.syncFolder();
  }
  const last = segments.findLast(({ firstSequence }) => firstSequence <= sequence);
  if (last !== undefined) shorten(disk, last, sequence);
}

/** Replaces a segment by one without the records after `sequence`, if it has any. */
function shorten(disk: JournalDisk, segment: SegmentName, sequence: number): void {
  const file = openSegment(disk, segment);
  try {
    const end = endOf(new SegmentReader(file), sequence);
    if (end === undefined) return;
    const copy = disk.create(DRAFT);
    try {
      copyStart(file, copy, file.size);
    } finally {
      copy.close();
    }
    disk.rename(DRAFT, freeName(disk, segment.name.replace(/\.gz$/, '')));
    disk.syncFolder();
    const kept = disk.create(DRAFT);
    try {
      copyStart(file, kept, end);
    } finally {
      kept.close();
    }
  } finally {
    file.close();
  }
  disk.rename(DRAFT, segment.name.replace(/\.gz$/, ''));
  disk.syncFolder();
  if (!segment.compressed) return;
  disk.remove(segment.name);
  disk.syncFolder();
}

/** Where the record after `sequence` begins; undefined when there is none. */
function endOf(reader: SegmentReader, sequence: number): number | undefined {
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    if (record.sequence > sequence) return record.offset;
  }
  return undefined;
}

/** Copies the first `size` bytes, durably. */
function copyStart(from: Pick<JournalFile, 'read'>, to: JournalFile, size: number): void {
  const window = new Uint8Array(Math.min(size, COPY_BYTES));
  for (let done = 0; done < size; ) {
    const chunk = window.subarray(0, Math.min(window.length, size - done));
    if (from.read(chunk, done) < chunk.length) throw new RangeError('a segment is shorter than it was');
    to.write(chunk, done);
    done += chunk.length;
  }
  to.sync();
}

function freeName(disk: JournalDisk, name: string): string {
  const names = new Set(disk.list());
  let free = `${DIVERGED_PREFIX}${name}`;
  for (let i = 2; names.has(free); i++) free = `${DIVERGED_PREFIX}${i}-${name}`;
  return free;
}
