import { BinaryReader } from '../domain/index.js';
import { crc32c } from './crc32c.js';
import { damaged } from './damage.js';
import type { JournalDisk, JournalFile } from './disk.js';
import {
  damageOf,
  isDamage,
  listSegments,
  openReader,
  openSegment,
  readHeader,
  SegmentChain,
  type SegmentName,
} from './journal-reader.js';
import { decodeSealRecord } from './record.js';
import {
  decodeFooter,
  FOOTER_BYTES,
  JOURNAL_START,
  type JournalPosition,
  makeFooter,
  RECORD_HEAD_BYTES,
  RecordType,
  type SegmentFooter,
  typeWord,
} from './segment-format.js';
import { lastByte, type ReadableFile, type SegmentReader } from './segment-reader.js';
import { SPARE_NAME } from './segment-writer.js';
import { finishSetAside } from './set-aside.js';

/** Stands in a folder while a journal is restored into it. */
export const RESTORE_MARK = 'restore.incomplete';

/** A torn tail that was taken off. */
export interface Cut {
  readonly segment: string;
  /** Of its first byte, which is the end of the last valid record. */
  readonly offset: number;
  /** Up to the last byte that is not zero. */
  readonly bytes: number;
  readonly why: string;
  /** The file in the same folder that keeps them. */
  readonly savedAs: string;
}

export interface Recovery {
  /** Where a `SegmentWriter` continues. */
  readonly position: JournalPosition;
  /** Oldest sequence there is; 0 for an empty journal. */
  readonly first: number;
  /** The last record is the seal of an orderly end, with this state hash. */
  readonly sealed?: { readonly stateHash: string };
  readonly cut?: Cut;
}

export interface RecoverOptions {
  /** A sequence known to be durable from elsewhere (a snapshot, the standby): a journal that ends before it is damaged. */
  readonly durable?: number;
}

/**
 * Makes a journal ready to be continued, after an end of any kind. Reads the last segment whole and of the others how they
 * begin and end. A torn tail is cut off, kept in a file beside it and reported; the last segment is closed; all that is
 * left is durable. Throws TW_JOURNAL_DAMAGED, having changed nothing, when something durable is damaged or missing.
 */
export function recoverJournal(disk: JournalDisk, options: RecoverOptions = {}): Recovery {
  if (disk.list().includes(RESTORE_MARK)) {
    throw damaged(RESTORE_MARK, 0, 'a restore into this folder was interrupted');
  }
  finishSetAside(disk);
  const segments = listSegments(disk);
  const chain = new SegmentChain();
  for (const segment of segments.slice(0, -1)) checkClosed(disk, segment, chain);
  const last = segments.at(-1);
  const tail = last && scanTail(disk, last, chain);
  const sequence = tail?.position.sequence ?? 0;
  if (options.durable !== undefined && sequence < options.durable) {
    throw damaged(
      last?.name ?? 'without segments',
      tail?.end ?? 0,
      `the journal ends with record ${sequence}, but record ${options.durable} was durable`,
    );
  }
  removeIfThere(disk, SPARE_NAME);
  if (last === undefined || tail === undefined) return { position: JOURNAL_START, first: 0 };
  // Alone, behind a snapshot, it is all that tells of the chain.
  const isFirst = segments.length === 1 && last.firstSequence > 1;
  const cut = tail.isClosed ? makeDurable(disk, last) : repair(disk, last, tail, isFirst);
  const isEmpty = !tail.isClosed && tail.records === 0;
  return {
    position:
      isEmpty && !isFirst ? { ...tail.position, epoch: epochOf(disk, segments.at(-2)) } : tail.position,
    first: isEmpty && segments.length === 1 ? 0 : segments[0]!.firstSequence,
    ...(tail.sealed !== undefined && { sealed: tail.sealed }),
    ...(cut !== undefined && { cut }),
  };
}

interface Tail {
  readonly position: JournalPosition;
  readonly isClosed: boolean;
  /** Where the last valid record ends. */
  readonly end: number;
  readonly records: number;
  readonly times: SegmentReader['times'];
  readonly torn: { readonly bytes: number; readonly why: string } | undefined;
  readonly sealed: { readonly stateHash: string } | undefined;
}

