import { describe, expect, it } from '@jest/globals';
import { constantLatency, percentageFees } from '../../src/backtest/index.js';
import {
  BookFault,
  ConnectionState,
  EventKind,
  LiquiditySide,
  OrderStatus,
  OrderType,
  parseAmount,
  RejectReason,
  Side,
  TimeInForce,
  VenueChannel,
} from '../../src/domain/index.js';
import { Market } from './simulated-kit.js';

const { OrderAccepted, OrderFilled, OrderCanceled, OrderExpired, OrderRejected, OrderTriggered } = EventKind;

async function open(options: ConstructorParameters<typeof Market>[0] = {}): Promise<Market> {
  const market = await new Market(options).start();
  market.snapshot(
    [
      [9_900, 50],
      [9_890, 80],
      [9_800, 500],
    ],
    [
      [10_000, 30],
      [10_010, 40],
      [10_100, 500],
    ],
  );
  return market;
}

describe('simulated execution: session', () => {
  it('tells both channels up and the starting balances before start resolves', async () => {
    const market = await new Market().start();
    const up = market.events.filter(({ kind }) => kind === EventKind.Connection);
    expect(up).toEqual(
      [VenueChannel.Orders, VenueChannel.User].map((channel) =>
        expect.objectContaining({ channel, state: ConnectionState.Up, tsInit: 1_000_000 }),
      ),
    );
    expect(market.balance('USDT')).toEqual({ free: parseAmount('100000'), locked: 0n });
  });

  it('lists, cancels and forgets open orders', async () => {
    const market = await open();
    const order = market.place({ price: 9_900, quantity: 10 });
    const [listed] = await market.execution.openOrders();
    expect(listed).toEqual({ symbol: 'BTCUSDT', clientOrderId: 'tw1x1', venueOrderId: '1-1', own: true });
    await market.execution.cancelOpen(listed!);
    expect(await market.execution.openOrders()).toEqual([]);
    market.pass();
    expect(market.kinds(order)).toEqual([OrderAccepted, OrderCanceled]);
    expect(market.balance('USDT').locked).toBe(0n);
  });

  it('answers queries about open, closed and unknown orders', async () => {
    const market = await open();
    const order = market.place({ price: 9_900, quantity: 10 });
    market.execution.query(order);
    market.pass();
    market.execution.cancel(order);
    market.pass();
    market.execution.query(order);
    market.execution.query({ ...order, sequence: 99 });
    market.pass();
    const reports = market.told(order).filter(({ kind }) => kind === EventKind.OrderReport);
    expect(reports).toEqual([
      expect.objectContaining({ status: OrderStatus.Accepted, cumQuantity: 0, venueOrderId: '1-1' }),
      expect.objectContaining({ status: OrderStatus.Canceled, cumQuantity: 0 }),
    ]);
    const missing = market.events.at(-1);
    expect(missing).toMatchObject({ kind: EventKind.OrderNotFound, sequence: 99, definitive: true });
  });

  it('delivers what is in flight when stopped, then nothing more', async () => {
    const market = await open();
    const order = market.submit({ price: 9_900, quantity: 10 });
    await market.execution.stop();
    expect(market.kinds(order)).toEqual([OrderAccepted]);
    expect(market.execution.inFlight).toBe(0);
  });
});

