import type { BinaryWriter } from '../../domain/index.js';
import { recordWords } from './ring-layout.js';

/** Words of an ordinary chunk: a megabyte. */
const CHUNK_WORDS = 1 << 18;

interface Chunk {
  readonly words: Int32Array;
  used: number;
  taken: number;
}

/**
 * Records that found the ring full, oldest first, in memory that grows up to a bound. It allocates: the trading thread is
 * here only while the disk is far behind.
 */
export class SpillQueue {
  readonly #limit: number;
  readonly #chunks: Chunk[] = [];
  #bytes = 0;

  /** Holds at most `limit` bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Adds the record in `record`. False when that would exceed the bound: nothing was added. */
  push(record: BinaryWriter): boolean {
    const words = (record.length + 3) >>> 2;
    if (this.#bytes + words * 4 > this.#limit) return false;
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || chunk.used + words > chunk.words.length) {
      const length = 2 ** Math.ceil(Math.log2(Math.max(words, CHUNK_WORDS)));
      chunk = { words: new Int32Array(length), used: 0, taken: 0 };
      this.#chunks.push(chunk);
    }
    record.copyToRing(chunk.words, chunk.used);
    chunk.used += words;
    this.#bytes += words * 4;
    return true;
  }

  /** Words of the oldest record; 0 when there is none. */
  get frontWords(): number {
    const chunk = this.#chunks[0];
    return chunk === undefined ? 0 : recordWords(chunk.words[chunk.taken]!);
  }

  /** Moves the oldest record to `target`, a ring of 2^n words, from word `at` on. */
  shiftTo(target: Int32Array, at: number): void {
    const chunk = this.#chunks[0]!;
    const count = this.frontWords;
    const mask = target.length - 1;
    for (let i = 0; i < count; i++) target[(at + i) & mask] = chunk.words[chunk.taken + i]!;
    chunk.taken += count;
    this.#bytes -= count * 4;
    if (chunk.taken === chunk.used) this.#chunks.shift();
  }
}
