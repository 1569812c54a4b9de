import { JournalError } from '../domain/index.js';
import { CompressedFile } from './compressed-segment.js';
import { crc32c } from './crc32c.js';
import { damaged } from './damage.js';
import type { JournalDisk, JournalFile } from './disk.js';
import type { JournalRecord } from './record.js';
import {
  decodeSegmentHeader,
  FOOTER_BYTES,
  MARK_BYTES,
  parseSegmentName,
  RecordType,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  typeWord,
} from './segment-format.js';
import { type ReadableFile, SegmentReader } from './segment-reader.js';

/** A segment of a folder, by its name alone. */
export interface SegmentName {
  readonly name: string;
  readonly firstSequence: number;
  readonly compressed: boolean;
}

/** The segments of a folder, oldest first. One that is there twice, as a crash while compressing leaves it, is named uncompressed. */
export function listSegments(disk: JournalDisk): SegmentName[] {
  const found = new Map<number, SegmentName>();
  for (const name of disk.list()) {
    const parsed = parseSegmentName(name);
    if (parsed === undefined) continue;
    if (!parsed.compressed || !found.has(parsed.firstSequence))
      found.set(parsed.firstSequence, { name, ...parsed });
  }
  return [...found.values()].sort((a, b) => a.firstSequence - b.firstSequence);
}

/**
 * The bytes of a segment, those of a compressed one as if it were not. Throws TW_JOURNAL_DAMAGED when a compressed one has no
 * valid end.
 */
