import { createHash } from 'node:crypto';

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

const sha256 = (...parts: readonly (Buffer | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/**
 * Merkle Tree Hash of RFC 6962, section 2.1, over leaves that arrive one by one. Keeps the roots of the complete subtrees
 * on the right edge alone: 20 hashes for a million leaves.
 */
export class MerkleTree {
  /** Roots of complete subtrees, largest first; their sizes are the set bits of `#size`. */
  readonly #roots: Buffer[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(leaf: string): void {
    let root = sha256(LEAF, leaf);
    // As many equal-sized neighbors as the old size has trailing ones.
    for (let size = this.#size; size % 2 === 1; size = Math.floor(size / 2)) {
      root = sha256(NODE, this.#roots.pop()!, root);
    }
    this.#roots.push(root);
    this.#size += 1;
  }

  /** Hexadecimal; of nothing: the hash of the empty string. */
  root(): string {
    if (this.#roots.length === 0) return sha256().toString('hex');
    return this.#roots.reduceRight((right, left) => sha256(NODE, left, right)).toString('hex');
  }
}
