const MARKS = 1_024;

/**
 * How far a standby is behind, in bytes and time, from a bounded memory of when how much was written. Where it is further
 * behind than that memory goes back, the figures are what the memory covers: too small, and large all the same.
 */
export class LagMeter {
  /** Of each batch: its last record, all bytes up to there, when it was written. A ring, oldest overwritten. */
  readonly #sequences = new Float64Array(MARKS);
  readonly #bytes = new Float64Array(MARKS);
  readonly #times = new Float64Array(MARKS);
  #first = 0;
  #last = 0;
  #total = 0;
  #ackedBytes = 0;

  written(last: number, bytes: number, nowUs: number): void {
    this.#total += bytes;
    const at = this.#last++ % MARKS;
    this.#sequences[at] = last;
    this.#bytes[at] = this.#total;
    this.#times[at] = nowUs;
    if (this.#last - this.#first > MARKS) this.#first = this.#last - MARKS;
  }

  /** The standby has everything up to `sequence`. */
  acked(sequence: number): void {
    while (this.#first < this.#last && this.#sequences[this.#first % MARKS]! <= sequence) {
      this.#ackedBytes = this.#bytes[this.#first % MARKS]!;
      this.#first++;
    }
  }

  /** Bytes it does not have. */
  get lagBytes(): number {
    return this.#total - this.#ackedBytes;
  }

  /** For how long the oldest of them has been written, microseconds. */
  lagUs(nowUs: number): number {
    return this.#first === this.#last ? 0 : Math.max(0, nowUs - this.#times[this.#first % MARKS]!);
  }
}
