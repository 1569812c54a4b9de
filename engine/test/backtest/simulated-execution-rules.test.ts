import { describe, expect, it } from '@jest/globals';
import { percentageFees } from '../../src/backtest/index.js';
import {
  EventKind,
  OrderType,
  parseAmount,
  RejectReason,
  Side,
  TimeInForce,
} from '../../src/domain/index.js';
import { type Market, open } from './simulated-kit.js';

const { OrderAccepted, OrderFilled, OrderExpired, OrderRejected, OrderTriggered } = EventKind;

describe('simulated execution: conditional orders', () => {
  it('wakes a stop by a trade and lets it take', async () => {
    const market = await open();
    const order = market.place({
      type: OrderType.StopMarket,
      side: Side.Sell,
      triggerPrice: 9_850,
      quantity: 60,
    });
    market.trade(9_860, 1, Side.Sell);
    market.pass();
    expect(market.kinds(order)).toEqual([OrderAccepted]);
    market.trade(9_850, 1, Side.Sell);
    market.pass();
    expect(market.kinds(order)).toEqual([OrderAccepted, OrderTriggered, OrderFilled, OrderFilled]);
  });

  it('refuses one that would trigger at once', async () => {
    const market = await open();
    market.trade(9_950, 1, Side.Sell);
    const order = market.place({ type: OrderType.StopMarket, triggerPrice: 9_940, quantity: 10 });
    expect(market.told(order)[0]).toMatchObject({ reason: RejectReason.TRIGGER_WOULD_FIRE });
  });

  it('ends a stop market buy that cannot be paid for when it wakes', async () => {
    const market = await open({ balances: { USDT: '1' } });
    const order = market.place({ type: OrderType.StopMarket, triggerPrice: 10_000, quantity: 60 });
    market.trade(10_000, 1, Side.Buy);
    market.pass();
    expect(market.kinds(order)).toEqual([OrderAccepted, OrderTriggered, OrderExpired]);
  });

  it('rests a take-profit limit after it woke', async () => {
    const market = await open();
    const order = market.place({
      type: OrderType.TakeProfitLimit,
      side: Side.Sell,
      triggerPrice: 10_005,
      price: 10_200,
      quantity: 10,
    });
    market.trade(10_005, 1, Side.Buy);
    market.pass();
    expect(market.kinds(order)).toEqual([OrderAccepted, OrderTriggered]);
    expect(market.execution.openCount).toBe(1);
  });
});

describe('simulated execution: refusals', () => {
  const cases: [string, Parameters<Market['submit']>[0], RejectReason][] = [
    [
      'post-only that would take',
      { price: 10_000, quantity: 10, postOnly: true },
      RejectReason.POST_ONLY_WOULD_TAKE,
    ],
    ['price above the maximum', { price: 1_000_001, quantity: 10 }, RejectReason.PRICE_FILTER],
    ['no price', { quantity: 10 }, RejectReason.PRICE_FILTER],
    ['fractional quantity', { price: 9_900, quantity: 1.5 }, RejectReason.QUANTITY_FILTER],
    ['quantity above the maximum', { price: 9_900, quantity: 100_001 }, RejectReason.QUANTITY_FILTER],
    ['notional below the minimum', { price: 1, quantity: 1 }, RejectReason.NOTIONAL_FILTER],
    [
      'post-only with IOC',
      { price: 9_900, quantity: 10, postOnly: true, timeInForce: TimeInForce.IOC },
      RejectReason.BAD_PARAMETER,
    ],
    [
      'more than the balance pays for',
      { price: 900_000, quantity: 20_000 },
      RejectReason.INSUFFICIENT_BALANCE,
    ],
  ];
  it.each(cases)('%s', async (_name, ask, reason) => {
    const market = await open();
    const order = market.place(ask);
    expect(market.told(order)).toEqual([expect.objectContaining({ kind: OrderRejected, reason })]);
    expect(market.execution.openCount).toBe(0);
  });

  it('selling more than is free', async () => {
    const market = await open({ balances: { BTC: '0.01', USDT: '0' } });
    market.place({ side: Side.Sell, price: 10_050, quantity: 8 });
    const order = market.place({ side: Side.Sell, price: 10_050, quantity: 3 });
    expect(market.told(order)[0]).toMatchObject({ reason: RejectReason.INSUFFICIENT_BALANCE });
    expect(market.balance('BTC')).toEqual({ free: parseAmount('0.002'), locked: parseAmount('0.008') });
  });

  it('too many open orders, and an id already open', async () => {
    const market = await open({ maxOpenOrders: 1 });
    const first = market.place({ price: 9_900, quantity: 10 });
    const second = market.place({ price: 9_900, quantity: 10 });
    expect(market.told(second)[0]).toMatchObject({ reason: RejectReason.TOO_MANY_ORDERS });
    market.execution.submit(first as Parameters<typeof market.execution.submit>[0]);
    market.pass();
    expect(market.told(first)[1]).toMatchObject({ reason: RejectReason.DUPLICATE_ORDER });
  });
});

describe('simulated execution: money', () => {
  it('locks, improves and charges as the venue does', async () => {
    const market = await open({ fees: percentageFees({ makerBps: 1, takerBps: 7.5, asset: 'received' }) });
    const order = market.place({ price: 10_010, quantity: 40 });
    // 0.03 at 100.00 and 0.01 at 100.10; locked at 100.10.
    expect(market.fills(order).map(({ feeAsset, fee }) => [feeAsset, fee])).toEqual([
      ['BTC', parseAmount('0.0000225')],
      ['BTC', parseAmount('0.0000075')],
    ]);
    expect(market.balance('BTC')).toEqual({ free: parseAmount('100.03997'), locked: 0n });
    expect(market.balance('USDT')).toEqual({ free: parseAmount('99995.999'), locked: 0n });
  });

  it('sells what it does not hold on margin, pays in the quote asset, and tells no balances', async () => {
    const market = await open({
      balances: { USDT: '0' },
      funding: 'margin',
      fees: percentageFees({ makerBps: 2, takerBps: 4, asset: 'quote' }),
    });
    const order = market.place({ side: Side.Sell, price: 9_900, quantity: 10 });
    expect(market.fills(order)).toEqual([
      expect.objectContaining({ quantity: 10, feeAsset: 'USDT', fee: parseAmount('0.000396') }),
    ]);
    expect(market.events.some(({ kind }) => kind === EventKind.Balance)).toBe(false);
  });
});
