import { strict as assert } from 'node:assert';
import { createRequire } from 'node:module';
import { MetricRegistry } from '@tradewind/engine/telemetry';
import { timeCalls } from './time-calls.mjs';

const NAME = 'tradewind_bench_messages_total';
const LATENCY = 'tradewind_bench_latency_seconds';
const LABELS = { venue: 'binance', kind: 'depth' };
const BUCKETS = [1e-7, 2e-7, 5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3];
/** Latencies from 0.1 to 100 us. */
const latencyNs = (i) => 100 + ((i * 7_919) % 99_900);

/** A counter and a histogram of prom-client (the engine's own version), called with labels each time and bound to them once. */
export async function metricsBeside() {
  const engine = createRequire(new URL('../../engine/package.json', import.meta.url));
  const prom = engine('prom-client');
  const registry = new MetricRegistry();
  const ours = registry.counter(NAME, 'Messages.', LABELS);
  const ourLatency = registry.histogram(LATENCY, 'Latency.', LABELS, { scale: 1e-9 });
  const describe = (help) => ({ help, labelNames: Object.keys(LABELS), registers: [] });
  const naive = new prom.Counter({ name: NAME, ...describe('Messages.') });
  const bound = new prom.Counter({ name: NAME, ...describe('Messages.') });
  const child = bound.labels(LABELS);
  const naiveLatency = new prom.Histogram({ name: LATENCY, buckets: BUCKETS, ...describe('Latency.') });
  const { summaries, calls } = timeCalls({
    naive: { call: () => naive.inc({ venue: 'binance', kind: 'depth' }) },
    bound: { call: () => child.inc() },
    ours: { call: () => ours.add(1) },
    naiveLatency: {
      call: (i) => naiveLatency.observe({ venue: 'binance', kind: 'depth' }, latencyNs(i) / 1e9),
    },
    ourLatency: { call: (i) => ourLatency.record(latencyNs(i)) },
  });
  const counted = await Promise.all(
    [naive, bound].map(async (metric) => (await metric.get()).values[0].value),
  );
  const observed = (await naiveLatency.get()).values.find(({ metricName }) => metricName.endsWith('_count'));
  assert.deepEqual([...counted, ours.value], [calls, calls, calls], 'the counters differ');
  assert.deepEqual([observed.value, ourLatency.count], [calls, calls], 'the histograms differ');
  return summaries;
}
