import { percentileOf, percentileTable } from './percentiles.mjs';

/** Times of single operations, in nanoseconds. */
export class Samples {
  #values;
  #length = 0;

  /** @param {number} capacity how many are kept; more is an error, so that nothing is dropped unseen */
  constructor(capacity) {
    this.#values = new Float64Array(capacity);
  }

  /** @param {number} ns */
  add(ns) {
    if (this.#length === this.#values.length) throw new RangeError('more samples than room for them');
    this.#values[this.#length++] = ns;
  }

  get count() {
    return this.#length;
  }

  /** Exact percentiles, maximum and mean, and the percentiles of a plot. */
  summary() {
    const sorted = this.#values.slice(0, this.#length).sort();
    if (sorted.length === 0) throw new RangeError('no samples');
    const at = (p) => percentileOf(sorted, p);
    const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
    return {
      ...{ count: sorted.length, p50: at(50), p99: at(99), p999: at(99.9), max: sorted.at(-1), mean },
      distribution: percentileTable(at, sorted.length),
    };
  }
}

/** Nanoseconds from an arbitrary origin. */
export const nanos = () => performance.now() * 1e6;

/** What reading the clock costs: the median of many, nanoseconds. */
export function clockCost() {
  const samples = new Samples(100_000);
  for (let i = 0; i < 100_000; i++) {
    const start = nanos();
    samples.add(nanos() - start);
  }
  return samples.summary().p50;
}

/**
 * Runs the passes in turn, `warmUp` uncounted rounds and then `rounds` counted ones. A pass gets the Samples to add to,
 * or undefined while warming up.
 *
 * @param {readonly ((counted: boolean) => void)[]} passes
 * @param {{ warmUp: number, rounds: number }} plan
 */
export function interleave(passes, { warmUp, rounds }) {
  for (let round = -warmUp; round < rounds; round++) {
    for (const pass of passes) pass(round >= 0);
  }
}
