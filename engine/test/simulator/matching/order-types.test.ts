import { describe, expect, it } from '@jest/globals';
import { OrderType, parseAmount, Side, TimeInForce } from '../../../src/domain/index.js';
import { TestMarket } from './market-fixture.js';

const { Buy, Sell } = Side;

describe('limit orders', () => {
  it('trade at the price of the order that was there first, and the buyer gets the improvement back', () => {
    const market = new TestMarket();
    const ask = market.sell(market.alice, 100_00, 1000);
    const bid = market.buy(market.bob, 101_00, 1000);
    expect(market.trades).toMatchObject([{ price: 100_00, quantity: 1000, aggressor: Buy, tradeId: 1 }]);
    expect([ask.status, bid.status]).toEqual(['FILLED', 'FILLED']);
    expect(market.funds(market.bob, 'USDT')).toEqual(['99900', '0']);
    expect(market.funds(market.bob, 'BTC')).toEqual(['11', '0']);
    expect(market.funds(market.alice, 'USDT')).toEqual(['100100', '0']);
    expect(market.story(bid)).toEqual(['NEW NEW', 'TRADE FILLED']);
  });

  it('go to the best price first, and at one price to whoever came first', () => {
    const market = new TestMarket();
    const late = market.sell(market.alice, 101_00, 10);
    const first = market.sell(market.alice, 100_00, 10);
    const second = market.sell(market.alice, 100_00, 10);
    market.buy(market.bob, 101_00, 25);
    expect(market.trades.map((trade) => [trade.sellOrderId, trade.quantity])).toEqual([
      [first.orderId, 10],
      [second.orderId, 10],
      [late.orderId, 5],
    ]);
    expect(late).toMatchObject({ status: 'PARTIALLY_FILLED', leavesQuantity: 5, onBook: true });
  });

  it('rest with what they could not trade, with the funds for it set aside at their own price', () => {
    const market = new TestMarket();
    market.sell(market.alice, 100_00, 300);
    const bid = market.buy(market.bob, 102_00, 1000);
    expect(bid).toMatchObject({ status: 'PARTIALLY_FILLED', cumQuantity: 300, leavesQuantity: 700 });
    expect(bid.cumQuote).toBe(parseAmount('30'));
    expect(market.funds(market.bob, 'USDT')).toEqual(['99898.6', '71.4']);
    expect(market.exchange.top(0)).toMatchObject({ bid: 102_00, bidSize: 700, ask: 0 });
  });

  it('immediate-or-cancel: the rest expires', () => {
    const market = new TestMarket();
    market.sell(market.alice, 100_00, 300);
    const bid = market.buy(market.bob, 100_00, 1000, { timeInForce: TimeInForce.IOC });
    expect(bid).toMatchObject({ status: 'EXPIRED', cumQuantity: 300, leavesQuantity: 0 });
    expect(market.story(bid)).toEqual(['NEW NEW', 'TRADE PARTIALLY_FILLED', 'EXPIRED EXPIRED']);
    expect(market.funds(market.bob, 'USDT')).toEqual(['99970', '0']);
  });

  it('fill-or-kill: all or nothing', () => {
    const market = new TestMarket();
    market.sell(market.alice, 100_00, 300);
    market.sell(market.alice, 101_00, 300);
    const kill = market.buy(market.bob, 101_00, 601, { timeInForce: TimeInForce.FOK });
    expect(kill).toMatchObject({ status: 'EXPIRED', cumQuantity: 0 });
    expect(market.trades).toEqual([]);
    const fill = market.buy(market.bob, 101_00, 600, { timeInForce: TimeInForce.FOK });
    expect(fill.status).toBe('FILLED');
  });

  it('post-only: refused when it would take, at rest otherwise', () => {
    const market = new TestMarket();
    market.sell(market.alice, 100_00, 300);
    const { bob } = market;
    const post = { quantity: 1, postOnly: true };
    expect(market.refusal(bob, Buy, OrderType.Limit, { ...post, price: 100_00 })).toBe(
      'Order would immediately match and take.',
    );
    expect(market.buy(bob, 99_99, 1, { postOnly: true }).onBook).toBe(true);
  });

  it('icebergs show a slice at a time and queue anew with each', () => {
    const market = new TestMarket();
    const iceberg = market.sell(market.alice, 100_00, 50, { icebergQuantity: 20 });
    const plain = market.sell(market.alice, 100_00, 10);
    expect(market.exchange.top(0).askSize).toBe(30);
    market.buy(market.bob, 100_00, 25);
    expect(market.trades.map((trade) => [trade.sellOrderId, trade.quantity])).toEqual([
      [iceberg.orderId, 20],
      [plain.orderId, 5],
    ]);
    expect(market.exchange.top(0).askSize).toBe(25);
  });
});

