import { describe, expect, it } from '@jest/globals';
import {
  ConnectionState,
  EventKind,
  JournalState,
  NOBODY,
  OrderStatus,
  OrderType,
  parseAmount,
  RejectReason,
  Side,
  TimeInForce,
  VenueChannel,
} from '../../src/domain/index.js';
import { Bench, type Loose, SECOND } from './support/bench.js';
import { instrument, openLimits } from './support/fixtures.js';
import { intent } from './support/scripted-strategy.js';

function adopted(changes: object = {}): Loose {
  return {
    kind: EventKind.OrderAdopted,
    epoch: 6,
    sequence: 40,
    instrument: 0,
    side: Side.Buy,
    type: OrderType.Limit,
    timeInForce: TimeInForce.GTC,
    postOnly: true,
    quantity: 500,
    price: 9_980_00,
    triggerPrice: 0,
    venueOrderId: 'v40',
    ...changes,
  };
}

describe('an instrument defined again', () => {
  it('has the new rules from then on', () => {
    const bench = new Bench();
    bench.strategy.calls.length = 0;
    bench.apply({
      kind: EventKind.InstrumentDefined,
      instrument: instrument(0, { minNotional: parseAmount('500') }),
    });
    expect(bench.strategy.calls).toEqual(['instrument']);
    expect(bench.view.instruments[0]!.minNotional).toBe(parseAmount('500'));
    expect(bench.view.position(0).instrument.minNotional).toBe(parseAmount('500'));
    expect(bench.act((context) => void context.submit(intent()))).toEqual(['Deny NOTIONAL_BELOW_MINIMUM']);
  });

  it.each([
    [{ pricePrecision: 3 }, /pricePrecision was 2 and is 3 now: .* empty journal folder/],
    [{ sizePrecision: 4 }, /sizePrecision was 5/],
    [{ base: 'XBT' }, /base was BTC and is XBT/],
  ])('must be counted as before: %j', (changes, message) => {
    const bench = new Bench();
    const define = () =>
      bench.kernel.apply({
        kind: EventKind.InstrumentDefined,
        tsEvent: 0,
        tsInit: 0,
        instrument: instrument(0, changes),
      });
    expect(define).toThrow(message);
    expect(bench.view.instruments[0]).toMatchObject({ pricePrecision: 2, sizePrecision: 5, base: 'BTC' });
  });

  it('is known by its id, not by its index', () => {
    const bench = new Bench();
    bench.apply({
      kind: EventKind.InstrumentDefined,
      instrument: instrument(1, { symbol: 'ETHUSDT', base: 'ETH' }),
    });
    expect(bench.view.instrumentIndex('ETHUSDT.BINANCE')).toBe(1);
    expect(bench.view.instrumentIndex('BTCUSDT.BINANCE')).toBe(0);
    expect(bench.view.instrumentIndex('BTCUSDT.OTHER')).toBe(-1);
    const swapped = instrument(0, { symbol: 'ETHUSDT', base: 'ETH' });
    expect(() => bench.apply({ kind: EventKind.InstrumentDefined, instrument: swapped })).toThrow(
      /ETHUSDT.BINANCE: index must be 1, was 0/,
    );
  });
});

