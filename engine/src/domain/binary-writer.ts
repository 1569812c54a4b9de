/** The least bigint that takes two words. */
const TWO_WORDS = 1n << 64n;

/**
 * Little-endian bytes in a buffer that grows and is reused: after a warm-up, writing allocates nothing but what a bigint
 * costs. Integers of up to 53 bits are stored as doubles, which is the fastest way to store them whole.
 */
export class BinaryWriter {
  #bytes: Uint8Array;
  #view: DataView;
  /** The whole words of the same memory. */
  #words: Int32Array;
  #length = 0;
  /** For doubles on their way to {@link fromSlots}. */
  readonly slots = new Float64Array(8);

  constructor(capacity = 4096) {
    this.#bytes = new Uint8Array(wholeWords(capacity));
    this.#view = new DataView(this.#bytes.buffer);
    this.#words = new Int32Array(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** What was written: a view that is valid until the next write. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what was written, keeps the buffer. */
  reset(): void {
    this.#length = 0;
  }

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value, true);
  }

  /** Any double, bit for bit (but for the payload of NaN). */
  number(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value, true);
  }

  /** The first `count` of the {@link slots}: as `number`, but no call is handed a double, which would be a heap object. */
  fromSlots(count: number): void {
    let at = this.#reserve(count * 8);
    for (let i = 0; i < count; i++, at += 8) this.#view.setFloat64(at, this.slots[i]!, true);
  }

  bool(value: boolean): void {
    this.u8(value ? 1 : 0);
  }

  /** Text of any kind, lone surrogates included: one byte per character while all are below 256, else two. */
  text(value: string): void {
    const { length } = value;
    let wide = 0;
    for (let i = 0; i < length; i++) wide |= value.charCodeAt(i);
    const isWide = wide > 255;
    this.u32(length * 2 + (isWide ? 1 : 0));
    let at = this.#reserve(isWide ? length * 2 : length);
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      this.#bytes[at++] = code;
      if (isWide) this.#bytes[at++] = code >>> 8;
    }
  }

  /** A bigint of up to 127 × 64 bits: sign and count of 64-bit words in one byte, then the words. */
  big(value: bigint): void {
    // Comparisons and one word of it make no new bigint; what most are is nothing or one word.
    if (value > 0n && value < TWO_WORDS) {
      const at = this.#reserve(9);
      this.#bytes[at] = 1;
      this.#view.setBigUint64(at + 1, value, true);
    } else if (value === 0n) this.u8(0);
    else this.#anyBig(value);
  }

  #anyBig(value: bigint): void {
    let rest = value < 0n ? -value : value;
    const head = this.#reserve(1);
    let words = 0;
    for (; rest > 0n; rest >>= 64n) {
      if (++words > 127) throw new RangeError('journal: bigint too large');
      const at = this.#reserve(8);
      this.#view.setBigUint64(at, BigInt.asUintN(64, rest), true);
    }
    this.#bytes[head] = words | (value < 0n ? 128 : 0);
  }

  /** The first `count` numbers of an array. */
  numbers(values: Float64Array, count: number): void {
    let at = this.#reserve(count * 8);
    for (let i = 0; i < count; i++, at += 8) this.#view.setFloat64(at, values[i]!, true);
  }

  /** Raw bytes. */
  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Overwrites four bytes at `offset`: for lengths and checksums known only afterwards. */
  setU32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  /** Overwrites a double at `offset`. */
  setNumber(offset: number, value: number): void {
    this.#view.setFloat64(offset, value, true);
  }

  /** Overwrites the double at `to` with the one at `from`. */
  copyNumber(from: number, to: number): void {
    this.#view.setFloat64(to, this.#view.getFloat64(from, true), true);
  }

  /**
   * Copies what was written to `target`, a ring of 2^n words, from word `at` on; up to three bytes of the last word mean
   * nothing. Unlike {@link bytes} it allocates no view, so that the trading thread can do it for each event.
   */
  copyToRing(target: Int32Array, at: number): void {
    const words = this.#words;
    const count = (this.#length + 3) >>> 2;
    const mask = target.length - 1;
    for (let i = 0; i < count; i++) target[(at + i) & mask] = words[i]!;
  }

  /** Makes room for `size` more bytes and returns where they start. May replace `#bytes` and `#view`. */
  #reserve(size: number): number {
    const at = this.#length;
    const end = at + size;
    if (end > this.#bytes.length) this.#grow(end);
    this.#length = end;
    return at;
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(wholeWords(Math.max(needed, this.#bytes.length * 2)));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
    this.#words = new Int32Array(grown.buffer);
  }
}

function wholeWords(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
