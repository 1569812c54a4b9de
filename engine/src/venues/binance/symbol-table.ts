import type { Instrument } from '../../domain/index.js';

/** Finds an instrument by the bytes of its symbol: open addressing over FNV-1a, no strings. */
export class SymbolTable {
  readonly #mask: number;
  readonly #indexes: Int32Array;
  readonly #names: (Uint8Array | undefined)[];

  constructor(instruments: readonly Instrument[]) {
    let size = 16;
    while (size < instruments.length * 4) size *= 2;
    this.#mask = size - 1;
    this.#indexes = new Int32Array(size).fill(-1);
    this.#names = new Array<Uint8Array | undefined>(size).fill(undefined);
    for (const { index, symbol } of instruments) {
      const name = Buffer.from(symbol);
      let at = hashOf(name, 0, name.length) & this.#mask;
      while (this.#names[at] !== undefined) at = (at + 1) & this.#mask;
      this.#names[at] = name;
      this.#indexes[at] = index;
    }
  }

  /** The instrument's index, or -1. */
  find(bytes: Uint8Array, start: number, stop: number): number {
    let at = hashOf(bytes, start, stop) & this.#mask;
    for (let name = this.#names[at]; name !== undefined; name = this.#names[at]) {
      if (equal(name, bytes, start, stop)) return this.#indexes[at]!;
      at = (at + 1) & this.#mask;
    }
    return -1;
  }
}

function hashOf(bytes: Uint8Array, start: number, stop: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < stop; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}

function equal(name: Uint8Array, bytes: Uint8Array, start: number, stop: number): boolean {
  if (name.length !== stop - start) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false;
  return true;
}
