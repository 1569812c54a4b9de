import { JournalError } from './journal-error.js';

/**
 * Reads what `BinaryWriter` wrote, trusting nothing: every count is held against the bytes that are left before anything
 * is allocated for it. Throws {@link JournalError} with the offset, never anything else.
 */
export class BinaryReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #base: number;
  #at = 0;

  /** `base`: the offset of `bytes` in the file, for errors. */
  constructor(bytes: Uint8Array, base = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#base = base;
  }

  /** Bytes not yet read. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Where the next byte stands, counted as errors count. */
  get offset(): number {
    return this.#base + this.#at;
  }

  u8(): number {
    return this.#bytes[this.#take(1)]!;
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /**
   * Any double: a number the producer should not have sent is replayed as it was, so that it is refused again by
   * whoever refused it then.
   */
  number(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  bool(): boolean {
    const value = this.u8();
    if (value > 1) throw this.#malformed(1, `no boolean: ${value}`);
    return value === 1;
  }

  /** One byte that must be a value of `vocabulary`. */
  member<T extends number>(vocabulary: Readonly<Record<string, T>>, what: string): T {
    const value = this.u8();
    for (const name in vocabulary) if (vocabulary[name] === value) return vocabulary[name];
    throw this.#malformed(1, `unknown ${what} ${value}`);
  }

  text(): string {
    const head = this.u32();
    const length = Math.floor(head / 2);
    const isWide = head % 2 === 1;
    const at = this.#take(isWide ? length * 2 : length);
    let text = '';
    for (let i = 0; i < length; i++) {
      const code = isWide ? this.#view.getUint16(at + i * 2, true) : this.#bytes[at + i]!;
      text += String.fromCharCode(code);
    }
    return text;
  }

  big(): bigint {
    const head = this.u8();
    const words = head & 127;
    const at = this.#take(words * 8);
    let value = 0n;
    for (let i = words - 1; i >= 0; i--) value = (value << 64n) | this.#view.getBigUint64(at + i * 8, true);
    return head > 127 ? -value : value;
  }

  /** `count` doubles. */
  numbers(count: number): Float64Array {
    let at = this.#take(count * 8);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++, at += 8) values[i] = this.#view.getFloat64(at, true);
    return values;
  }

  /** `count` doubles into an array that is at least that long: allocates nothing. */
  numbersInto(into: Float64Array, count: number): void {
    let at = this.#take(count * 8);
    for (let i = 0; i < count; i++, at += 8) into[i] = this.#view.getFloat64(at, true);
  }

  /** A double that must be a safe integer from `min` to `max`. */
  integer(
    what: string,
    min: number = Number.MIN_SAFE_INTEGER,
    max: number = Number.MAX_SAFE_INTEGER,
  ): number {
    const value = this.number();
    if (!Number.isSafeInteger(value) || value < min || value > max) {
      throw this.#malformed(8, `${what} must be an integer from ${min} to ${max}, was ${value}`);
    }
    return value;
  }

  /** A double that is a number: money past 2^53 is whole, but no safe integer. */
  finite(what: string): number {
    const value = this.number();
    if (!Number.isFinite(value)) throw this.#malformed(8, `${what} is ${value}`);
    return value;
  }

  /** `count` bytes: a view of the buffer, not a copy. */
  raw(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** About the last byte read: what it says cannot be. */
  malformed(what: string): JournalError {
    return this.#malformed(0, what);
  }

  /** Throws unless everything was read. */
  end(): void {
    if (this.left !== 0) throw this.#malformed(0, `${this.left} bytes too many`);
  }

  #take(size: number): number {
    const at = this.#at;
    if (size > this.#bytes.length - at) {
      throw new JournalError('TW_JOURNAL_TRUNCATED', this.offset, `${size} bytes wanted, ${this.left} left`);
    }
    this.#at = at + size;
    return at;
  }

  /** About the `back` bytes just read. */
  #malformed(back: number, what: string): JournalError {
    return new JournalError('TW_JOURNAL_MALFORMED', this.offset - back, what);
  }
}
