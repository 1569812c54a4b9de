import { describe, expect, it } from '@jest/globals';
import { MetricError, MetricRegistry, namingFaults } from '../../src/telemetry/index.js';

const HELP = 'Help.';

describe('MetricRegistry', () => {
  it('gives the same handle for the same name and labels, in whatever order', () => {
    const registry = new MetricRegistry();
    const a = registry.counter('tradewind_x_total', HELP, { side: 'buy', venue: 'b' });
    const b = registry.counter('tradewind_x_total', HELP, { venue: 'b', side: 'buy' });
    const other = registry.counter('tradewind_x_total', HELP, { venue: 'b', side: 'sell' });
    a.add(2);
    expect(b).toBe(a);
    expect(b.value).toBe(2);
    expect(other.value).toBe(0);
  });

  it('tells labels apart that would look alike when joined', () => {
    const registry = new MetricRegistry();
    const a = registry.gauge('tradewind_x', HELP, { a: 'b,c', d: 'e' });
    const b = registry.gauge('tradewind_x', HELP, { a: 'b', d: 'c,e' });
    expect(a).not.toBe(b);
  });

  it('keeps the slots of different metrics apart', () => {
    const registry = new MetricRegistry();
    const gauge = registry.gauge('tradewind_a', HELP);
    const histogram = registry.histogram('tradewind_b_seconds', HELP);
    const counter = registry.counter('tradewind_c_total', HELP);
    gauge.set(7);
    for (const value of [0, 1, 1e12, 2 ** 50]) histogram.record(value);
    counter.add(3);
    expect([gauge.value, histogram.count, counter.value]).toEqual([7, 4, 3]);
  });

  it.each([
    ['another kind', (r: MetricRegistry) => r.gauge('tradewind_x_total', HELP)],
    ['another help', (r: MetricRegistry) => r.counter('tradewind_x_total', 'Other.', { venue: 'b' })],
    ['other label names', (r: MetricRegistry) => r.counter('tradewind_x_total', HELP, { side: 'b' })],
  ])('refuses the same name with %s', (_, define) => {
    const registry = new MetricRegistry();
    registry.counter('tradewind_x_total', HELP, { venue: 'a' });
    expect(() => define(registry)).toThrow(/tradewind_x_total/);
  });

  it('says so when it is full', () => {
    const registry = new MetricRegistry({ slots: 1 });
    registry.gauge('tradewind_a', HELP);
    expect(() => registry.gauge('tradewind_b', HELP)).toThrow(MetricError);
    expect(() => registry.gauge('tradewind_b', HELP)).toThrow(/raise the registry's slots/);
  });

  it('tells listeners of later definitions and lists all of them as plain JSON', () => {
    const registry = new MetricRegistry();
    registry.gauge('tradewind_a', HELP);
    const seen: string[] = [];
    const stop = registry.onDefine((definition) => seen.push(definition.name));
    registry.histogram('tradewind_b_seconds', HELP, {}, { scale: 1e-9 });
    stop();
    registry.gauge('tradewind_c', HELP);
    expect(seen).toEqual(['tradewind_b_seconds']);
    const layout = registry.layout();
    expect(JSON.parse(JSON.stringify(layout))).toEqual(layout);
    expect(layout.metrics.map(({ name }) => name)).toEqual([
      'tradewind_a',
      'tradewind_b_seconds',
      'tradewind_c',
    ]);
  });
});

describe('namingFaults', () => {
  it.each([
    ['counter', 'tradewind_orders_total', 0],
    ['gauge', 'tradewind_ready', 0],
    ['histogram', 'tradewind_tick_to_trade_seconds', 0],
    ['counter', 'tradewind_orders', 1],
    ['gauge', 'tradewind_orders_total', 1],
    ['gauge', 'orders', 1],
    ['gauge', 'tradewind_Orders', 1],
    ['gauge', 'tradewind_latency_ms', 1],
    ['gauge', 'tradewind_latency_microseconds', 1],
    ['gauge', 'tradewind_spread_bps', 1],
    ['gauge', 'tradewind_x_count', 1],
  ] as const)('%s %s has %d', (kind, name, faults) => {
    expect(namingFaults(kind, name, HELP, {})).toHaveLength(faults);
  });

  it('asks for a help text and well-formed, free label names', () => {
    expect(namingFaults('gauge', 'tradewind_x', '', {})).toHaveLength(1);
    expect(namingFaults('gauge', 'tradewind_x', 'a\nb', {})).toHaveLength(1);
    expect(namingFaults('gauge', 'tradewind_x', HELP, { le: '1', 'a-b': 'c' })).toHaveLength(2);
  });

  it('is enforced by the registry', () => {
    expect(() => new MetricRegistry().counter('tradewind_orders', HELP)).toThrow(/must end in _total/);
  });
});
