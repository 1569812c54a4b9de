import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { BinaryReader, JournalError } from '../../domain/index.js';
import { decodeEvent } from '../event-codec.js';
import type { LoggedEvent } from '../event-log-reader.js';
import {
  HEADER_BYTES,
  LOG_CODEC_VERSION,
  LOG_VERSION,
  MAGIC,
  MAX_BODY_BYTES,
  RECORD_HEAD_BYTES,
  RecordType,
} from './event-log-format.js';

interface Body {
  readonly type: RecordType;
  readonly sequence: number;
  readonly offset: number;
  readonly payload: BinaryReader;
  readonly bytes: Uint8Array;
}

/**
 * The events of a log file of version 1, in order and counted from 0, read as they are asked for. Throws a `JournalError` with the file offset at the
 * first damaged byte; everything yielded before it is good. A file cut off inside a record, as a crash leaves it, gives
 * TW_JOURNAL_TRUNCATED. Other errors are the file system's own.
 */
export function* readLegacyLog(path: string): Generator<LoggedEvent, void, undefined> {
  const file = new LogFile(path);
  try {
    // An event waits for the record after it, which may hold its commands.
    let pending: LoggedEvent | undefined;
    try {
      for (let body = file.next(); body !== undefined; body = file.next()) {
        const { type, sequence, offset, payload } = body;
        if (type === RecordType.Commands) {
          if (pending === undefined)
            throw new JournalError('TW_JOURNAL_MALFORMED', offset, 'commands without their event');
          const complete: LoggedEvent = { ...pending, commands: body.bytes };
          pending = undefined;
          yield complete;
          continue;
        }
        const event = decodeEvent(payload);
        payload.end();
        if (pending !== undefined) yield pending;
        pending = { sequence, offset, event, commands: undefined };
      }
    } catch (error) {
      if (pending !== undefined) yield pending;
      throw error;
    }
    if (pending !== undefined) yield pending;
  } finally {
    file.close();
  }
}

/** A log file as a sequence of checked records, read through a window that grows to the largest record. */
class LogFile {
  readonly #descriptor: number;
  readonly #size: number;
  #window = new Uint8Array(1 << 20);
  /** The window holds the file's bytes from #start to #end. */
  #start = 0;
  #end = 0;
  #at = HEADER_BYTES;
  #events = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    try {
      this.#size = fstatSync(this.#descriptor).size;
      this.#checkHeader();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  next(): Body | undefined {
    const offset = this.#at;
    if (offset === this.#size) return undefined;
    const head = this.#bytes(offset, RECORD_HEAD_BYTES);
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const length = view.getUint32(0, true);
    const checksum = view.getUint32(4, true);
    if (length < 9 || length > MAX_BODY_BYTES) {
      throw new JournalError('TW_JOURNAL_MALFORMED', offset, `impossible record length ${length}`);
    }
    if (RECORD_HEAD_BYTES + length > this.#size - offset) {
      throw new JournalError('TW_JOURNAL_TRUNCATED', offset, `a record of ${length} bytes is cut off`);
    }
    const bodyAt = offset + RECORD_HEAD_BYTES;
    // A copy: what is yielded must outlive the window.
    const bytes = this.#bytes(bodyAt, length).slice();
    if (crc32(bytes) !== checksum) {
      throw new JournalError('TW_JOURNAL_CHECKSUM', offset, 'record checksum does not match');
    }
    this.#at = bodyAt + length;
    const payload = new BinaryReader(bytes, bodyAt);
    const type = payload.member(RecordType, 'record type');
    const sequence = payload.number();
    if (sequence !== (type === RecordType.Event ? this.#events : this.#events - 1)) {
      throw new JournalError('TW_JOURNAL_MALFORMED', offset, `record out of sequence: ${sequence}`);
    }
    if (type === RecordType.Event) this.#events++;
    return { type, sequence, offset, payload, bytes: bytes.subarray(9) };
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #checkHeader(): void {
    const header = this.#bytes(0, HEADER_BYTES);
    for (let i = 0; i < MAGIC.length; i++) {
      if (header[i] !== MAGIC.charCodeAt(i))
        throw new JournalError('TW_JOURNAL_MALFORMED', i, 'not an event log');
    }
    const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
    const versions = [view.getUint32(8, true), view.getUint32(12, true)];
    if (versions[0] !== LOG_VERSION || versions[1] !== LOG_CODEC_VERSION) {
      throw new JournalError(
        'TW_JOURNAL_VERSION',
        8,
        `version ${versions.join('.')}, this reads ${LOG_VERSION}.${LOG_CODEC_VERSION}`,
      );
    }
  }

  /** A view of `length` bytes of the file at `offset`. */
  #bytes(offset: number, length: number): Uint8Array {
    if (length > this.#size - offset) {
      throw new JournalError(
        'TW_JOURNAL_TRUNCATED',
        offset,
        `${length} bytes wanted, ${this.#size - offset} left`,
      );
    }
    if (offset < this.#start || offset + length > this.#end) this.#load(offset, length);
    const at = offset - this.#start;
    return this.#window.subarray(at, at + length);
  }

  #load(offset: number, length: number): void {
    if (length > this.#window.length) this.#window = new Uint8Array(length);
    this.#start = offset;
    this.#end = offset;
    while (this.#end < offset + length) {
      const at = this.#end - offset;
      const read = readSync(this.#descriptor, this.#window, at, this.#window.length - at, this.#end);
      if (read === 0) throw new JournalError('TW_JOURNAL_TRUNCATED', this.#end, 'the file became shorter');
      this.#end += read;
    }
  }
}
