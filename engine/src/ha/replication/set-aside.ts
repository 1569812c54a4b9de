import {
  type JournalDisk,
  type JournalFile,
  listSegments,
  listSnapshots,
  openSegment,
  type SegmentName,
  SegmentReader,
  snapshotName,
} from '../../journal/index.js';

const DRAFT = 'shortened.twj.new';
const COPY_BYTES = 1 << 20;

/** What a file that was taken out of a journal is called. */
export const DIVERGED_PREFIX = 'diverged-';

/**
 * Takes all records after `sequence` out of a journal and keeps them, in files the journal does not know: nothing a standby
 * once had is deleted. A crash at any point leaves a journal that holds at least everything up to `sequence`, and some or all
 * of what was to be taken out; `recoverJournal` then closes what is left. No one may be writing.
 */
export function setAside(disk: JournalDisk, sequence: number): void {
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