describe('simulated execution: time', () => {
  const latency = constantLatency({ entryUs: 500, responseUs: 200 });

  it('acts after the entry latency and reports after the response latency', async () => {
    const market = await open({ latency });
    const order = market.submit({ price: 9_900, quantity: 10 });
    market.pass(499);
    expect(market.execution.openCount).toBe(0);
    market.pass(1);
    expect(market.execution.openCount).toBe(1);
    expect(market.told(order)).toEqual([]);
    market.pass(200);
    expect(market.told(order)).toEqual([
      expect.objectContaining({ kind: OrderAccepted, tsEvent: 1_000_500, tsInit: 1_000_700 }),
    ]);
  });

  it('lets public events of the same microsecond go first', async () => {
    const market = await open({ latency });
    const order = market.submit({ price: 10_000, quantity: 10, timeInForce: TimeInForce.IOC });
    market.delta([], [[10_000, 0]], 1_000_500);
    market.pass();
    expect(market.kinds(order)).toEqual([OrderAccepted, OrderExpired]);
  });

  it('does not let an order see an event after its arrival, even if told late', async () => {
    const market = await open({ latency });
    const order = market.submit({ price: 10_000, quantity: 10, timeInForce: TimeInForce.IOC });
    market.delta([], [[10_000, 0]], 1_000_501);
    market.pass();
    expect(market.filled(order)).toBe(10);
  });

  it('lets a fill overtake a cancel on its way', async () => {
    const market = await open({ latency });
    const order = market.place({ price: 9_950, quantity: 10 });
    market.execution.cancel({ ...order, tsLast: market.now });
    market.trade(9_950, 4, Side.Sell, market.now + 400);
    market.pass();
    expect(market.kinds(order)).toEqual([OrderAccepted, OrderFilled, OrderCanceled]);
    expect(market.filled(order)).toBe(4);
  });

  it('rejects the cancel of an order filled meanwhile', async () => {
    const market = await open({ latency });
    const order = market.place({ price: 9_950, quantity: 4 });
    market.execution.cancel({ ...order, tsLast: market.now });
    market.trade(9_950, 4, Side.Sell, market.now + 400);
    market.pass();
    expect(market.kinds(order)).toEqual([OrderAccepted, OrderFilled, EventKind.CancelRejected]);
  });
});

describe('simulated execution: taking', () => {
  it('walks the book with price improvement and rests the remainder', async () => {
    const market = await open();
    const order = market.place({ price: 10_010, quantity: 100 });
    expect(market.fills(order).map(({ price, quantity, liquidity }) => [price, quantity, liquidity])).toEqual(
      [
        [10_000, 30, LiquiditySide.Taker],
        [10_010, 40, LiquiditySide.Taker],
      ],
    );
    expect(market.execution.openCount).toBe(1);
  });

  it('does not take the same displayed quantity twice, until the venue shows more', async () => {
    const market = await open();
    const first = market.place({ price: 10_000, quantity: 20, timeInForce: TimeInForce.IOC });
    const second = market.place({ price: 10_000, quantity: 20, timeInForce: TimeInForce.IOC });
    expect([market.filled(first), market.filled(second)]).toEqual([20, 10]);
    market.delta([], [[10_000, 35]]);
    const third = market.place({ price: 10_000, quantity: 20, timeInForce: TimeInForce.IOC });
    expect(market.filled(third)).toBe(5);
    market.delta([], [[10_000, 0]]);
    market.delta([], [[10_000, 7]]);
    const fourth = market.place({ price: 10_000, quantity: 20, timeInForce: TimeInForce.IOC });
    expect(market.filled(fourth)).toBe(7);
  });

  it('takes it again and again when told to', async () => {
    const market = await open({ consumeLiquidity: false });
    const ioc = { price: 10_000, quantity: 20, timeInForce: TimeInForce.IOC };
    expect([market.filled(market.place(ioc)), market.filled(market.place(ioc))]).toEqual([20, 20]);
  });

  it('fills FOK completely or not at all', async () => {
    const market = await open();
    const fok = { price: 10_010, timeInForce: TimeInForce.FOK };
    const tooMuch = market.place({ ...fok, quantity: 71 });
    expect(market.kinds(tooMuch)).toEqual([OrderAccepted, OrderExpired]);
    const exact = market.place({ ...fok, quantity: 70 });
    expect(market.filled(exact)).toBe(70);
  });

  it('ends a market order when liquidity runs out', async () => {
    const market = await open();
    const order = market.place({ type: OrderType.Market, side: Side.Sell, quantity: 1_000 });
    expect(market.filled(order)).toBe(630);
    expect(market.told(order).at(-1)).toMatchObject({
      kind: OrderExpired,
      reason: RejectReason.NO_LIQUIDITY,
    });
  });

  it('believes a quote newer than the levels', async () => {
    const market = await open();
    market.quote([9_900, 50], [10_005, 7]);
    const order = market.place({ price: 10_010, quantity: 100, timeInForce: TimeInForce.IOC });
    expect(market.fills(order).map(({ price, quantity }) => [price, quantity])).toEqual([
      [10_005, 7],
      [10_010, 40],
    ]);
  });

  it('never trades with itself', async () => {
    const market = await open();
    market.place({ side: Side.Sell, price: 10_005, quantity: 10 });
    const order = market.place({ price: 10_010, quantity: 50 });
    expect(market.filled(order)).toBe(30);
    expect(market.told(order).at(-1)).toMatchObject({
      kind: OrderExpired,
      reason: RejectReason.SELF_TRADE_PREVENTION,
    });
  });
});

