import { describe, expect, it } from '@jest/globals';
import { OrderType, parseAmount, Side } from '../../../src/domain/index.js';
import type { SelfTradePrevention } from '../../../src/simulator/matching/index.js';
import { Exchange } from '../../../src/simulator/matching/index.js';
import { TestMarket } from './market-fixture.js';

const { Buy, Sell } = Side;

describe('self-trade prevention', () => {
  /** Alice's ask of `resting` in front of Bob's, then Alice's bid of 10 for both. */
  function meet(selfTradePrevention: SelfTradePrevention, resting: number) {
    const market = new TestMarket();
    const maker = market.sell(market.alice, 100_00, resting);
    const other = market.sell(market.bob, 100_00, 10);
    const taker = market.buy(market.alice, 100_00, 10, { selfTradePrevention });
    return { market, maker, other, taker };
  }

  it('NONE: the account trades with itself', () => {
    const { market, maker, taker } = meet('NONE', 4);
    expect([maker.status, taker.status]).toEqual(['FILLED', 'FILLED']);
    expect(market.trades.map((trade) => trade.quantity)).toEqual([4, 6]);
  });

  it('EXPIRE_TAKER: the incoming order ends, the resting one stays', () => {
    const { market, maker, taker } = meet('EXPIRE_TAKER', 4);
    expect(taker).toMatchObject({ status: 'EXPIRED_IN_MATCH', preventedQuantity: 10, cumQuantity: 0 });
    expect(maker).toMatchObject({ status: 'NEW', leavesQuantity: 4, preventedQuantity: 0 });
    expect(market.story(taker)).toEqual(['NEW NEW', 'TRADE_PREVENTION EXPIRED_IN_MATCH']);
  });

  it('EXPIRE_MAKER: the resting order ends, the incoming one goes on', () => {
    const { market, maker, taker } = meet('EXPIRE_MAKER', 4);
    expect(maker).toMatchObject({ status: 'EXPIRED_IN_MATCH', preventedQuantity: 4 });
    expect(taker).toMatchObject({ status: 'FILLED', cumQuantity: 10 });
    expect(market.story(maker)).toEqual(['NEW NEW', 'TRADE_PREVENTION EXPIRED_IN_MATCH']);
  });

  it('EXPIRE_BOTH: both end', () => {
    const { market, maker, other, taker } = meet('EXPIRE_BOTH', 4);
    expect([maker.status, taker.status]).toEqual(['EXPIRED_IN_MATCH', 'EXPIRED_IN_MATCH']);
    expect(other.status).toBe('NEW');
    expect(market.exchange.preventedMatches(market.alice, 0)).toMatchObject([
      { preventedMatchId: 1, takerPreventedQuantity: 10, makerPreventedQuantity: 4, mode: 'EXPIRE_BOTH' },
    ]);
  });

  it('DECREMENT: both shrink by the smaller, which ends', () => {
    const small = meet('DECREMENT', 4);
    expect(small.maker).toMatchObject({ status: 'EXPIRED_IN_MATCH', preventedQuantity: 4 });
    expect(small.taker).toMatchObject({
      status: 'FILLED',
      preventedQuantity: 4,
      cumQuantity: 6,
      leavesQuantity: 0,
    });
    const large = meet('DECREMENT', 25);
    expect(large.taker).toMatchObject({ status: 'EXPIRED_IN_MATCH', preventedQuantity: 10 });
    expect(large.maker).toMatchObject({ status: 'NEW', leavesQuantity: 15, preventedQuantity: 10 });
    expect(large.market.funds(large.market.alice, 'BTC')).toEqual(['9.985', '0.015']);
    expect(large.market.story(large.maker)).toEqual(['NEW NEW', 'TRADE_PREVENTION NEW']);
  });
});

