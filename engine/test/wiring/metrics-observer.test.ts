import { describe, expect, it } from '@jest/globals';
import { BookFault, DenialReason, EventKind, RejectReason } from '../../src/domain/index.js';
import { Kernel } from '../../src/kernel/index.js';
import { MetricRegistry } from '../../src/telemetry/index.js';
import { MetricsObserver } from '../../src/wiring/index.js';
import { bookUpdate, instrument, opening, openLimits, START } from '../kernel/support/fixtures.js';
import { intent, ScriptedStrategy } from '../kernel/support/scripted-strategy.js';

function bench() {
  const strategy = new ScriptedStrategy();
  const kernel = new Kernel({ limits: openLimits, strategies: [strategy], staleAfterUs: 1e9 });
  const registry = new MetricRegistry();
  const observer = new MetricsObserver(registry, kernel.view);
  const apply = (event: Parameters<Kernel['apply']>[0]) => observer.onEvent(event, kernel.apply(event));
  for (const event of opening([instrument()])) apply(event);
  apply(bookUpdate(EventKind.BookSnapshot, START, 0, [1, 1], [[999_900, 50_000]], [[1_000_100, 50_000]]));
  return { strategy, registry, observer, apply };
}

/** The value of a series, by name and one label. */
function value(registry: MetricRegistry, name: string, label = ''): number {
  const slots = new Float64Array(registry.buffer);
  const found = registry
    .layout()
    .metrics.filter((metric) => metric.name === name)
    .filter(({ labels }) => label === '' || Object.values(labels).includes(label));
  expect(found).toHaveLength(1);
  return slots[found[0]!.slot]!;
}

const trade = {
  kind: EventKind.Trade,
  tsEvent: 0,
  tsInit: 2,
  instrument: 0,
  tradeId: 1,
  price: 1,
  quantity: 1,
};

describe('MetricsObserver', () => {
  it('counts events, commands, refusals and faults as they happen', () => {
    const { registry, apply, strategy } = bench();
    strategy.on.trade = (context) => void context.submit(intent());
    apply({ ...trade, aggressor: 0 });
    apply({
      kind: EventKind.OrderRejected,
      tsEvent: 0,
      tsInit: 3,
      epoch: 7,
      sequence: 1,
      reason: RejectReason.INSUFFICIENT_BALANCE,
      text: '',
    });
    apply({
      kind: EventKind.BookStatus,
      tsEvent: 0,
      tsInit: 4,
      instrument: 0,
      fault: BookFault.SEQUENCE_GAP,
    });
    expect(value(registry, 'tradewind_events_total', 'book_snapshot')).toBe(1);
    expect(value(registry, 'tradewind_events_total', 'trade')).toBe(1);
    expect(value(registry, 'tradewind_commands_total', 'submit')).toBe(1);
    expect(value(registry, 'tradewind_order_rejections_total', 'INSUFFICIENT_BALANCE')).toBe(1);
    expect(value(registry, 'tradewind_book_faults_total', 'SEQUENCE_GAP')).toBe(1);
  });

  it('reads state when sampled, and its totals never go down', () => {
    const { registry, apply, observer, strategy } = bench();
    strategy.on.trade = (context) => {
      context.submit(intent());
      context.submit(intent({ price: 0 }));
    };
    apply({ ...trade, aggressor: 0 });
    for (let i = 0; i < 3; i++) observer.sample();
    expect(value(registry, 'tradewind_orders_open')).toBe(1);
    expect(value(registry, 'tradewind_orders_total', 'submitted')).toBe(1);
    expect(value(registry, 'tradewind_order_denials_total', 'PRICE_NOT_POSITIVE')).toBe(1);
    expect(value(registry, 'tradewind_book_valid', 'BTCUSDT')).toBe(1);
    expect(value(registry, 'tradewind_connection_up', 'market_data')).toBe(1);
    expect(value(registry, 'tradewind_trading_state', 'active')).toBe(1);
    expect(value(registry, 'tradewind_trading_state', 'halted')).toBe(0);
  });

  it('has a series for every denial, rejection, event and command there is', () => {
    const { registry } = bench();
    const count = (name: string) => registry.layout().metrics.filter((metric) => metric.name === name).length;
    expect(count('tradewind_order_denials_total')).toBe(Object.keys(DenialReason).length - 1);
    expect(count('tradewind_order_rejections_total')).toBe(Object.keys(RejectReason).length);
    expect(count('tradewind_events_total')).toBe(Object.keys(EventKind).length);
  });
});