describe('market orders', () => {
  it('by quantity take what there is and expire when the book runs dry', () => {
    const market = new TestMarket();
    market.sell(market.alice, 100_00, 300);
    const order = market.accept(market.bob, Buy, OrderType.Market, { quantity: 1000 });
    expect(order).toMatchObject({ status: 'EXPIRED', cumQuantity: 300 });
    expect(market.funds(market.bob, 'USDT')).toEqual(['99970', '0']);
  });

  it('by quote quantity buy whole steps for the money', () => {
    const market = new TestMarket();
    market.sell(market.alice, 100_00, 300);
    market.sell(market.alice, 300_00, 300);
    const order = market.accept(market.bob, Buy, OrderType.Market, { quoteQuantity: parseAmount('50.1') });
    expect(order).toMatchObject({
      status: 'FILLED',
      quantity: 367,
      cumQuantity: 367,
      cumQuote: parseAmount('50.1'),
    });
    expect(market.story(order)).toEqual(['NEW NEW', 'TRADE PARTIALLY_FILLED', 'TRADE FILLED']);
  });

  it('by quote quantity sell no more than raises the money', () => {
    const market = new TestMarket();
    market.buy(market.alice, 100_00, 300);
    const order = market.accept(market.bob, Sell, OrderType.Market, { quoteQuantity: parseAmount('20.05') });
    expect(order).toMatchObject({ status: 'FILLED', cumQuantity: 200, cumQuote: parseAmount('20') });
    expect(market.story(order)).toEqual(['NEW NEW', 'TRADE FILLED']);
  });

  it('are refused without the funds for what the book asks', () => {
    const market = new TestMarket();
    market.sell(market.alice, 50_000_00, 5000);
    const words = 'Account has insufficient balance for requested action.';
    expect(market.refusal(market.bob, Buy, OrderType.Market, { quantity: 2001 })).toBe(words);
    expect(market.refusal(market.bob, Sell, OrderType.Market, { quantity: 10_001 })).toBe(words);
    expect(market.refusal(market.bob, Buy, OrderType.Market, { quantity: 2000 })).toBeUndefined();
  });
});

describe('stops', () => {
  /** Makes a trade at `price`, which becomes the last price. */
  function trade(market: TestMarket, price: number): void {
    market.sell(market.alice, price, 1);
    market.buy(market.bob, price, 1, { timeInForce: TimeInForce.IOC });
  }

  it.each([
    ['stop-loss buy', Buy, OrderType.StopLimit, 105_00, 105_00, 104_99],
    ['stop-loss sell', Sell, OrderType.StopLimit, 95_00, 95_00, 95_01],
    ['take-profit buy', Buy, OrderType.TakeProfitLimit, 95_00, 94_00, 95_01],
    ['take-profit sell', Sell, OrderType.TakeProfitLimit, 105_00, 106_00, 104_99],
  ] as const)('%s waits for its price', (_name, side, type, stopPrice, fires, waits) => {
    const market = new TestMarket();
    trade(market, 100_00);
    const order = market.accept(market.bob, side, type, {
      stopPrice,
      price: side === Buy ? 1_00 : 900_00,
      quantity: 5,
    });
    expect(order).toMatchObject({ armed: true, onBook: false, workingUs: -1 });
    trade(market, waits);
    expect(order.armed).toBe(true);
    trade(market, fires);
    expect(order).toMatchObject({ armed: false, onBook: true, workingUs: market.now, status: 'NEW' });
    expect(market.story(order)).toEqual(['NEW NEW', 'NEW NEW']);
  });

  it.each([
    [Buy, OrderType.StopMarket, 100_00],
    [Sell, OrderType.StopMarket, 100_00],
    [Buy, OrderType.TakeProfitMarket, 100_00],
    [Sell, OrderType.TakeProfitMarket, 100_00],
  ] as const)('are refused when they would trigger at once (side %s, type %s)', (side, type, stopPrice) => {
    const market = new TestMarket();
    trade(market, 100_00);
    expect(market.refusal(market.bob, side, type, { stopPrice, quantity: 5 })).toBe(
      'Stop price would trigger immediately.',
    );
  });

  it('set each other off in one go', () => {
    const market = new TestMarket();
    trade(market, 100_00);
    for (const price of [98_00, 96_00, 94_00]) market.buy(market.alice, price, 10);
    const first = market.accept(market.bob, Sell, OrderType.StopMarket, { stopPrice: 98_00, quantity: 10 });
    const second = market.accept(market.bob, Sell, OrderType.StopMarket, { stopPrice: 96_00, quantity: 10 });
    market.sell(market.bob, 98_00, 1);
    expect([first.status, second.status]).toEqual(['FILLED', 'FILLED']);
    // One lot more was sold at 98, so the first stop sells 9 there and one at 96, which fires the second.
    expect(market.trades.slice(1).map((t) => [t.price, t.quantity])).toEqual([
      [98_00, 1],
      [98_00, 9],
      [96_00, 1],
      [96_00, 9],
      [94_00, 1],
    ]);
  });

  it('that buy at market expire when the money no longer suffices', () => {
    const market = new TestMarket();
    trade(market, 100_00);
    const stop = market.accept(market.bob, Buy, OrderType.StopMarket, {
      stopPrice: 101_00,
      quantity: 900_000,
    });
    expect(market.funds(market.bob, 'USDT')[1]).toBe('90900');
    market.sell(market.alice, 101_00, 1);
    market.sell(market.alice, 99_000_00, 5000);
    market.buy(market.bob, 101_00, 1);
    expect(stop.status).toBe('EXPIRED');
    expect(market.funds(market.bob, 'USDT')[1]).toBe('0');
  });
});
