import type { Labels, MetricKind } from './metric-registry.js';

/**
 * What a metric may be called. https://prometheus.io/docs/practices/naming/ : one prefix, base units, `_total` on
 * counters and on nothing else.
 */

const NAME = /^tradewind(_[a-z][a-z0-9]*)+$/;
const LABEL = /^[a-z][a-z0-9_]*$/;
/** Labels Prometheus or its histograms own. */
const RESERVED = new Set(['le', 'quantile', 'job', 'instance']);
/** Endings that only the exporter gives. */
const GENERATED = /_(bucket|count|sum)$/;
/** Units that are not base units, and abbreviations of those that are. */
const BAD_UNITS =
  /_(milliseconds|microseconds|nanoseconds|minutes|hours|days|ms|us|ns|sec|secs|kilobytes|megabytes|kb|mb|gb|percent|pct|bps)(_|$)/;

/** Every rule that the metric breaks, in words; empty when it is well named. */
export function namingFaults(kind: MetricKind, name: string, help: string, labels: Labels): string[] {
  const faults: string[] = [];
  if (!NAME.test(name)) faults.push('must be lower-case words joined by _, the first being tradewind');
  if (kind === 'counter' && !name.endsWith('_total')) faults.push('is a counter and must end in _total');
  if (kind !== 'counter' && name.endsWith('_total')) faults.push(`is a ${kind} and must not end in _total`);
  if (GENERATED.test(name)) faults.push('must not end in _bucket, _count or _sum: the exporter adds those');
  const unit = BAD_UNITS.exec(name);
  if (unit !== null) faults.push(`must use a base unit (seconds, bytes, ratio), not ${unit[1]}`);
  if (help.trim() === '' || help.includes('\n')) faults.push('needs a help text of one line');
  for (const label of Object.keys(labels)) {
    if (!LABEL.test(label)) faults.push(`has an ill-formed label ${label}`);
    if (RESERVED.has(label)) faults.push(`must not use the reserved label ${label}`);
  }
  return faults;
}

/** Throws a RangeError naming every rule the metric breaks. */
export function checkMetric(kind: MetricKind, name: string, help: string, labels: Labels): void {
  const faults = namingFaults(kind, name, help, labels);
  if (faults.length > 0) throw new RangeError(`metric ${name} ${faults.join('; ')}`);
}

/** Bucket bounds in 1-2-5 steps: 1 us to 10 s for nanoseconds exported as seconds, 1 to 10^6 for plain numbers. */
export function bucketBounds(scale: number): readonly number[] {
  const [low, high] = scale === 1 ? [0, 6] : [-6, 1];
  const bounds: number[] = [];
  for (let exponent = low; exponent <= high; exponent++) {
    for (const step of exponent === high ? [1] : [1, 2, 5]) bounds.push(Number(`${step}e${exponent}`));
  }
  return bounds;
}
