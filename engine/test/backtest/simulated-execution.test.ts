import { describe, expect, it } from '@jest/globals';
import { constantLatency } from '../../src/backtest/index.js';
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
import { INSTRUMENT, Market, open } from './simulated-kit.js';

const { OrderAccepted, OrderFilled, OrderCanceled, OrderExpired, OrderRejected } = EventKind;

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

  it('has nothing of what an earlier run left open, and says so', async () => {
    const market = await new Market().start();
    const order = market.place({ quantity: 10, price: 9_900 });
    const next = new Market();
    const base = { epoch: 9, openOrders: [order], lastTradeIds: [''] };
    const resume = { ...base, knows: () => true, knowsFill: () => false };
    await next.execution.start([INSTRUMENT], (event) => next.events.push(event), resume);
    const { epoch, sequence } = order;
    expect(next.told(order)).toMatchObject([
      { kind: EventKind.OrderNotFound, epoch, sequence, definitive: true },
    ]);
    expect(next.events.some(({ kind }) => kind === EventKind.Reconciled)).toBe(false);
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
