import { JournalError } from '../domain/index.js';
import { crc32c } from './crc32c.js';
import type { JournalDisk, JournalFile } from './disk.js';
import {
  encodeSegmentHeader,
  FOOTER_BYTES,
  frameRecord,
  isHistory,
  type JournalPosition,
  MARK_BYTES,
  makeFooter,
  makeSeal,
  RECORD_HEAD_BYTES,
  RecordType,
  SEGMENT_HEADER_BYTES,
  segmentName,
} from './segment-format.js';
import { lastByte } from './segment-reader.js';

/** The next segment while it is prepared. A crash may leave it; it never holds a record. */
export const SPARE_NAME = 'spare.twj.new';
const ZEROS = new Uint8Array(256 * 1024);

export interface SegmentWriterOptions {
  /** A segment is closed before it would become larger; a record that is larger by itself still fits in one. */
  readonly segmentBytes: number;
}

/**
 * Appends framed records to the segments of one folder. It holds nothing back: `append` writes, `sync` makes durable what
 * was written. The next segment begins when one is full or the epoch changes. Not for two writers in one folder.
 *
 * Errors are the file system's. One of `append` (a full disk) leaves the writer at {@link written}: try again from the
 * record after it. One of a sync is final, as nobody knows what such a device kept: every later call throws it again.
 */
export class SegmentWriter {
  readonly #disk: JournalDisk;
  readonly #segmentBytes: number;
  /** The open segment. */
  #file: JournalFile | undefined;
  #name = '';
  #segmentEpoch = 0;
  /** Where the next record goes. */
  #end = 0;
  #records = 0;
  #tsFirst = 0;
  #tsLast = 0;
  #sequence: number;
  #epoch: number;
  #chain: number;
  #synced: number;
  /** The mark that says so is not in the file yet. */
  #markDue = false;
  #spare: JournalFile | undefined;
  #spareBytes = 0;
  #spareReady = false;
  #failure: Error | undefined;
  #closed = false;
  readonly #mark = new Uint8Array(MARK_BYTES);
  readonly #markView = new DataView(this.#mark.buffer);

  /**
   * Continues a journal at `at`, the position of `recoverJournal`: the first record appended must be the one after it and
   * begins a segment. Writes nothing yet. Call {@link prepareSpare} until it is ready where the first commits should be fast.
   */
  static open(disk: JournalDisk, options: SegmentWriterOptions, at: JournalPosition): SegmentWriter {
    const names = disk.list();
    const next = segmentName(at.sequence + 1);
    // One without a record only says where the journal goes on; it is replaced by the one that does.
    if (names.includes(next) && !isEmpty(disk, next)) {
      throw new JournalError('TW_JOURNAL_DAMAGED', 0, 'the segment to be written exists already', next);
    }
    if (names.includes(SPARE_NAME)) disk.remove(SPARE_NAME);
    return new SegmentWriter(disk, options, at);
  }

  private constructor(disk: JournalDisk, options: SegmentWriterOptions, at: JournalPosition) {
    this.#disk = disk;
    this.#segmentBytes = options.segmentBytes;
    this.#sequence = at.sequence;
    this.#epoch = at.epoch;
    this.#chain = at.chain;
    this.#synced = at.sequence;
  }

  /** Sequence of the last record handed to the operating system. */
  get written(): number {
    return this.#sequence;
  }

  /** Sequence of the last record that survives a loss of power. */
  get synced(): number {
    return this.#synced;
  }