describe('cancel, replace and amend', () => {
  it('cancel gives the funds back and reports both ids', () => {
    const market = new TestMarket();
    const order = market.buy(market.alice, 90_00, 100, { clientOrderId: 'mine' });
    expect(market.funds(market.alice, 'USDT')).toEqual(['99991', '9']);
    const reference = { account: market.alice, symbol: 0, clientOrderId: 'mine' };
    const result = market.exchange.cancel({ ...reference, cancelClientOrderId: 'cancel-1' }, market.now);
    expect(result).toEqual({ ok: true, order });
    expect(market.funds(market.alice, 'USDT')).toEqual(['100000', '0']);
    expect(market.reports.at(-1)).toMatchObject({
      execution: 'CANCELED',
      clientOrderId: 'cancel-1',
      originalClientOrderId: 'mine',
      order: { status: 'CANCELED' },
    });
    expect(market.exchange.cancel(reference, market.now)).toMatchObject({ error: { code: 'UNKNOWN_ORDER' } });
    expect(market.exchange.order(reference)?.status).toBe('CANCELED');
  });

  it('refuses what does not fit', () => {
    const market = new TestMarket();
    const order = market.buy(market.alice, 90_00, 100, { clientOrderId: 'mine' });
    const { exchange, alice, bob, now } = market;
    const cancel = (rest: object) => {
      const result = exchange.cancel({ account: alice, symbol: 0, orderId: order.orderId, ...rest }, now);
      return result.ok ? undefined : result.error.code;
    };
    expect(cancel({ clientOrderId: 'other' })).toBe('ORDER_MISMATCH');
    expect(cancel({ account: bob })).toBe('UNKNOWN_ORDER');
    expect(cancel({ symbol: 7 })).toBe('UNKNOWN_SYMBOL');
    expect(cancel({ restriction: 'ONLY_PARTIALLY_FILLED' })).toBe('CANCEL_RESTRICTED');
    expect(cancel({ restriction: 'ONLY_NEW' })).toBeUndefined();
  });

  it('cancel-all ends the open orders of the account, stops included, and nobody else', () => {
    const market = new TestMarket();
    market.buy(market.alice, 90_00, 100);
    market.accept(market.alice, Sell, OrderType.StopMarket, { stopPrice: 80_00, quantity: 1 });
    const other = market.buy(market.bob, 90_00, 100);
    expect(market.exchange.cancelAll(market.alice, 0, market.now).map((order) => order.status)).toEqual([
      'CANCELED',
      'CANCELED',
    ]);
    expect(market.exchange.openOrders(market.alice)).toEqual([]);
    expect(other.status).toBe('NEW');
  });

  it('cancel-replace loses the place in the queue; its halves fail apart', () => {
    const market = new TestMarket();
    const { exchange, alice, now } = market;
    const old = market.buy(alice, 90_00, 100);
    const rival = market.buy(market.bob, 90_00, 100);
    const cancel = { account: alice, symbol: 0, orderId: old.orderId };
    const place = {
      account: alice,
      symbol: 0,
      side: Buy,
      type: OrderType.Limit,
      price: 90_00,
      quantity: 100,
    };
    const both = exchange.cancelReplace(cancel, place, 'STOP_ON_FAILURE', now);
    expect([both.cancel.ok, both.place?.ok]).toEqual([true, true]);
    market.sell(market.bob, 90_00, 100);
    expect(rival.status).toBe('FILLED');
    expect(exchange.cancelReplace(cancel, place, 'STOP_ON_FAILURE', now).place).toBeUndefined();
    const anyway = exchange.cancelReplace(cancel, place, 'ALLOW_FAILURE', now);
    expect([anyway.cancel.ok, anyway.place?.ok]).toEqual([false, true]);
  });

  it('amend lowers the quantity and keeps the place in the queue', () => {
    const market = new TestMarket();
    const order = market.buy(market.alice, 90_00, 100, { clientOrderId: 'a' });
    market.buy(market.bob, 90_00, 100);
    const amend = (newQuantity: number, newClientOrderId?: string) =>
      market.exchange.amend(
        {
          account: market.alice,
          symbol: 0,
          orderId: order.orderId,
          newQuantity,
          ...(newClientOrderId === undefined ? {} : { newClientOrderId }),
        },
        market.now,
      );
    expect(amend(60, 'b').ok).toBe(true);
    expect(market.reports.at(-1)).toMatchObject({
      execution: 'REPLACED',
      clientOrderId: 'b',
      originalClientOrderId: 'a',
      order: { quantity: 60 },
    });
    expect(market.funds(market.alice, 'USDT')).toEqual(['99994.6', '5.4']);
    expect(market.exchange.top(0).bidSize).toBe(160);
    market.sell(market.bob, 90_00, 50);
    expect(order.cumQuantity).toBe(50);
    expect([amend(50), amend(61), amend(60)]).toMatchObject([
      { error: { code: 'AMEND_NOT_LOWER' } },
      { error: { code: 'AMEND_NOT_LOWER' } },
      { error: { code: 'AMEND_NO_CHANGE' } },
    ]);
  });
});

