import { createHistogram } from 'node:perf_hooks';
import { percentileTable } from './percentiles.mjs';

const HIGHEST_NS = 3_600e9;

/** Latencies in nanoseconds in Node's HDR histogram: three digits of each, however many there are. */
export class Latencies {
  #histogram = createHistogram({ lowest: 1, highest: HIGHEST_NS, figures: 3 });
  #exceeding = 0;

  add(ns) {
    if (ns > HIGHEST_NS) this.#exceeding++;
    else this.#histogram.record(Math.max(1, Math.round(ns)));
  }

  get count() {
    return this.#histogram.count + this.#exceeding;
  }

  reset() {
    this.#histogram.reset();
    this.#exceeding = 0;
  }

  /** In microseconds; undefined when there are none. */
  summaryUs() {
    const { count } = this.#histogram;
    if (count === 0) return undefined;
    if (this.#exceeding > 0) throw new RangeError(`${this.#exceeding} latencies above an hour`);
    const at = (p) =>
      (p === 0 ? this.#histogram.min : p === 100 ? this.#histogram.max : this.#histogram.percentile(p)) / 1e3;
    return {
      ...{ count, p50: at(50), p99: at(99), p999: at(99.9), max: at(100) },
      distribution: percentileTable(at, count),
    };
  }
}