describe('simulated execution: resting', () => {
  it('waits for the queue ahead before a trade at its price fills it', async () => {
    const market = await open();
    const order = market.place({ price: 9_900, quantity: 10 });
    market.trade(9_900, 50, Side.Sell);
    market.pass();
    expect(market.filled(order)).toBe(0);
    market.trade(9_900, 4, Side.Sell);
    market.trade(9_900, 100, Side.Sell);
    market.pass();
    expect(market.fills(order).map(({ price, quantity, liquidity }) => [price, quantity, liquidity])).toEqual(
      [
        [9_900, 4, LiquiditySide.Maker],
        [9_900, 6, LiquiditySide.Maker],
      ],
    );
  });

  it('fills from a trade through its price, up to what was traded', async () => {
    const market = await open();
    const order = market.place({ price: 9_900, quantity: 10 });
    market.trade(9_890, 3, Side.Sell);
    market.pass();
    expect(market.fills(order).map(({ price, quantity }) => [price, quantity])).toEqual([[9_900, 3]]);
  });

  it('is not touched by trades of the other aggressor', async () => {
    const market = await open();
    const order = market.place({ price: 9_950, quantity: 10 });
    market.trade(9_950, 100, Side.Buy);
    market.pass();
    expect(market.filled(order)).toBe(0);
  });

  it('moves up when the level shrinks below what stood ahead, and no further when the trade is told later', async () => {
    const market = await open();
    const order = market.place({ price: 9_900, quantity: 10 });
    market.delta([[9_900, 20]], []);
    market.trade(9_900, 30, Side.Sell);
    market.pass();
    expect(market.filled(order)).toBe(0);
    market.trade(9_900, 21, Side.Sell);
    market.pass();
    expect(market.filled(order)).toBe(1);
  });

  it('counts a shrunken level as cancellations once no trade explains it in time', async () => {
    const market = await open({ tradeLagUs: 1_000 });
    const order = market.place({ price: 9_900, quantity: 10 });
    market.delta([[9_900, 20]], []);
    market.pass();
    market.trade(9_900, 25, Side.Sell);
    market.pass();
    expect(market.filled(order)).toBe(5);
  });

  it('fills when the opposite side comes to its price, up to what is displayed, once', async () => {
    const market = await open();
    const order = market.place({ price: 9_900, quantity: 10 });
    market.delta([[9_900, 0]], [[9_895, 6]]);
    market.delta([[9_700, 1]], []);
    market.pass();
    expect(market.fills(order).map(({ price, quantity }) => [price, quantity])).toEqual([[9_900, 6]]);
  });

  it('waits for its level to be shown when it rests deeper than the known book', async () => {
    const market = await open();
    const order = market.place({ price: 9_000, quantity: 10 });
    market.delta([[9_000, 40]], []);
    market.trade(9_000, 40, Side.Sell);
    market.pass();
    expect(market.filled(order)).toBe(0);
    market.trade(9_000, 1, Side.Sell);
    market.pass();
    expect(market.filled(order)).toBe(1);
  });

  it('gives one trade out once, best price and oldest order first', async () => {
    const market = await open();
    const late = market.place({ price: 9_950, quantity: 10 });
    const better = market.place({ price: 9_960, quantity: 5 });
    const later = market.place({ price: 9_950, quantity: 10 });
    market.trade(9_950, 18, Side.Sell);
    market.pass();
    expect([better, late, later].map((order) => market.filled(order))).toEqual([5, 10, 3]);
  });

  it('keeps resting through a resync and requeues behind what the new book shows', async () => {
    const market = await open();
    const order = market.place({ price: 9_900, quantity: 10 });
    market.execution.onMarketEvent({
      kind: EventKind.BookStatus,
      tsEvent: 0,
      tsInit: market.now,
      instrument: 0,
      fault: BookFault.SEQUENCE_GAP,
    });
    const meanwhile = market.place({ price: 9_900, quantity: 10 });
    expect(market.told(meanwhile)[0]).toMatchObject({ kind: OrderRejected, reason: RejectReason.VENUE_BUSY });
    market.snapshot([[9_900, 5]], [[10_000, 5]]);
    market.pass();
    market.trade(9_900, 60, Side.Sell, market.now + 1_000_000);
    market.pass();
    expect(market.filled(order)).toBe(10);
  });
});

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
