import { describe, expect, it } from '@jest/globals';
import {
  ConnectionState,
  DenialReason,
  EventKind,
  OrderStatus,
  RejectReason,
  VenueChannel,
} from '../../src/domain/index.js';
import { Bench, SECOND } from './support/bench.js';
import { openLimits, START } from './support/fixtures.js';
import { intent, ScriptedStrategy } from './support/scripted-strategy.js';

describe('Kernel orders', () => {
  it('go through risk to a command, and every answer reaches the strategy', () => {
    const bench = new Bench();
    const order = bench.submit();
    expect(order).toMatchObject({ status: OrderStatus.Submitted, epoch: 7, sequence: 1, strategy: 0 });
    expect(order.tsSubmitted).toBe(START);
    bench.strategy.calls.length = 0;
    bench.accept(order);
    bench.fill(order, 400);
    bench.fill(order, 600, 't2');
    expect(bench.strategy.calls).toEqual(['order', 'fill', 'order', 'fill', 'order']);
    expect(order.status).toBe(OrderStatus.Filled);
    expect(bench.view.position(0)).toMatchObject({ quantity: 1000, fills: 2 });
  });

  it('book a fill once, however often it is told, and tell the portfolio before the strategy', () => {
    const bench = new Bench();
    const order = bench.submit();
    let held = 0;
    bench.strategy.on.fill = (context) => {
      held = context.position(0).quantity;
    };
    bench.fill(order, 400);
    expect(held).toBe(400);
    bench.fill(order, 400);
    expect(bench.view.position(0).quantity).toBe(400);
    expect(bench.view.orders.counters.duplicates).toBe(1);
  });

  it('count a late fill after a cancel, and nothing for an order nobody knows', () => {
    const bench = new Bench();
    const order = bench.submit();
    bench.accept(order);
    bench.tell(order, { kind: EventKind.OrderCanceled });
    bench.fill(order, 300);
    expect(bench.view.position(0).quantity).toBe(300);
    bench.apply({ kind: EventKind.OrderCanceled, epoch: 3, sequence: 1 });
    expect(bench.view.orders.counters.unknown).toBe(1);
  });

  it('are denied with a record and without a call back', () => {
    const bench = new Bench();
    let status: number | undefined;
    const commands = bench.act((context) => {
      status = context.submit(intent({ price: 0 })).status;
    });
    expect(commands).toEqual(['Deny PRICE_NOT_POSITIVE']);
    expect(status).toBe(OrderStatus.Denied);
    expect(bench.strategy.calls).toEqual(['trade']);
    expect(bench.view.counters).toMatchObject({ denials: 1, submits: 0 });
    expect(bench.view.counters.denialsByReason[DenialReason.PRICE_NOT_POSITIVE]).toBe(1);
  });

  it('cannot be sent for an instrument that is none, nor in another strategy’s name', () => {
    const bench = new Bench();
    expect(bench.act((context) => void context.submit(intent({ instrument: Number.NaN })))).toEqual([
      'Deny INSTRUMENT_NOT_FOUND',
    ]);
    expect(bench.submit({ strategy: 5 }).strategy).toBe(0);
  });

  it('count what is already open against the limits within one event', () => {
    const bench = new Bench({ limits: { ...openLimits, maxPosition: { BTCUSDT: '0.02' } } });
    const commands = bench.act((context) => {
      for (let i = 0; i < 3; i++) context.submit(intent());
    });
    expect(commands).toEqual(['Submit 1', 'Submit 2', 'Deny POSITION_LIMIT']);
  });

  it('are cancelled once, by their own strategy alone', () => {
    const other = new ScriptedStrategy('other');
    const bench = new Bench({}, [other]);
    const order = bench.submit();
    other.on.trade = (context) => expect(context.cancel(order)).toBe(false);
    expect(
      bench.act((context) => {
        expect(context.cancel(order)).toBe(true);
        expect(context.cancel(order)).toBe(false);
      }),
    ).toEqual(['Cancel 1']);
    bench.tell(order, { kind: EventKind.CancelRejected, reason: RejectReason.RATE_LIMITED });
    expect(bench.act((context) => void context.cancel(order))).toEqual(['Cancel 1']);
  });

  it('are asked about when the answer is overdue, ever less often', () => {
    const bench = new Bench();
    bench.submit();
    expect(bench.timer(SECOND - 1)).toEqual([]);
    expect(bench.timer(1)).toEqual(['Query 1']);
    expect(bench.timer(SECOND)).toEqual([]);
    expect(bench.timer(SECOND)).toEqual(['Query 1']);
  });
});

describe('Kernel orders taken for ended', () => {
  const NOT_FOUND = { kind: EventKind.OrderNotFound, definitive: true };

  it('are cancelled as soon as they show life, the strategy having been told', () => {
    const bench = new Bench();
    const order = bench.submit();
    bench.tell(order, NOT_FOUND);
    expect(order.status).toBe(OrderStatus.Rejected);
    bench.strategy.calls.length = 0;
    expect(bench.accept(order)).toEqual(['Cancel 1']);
    expect(bench.strategy.calls).toEqual(['order']);
    bench.tell(order, { kind: EventKind.OrderCanceled });
    expect(bench.timer(SECOND)).toEqual([]);
  });

  it('are not cancelled twice when the strategy has done so itself', () => {
    const bench = new Bench();
    const order = bench.submit();
    bench.tell(order, NOT_FOUND);
    bench.strategy.on.order = (context) => expect(context.cancel(order)).toBe(true);
    expect(bench.accept(order)).toEqual(['Cancel 1']);
  });

  it('are cancelled when there is a wire again, and until the venue has ended them', () => {
    const bench = new Bench();
    const order = bench.submit();
    const other = bench.submit();
    bench.accept(other);
    bench.tell(order, NOT_FOUND);
    bench.connection(VenueChannel.Orders, ConnectionState.Down);
    expect(bench.accept(order)).toEqual([]);
    const report = {
      kind: EventKind.OrderReport,
      venueOrderId: 'v1',
      status: OrderStatus.Accepted,
      cumQuantity: 0,
    };
    expect(bench.tell(order, report)).toEqual([]);
    expect(bench.timer(SECOND)).toEqual([]);
    expect(bench.connection(VenueChannel.Orders, ConnectionState.Up)).toEqual(['Cancel 1']);
    bench.tell(order, { kind: EventKind.CancelRejected, reason: RejectReason.RATE_LIMITED });
    const hash = bench.kernel.stateHash();
    expect(bench.timer(SECOND / 2)).toEqual(['Cancel 1']);
    expect(bench.kernel.stateHash()).not.toBe(hash);
    bench.fill(order);
    expect(bench.timer(SECOND)).toEqual([]);
    expect(other.status).toBe(OrderStatus.Accepted);
  });
});
