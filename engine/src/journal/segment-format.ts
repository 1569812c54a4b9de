import { type BinaryReader, BinaryWriter, JournalError } from '../domain/index.js';
import { crc32c } from './crc32c.js';
import { CODEC_VERSION } from './event-codec.js';

/**
 * A segment: header, records one after the other, zeros up to the preallocated size. All numbers little-endian; f64 holds
 * integers of up to 53 bits. `docs/journal.md` says the same at more length.
 *
 *     header  0 magic `TWJRNL\r\n`   8 u32 layout version   12 u32 codec version   16 f64 first sequence   24 u32 epoch
 *            28 u32 chain before the first record   32 zeros   60 u32 CRC-32C of bytes 0 to 60
 *     record  0 u32 CRC-32C of all that follows   4 u32 length of the whole record   8 f64 sequence
 *            16 f64 tsInit, microseconds   24 u32 epoch   28 u8 type   29 `TWR`   32 payload
 *
 * Records of the history are numbered from 1 without a gap, all records of a segment are of one epoch, and they are the
 * same bytes on every host that has them:
 *
 *     Event    one kernel event (`encodeEvent`), then, if it led to any, its commands (`encodeCommands`)
 *     Options  UTF-8 JSON: software version and resolved configuration, at each start of a session
 *     Seal     an orderly end: f64 its own sequence, text of the kernel's state hash
 *
 * Marks and footers belong to the file and carry the sequence of the record before them:
 *
 *     Mark     no payload: everything before it was durable when it was written. Follows each sync, so it begins each batch.
 *     Footer   closes the segment: f64 records, u32 chain, f64 first tsInit, f64 last tsInit, `END.`
 *
 * The chain is the CRC-32C over the checksums of all records of the history since it began: two journals whose chains are
 * equal at a sequence hold the same records up to there.
 */
export const SEGMENT_MAGIC = 'TWJRNL\r\n';
/** 1 was the event log that is read in `legacy/`. */
export const LAYOUT_VERSION = 2;
export const SEGMENT_HEADER_BYTES = 64;
export const RECORD_HEAD_BYTES = 32;
/** No event comes near; a longer record is damage. */
export const MAX_RECORD_BYTES = 64 * 1024 * 1024;

export const RecordType = { Event: 1, Options: 2, Seal: 3, Mark: 16, Footer: 17 } as const;
export type RecordType = (typeof RecordType)[keyof typeof RecordType];

/** Types of the history, which have a sequence of their own. */
export type HistoryType = typeof RecordType.Event | typeof RecordType.Options | typeof RecordType.Seal;

export function isHistory(type: number): type is HistoryType {
  return type >= RecordType.Event && type <= RecordType.Seal;
}

/** `TWR`, as the upper three bytes of the word whose lowest is the type. */
const TAG = 0x52_57_54_00;

export const MARK_BYTES = RECORD_HEAD_BYTES;
export const FOOTER_BYTES = RECORD_HEAD_BYTES + 32;

/** `END.`: a footer does not end in a zero, so that it is found from behind. */
const FOOTER_END = 0x2e_44_4e_45;

/** Where a journal stands: all that is needed to continue it. */
export interface JournalPosition {
  /** Of the last record; 0: there is none yet. */
  readonly sequence: number;
  /** Of the last record; 0: there is none yet. */
  readonly epoch: number;
  readonly chain: number;
}

export const JOURNAL_START: JournalPosition = { sequence: 0, epoch: 0, chain: 0 };

export interface SegmentHeader {
  readonly firstSequence: number;
  /** Of all records. 0: not known beforehand, as in a file of `--record`. */
  readonly epoch: number;
  readonly chain: number;
}

export interface SegmentFooter {
  /** Records of the history. */
  readonly records: number;
  /** After the last of them. */
  readonly chain: number;
  /** `tsInit` of the first and the last of them, microseconds since 1970; 0 when there is none. */
  readonly tsFirst: number;
  readonly tsLast: number;
}

/** `0000000000000001.twj` */
export function segmentName(firstSequence: number): string {
  return `${String(firstSequence).padStart(16, '0')}.twj`;
}

const SEGMENT_NAME = /^(\d{16})\.twj(\.gz)?$/;

/** What a file's name says of the segment in it; undefined for files that are none. */
export function parseSegmentName(name: string): { firstSequence: number; compressed: boolean } | undefined {
  const match = SEGMENT_NAME.exec(name);
  if (match === null) return undefined;
  return { firstSequence: Number(match[1]), compressed: match[2] !== undefined };
}

/** Whether `head`, the first bytes of a file, are those of a segment of any version. */
export function isSegment(head: Uint8Array): boolean {
  if (head.length < SEGMENT_MAGIC.length) return false;
  for (let i = 0; i < SEGMENT_MAGIC.length; i++) if (head[i] !== SEGMENT_MAGIC.charCodeAt(i)) return false;
  return true;
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  for (let i = 0; i < SEGMENT_MAGIC.length; i++) bytes[i] = SEGMENT_MAGIC.charCodeAt(i);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, LAYOUT_VERSION, true);
  view.setUint32(12, CODEC_VERSION, true);
  view.setFloat64(16, header.firstSequence, true);
  view.setUint32(24, header.epoch, true);
  view.setUint32(28, header.chain, true);
  view.setUint32(60, crc32c(bytes, 0, 60), true);
  return bytes;
}