describe('an order of an earlier leader', () => {
  it('is adopted as nobody’s, counted in every limit, and canceled until it has ended', () => {
    const bench = new Bench({ limits: { ...openLimits, maxPosition: { BTCUSDT: '0.01' } } });
    expect(bench.apply(adopted())).toEqual(['Cancel 40']);
    const order = bench.view.orders.find(6, 40)!;
    expect(order).toMatchObject({
      strategy: NOBODY,
      status: OrderStatus.PendingCancel,
      venueOrderId: 'v40',
      leavesQuantity: 500,
    });
    expect(bench.view.orders.totals(0)).toMatchObject({ openCount: 1, openBuyQuantity: 500 });
    expect(bench.view.orders.counters).toMatchObject({ adopted: 1, submitted: 0, unknown: 0 });
    expect(bench.act((context) => void context.submit(intent({ quantity: 501 })))).toEqual([
      'Deny POSITION_LIMIT',
    ]);
    bench.tell(order, { kind: EventKind.CancelRejected, reason: RejectReason.RATE_LIMITED });
    expect(bench.timer(SECOND / 2)).toEqual(['Cancel 40']);
    bench.strategy.calls.length = 0;
    bench.fill(order, 200, '9');
    expect(bench.view.position(0).quantity).toBe(200);
    expect(bench.strategy.calls).toEqual([]);
    bench.tell(order, { kind: EventKind.OrderCanceled });
    expect(bench.timer(SECOND)).toEqual([]);
    expect(bench.view.orders.openCount).toBe(0);
  });

  it('waits for a wire', () => {
    const bench = new Bench();
    bench.connection(VenueChannel.Orders, ConnectionState.Down);
    expect(bench.apply(adopted())).toEqual([]);
    expect(bench.connection(VenueChannel.Orders, ConnectionState.Up)).toEqual(['Cancel 40']);
  });

  it('that is known after all gets its venue order id and nothing else', () => {
    const bench = new Bench();
    const order = bench.submit();
    expect(bench.apply(adopted({ epoch: order.epoch, sequence: order.sequence, quantity: 7 }))).toEqual([]);
    expect(order).toMatchObject({
      status: OrderStatus.Submitted,
      venueOrderId: 'v40',
      quantity: 1000,
      strategy: 0,
    });
    expect(bench.view.orders.counters.adopted).toBe(0);
    bench.apply(adopted({ epoch: order.epoch, sequence: order.sequence, venueOrderId: 'v41' }));
    expect(order.venueOrderId).toBe('v40');
  });

  it('of this very epoch is never given its id again', () => {
    const bench = new Bench();
    bench.apply(adopted({ epoch: 7, sequence: 12 }));
    expect(bench.submit().sequence).toBe(13);
  });

  it.each([
    ['a later epoch: another leader’s', { epoch: 8 }],
    ['no quantity', { quantity: 0 }],
    ['a quantity that is no integer', { quantity: 0.5 }],
    ['a price below zero', { price: -1 }],
  ])('is refused with %s', (_what, changes) => {
    const bench = new Bench();
    expect(bench.apply(adopted(changes))).toEqual([]);
    expect(bench.view.orders).toMatchObject({ openCount: 0 });
    expect(bench.view.orders.counters).toMatchObject({ adopted: 0, unknown: 1, illegal: 1 });
  });

  it('on an instrument nobody defined is counted and left alone', () => {
    const bench = new Bench();
    expect(bench.apply(adopted({ instrument: 5 }))).toEqual([]);
    expect(bench.view.counters.unknownInstruments).toBe(1);
  });
});

describe('the journal', () => {
  it('behind or broken denies new orders and lets cancels and queries pass', () => {
    const bench = new Bench();
    const order = bench.submit();
    bench.accept(order);
    for (const [state, name] of [
      [JournalState.Backlog, 'JOURNAL_BACKLOG'],
      [JournalState.Failed, 'JOURNAL_FAILED'],
    ] as const) {
      bench.apply({ kind: EventKind.JournalStatus, state });
      expect(bench.view.journal).toBe(state);
      expect(bench.act((context) => void context.submit(intent()))).toEqual([`Deny ${name}`]);
    }
    bench.tell(order, { kind: EventKind.OutcomeUnknown });
    expect(bench.timer(SECOND)).toEqual(['Query 1']);
    expect(bench.act((context) => void context.cancel(order))).toEqual(['Cancel 1']);
    bench.apply({ kind: EventKind.JournalStatus, state: JournalState.Ok });
    expect(bench.submit().status).toBe(OrderStatus.Submitted);
  });
});
