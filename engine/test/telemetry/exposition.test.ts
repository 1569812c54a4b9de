import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Exposition } from '../../src/telemetry/exposition.js';
import { MetricRegistry, namingFaults } from '../../src/telemetry/index.js';
import { ProcessSampler } from '../../src/telemetry/process-sampler.js';
import { parsePrometheus } from './prometheus-text.js';

function scrape(registry: MetricRegistry) {
  const exposition = new Exposition();
  exposition.add(registry.buffer, registry.layout().metrics);
  return exposition.text().then(parsePrometheus);
}

describe('Exposition', () => {
  it('shows counters and gauges with their labels, several series to a family', async () => {
    const registry = new MetricRegistry();
    registry.counter('tradewind_orders_total', 'Orders.', { side: 'buy' }).add(3);
    registry.counter('tradewind_orders_total', 'Orders.', { side: 'sell' }).add(4);
    registry.gauge('tradewind_spread_ratio', 'Spread.', { symbol: 'a"b\\c\nd' }).set(-0.5);
    const families = await scrape(registry);
    expect(
      families.get('tradewind_orders_total')?.samples.map(({ labels, value }) => [labels.side, value]),
    ).toEqual([
      ['buy', 3],
      ['sell', 4],
    ]);
    expect(families.get('tradewind_spread_ratio')?.samples[0]?.value).toBe(-0.5);
  });

  it('shows histograms as classic buckets: cumulative, scaled, +Inf equal to the count', async () => {
    const list = fc.array(fc.integer({ min: 0, max: 2_000_000_000 }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(list, async (values) => {
        const registry = new MetricRegistry({ slots: 2048 });
        const histogram = registry.histogram('tradewind_t_seconds', 'Time.', { v: 'x' }, { scale: 1e-9 });
        for (const value of values) histogram.record(value);
        const { samples } = (await scrape(registry)).get('tradewind_t_seconds')!;
        const buckets = samples.filter(({ name }) => name.endsWith('_bucket'));
        for (const [i, { labels, value }] of buckets.entries()) {
          const bound = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
          const exact = (limit: number) => values.filter((v) => v <= limit * 1e9).length;
          expect(value).toBeLessThanOrEqual(exact(bound));
          expect(value).toBeGreaterThanOrEqual(exact(bound * (1 - 1 / 32)));
          if (i > 0) expect(value).toBeGreaterThanOrEqual(buckets[i - 1]!.value);
        }
        const count = samples.find(({ name }) => name.endsWith('_count'))!;
        expect(count.value).toBe(values.length);
        expect(buckets.at(-1)).toMatchObject({ labels: { le: '+Inf', v: 'x' }, value: values.length });
        const sum = samples.find(({ name }) => name.endsWith('_sum'))!;
        expect(sum.value).toBeCloseTo(values.reduce((a, b) => a + b, 0) / 1e9, 6);
      }),
      { numRuns: 50 },
    );
  });

  it('exports 1 us to 10 s in 1-2-5 steps for nanoseconds', async () => {
    const registry = new MetricRegistry();
    registry.histogram('tradewind_t_seconds', 'Time.', {}, { scale: 1e-9 });
    const bounds = registry.layout().metrics[0]!.bounds;
    expect([bounds[0], bounds[1], bounds[2], bounds.at(-1), bounds.length]).toEqual([
      1e-6, 2e-6, 5e-6, 10, 22,
    ]);
  });

  it('names the process metrics by the rules', async () => {
    const registry = new MetricRegistry();
    const sampler = new ProcessSampler(registry);
    sampler.start();
    sampler.stop();
    for (const { kind, name, help, labels } of registry.layout().metrics) {
      expect({ name, faults: namingFaults(kind, name, help, labels) }).toEqual({ name, faults: [] });
    }
    const families = await scrape(registry);
    expect(families.get('tradewind_process_resident_memory_bytes')!.samples[0]!.value).toBeGreaterThan(1e6);
    expect(families.get('tradewind_heartbeats_total')!.samples[0]!.value).toBe(1);
  });
});
