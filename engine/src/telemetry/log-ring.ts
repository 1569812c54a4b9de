import { LOG_ARGUMENTS, type LogCode } from './log-catalog.js';
import { LEVEL_RANK, type LogLevel } from './logger.js';

/**
 * A log for the trading line: fixed-size binary records in shared memory. One thread writes, one reads; when the reader
 * is too slow records are dropped and counted, the writer never waits.
 *
 * Memory: three 32-bit words (written, read, dropped; all wrap), padding to 64 bytes, then records of eight doubles
 * (code, timestamp, six arguments).
 */

const WRITTEN = 0;
const READ = 1;
const DROPPED = 2;
const HEADER_BYTES = 64;
const RECORD_DOUBLES = 2 + LOG_ARGUMENTS;
const RECORD_BYTES = RECORD_DOUBLES * 8;

/** The writer's end. */
export class LogRing {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #records: Float64Array;
  readonly #capacity: number;
  readonly #rank: number;
  #written = 0;
  #readSeen = 0;

  /** `capacity` (records) is rounded up to a power of two; codes below `level` are not recorded. */
  constructor(options: { readonly capacity?: number; readonly level?: LogLevel } = {}) {
    this.#capacity = 2 ** Math.ceil(Math.log2(Math.max(2, options.capacity ?? 4096)));
    this.buffer = new SharedArrayBuffer(HEADER_BYTES + this.#capacity * RECORD_BYTES);
    this.#words = new Int32Array(this.buffer, 0, HEADER_BYTES / 4);
    this.#records = new Float64Array(this.buffer, HEADER_BYTES);
    this.#rank = LEVEL_RANK[options.level ?? 'debug'];
  }

  /** Whether `code` is important enough to be recorded. */
  enabled(code: LogCode): boolean {
    return code.rank >= this.#rank;
  }

  /**
   * Records `code` with up to six numbers, in the order of its arguments. `tsUs` is the caller's time, microseconds
   * since 1970 (UTC). False when the ring was full and the record dropped.
   */
  write(code: LogCode, tsUs: number, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0): boolean {
    if (code.rank < this.#rank) return true;
    const written = this.#written;
    if (((written - this.#readSeen) | 0) >= this.#capacity) {
      this.#readSeen = Atomics.load(this.#words, READ);
      if (((written - this.#readSeen) | 0) >= this.#capacity) {
        this.#words[DROPPED] = (this.#words[DROPPED]! + 1) | 0;
        return false;
      }
    }
    const records = this.#records;
    const at = (written & (this.#capacity - 1)) * RECORD_DOUBLES;
    records[at] = code.code;
    records[at + 1] = tsUs;
    records[at + 2] = a;
    records[at + 3] = b;
    records[at + 4] = c;
    records[at + 5] = d;
    records[at + 6] = e;
    records[at + 7] = f;
    this.#written = (written + 1) | 0;
    // The store that publishes the record: everything above is visible before it.
    Atomics.store(this.#words, WRITTEN, this.#written);
    return true;
  }

  /** Records dropped because the reader was behind. */
  get dropped(): number {
    return this.#words[DROPPED]! >>> 0;
  }
}

/** A record taken out of the ring. */
export interface LogRecord {
  code: number;
  tsUs: number;
  readonly values: number[];
}

/** The reader's end, in the worker. */
export class LogRingReader {
  readonly #words: Int32Array;
  readonly #records: Float64Array;
  readonly #mask: number;

  constructor(buffer: SharedArrayBuffer) {
    this.#words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
    this.#records = new Float64Array(buffer, HEADER_BYTES);
    this.#mask = this.#records.length / RECORD_DOUBLES - 1;
  }

  /** Takes every record written so far, oldest first. */
  drain(take: (record: LogRecord) => void): void {
    const written = Atomics.load(this.#words, WRITTEN);
    let read = Atomics.load(this.#words, READ);
    for (; read !== written; read = (read + 1) | 0) {
      const at = (read & this.#mask) * RECORD_DOUBLES;
      const values = Array.from(this.#records.subarray(at + 2, at + RECORD_DOUBLES));
      const record = { code: this.#records[at]!, tsUs: this.#records[at + 1]!, values };
      // Free the place before formatting: the writer may be waiting for room, the copy is ours.
      Atomics.store(this.#words, READ, (read + 1) | 0);
      take(record);
    }
  }

  get dropped(): number {
    return Atomics.load(this.#words, DROPPED) >>> 0;
  }
}
