import type { Instrument } from '../../domain/index.js';

const { imul } = Math;

/** Stream names are in lower case (`btcusdt`), payloads in upper case (`BTCUSDT`): hash both as upper case. */
function folded(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
}

/**
 * Finds an instrument by the bytes of its venue symbol, without making a string: an open-addressing hash table over the
 * bytes in upper case, verified byte by byte.
 */
export class SymbolIndex {
  readonly #instruments: readonly Instrument[];
  readonly #names: readonly Uint8Array[];
  /** Position in `#instruments`, or -1. At most a quarter full, so a probe always ends, and soon. */
  readonly #slots: Int16Array;
  readonly #mask: number;

  /** Throws a RangeError when two symbols differ by letter case alone: stream names could not tell them apart. */
  constructor(instruments: readonly Instrument[]) {
    this.#instruments = instruments;
    this.#names = instruments.map(({ symbol }) => Buffer.from(symbol));
    let size = 8;
    while (size < instruments.length * 4) size *= 2;
    this.#slots = new Int16Array(size).fill(-1);
    this.#mask = size - 1;
    for (const [position, name] of this.#names.entries()) {
      if (this.#position(name, 0, name.length, true) >= 0) {
        throw new RangeError(`symbol ${instruments[position]!.symbol} occurs twice`);
      }
      let slot = this.#hash(name, 0, name.length);
      while (this.#slots[slot]! >= 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = position;
    }
  }

  /** The instrument whose symbol is exactly `bytes[start, end)`. */
  find(bytes: Uint8Array, start: number, end: number): Instrument | undefined {
    const position = this.#position(bytes, start, end, false);
    return position < 0 ? undefined : this.#instruments[position];
  }

  /** The same in any letter case: for stream names. */
  findAnyCase(bytes: Uint8Array, start: number, end: number): Instrument | undefined {
    const position = this.#position(bytes, start, end, true);
    return position < 0 ? undefined : this.#instruments[position];
  }

  #position(bytes: Uint8Array, start: number, end: number, anyCase: boolean): number {
    let slot = this.#hash(bytes, start, end);
    for (;;) {
      const position = this.#slots[slot]!;
      if (position < 0 || equals(this.#names[position]!, bytes, start, end, anyCase)) return position;
      slot = (slot + 1) & this.#mask;
    }
  }

  #hash(bytes: Uint8Array, start: number, end: number): number {
    let hash = end - start;
    for (let i = start; i < end; i++) hash = imul(hash ^ folded(bytes[i]!), 0x01000193);
    return (hash ^ (hash >>> 15)) & this.#mask;
  }
}

function equals(name: Uint8Array, bytes: Uint8Array, start: number, end: number, anyCase: boolean): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) {
    const ours = name[i]!;
    const theirs = bytes[start + i]!;
    if (ours !== theirs && !(anyCase && folded(ours) === folded(theirs))) return false;
  }
  return true;
}
