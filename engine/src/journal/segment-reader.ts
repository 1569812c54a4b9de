import { BinaryReader } from '../domain/index.js';
import { crc32c } from './crc32c.js';
import type { JournalFile } from './disk.js';
import { JournalRecord } from './record.js';
import {
  decodeFooter,
  decodeSegmentHeader,
  FOOTER_BYTES,
  isHistory,
  type JournalPosition,
  MARK_BYTES,
  MAX_RECORD_BYTES,
  RECORD_HEAD_BYTES,
  RecordType,
  SEGMENT_HEADER_BYTES,
  type SegmentFooter,
  type SegmentHeader,
  typeWord,
} from './segment-format.js';

/** What reading asks of a file; a compressed segment is one too. */
export type ReadableFile = Pick<JournalFile, 'name' | 'size' | 'read' | 'close'>;

/** How a segment ends, or where reading it had to end. */
export type SegmentEnd =
  | { readonly kind: 'closed'; readonly at: number; readonly footer: SegmentFooter }
  /** Nothing but zeros from `at` on. */
  | { readonly kind: 'open'; readonly at: number }
  /** The bytes at `at` are no record. Whether that is a torn tail or damage is for others to say. */
  | { readonly kind: 'broken'; readonly at: number; readonly why: string; readonly isCutOff: boolean };

const WINDOW_BYTES = 1 << 20;
const ZEROS = Buffer.alloc(256 * 1024);

/** The records of one segment, each checked, read through a window that grows to the largest record. */
export class SegmentReader {
  readonly header: SegmentHeader;
  readonly #file: ReadableFile;
  #window: Uint8Array;
  #view: DataView;
  /** The window holds the file's bytes from #start to #stop. */
  #start = 0;
  #stop = 0;
  #at = SEGMENT_HEADER_BYTES;
  #size: number;
  #sequence: number;
  #chain: number;
  #epoch: number;
  #tsFirst = 0;
  #tsLast = 0;
  #end: SegmentEnd | undefined;

  /** Reads the header; throws a `JournalError` when it is none. The file stays the caller's to close. */
  constructor(file: ReadableFile) {
    this.#file = file;
    this.#size = file.size;
    const head = new Uint8Array(SEGMENT_HEADER_BYTES);
    this.header = decodeSegmentHeader(head.subarray(0, file.read(head, 0)), file.name);
    this.#sequence = this.header.firstSequence - 1;
    this.#chain = this.header.chain;
    this.#epoch = this.header.epoch;
    this.#window = new Uint8Array(Math.min(WINDOW_BYTES, Math.max(this.#size, RECORD_HEAD_BYTES)));
    this.#view = new DataView(this.#window.buffer);
  }

