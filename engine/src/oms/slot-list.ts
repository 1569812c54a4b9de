const NONE = -1;
const ABSENT = -2;

/**
 * A doubly linked list of pool slots over typed arrays: push, remove and walk in constant time without allocation. A
 * slot is in a list at most once.
 */
export class SlotList {
  #next = new Int32Array(0);
  #previous = new Int32Array(0);
  #tail = NONE;
  /** First slot; -1 when empty. */
  head = NONE;
  length = 0;

  has(slot: number): boolean {
    return slot < this.#next.length && this.#next[slot] !== ABSENT;
  }

  /** The slot after `slot`; -1 at the end. */
  after(slot: number): number {
    return this.#next[slot]!;
  }

  /** Adds at the end. Nothing happens when it is in already. */
  push(slot: number): void {
    if (this.has(slot)) return;
    if (slot >= this.#next.length) this.#grow(slot);
    this.#next[slot] = NONE;
    this.#previous[slot] = this.#tail;
    if (this.#tail === NONE) this.head = slot;
    else this.#next[this.#tail] = slot;
    this.#tail = slot;
    this.length++;
  }

  /** Nothing happens when it is not in. */
  remove(slot: number): void {
    if (!this.has(slot)) return;
    const next = this.#next[slot]!;
    const previous = this.#previous[slot]!;
    if (previous === NONE) this.head = next;
    else this.#next[previous] = next;
    if (next === NONE) this.#tail = previous;
    else this.#previous[next] = previous;
    this.#next[slot] = ABSENT;
    this.length--;
  }

  #grow(slot: number): void {
    const capacity = Math.max(64, 2 ** Math.ceil(Math.log2(slot + 1)));
    const next = new Int32Array(capacity).fill(ABSENT);
    const previous = new Int32Array(capacity);
    next.set(this.#next);
    previous.set(this.#previous);
    this.#next = next;
    this.#previous = previous;
  }
}
