import { constants, PerformanceObserver } from 'node:perf_hooks';

const MIB = 2 ** 20;

/** Garbage collections of this process since {@link reset}, and its memory now. */
export class MemoryWatch {
  #pauses = [];
  #major = 0;
  #observer = new PerformanceObserver((list) => this.#take(list.getEntries()));

  constructor() {
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  #take(entries) {
    for (const { duration, detail } of entries) {
      this.#pauses.push(duration);
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) this.#major++;
    }
  }

  reset() {
    this.#take(this.#observer.takeRecords());
    this.#pauses = [];
    this.#major = 0;
  }

  /** Pauses in milliseconds, memory in MiB. */
  read() {
    this.#take(this.#observer.takeRecords());
    const { rss, heapUsed } = process.memoryUsage();
    return { rssMiB: rss / MIB, heapMiB: heapUsed / MIB, gcMs: [...this.#pauses], majorGcs: this.#major };
  }

  close() {
    this.#observer.disconnect();
  }
}
