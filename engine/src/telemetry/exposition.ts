import { type Metric, type MetricValue, Registry } from 'prom-client';
import { countUpTo, readHistogram } from './histogram.js';
import type { MetricDefinition } from './metric-registry.js';

type Sample = MetricValue<string> & { metricName?: string };

/** One metric family, read from the slots at the moment it is scraped. */
class SlotFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator = 'sum';
  readonly #slots: Float64Array;
  readonly #series: MetricDefinition[] = [];

  constructor(slots: Float64Array, first: MetricDefinition) {
    this.#slots = slots;
    this.name = first.name;
    this.help = first.help;
    this.type = first.kind;
  }

  add(definition: MetricDefinition): void {
    this.#series.push(definition);
  }

  async get() {
    const values: Sample[] = [];
    for (const series of this.#series) {
      if (series.kind === 'histogram') values.push(...this.#buckets(series));
      else values.push({ labels: { ...series.labels }, value: this.#slots[series.slot]! });
    }
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values };
  }

  /** A value within one internal bucket (3.1 %) of a bound may be counted above it: never below, so never too good. */
  #buckets(series: MetricDefinition): Sample[] {
    const { labels, bounds, scale, slot, name } = series;
    const counts = bounds.map((bound) => countUpTo(this.#slots, slot, bound / scale));
    // Read after the buckets: the writer may have gone on, and +Inf must not be the smaller.
    const { count, sum } = readHistogram(this.#slots, slot);
    const samples: Sample[] = bounds.map((bound, i) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: String(bound) },
      value: counts[i]!,
    }));
    samples.push({ metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count });
    samples.push({ metricName: `${name}_sum`, labels: { ...labels }, value: sum * scale });
    samples.push({ metricName: `${name}_count`, labels: { ...labels }, value: count });
    return samples;
  }
}

/** Prometheus text of any number of registries' slots, in whichever thread their buffers were handed to. */
export class Exposition {
  readonly #registry = new Registry();
  readonly #families = new Map<string, SlotFamily>();

  /** Adds the registry that owns `buffer`; the returned function adds its later definitions. */
  add(
    buffer: SharedArrayBuffer,
    definitions: readonly MetricDefinition[],
  ): (definition: MetricDefinition) => void {
    const slots = new Float64Array(buffer);
    const define = (definition: MetricDefinition) => this.#define(slots, definition);
    definitions.forEach(define);
    return define;
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #define(slots: Float64Array, definition: MetricDefinition): void {
    let family = this.#families.get(definition.name);
    if (family === undefined) {
      family = new SlotFamily(slots, definition);
      this.#families.set(definition.name, family);
      // prom-client asks of a registered metric only a name and `get`; its type names its own classes alone.
      this.#registry.registerMetric(family as unknown as Metric<string>);
    }
    family.add(definition);
  }
}
