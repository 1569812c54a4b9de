import { type Family, parsePrometheus } from '../../telemetry/prometheus-text.js';

/** What one scrape of `/metrics` showed. */
export class Metrics {
  readonly #families: Map<string, Family>;

  constructor(text: string) {
    this.#families = parsePrometheus(text);
  }

  static async scrape(url: string): Promise<Metrics> {
    return new Metrics(await (await fetch(url)).text());
  }

  /** Sum over the samples that have these labels; 0 when there is none yet. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    let total = 0;
    for (const { samples } of this.#families.values()) {
      for (const sample of samples) {
        if (sample.name !== name) continue;
        if (Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
          total += sample.value;
      }
    }
    return total;
  }
}
