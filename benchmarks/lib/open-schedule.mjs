/**
 * When each of many operations is to begin, at a fixed rate, whatever became of those before. A latency is counted from
 * there and not from when the operation did begin: a stall of whoever answers then counts in every operation that should
 * have begun meanwhile, not in the one alone that was under way (coordinated omission).
 */
export class OpenSchedule {
  #startNs;
  #intervalNs;
  #total;
  #begun = 0;

  /**
   * @param {number} startNs of the first
   * @param {number} perSecond
   * @param {number} total how many there are
   */
  constructor(startNs, perSecond, total) {
    this.#startNs = startNs;
    this.#intervalNs = 1e9 / perSecond;
    this.#total = total;
  }

  /** When operation `i` is to begin, nanoseconds. */
  at(i) {
    return this.#startNs + i * this.#intervalNs;
  }

  get isDone() {
    return this.#begun === this.#total;
  }

  /** The number of the next operation that is due at `nowNs`, begun now; -1: none is. */
  take(nowNs) {
    if (this.#begun === this.#total || this.at(this.#begun) > nowNs) return -1;
    return this.#begun++;
  }
}