function scanTail(disk: JournalDisk, segment: SegmentName, chain: SegmentChain): Tail {
  const file = openSegment(disk, segment);
  try {
    const reader = openReader(file);
    chain.link(segment, reader.header);
    let sealed: Tail['sealed'];
    for (let record = reader.next(); record !== undefined; record = reader.next()) {
      sealed = record.type === RecordType.Seal ? decodeSealRecord(record) : undefined;
    }
    const end = reader.end!;
    if (isDamage(file, reader) || (segment.compressed && end.kind !== 'closed')) {
      throw damageOf(segment.name, reader);
    }
    const { position, records, times } = reader;
    const torn =
      end.kind === 'broken' ? { bytes: lastByte(file, end.at) + 1 - end.at, why: end.why } : undefined;
    return { position, isClosed: end.kind === 'closed', end: end.at, records, times, torn, sealed };
  } finally {
    file.close();
  }
}

/** A segment that no record made it into says nothing of the record before it. */
function epochOf(disk: JournalDisk, segment: SegmentName | undefined): number {
  if (segment === undefined) return 0;
  const file = openSegment(disk, segment);
  try {
    return readHeader(file).epoch;
  } finally {
    file.close();
  }
}

/** A process that was killed may have left the footer with the operating system alone, and only what follows it is synced. */
function makeDurable(disk: JournalDisk, { name }: SegmentName): undefined {
  const file = disk.open(name);
  try {
    file.sync();
  } finally {
    file.close();
  }
  disk.syncFolder();
}

/** Each step leaves a journal from which this function gets to the same end. */
function repair(disk: JournalDisk, { name }: SegmentName, tail: Tail, keepsEmpty: boolean): Cut | undefined {
  const file = disk.open(name);
  try {
    const { end, torn } = tail;
    const cut = torn && {
      segment: name,
      offset: end,
      ...torn,
      savedAs: saveCut(disk, file, end, torn.bytes),
    };
    if (tail.records > 0) {
      file.truncate(end);
      // What is behind the end must be gone before a footer stands there: it could pass for its continuation.
      file.sync();
      const { tsFirst, tsLast } = tail.times;
      file.write(makeFooter(tail.position, tail.records, tsFirst, tsLast), end);
      file.sync();
    } else if (keepsEmpty) {
      file.truncate(end);
      file.sync();
    } else disk.remove(name);
    disk.syncFolder();
    return cut;
  } finally {
    file.close();
  }
}

/** Keeps `bytes` bytes from `at` on under a new name, durably. */
function saveCut(disk: JournalDisk, file: JournalFile, at: number, bytes: number): string {
  const names = new Set(disk.list());
  const base = `${file.name.replace(/\.twj$/, '')}-${at}`;
  let name = `${base}.cut`;
  for (let i = 2; names.has(name); i++) name = `${base}-${i}.cut`;
  const copy = disk.create(name);
  try {
    const window = new Uint8Array(Math.min(bytes, 1 << 20));
    for (let done = 0; done < bytes; ) {
      const chunk = window.subarray(0, Math.min(window.length, bytes - done));
      file.read(chunk, at + done);
      copy.write(chunk, done);
      done += chunk.length;
    }
    copy.sync();
  } finally {
    copy.close();
  }
  disk.syncFolder();
  return name;
}

/** A segment that another follows: its header and footer must be there and fit. */
function checkClosed(disk: JournalDisk, segment: SegmentName, chain: SegmentChain): void {
  const file = openSegment(disk, segment);
  try {
    const reader = openReader(file);
    chain.link(segment, reader.header);
    const footer = readFooter(file);
    if (footer === undefined) {
      // Read whole, to say where it is damaged.
      while (reader.next() !== undefined);
      throw damageOf(segment.name, reader);
    }
    chain.end({ sequence: segment.firstSequence + footer.records - 1, chain: footer.chain });
  } finally {
    file.close();
  }
}

/** The footer at the end of a closed segment; undefined when there is none. */
export function readFooter(file: ReadableFile): SegmentFooter | undefined {
  const at = lastByte(file, 0) + 1 - FOOTER_BYTES;
  if (at < 0) return undefined;
  const bytes = new Uint8Array(FOOTER_BYTES);
  file.read(bytes, at);
  const view = new DataView(bytes.buffer);
  const isFooter =
    view.getUint32(4, true) === FOOTER_BYTES &&
    view.getUint32(28, true) === typeWord(RecordType.Footer) &&
    view.getUint32(0, true) === crc32c(bytes, 4);
  return isFooter
    ? decodeFooter(new BinaryReader(bytes.subarray(RECORD_HEAD_BYTES), at + RECORD_HEAD_BYTES))
    : undefined;
}

function removeIfThere(disk: JournalDisk, name: string): void {
  if (disk.list().includes(name)) disk.remove(name);
}