  /** After the last record written. */
  get position(): JournalPosition {
    return { sequence: this.#sequence, epoch: this.#epoch, chain: this.#chain };
  }

  /** The sync that failed: it can not be used any more. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Name of the open segment; empty before the first record and after each rotation. */
  get segment(): string {
    return this.#name;
  }

  /**
   * Writes whole framed records, checksums filled in, in order from {@link written} + 1 on. Their sequences are checked,
   * their checksums are not. Throws a RangeError, with nothing written, for bytes that do not continue the journal.
   */
  append(bytes: Uint8Array): void {
    this.#alive();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#check(bytes, view);
    for (let from = 0; from < bytes.length; ) {
      const epoch = view.getUint32(from + 24, true);
      const room = this.#room(epoch, view.getUint32(from + 4, true));
      let chain = this.#chain;
      let to = from;
      let last = from;
      let count = 0;
      while (to < bytes.length && view.getUint32(to + 24, true) === epoch) {
        const length = view.getUint32(to + 4, true);
        if (to > from && to + length - from > room) break;
        chain = crc32c(bytes, to, to + 4, chain);
        last = to;
        to += length;
        count++;
      }
      const file = this.#file!;
      if (this.#markDue) this.#writeMark();
      file.write(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), this.#end);
      if (this.#records === 0) this.#tsFirst = view.getFloat64(from + 16, true);
      this.#tsLast = view.getFloat64(last + 16, true);
      this.#end += to - from;
      this.#records += count;
      this.#sequence += count;
      this.#epoch = epoch;
      this.#chain = chain;
      from = to;
    }
  }

  /** Returns when everything written so far is durable, and leaves a mark that says so. */
  sync(): void {
    this.#alive();
    if (this.#file === undefined || this.#synced === this.#sequence) return;
    this.#syncFile(this.#file);
    this.#synced = this.#sequence;
    this.#markDue = true;
    try {
      this.#writeMark();
    } catch {
      // What was to be durable is. The mark stays due, and the next append meets the same full disk.
    }
  }

  /**
   * One step, of a quarter of a MiB or one sync, toward having the next segment's file filled with zeros, so that appending
   * changes no file size. True once that is done; after each rotation there is something to do again.
   */
  prepareSpare(): boolean {
    this.#alive();
    if (this.#spareReady) return true;
    this.#spare ??= this.#disk.create(SPARE_NAME);
    const left = this.#segmentBytes - this.#spareBytes;
    if (left > 0) {
      const zeros = left < ZEROS.length ? ZEROS.subarray(0, left) : ZEROS;
      this.#spare.write(zeros, this.#spareBytes);
      this.#spareBytes += zeros.length;
      return false;
    }
    this.#syncFile(this.#spare);
    this.#spareReady = true;
    return true;
  }

  /** Closes the open segment, if there is one: sync, footer, sync. The next record begins another. */
  rotate(): void {
    this.#alive();
    const file = this.#file;
    if (file === undefined) return;
    const footer = makeFooter(this.position, this.#records, this.#tsFirst, this.#tsLast);
    // Apart from the records, so that a footer, as a mark, proves that all before it had been durable.
    this.sync();
    file.write(footer, this.#end);
    this.#syncFile(file);
    const end = this.#end + footer.length;
    // Not synced: zeros behind a footer do no harm.
    if (file.size > end) file.truncate(end);
    file.close();
    this.#file = undefined;
    this.#name = '';
  }

  /**
   * An orderly end: with `seal` a last record that says so (it takes the next sequence), then the footer. Everything is
   * durable when it returns. After a failure it only closes the files.
   */
  close(seal?: { readonly stateHash: string; readonly tsInit: number }): void {
    if (this.#closed) return;
    try {
      if (this.#failure === undefined) {
        if (seal !== undefined) {
          this.append(makeSeal(this.#sequence + 1, this.#epoch, seal.tsInit, seal.stateHash));
        }
        // On a full disk its room is wanted for the footer.
        if (this.#spare !== undefined) this.#disk.remove(SPARE_NAME);
        this.rotate();
      }
    } finally {
      this.#closed = true;
      this.#file?.close();
      this.#spare?.close();
    }
  }

  /** Opens a segment for records of `epoch` if the open one cannot take `length` more bytes; answers how many fit. */
  #room(epoch: number, length: number): number {
    const reserve = FOOTER_BYTES + 2 * MARK_BYTES;
    const full = this.#end + length + reserve > this.#segmentBytes && this.#records > 0;
    if (this.#file !== undefined && (epoch !== this.#segmentEpoch || full)) this.rotate();
    if (this.#file === undefined) this.#begin(epoch);
    return this.#segmentBytes - reserve - this.#end;
  }

  #begin(epoch: number): void {
    const name = segmentName(this.#sequence + 1);
    this.#spare ??= this.#disk.create(SPARE_NAME);
    const file = this.#spare;
    file.write(encodeSegmentHeader({ firstSequence: this.#sequence + 1, epoch, chain: this.#chain }), 0);
    try {
      file.sync();
      // Under its name only once the header is durable: a segment without one is damage.
      this.#disk.rename(SPARE_NAME, name);
      this.#disk.syncFolder();
    } catch (error) {
      throw this.#fail(error);
    }
    this.#file = file;
    this.#spare = undefined;
    this.#spareBytes = 0;
    this.#spareReady = false;
    this.#name = name;
    this.#segmentEpoch = epoch;
    this.#end = SEGMENT_HEADER_BYTES;
    this.#records = 0;
    this.#tsFirst = 0;
    this.#tsLast = 0;
    this.#markDue = false;
  }

  #writeMark(): void {
    const view = this.#markView;
    frameRecord(
      this.#mark,
      view,
      0,
      MARK_BYTES,
      RecordType.Mark,
      this.#synced,
      this.#segmentEpoch,
      this.#tsLast,
    );
    this.#file!.write(this.#mark, this.#end);
    this.#end += MARK_BYTES;
    this.#markDue = false;
  }

  #syncFile(file: JournalFile): void {
    try {
      file.sync();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #fail(error: unknown): Error {
    this.#failure = error instanceof Error ? error : new Error(String(error));
    return this.#failure;
  }

  #alive(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed) throw new Error('the journal is closed');
  }

  #check(bytes: Uint8Array, view: DataView): void {
    let sequence = this.#sequence;
    let epoch = this.#epoch;
    let at = 0;
    for (; at + RECORD_HEAD_BYTES <= bytes.length; ) {
      const length = view.getUint32(at + 4, true);
      const found = view.getFloat64(at + 8, true);
      if (length < RECORD_HEAD_BYTES || !isHistory(bytes[at + 28]!)) break;
      if (found !== ++sequence) {
        throw new RangeError(`journal: record ${sequence} is to be written next, was given ${found}`);
      }
      const before = epoch;
      epoch = view.getUint32(at + 24, true);
      if (epoch < before) {
        throw new RangeError(`journal: record ${sequence} is of epoch ${epoch}, the one before of ${before}`);
      }
      at += length;
    }
    if (at !== bytes.length) throw new RangeError(`journal: no whole record at offset ${at} of a batch`);
  }
}

function isEmpty(disk: JournalDisk, name: string): boolean {
  const file = disk.open(name);
  try {
    return lastByte(file, SEGMENT_HEADER_BYTES) < 0;
  } finally {
    file.close();
  }
}
