/** Orders whose cancel is remembered at once: many more than can be open. A power of two. */
const SLOTS = 4096;

/** Which orders we asked to cancel, so that a cancel nobody asked for stands out. Allocates nothing after it is made. */
export class AskedCancels {
  readonly #sequences = new Float64Array(SLOTS);

  /** A cancel of the order with this sequence was sent. */
  asked(sequence: number): void {
    this.#sequences[sequence % SLOTS] = sequence;
  }

  /** Whether a cancel of it was sent, ever of late. */
  has(sequence: number): boolean {
    return this.#sequences[sequence % SLOTS] === sequence;
  }
}
