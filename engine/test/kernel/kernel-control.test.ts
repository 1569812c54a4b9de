import { describe, expect, it } from '@jest/globals';
import {
  ConnectionState,
  DenialReason,
  EventKind,
  LiquiditySide,
  OrderStatus,
  parseAmount,
  RejectReason,
  TradingState,
  VenueChannel,
} from '../../src/domain/index.js';
import { Bench, SECOND } from './support/bench.js';
import { instrument, openLimits } from './support/fixtures.js';
import { intent, ScriptedStrategy } from './support/scripted-strategy.js';

describe('Kernel halts', () => {
  it('cancel everything at once, deny everything, and try again until nothing is open', () => {
    const bench = new Bench();
    const first = bench.submit();
    const second = bench.submit();
    bench.accept(first);
    bench.accept(second);
    expect(bench.state(TradingState.Halted)).toEqual(['Cancel 1', 'Cancel 2']);
    expect(bench.act((context) => void context.submit(intent()))).toEqual(['Deny TRADING_HALTED']);
    bench.tell(first, { kind: EventKind.OrderCanceled });
    bench.tell(second, {
      kind: EventKind.SendFailed,
      submit: false,
      reason: DenialReason.SUBMIT_FAILED,
    });
    expect(bench.timer(400_000)).toEqual([]);
    expect(bench.timer(100_000)).toEqual(['Cancel 2']);
    expect(bench.state(TradingState.Active)).toEqual([]);
    expect(bench.submit().status).toBe(OrderStatus.Submitted);
  });

  it('come with the fill that breaks the limit, before the strategy hears of it', () => {
    const bench = new Bench({ limits: { ...openLimits, maxDailyLoss: parseAmount('5') } });
    const order = bench.submit({ price: 9_998_00, quantity: 1_00000 });
    const resting = bench.submit({ price: 9_000_00 });
    bench.strategy.on.fill = (context) => {
      expect(context.tradingState).toBe(TradingState.Halted);
      context.submit(intent());
    };
    const commands = bench.tell(order, {
      kind: EventKind.OrderFilled,
      tradeId: 't',
      price: 9_998_00,
      quantity: 1_00000,
      liquidity: LiquiditySide.Taker,
      feeAsset: 'USDT',
      fee: parseAmount('6'),
    });
    expect(commands).toEqual(['Deny DAILY_LOSS_LIMIT', `Cancel ${resting.sequence}`]);
    expect(bench.view).toMatchObject({
      tradingState: TradingState.Halted,
      haltReason: DenialReason.DAILY_LOSS_LIMIT,
      haltWhy: 'daily loss limit reached in USDT',
    });
    expect(bench.view.counters.halts).toBe(1);
  });

  it('come with the mark that trips the circuit breaker', () => {
    const limits = { ...openLimits, circuitBreakerBps: 100, circuitBreakerWindowMs: 1000 };
    const bench = new Bench({ limits });
    const order = bench.submit();
    expect(bench.book(10_099_00, 10_103_00)).toEqual([`Cancel ${order.sequence}`]);
    expect(bench.view.haltWhy).toBe('circuit breaker: BTCUSDT moved 100 bps');
  });
});

describe('Kernel stop', () => {
  it('stops strategies, cancels what they left, retries what failed, and never sends an order again', () => {
    const bench = new Bench();
    const order = bench.submit();
    bench.accept(order);
    bench.strategy.on.stop = (context) => void context.submit(intent());
    bench.strategy.calls.length = 0;
    expect(bench.apply({ kind: EventKind.StrategiesStopped })).toEqual(['Submit 2', 'Cancel 1', 'Cancel 2']);
    bench.tell(order, { kind: EventKind.CancelRejected, reason: RejectReason.RATE_LIMITED });
    expect(bench.timer(SECOND / 2)).toEqual(['Cancel 1']);
    bench.connection(VenueChannel.Orders, ConnectionState.Down);
    bench.tell(order, { kind: EventKind.CancelRejected, reason: RejectReason.RATE_LIMITED });
    expect(bench.timer(SECOND / 2)).toEqual([]);
    expect(bench.connection(VenueChannel.Orders, ConnectionState.Up)).toContain('Cancel 1');
    bench.book();
    expect(bench.strategy.calls).toEqual(['stop']);
    expect(bench.view).toMatchObject({ stopped: true });
    expect(bench.view.strategies[0]).toMatchObject({ running: false, error: '' });
  });
});

describe('Kernel strategies', () => {
  it('that throw are ended: their orders cancelled, the others and the kernel unharmed', () => {
    const other = new ScriptedStrategy('other');
    const bench = new Bench({}, [other]);
    const order = bench.submit();
    const commands = bench.act((context) => {
      context.submit(intent());
      throw new TypeError('boom');
    });
    expect(commands).toEqual(['Submit 2', 'Cancel 1', 'Cancel 2']);
    expect(bench.view.strategies).toMatchObject([
      { name: 'scripted', running: false, error: 'boom' },
      { name: 'other', running: true, error: '' },
    ]);
    expect(bench.view.counters.strategyFaults).toBe(1);
    const calls = bench.strategy.calls.length;
    other.calls.length = 0;
    bench.tell(order, { kind: EventKind.CancelRejected, reason: RejectReason.RATE_LIMITED });
    expect(bench.timer(SECOND / 2)).toEqual(['Cancel 1']);
    expect(bench.strategy.calls).toHaveLength(calls);
    expect(other.calls).toEqual(['timer']);
  });

  it.each(['instrument', 'book', 'order', 'fill', 'timer', 'stop'])('may throw in any call: %s', (name) => {
    const bench = new Bench();
    const order = bench.submit();
    bench.strategy.on[name] = () => {
      throw 'no error object';
    };
    bench.apply({ kind: EventKind.InstrumentDefined, instrument: instrument(0) });
    bench.fill(order, 10);
    bench.book();
    bench.timer();
    bench.apply({ kind: EventKind.StrategiesStopped });
    expect(bench.view.counters.strategyFaults).toBe(1);
    expect(bench.view.strategies[0]).toMatchObject({ running: false, error: 'no error object' });
  });

  it('hear of their own instruments alone', () => {
    const eth = new ScriptedStrategy('eth', ['ETHUSDT']);
    const bench = new Bench({}, [eth]);
    bench.book();
    expect(eth.calls).toEqual([]);
    bench.timer();
    expect(eth.calls).toEqual(['timer']);
  });
});
