import { Counter, Gauge } from './counters.js';
import { HISTOGRAM_SLOTS, Histogram } from './histogram.js';
import { bucketBounds, checkMetric } from './naming.js';

export type MetricKind = 'counter' | 'gauge' | 'histogram';
export type Labels = Readonly<Record<string, string>>;

/** One time series, as plain data: enough for another thread to read its slots. */
export interface MetricDefinition {
  readonly kind: MetricKind;
  readonly name: string;
  readonly help: string;
  readonly labels: Labels;
  /** Index of its first slot. */
  readonly slot: number;
  /** Exported value = recorded value × scale. */
  readonly scale: number;
  /** Upper bounds of the exported buckets, in the exported unit, ascending; histograms only. */
  readonly bounds: readonly number[];
}

/** Every series defined so far; plain JSON. */
export interface MetricLayout {
  readonly slots: number;
  readonly metrics: readonly MetricDefinition[];
}

export interface HistogramOptions {
  /** Exported value = recorded value × scale; 1e-9 turns recorded nanoseconds into seconds. Default 1. */
  readonly scale?: number;
  /** Exported bucket bounds in the exported unit; default 1-2-5 steps fitting the scale. */
  readonly bounds?: readonly number[];
}

/** A metric was defined against the rules, or there is no room for it. */
export class MetricError extends Error {
  readonly code = 'TW_METRIC';
  override readonly name = 'MetricError';
}

const DEFAULT_SLOTS = 1 << 17;

/**
 * All metrics of a process as slots in one shared buffer. Defining is done once, at start, off the trading line; the
 * handles are then bumped with plain stores. One thread writes; the exporter's worker reads.
 */
export class MetricRegistry {
  readonly buffer: SharedArrayBuffer;
  readonly #slots: Float64Array;
  readonly #handles = new Map<string, Counter | Gauge | Histogram>();
  readonly #families = new Map<string, MetricDefinition>();
  readonly #metrics: MetricDefinition[] = [];
  readonly #listeners = new Set<(definition: MetricDefinition) => void>();
  #next = 0;

  constructor(options: { readonly slots?: number } = {}) {
    this.buffer = new SharedArrayBuffer((options.slots ?? DEFAULT_SLOTS) * Float64Array.BYTES_PER_ELEMENT);
    this.#slots = new Float64Array(this.buffer);
  }

  /** A count that only grows; its name ends in `_total`. The same name and labels give the same handle. */
  counter(name: string, help: string, labels: Labels = {}): Counter {
    const define = () => new Counter(this.#slots, this.#define('counter', name, help, labels, 1));
    return this.#handle('counter', name, help, labels, define) as Counter;
  }

  /** A value that goes up and down. The same name and labels give the same handle. */
  gauge(name: string, help: string, labels: Labels = {}): Gauge {
    const define = () => new Gauge(this.#slots, this.#define('gauge', name, help, labels, 1));
    return this.#handle('gauge', name, help, labels, define) as Gauge;
  }

  /** A distribution of whole numbers (e.g. nanoseconds). The same name and labels give the same handle. */
  histogram(name: string, help: string, labels: Labels = {}, options: HistogramOptions = {}): Histogram {
    const define = () =>
      new Histogram(this.#slots, this.#define('histogram', name, help, labels, HISTOGRAM_SLOTS, options));
    return this.#handle('histogram', name, help, labels, define) as Histogram;
  }

  /** Every definition so far, as plain JSON. */
  layout(): MetricLayout {
    return { slots: this.#slots.length, metrics: [...this.#metrics] };
  }

  /** Calls `listener` for each later definition; returns how to stop. */
  onDefine(listener: (definition: MetricDefinition) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #handle(
    kind: MetricKind,
    name: string,
    help: string,
    labels: Labels,
    define: () => Counter | Gauge | Histogram,
  ): Counter | Gauge | Histogram {
    const key = seriesKey(name, labels);
    const known = this.#handles.get(key);
    if (known !== undefined) {
      agree(this.#families.get(name)!, kind, help, labels);
      return known;
    }
    checkMetric(kind, name, help, labels);
    const handle = define();
    this.#handles.set(key, handle);
    return handle;
  }

  #define(
    kind: MetricKind,
    name: string,
    help: string,
    labels: Labels,
    slots: number,
    options: HistogramOptions = {},
  ): number {
    const family = this.#families.get(name);
    if (family !== undefined) agree(family, kind, help, labels);
    const slot = this.#next;
    if (slot + slots > this.#slots.length) {
      throw new MetricError(
        `no slots left for metric ${name}: raise the registry's slots above ${this.#slots.length}`,
      );
    }
    const scale = options.scale ?? family?.scale ?? 1;
    const bounds = kind === 'histogram' ? (options.bounds ?? family?.bounds ?? bucketBounds(scale)) : [];
    const definition = Object.freeze({
      kind,
      name,
      help,
      labels: Object.freeze({ ...labels }),
      slot,
      scale,
      bounds,
    });
    this.#next += slots;
    if (family === undefined) this.#families.set(name, definition);
    this.#metrics.push(definition);
    for (const listener of this.#listeners) listener(definition);
    return slot;
  }
}

function seriesKey(name: string, labels: Labels): string {
  const keys = Object.keys(labels).sort();
  return JSON.stringify([name, ...keys.map((key) => [key, labels[key]])]);
}

/** All series of one name share kind, help and label names. */
function agree(family: MetricDefinition, kind: MetricKind, help: string, labels: Labels): void {
  if (family.kind !== kind)
    throw new MetricError(`metric ${family.name} is already a ${family.kind}, not a ${kind}`);
  if (family.help !== help) throw new MetricError(`metric ${family.name} already has another help text`);
  const names = (of: Labels) => Object.keys(of).sort().join(',');
  if (names(family.labels) !== names(labels)) {
    throw new MetricError(
      `metric ${family.name} has the labels {${names(family.labels)}}, not {${names(labels)}}`,
    );
  }
}
