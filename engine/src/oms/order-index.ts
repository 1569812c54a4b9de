const EMPTY = -1;

/**
 * (epoch, sequence) -> pool slot: an open-addressing hash table over typed arrays. Allocates only to grow; removal
 * shifts the run back instead of leaving tombstones, so it never needs cleaning.
 */
export class OrderIndex {
  #mask = 1023;
  #epochs = new Float64Array(1024);
  #sequences = new Float64Array(1024);
  #slots = new Int32Array(1024).fill(EMPTY);
  size = 0;

  /** The slot; -1 when there is none. */
  get(epoch: number, sequence: number): number {
    let at = this.#home(epoch, sequence);
    for (; this.#slots[at] !== EMPTY; at = (at + 1) & this.#mask) {
      if (this.#sequences[at] === sequence && this.#epochs[at] === epoch) return this.#slots[at]!;
    }
    return EMPTY;
  }

  /** Adds a key that is not there yet. */
  add(epoch: number, sequence: number, slot: number): void {
    if ((this.size + 1) * 2 > this.#slots.length) this.#grow();
    this.#put(epoch, sequence, slot);
    this.size++;
  }

  /** Nothing happens when the key is not there. */
  remove(epoch: number, sequence: number): void {
    let hole = this.#home(epoch, sequence);
    while (
      this.#sequences[hole] !== sequence ||
      this.#epochs[hole] !== epoch ||
      this.#slots[hole] === EMPTY
    ) {
      if (this.#slots[hole] === EMPTY) return;
      hole = (hole + 1) & this.#mask;
    }
    // Move back whatever the hole would cut off from its home.
    for (let at = (hole + 1) & this.#mask; this.#slots[at] !== EMPTY; at = (at + 1) & this.#mask) {
      const home = this.#home(this.#epochs[at]!, this.#sequences[at]!);
      if (((at - home) & this.#mask) < ((at - hole) & this.#mask)) continue;
      this.#epochs[hole] = this.#epochs[at]!;
      this.#sequences[hole] = this.#sequences[at]!;
      this.#slots[hole] = this.#slots[at]!;
      hole = at;
    }
    this.#slots[hole] = EMPTY;
    this.size--;
  }

  #home(epoch: number, sequence: number): number {
    const mixed = Math.imul(sequence ^ (sequence / 4294967296), 0x9e3779b1) ^ Math.imul(epoch, 0x85ebca6b);
    return (mixed ^ (mixed >>> 15)) & this.#mask;
  }

  #put(epoch: number, sequence: number, slot: number): void {
    let at = this.#home(epoch, sequence);
    while (this.#slots[at] !== EMPTY) at = (at + 1) & this.#mask;
    this.#epochs[at] = epoch;
    this.#sequences[at] = sequence;
    this.#slots[at] = slot;
  }

  #grow(): void {
    const epochs = this.#epochs;
    const sequences = this.#sequences;
    const slots = this.#slots;
    const capacity = slots.length * 2;
    this.#mask = capacity - 1;
    this.#epochs = new Float64Array(capacity);
    this.#sequences = new Float64Array(capacity);
    this.#slots = new Int32Array(capacity).fill(EMPTY);
    for (let i = 0; i < slots.length; i++) {
      if (slots[i] !== EMPTY) this.#put(epochs[i]!, sequences[i]!, slots[i]!);
    }
  }
}