  /** After the last record read. */
  get position(): JournalPosition {
    return { sequence: this.#sequence, epoch: this.#epoch, chain: this.#chain };
  }

  /** Records of the history read so far. */
  get records(): number {
    return this.#sequence - this.header.firstSequence + 1;
  }

  /** `tsInit` of the first and the last record read so far; 0 before there is one. */
  get times(): { readonly tsFirst: number; readonly tsLast: number } {
    return { tsFirst: this.#tsFirst, tsLast: this.#tsLast };
  }

  /** Why `next` gave nothing; undefined before it did. */
  get end(): SegmentEnd | undefined {
    return this.#end;
  }

  /** Forgets the {@link end}: what was no record may be one by now, in a file that is being written. */
  resume(): void {
    this.#end = undefined;
    this.#start = 0;
    this.#stop = 0;
    this.#size = this.#file.size;
  }

  /** The next record of the history, or undefined at the {@link end}. */
  next(): JournalRecord | undefined {
    while (this.#end === undefined) {
      const at = this.#at;
      if (!this.#load(at, RECORD_HEAD_BYTES)) return this.#stopAt(at, 'a record is cut off', true);
      let rel = at - this.#start;
      const length = this.#view.getUint32(rel + 4, true);
      if (length < RECORD_HEAD_BYTES || length > MAX_RECORD_BYTES) {
        return this.#stopAt(at, `impossible record length ${length}`);
      }
      if (!this.#load(at, length)) return this.#stopAt(at, `a record of ${length} bytes is cut off`, true);
      rel = at - this.#start;
      const checksum = this.#view.getUint32(rel, true);
      if (crc32c(this.#window, rel + 4, rel + length) !== checksum) {
        return this.#stopAt(at, 'the record does not match its checksum');
      }
      const type = this.#window[rel + 28]!;
      if (this.#view.getUint32(rel + 28, true) !== typeWord(type as RecordType)) {
        return this.#stopAt(at, 'no record of a journal');
      }
      const sequence = this.#view.getFloat64(rel + 8, true);
      const epoch = this.#view.getUint32(rel + 24, true);
      if (sequence !== this.#sequence + (isHistory(type) ? 1 : 0)) {
        return this.#stopAt(at, `record ${sequence} stands where ${this.#sequence + 1} belongs`);
      }
      if (epoch !== this.header.epoch && this.header.epoch !== 0) {
        return this.#stopAt(at, `a record of epoch ${epoch} in a segment of epoch ${this.header.epoch}`);
      }
      if (isHistory(type)) return this.#take(rel, length);
      if (type === RecordType.Mark && length === MARK_BYTES) this.#at += length;
      else if (type === RecordType.Footer && length === FOOTER_BYTES) return this.#close(rel);
      else return this.#stopAt(at, `unknown record type ${type}`);
    }
    return undefined;
  }

  #take(rel: number, length: number): JournalRecord {
    const record = new JournalRecord(this.#window, this.#view, rel, length, this.#file.name, this.#at);
    if (this.records === 0) this.#tsFirst = record.tsInit;
    this.#tsLast = record.tsInit;
    this.#sequence = record.sequence;
    this.#epoch = record.epoch;
    this.#chain = crc32c(this.#window, rel, rel + 4, this.#chain);
    this.#at += length;
    return record;
  }

  #close(rel: number): undefined {
    const at = this.#at;
    const payload = this.#window.subarray(rel + RECORD_HEAD_BYTES, rel + FOOTER_BYTES);
    const footer = decodeFooter(new BinaryReader(payload, at + RECORD_HEAD_BYTES));
    if (footer.records !== this.records || footer.chain !== this.#chain) {
      return this.#broken(at, 'the footer tells of other records');
    }
    if (lastByte(this.#file, at + FOOTER_BYTES) >= 0) {
      return this.#broken(at + FOOTER_BYTES, 'something follows the footer');
    }
    this.#end = { kind: 'closed', at, footer };
    return undefined;
  }

  /** No record at `at`: the end of an open segment if only zeros follow. */
  #stopAt(at: number, why: string, isCutOff = false): undefined {
    if (lastByte(this.#file, at) >= 0) return this.#broken(at, why, isCutOff);
    this.#end = { kind: 'open', at };
    return undefined;
  }

  #broken(at: number, why: string, isCutOff = false): undefined {
    this.#end = { kind: 'broken', at, why, isCutOff };
    return undefined;
  }

  /** Makes the window hold `length` bytes from `at` on; false when the file ends before. */
  #load(at: number, length: number): boolean {
    if (at >= this.#start && at + length <= this.#stop) return true;
    if (at + length > this.#size) return false;
    if (length > this.#window.length) {
      this.#window = new Uint8Array(length);
      this.#view = new DataView(this.#window.buffer);
    }
    this.#start = at;
    this.#stop = at + this.#file.read(this.#window, at);
    return this.#stop - at >= length;
  }
}

/** Offset of the last byte of `file` that is not zero, from `from` on; -1 when all are. */
export function lastByte(file: ReadableFile, from: number): number {
  let end = file.size;
  // Mostly it is at the very end, or there is none for a long way.
  for (let length = 1024; end > from; length = ZEROS.length) {
    const start = Math.max(from, end - length);
    const chunk = Buffer.alloc(end - start);
    file.read(chunk, start);
    if (!chunk.equals(ZEROS.subarray(0, chunk.length))) {
      for (let i = chunk.length - 1; i >= 0; i--) if (chunk[i] !== 0) return start + i;
    }
    end = start;
  }
  return -1;
}
