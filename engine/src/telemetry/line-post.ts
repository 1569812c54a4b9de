import type { Worker } from 'node:worker_threads';
import type { Counter } from './counters.js';
import { LEVEL_RANK } from './logger.js';
import type { MetricRegistry } from './metric-registry.js';
import { CONTROL, type LogLine, type ToWorker } from './protocol.js';

/** Lines on their way to the worker before further ones are dropped and counted. */
const MAX_UNDERWAY = 50_000;
/** A log nobody reads must not hold up the end of a process for longer. */
const FLUSH_MS = 2_000;
const POLL_MS = 2;

/** Carries log lines to the worker in batches: one message per turn of the event loop, bounded, never waiting. */
export class LinePost {
  readonly #worker: Worker;
  readonly #control: Int32Array;
  readonly #dropped: Counter;
  readonly #fallback: (line: LogLine) => void;
  #batch: LogLine[] = [];
  #posted = 0;
  #flushId = 0;
  #scheduled: NodeJS.Immediate | undefined;
  #stopped = false;

  /** `fallback` takes warnings and errors once the worker is gone. */
  constructor(
    worker: Worker,
    control: SharedArrayBuffer,
    metrics: MetricRegistry,
    fallback: (line: LogLine) => void,
  ) {
    this.#worker = worker;
    this.#control = new Int32Array(control);
    this.#fallback = fallback;
    this.#dropped = metrics.counter(
      'tradewind_log_lines_dropped_total',
      'Log lines dropped because the telemetry worker was too far behind.',
    );
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  add(line: LogLine): void {
    if (this.#stopped) {
      if (line.level === 'fatal' || LEVEL_RANK[line.level] >= LEVEL_RANK.warn) this.#fallback(line);
      return;
    }
    if (this.#underway() >= MAX_UNDERWAY) {
      this.#dropped.add(1);
      return;
    }
    this.#batch.push(line);
    this.#scheduled ??= setImmediate(() => this.#ship());
  }

  /** True once the worker has written every line added so far; false when it could not within two seconds. */
  async flush(): Promise<boolean> {
    if (this.#stopped) return false;
    const id = this.#requestFlush();
    const deadline = performance.now() + FLUSH_MS;
    while (!this.#stopped && this.#flushedBefore(id) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return !this.#flushedBefore(id);
  }

  /** The same, blocking this thread for at most `timeoutMs`: for a process that is about to end. */
  flushSync(timeoutMs: number): void {
    if (this.#stopped) return;
    const id = this.#requestFlush();
    const deadline = performance.now() + timeoutMs;
    while (this.#flushedBefore(id)) {
      const left = deadline - performance.now();
      if (left <= 0) return;
      Atomics.wait(this.#control, CONTROL.FLUSHED, Atomics.load(this.#control, CONTROL.FLUSHED), left);
    }
  }

  /** The worker is gone, or about to go: later lines take the fallback. */
  stop(): void {
    this.#ship();
    this.#stopped = true;
  }

  #underway(): number {
    return this.#batch.length + ((this.#posted - Atomics.load(this.#control, CONTROL.LINES_TAKEN)) | 0);
  }

  #requestFlush(): number {
    this.#ship();
    this.#send({ type: 'flush', id: ++this.#flushId });
    return this.#flushId;
  }

  #flushedBefore(id: number): boolean {
    return Atomics.load(this.#control, CONTROL.FLUSHED) < id;
  }

  #ship(): void {
    if (this.#scheduled !== undefined) clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    if (this.#batch.length === 0) return;
    this.#send({ type: 'log', lines: this.#batch });
    this.#posted = (this.#posted + this.#batch.length) | 0;
    this.#batch = [];
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
