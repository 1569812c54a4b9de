import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A gauge of the host's own Prometheus text files that becomes a CloudWatch metric. */
export interface HostGauge {
  /** In the files; the largest sample of it counts. */
  readonly series: string;
  /** In CloudWatch. */
  readonly metric: string;
  readonly unit: 'Microseconds' | 'Count';
  /** From the file's unit to CloudWatch's. */
  readonly factor: number;
  /** A file older than this says nothing, milliseconds. */
  readonly maxAgeMs: number;
}

/** What the clock and verification units of a host write. */
export const HOST_GAUGES: readonly HostGauge[] = [
  {
    series: 'tradewind_clock_error_bound_seconds',
    metric: 'ClockErrorBound',
    unit: 'Microseconds',
    factor: 1e6,
    maxAgeMs: 120_000,
  },
  {
    series: 'tradewind_clock_offset_seconds',
    metric: 'ClockOffset',
    unit: 'Microseconds',
    factor: 1e6,
    maxAgeMs: 120_000,
  },
  { series: 'tradewind_host_drift', metric: 'HostDrift', unit: 'Count', factor: 1, maxAgeMs: 7_200_000 },
];

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{[^}]*\})?[ \t]+(\S+)/;

/** The largest sample per series of Prometheus text; comments and lines that are none are passed over. */
export function parsePrometheusText(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = SAMPLE.exec(line);
    const value = Number(match?.[2]);
    if (match?.[1] === undefined || Number.isNaN(value)) continue;
    found.set(match[1], Math.max(found.get(match[1]) ?? Number.NEGATIVE_INFINITY, value));
  }
  return found;
}

/** The gauges of `folder`'s `*.prom` files that are young enough; a missing folder has none. */
export function readHostGauges(
  folder: string,
  wallNowMs = Date.now(),
): { gauge: HostGauge; value: number }[] {
  const values: { gauge: HostGauge; value: number }[] = [];
  for (const name of promFiles(folder)) {
    const file = join(folder, name);
    const ageMs = wallNowMs - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    const series = parsePrometheusText(readFileSync(file, 'utf8'));
    for (const gauge of HOST_GAUGES) {
      const value = series.get(gauge.series);
      if (value !== undefined && ageMs <= gauge.maxAgeMs) values.push({ gauge, value: value * gauge.factor });
    }
  }
  return values;
}

function promFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.prom'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