export function openSegment(disk: JournalDisk, { name, compressed }: SegmentName): ReadableFile {
  let file: JournalFile;
  try {
    file = disk.open(name);
  } catch (error) {
    // Compressed since the folder was listed.
    if (compressed || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return openSegment(disk, { name: `${name}.gz`, firstSequence: 0, compressed: true });
  }
  if (!compressed) return file;
  try {
    return new CompressedFile(file);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Since which sequence each epoch wrote, oldest first. Reads headers only. */
export function readEpochs(disk: JournalDisk): { readonly epoch: number; readonly firstSequence: number }[] {
  const epochs: { epoch: number; firstSequence: number }[] = [];
  for (const segment of listSegments(disk)) {
    const file = openSegment(disk, segment);
    try {
      const { epoch, firstSequence } = readHeader(file);
      if (epochs.at(-1)?.epoch !== epoch) epochs.push({ epoch, firstSequence });
    } finally {
      file.close();
    }
  }
  return epochs;
}

export function readHeader(file: ReadableFile): SegmentHeader {
  const head = new Uint8Array(SEGMENT_HEADER_BYTES);
  return decodeSegmentHeader(head.subarray(0, file.read(head, 0)), file.name);
}

/**
 * The records of a journal in order, from sequence `from` on (default: the oldest there is), in bounded memory; each is
 * valid until the next is asked for. Ends where the last segment ends, also when that is a torn tail. Changes nothing.
 *
 * Throws TW_JOURNAL_DAMAGED with segment and offset as soon as a durable record is damaged or missing, `from` included
 * when retention has deleted it; all records yielded before are right.
 */
export function* readJournal(
  disk: JournalDisk,
  options: { readonly from?: number } = {},
): Generator<JournalRecord, void, undefined> {
  const segments = listSegments(disk);
  const first = segments[0];
  if (first === undefined) return;
  const from = options.from ?? first.firstSequence;
  if (from < first.firstSequence) {
    throw damaged(first.name, 0, `the journal begins with record ${first.firstSequence}, not ${from}`);
  }
  const later = segments.findIndex(({ firstSequence }) => firstSequence > from);
  const begin = later < 0 ? segments.length - 1 : later - 1;
  const chain = new SegmentChain();
  for (let i = begin; i < segments.length; i++) {
    const segment = segments[i]!;
    const file = openSegment(disk, segment);
    try {
      const reader = openReader(file);
      chain.link(segment, reader.header);
      const isLast = i === segments.length - 1;
      // Not delegated to another generator, which costs as much as reading a record.
      for (;;) {
        const record = nextRecord(file, reader, isLast);
        if (record === undefined) break;
        if (record.sequence >= from) yield record;
      }
      chain.end(reader.position);
    } finally {
      file.close();
    }
  }
}

/**
 * The next record of a segment that somebody may be writing, or undefined where it may end: at its footer and, in the last
 * segment, before a torn tail. Throws TW_JOURNAL_DAMAGED where it may not.
 */
export function nextRecord(
  file: ReadableFile,
  reader: SegmentReader,
  isLast: boolean,
): JournalRecord | undefined {
  return reader.next() ?? nextAfterAll(file, reader, isLast);
}

/** Where reading came to an end: the record that is there after all, or undefined if it may end there; throws if not. */
function nextAfterAll(file: ReadableFile, reader: SegmentReader, isLast: boolean): JournalRecord | undefined {
  const before = reader.end!;
  if (before.kind === 'closed' || (isLast && before.kind === 'open')) return undefined;
  const mustBeThere = !isLast || isDamage(file, reader);
  // Looked at once more: someone may be writing. What a later mark calls durable had been written before that mark.
  reader.resume();
  const record = reader.next();
  if (record !== undefined || reader.end!.kind === 'closed') return record;
  if (reader.end!.at > before.at) return nextAfterAll(file, reader, isLast);
  if (mustBeThere) throw damageOf(file.name, reader);
  return undefined;
}

/** Reads the header; what is wrong with it is damage, but for its version. */
export function openReader(file: ReadableFile): SegmentReader {
  try {
    return new SegmentReader(file);
  } catch (error) {
    if (!(error instanceof JournalError) || error.code === 'TW_JOURNAL_VERSION') throw error;
    throw damaged(file.name, error.offset, error.reason);
  }
}

/** Holds each segment to the one before it. */
export class SegmentChain {
  #next: { sequence: number; chain: number } | undefined;

  /** Throws unless `header` is that of the segment named, and continues what ended last. */
  link({ name, firstSequence }: SegmentName, header: SegmentHeader): void {
    if (header.firstSequence !== firstSequence) {
      throw damaged(name, 16, `the header is that of the segment from record ${header.firstSequence} on`);
    }
    if (this.#next === undefined) return;
    const { sequence, chain } = this.#next;
    if (firstSequence > sequence) {
      throw damaged(name, 0, `records ${sequence} to ${firstSequence - 1} are missing before it`);
    }
    if (firstSequence < sequence) {
      throw damaged(name, 0, `it begins with record ${firstSequence}, which the segment before it holds too`);
    }
    if (header.chain !== chain) {
      throw damaged(
        name,
        28,
        'it does not continue the segment before it: one of the two is of another history',
      );
    }
  }

  end({ sequence, chain }: { readonly sequence: number; readonly chain: number }): void {
    this.#next = { sequence: sequence + 1, chain };
  }

  /** The next segment is held to nothing. */
  forget(): void {
    this.#next = undefined;
  }
}

/** The error for a reader that came to no good end. */
export function damageOf(segment: string, reader: SegmentReader): JournalError {
  const end = reader.end!;
  const next = reader.position.sequence + 1;
  const why = end.kind === 'broken' ? end.why : 'the segment ends without a footer though another follows';
  return damaged(segment, end.at, `record ${next} was durable and is damaged: ${why}`);
}

/**
 * Whether what broke off reading an open segment is damage rather than a torn tail: something valid stands behind it that was
 * only written once everything before it was durable.
 */
export function isDamage(file: ReadableFile, reader: SegmentReader): boolean {
  const end = reader.end!;
  return end.kind === 'broken' && findProof(file, end.at, reader.position.sequence + 1, reader.header.epoch);
}

const MARK_TAG = tagBytes(RecordType.Mark);
const FOOTER_TAG = tagBytes(RecordType.Footer);
/** From the start of a record to behind its type. */
const OVERLAP = FOOTER_BYTES;

/** Looks for a mark or a footer behind `from` by which record `sequence` had been durable. */
function findProof(file: ReadableFile, from: number, sequence: number, epoch: number): boolean {
  const window = Buffer.alloc(1 << 20);
  for (let start = from; start < file.size; start += window.length - OVERLAP) {
    const chunk = window.subarray(0, file.read(window, start));
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    const proves = (tag: Buffer, length: number): boolean => {
      for (let at = chunk.indexOf(tag) - 28; at > -29; at = chunk.indexOf(tag, at + 29) - 28) {
        if (at < 0 || at + length > chunk.length || view.getUint32(at + 4, true) !== length) continue;
        if (view.getFloat64(at + 8, true) < sequence) continue;
        if (epoch !== 0 && view.getUint32(at + 24, true) !== epoch) continue;
        if (view.getUint32(at, true) === crc32c(chunk, at + 4, at + length)) return true;
      }
      return false;
    };
    if (proves(MARK_TAG, MARK_BYTES) || proves(FOOTER_TAG, FOOTER_BYTES)) return true;
    if (chunk.length < window.length) return false;
  }
  return false;
}

function tagBytes(type: RecordType): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(typeWord(type));
  return bytes;
}