/** Throws a `JournalError` for anything else than a header of this version. `file` is named in it. */
export function decodeSegmentHeader(bytes: Uint8Array, file: string): SegmentHeader {
  if (bytes.length < SEGMENT_HEADER_BYTES) {
    throw new JournalError('TW_JOURNAL_TRUNCATED', bytes.length, 'the header is cut off', file);
  }
  if (!isSegment(bytes)) throw new JournalError('TW_JOURNAL_MALFORMED', 0, 'not a journal segment', file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES);
  if (crc32c(bytes, 0, 60) !== view.getUint32(60, true)) {
    throw new JournalError('TW_JOURNAL_CHECKSUM', 0, 'the header does not match its checksum', file);
  }
  const versions = [view.getUint32(8, true), view.getUint32(12, true)];
  if (versions[0] !== LAYOUT_VERSION || versions[1] !== CODEC_VERSION) {
    throw new JournalError(
      'TW_JOURNAL_VERSION',
      8,
      `version ${versions.join('.')}, this reads ${LAYOUT_VERSION}.${CODEC_VERSION}`,
      file,
    );
  }
  return {
    firstSequence: view.getFloat64(16, true),
    epoch: view.getUint32(24, true),
    chain: view.getUint32(28, true),
  };
}

/** The word at offset 28 of a record. */
export function typeWord(type: RecordType): number {
  return (TAG | type) >>> 0;
}

/**
 * Starts a record at the end of `out`; the payload is then written behind it and {@link endRecord} called with the offset
 * this returns. `tsInit` in microseconds.
 */
export function beginRecord(
  out: BinaryWriter,
  type: RecordType,
  sequence: number,
  epoch: number,
  tsInit: number,
): number {
  const at = out.length;
  out.u32(0);
  out.u32(0);
  out.number(sequence);
  out.number(tsInit);
  out.u32(epoch);
  out.u32(typeWord(type));
  return at;
}

/** Ends the record that began at `at`. Its checksum is still to be filled in: {@link checksumRecords}. */
export function endRecord(out: BinaryWriter, at: number): void {
  out.setU32(at + 4, out.length - at);
}

/**
 * Writes the head of a record, checksum included, around a payload that already stands in `bytes` from
 * `at + RECORD_HEAD_BYTES` on; `length` is that of the whole record. `view` is a view of the same bytes.
 */
export function frameRecord(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  length: number,
  type: RecordType,
  sequence: number,
  epoch: number,
  tsInit: number,
): void {
  view.setUint32(at + 4, length, true);
  view.setFloat64(at + 8, sequence, true);
  view.setFloat64(at + 16, tsInit, true);
  view.setUint32(at + 24, epoch, true);
  view.setUint32(at + 28, typeWord(type), true);
  view.setUint32(at, crc32c(bytes, at + 4, at + length), true);
}

/** Fills in the checksum of each record in `bytes`: whole records, one after the other. */
export function checksumRecords(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    view.setUint32(at, crc32c(bytes, at + 4, at + length), true);
    at += length;
  }
}

/** One framed record with `payload`. For rare records: the others are framed in place. */
export function makeRecord(
  type: RecordType,
  sequence: number,
  epoch: number,
  tsInit: number,
  payload: (out: BinaryWriter) => void,
): Uint8Array {
  const out = new BinaryWriter(256);
  const at = beginRecord(out, type, sequence, epoch, tsInit);
  payload(out);
  endRecord(out, at);
  const { bytes } = out;
  checksumRecords(bytes);
  return bytes;
}

/** An orderly end at `sequence`, with the state hash of the kernel that has all records before it. */
export function makeSeal(sequence: number, epoch: number, tsInit: number, stateHash: string): Uint8Array {
  return makeRecord(RecordType.Seal, sequence, epoch, tsInit, (out) => {
    out.number(sequence);
    out.text(stateHash);
  });
}

/** The footer of a segment of `records` records, the last of them that of `at`. */
export function makeFooter(
  at: JournalPosition,
  records: number,
  tsFirst: number,
  tsLast: number,
): Uint8Array {
  return makeRecord(RecordType.Footer, at.sequence, at.epoch, tsLast, (out) => {
    out.number(records);
    out.u32(at.chain);
    out.number(tsFirst);
    out.number(tsLast);
    out.u32(FOOTER_END);
  });
}

export function decodeFooter(input: BinaryReader): SegmentFooter {
  const records = input.number();
  const chain = input.u32();
  const tsFirst = input.number();
  const tsLast = input.number();
  const { offset } = input;
  if (input.u32() !== FOOTER_END)
    throw new JournalError('TW_JOURNAL_MALFORMED', offset, 'no end of a footer');
  input.end();
  return { records, chain, tsFirst, tsLast };
}