describe('accounts', () => {
  it('pay fees in what they receive, cut to eight decimals', () => {
    const market = new TestMarket({}, { maker: 750, taker: 1000 });
    market.sell(market.alice, 33_33, 7);
    market.buy(market.bob, 33_33, 7);
    expect(market.funds(market.bob, 'BTC')).toEqual(['10.006993', '0']);
    expect(market.funds(market.alice, 'USDT')).toEqual(['100000.23313502', '0']);
    expect(market.exchange.feesCollected('BTC')).toBe(parseAmount('0.000007'));
    expect(market.exchange.feesCollected('USDT')).toBe(parseAmount('0.00017498'));
    expect(
      market.reports.filter((report) => report.fill).map(({ fill }) => [fill?.feeAsset, fill?.maker]),
    ).toEqual([
      ['BTC', false],
      ['USDT', true],
    ]);
  });

  it('cannot reuse the client order id of an open order, and can afterwards', () => {
    const market = new TestMarket();
    const same = { price: 90_00, quantity: 1, clientOrderId: 'x' };
    market.accept(market.alice, Buy, OrderType.Limit, same);
    expect(market.refusal(market.alice, Buy, OrderType.Limit, same)).toBe('Duplicate order sent.');
    expect(market.refusal(market.bob, Buy, OrderType.Limit, same)).toBeUndefined();
    market.exchange.cancelAll(market.alice, 0, market.now);
    expect(market.refusal(market.alice, Buy, OrderType.Limit, same)).toBeUndefined();
  });

  it('hear once per operation which balances changed', () => {
    const market = new TestMarket();
    market.sell(market.alice, 100_00, 10);
    market.balances.length = 0;
    market.buy(market.bob, 100_00, 10);
    expect(
      market.balances.map(({ account, balances }) => [account, balances.map(({ asset }) => asset).sort()]),
    ).toEqual([
      [market.bob, ['BTC', 'USDT']],
      [market.alice, ['BTC', 'USDT']],
    ]);
  });

  it('take deposits, and withdrawals of what is free', () => {
    const market = new TestMarket();
    expect(market.exchange.deposit(market.alice, 'ETH', 5n, 1)).toBe(true);
    expect(market.exchange.deposit(market.alice, 'ETH', -6n, 1)).toBe(false);
    expect(market.exchange.balance(market.alice, 'ETH').free).toBe(5n);
  });

  it('may ask about a bounded past', () => {
    const exchange = new Exchange({
      symbols: new TestMarket().exchange.symbols,
      retainedOrders: 3,
      retainedFills: 2,
      retainedTrades: 2,
    });
    const account = exchange.addAccount({ balances: { BTC: parseAmount('1'), USDT: parseAmount('1000') } });
    const house = exchange.addAccount({ internal: true });
    const order = { symbol: 0, type: OrderType.Limit, price: 100_00, quantity: 1 };
    for (let i = 0; i < 10; i++) {
      exchange.place({ ...order, account, side: Buy, clientOrderId: `c${i}` }, i);
      exchange.place({ ...order, account: house, side: Sell }, i);
    }
    expect(exchange.allOrders(account, 0).map((found) => found.clientOrderId)).toEqual(['c7', 'c8', 'c9']);
    expect(exchange.order({ account, symbol: 0, clientOrderId: 'c6' })).toBeUndefined();
    expect(exchange.fills(account, 0).map((fill) => fill.tradeId)).toEqual([9, 10]);
    expect(exchange.trades(0, 100).map((trade) => trade.tradeId)).toEqual([9, 10]);
    expect(exchange.allOrders(house, 0)).toEqual([]);
  });
});

describe('listeners', () => {
  it('hear the best price once per operation, with the id of the book it is the top of', () => {
    const market = new TestMarket();
    market.sell(market.alice, 100_00, 10);
    market.sell(market.alice, 101_00, 10);
    market.buy(market.bob, 101_00, 15);
    expect(market.tops).toEqual([
      { bid: 0, bidSize: 0, ask: 100_00, askSize: 10, lastUpdateId: 1 },
      { bid: 0, bidSize: 0, ask: 101_00, askSize: 5, lastUpdateId: 4 },
    ]);
  });

  it('must not change the exchange that is calling them', () => {
    const market = new TestMarket();
    market.exchange.listen({ onTrade: () => market.exchange.cancelAll(market.alice, 0, 1) });
    market.sell(market.alice, 100_00, 10);
    expect(() => market.buy(market.bob, 100_00, 10)).toThrow('must not change');
  });
});
