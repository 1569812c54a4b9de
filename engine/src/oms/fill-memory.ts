import type { BinaryReader, BinaryWriter, Side, StateHash } from '../domain/index.js';

const EMPTY = -1;

/**
 * Remembers the newest fills by (instrument, side, trade id), so that one told twice is booked once. The side is in the
 * key because a trade between two orders of ours is two fills with one trade id. Bounded: a ring of keys and an
 * open-addressing table into it. Keys are compared in full: two trade ids never pass for one another.
 */
export class FillMemory {
  readonly #capacity: number;
  readonly #keys: Int32Array;
  readonly #hashes: Int32Array;
  readonly #tradeIds: string[];
  readonly #table: Int32Array;
  readonly #mask: number;
  #next = 0;
  size = 0;

  /** `capacity`: fills remembered, at least 1. */
  constructor(capacity = 65_536) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError(`fill memory: capacity must be a positive integer, was ${capacity}`);
    }
    this.#capacity = capacity;
    this.#keys = new Int32Array(capacity);
    this.#hashes = new Int32Array(capacity);
    this.#tradeIds = new Array<string>(capacity).fill('');
    const slots = 2 ** Math.ceil(Math.log2(capacity * 2));
    this.#table = new Int32Array(slots).fill(EMPTY);
    this.#mask = slots - 1;
  }

  /** Remembers the fill; false when it is remembered already. */
  add(instrument: number, side: Side, tradeId: string): boolean {
    return this.#add(instrument * 2 + side, tradeId);
  }

  /** Whether the fill is remembered. */
  has(instrument: number, side: Side, tradeId: string): boolean {
    const key = instrument * 2 + side;
    return this.#table[this.#slotOf(key, hashOf(key, tradeId), tradeId)] !== EMPTY;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.size);
    this.#visit((key, tradeId) => hash.int(key).text(tradeId));
  }

  save(out: BinaryWriter): void {
    out.u32(this.size);
    this.#visit((key, tradeId) => {
      out.u32(key);
      out.text(tradeId);
    });
  }

  /** Into an empty memory; one with less room keeps the newest. */
  load(input: BinaryReader): void {
    for (let left = input.u32(); left > 0; left--) this.#add(input.u32() | 0, input.text());
  }

  /** From the oldest to the newest. */
  #visit(visitor: (key: number, tradeId: string) => unknown): void {
    const first = this.size === this.#capacity ? this.#next : 0;
    for (let i = 0; i < this.size; i++) {
      const entry = (first + i) % this.#capacity;
      visitor(this.#keys[entry]!, this.#tradeIds[entry]!);
    }
  }

  #add(key: number, tradeId: string): boolean {
    const hash = hashOf(key, tradeId);
    let at = this.#slotOf(key, hash, tradeId);
    if (this.#table[at] !== EMPTY) return false;
    const entry = this.#next;
    if (this.size === this.#capacity) {
      this.#forget(entry);
      at = hash & this.#mask;
      while (this.#table[at] !== EMPTY) at = (at + 1) & this.#mask;
    } else this.size++;
    this.#keys[entry] = key;
    this.#hashes[entry] = hash;
    this.#tradeIds[entry] = tradeId;
    this.#table[at] = entry;
    this.#next = entry + 1 === this.#capacity ? 0 : entry + 1;
    return true;
  }

  /** Where the fill is in the table, or would be: then that place is empty. */
  #slotOf(key: number, hash: number, tradeId: string): number {
    let at = hash & this.#mask;
    for (; this.#table[at] !== EMPTY; at = (at + 1) & this.#mask) {
      const entry = this.#table[at]!;
      if (this.#hashes[entry] === hash && this.#keys[entry] === key && this.#tradeIds[entry] === tradeId)
        break;
    }
    return at;
  }

  /** Takes `entry` out of the table, shifting back what would be cut off from its home. */
  #forget(entry: number): void {
    const table = this.#table;
    let hole = this.#hashes[entry]! & this.#mask;
    while (table[hole] !== entry) hole = (hole + 1) & this.#mask;
    for (let at = (hole + 1) & this.#mask; table[at] !== EMPTY; at = (at + 1) & this.#mask) {
      const home = this.#hashes[table[at]!]! & this.#mask;
      if (((at - home) & this.#mask) < ((at - hole) & this.#mask)) continue;
      table[hole] = table[at]!;
      hole = at;
    }
    table[hole] = EMPTY;
  }
}

function hashOf(key: number, tradeId: string): number {
  let hash = Math.imul(key ^ 0x811c9dc5, 0x01000193);
  for (let i = 0; i < tradeId.length; i++) hash = Math.imul(hash ^ tradeId.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x85ebca6b) ^ (hash >>> 13);
}
