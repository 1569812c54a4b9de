import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BookUpdate, Trade } from '../../../src/domain/index.js';
import { EventKind, OrderType, parseAmount, Side } from '../../../src/domain/index.js';
import { RecordedFlow } from '../../../src/simulator/flow/index.js';
import { Exchange } from '../../../src/simulator/matching/index.js';

type Level = readonly [price: number, size: number];

function open() {
  const exchange = new Exchange({
    symbols: [
      {
        symbol: 'BTCUSDT',
        base: 'BTC',
        quote: 'USDT',
        pricePrecision: 2,
        sizePrecision: 3,
        filters: { price: { min: 1, max: 0, step: 1 }, lot: { min: 1, max: 0, step: 1 } },
      },
    ],
  });
  const flow = new RecordedFlow({ exchange, symbol: 0 });
  const client = exchange.addAccount({
    balances: { BTC: parseAmount('1000'), USDT: parseAmount('1000000') },
  });
  const place = (side: Side, price: number, quantity: number) => {
    const result = exchange.place(
      {
        account: client,
        symbol: 0,
        side,
        type: price > 0 ? OrderType.Limit : OrderType.Market,
        price,
        quantity,
      },
      1,
    );
    if (!result.ok) throw new Error(result.error.message);
    return result.order;
  };
  return { exchange, flow, client, place };
}

function book(snapshot: boolean, bids: readonly Level[], asks: readonly Level[]): BookUpdate {
  return {
    kind: snapshot ? EventKind.BookSnapshot : EventKind.BookDelta,
    tsEvent: 0,
    tsInit: 0,
    instrument: 0,
    firstId: 0,
    lastId: 0,
    bidCount: bids.length,
    askCount: asks.length,
    bidPrices: Float64Array.from(bids, ([price]) => price),
    bidSizes: Float64Array.from(bids, ([, size]) => size),
    askPrices: Float64Array.from(asks, ([price]) => price),
    askSizes: Float64Array.from(asks, ([, size]) => size),
  };
}

function trade(aggressor: Side, price: number, quantity: number): Trade {
  return {
    kind: EventKind.Trade,
    tsEvent: 0,
    tsInit: 0,
    instrument: 0,
    tradeId: 0,
    price,
    quantity,
    aggressor,
  };
}

/** A recording: the true book wanders about, and every event says what changed. Trades come ahead of their updates. */
const recordings = fc.array(
  fc.record({
    shift: fc.integer({ min: -6, max: 6 }),
    levels: fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 40 })), {
      maxLength: 10,
    }),
    trades: fc.array(
      fc.record({
        aggressor: fc.constantFrom(Side.Buy, Side.Sell),
        offset: fc.integer({ min: 0, max: 6 }),
        quantity: fc.integer({ min: 1, max: 60 }),
      }),
      { maxLength: 4 },
    ),
    snapshot: fc.integer({ min: 0, max: 9 }).map((roll) => roll === 0),
  }),
  { minLength: 1, maxLength: 40 },
);

describe('the recorded market', () => {
  it('has the recorded book after every update, and prints every recorded trade, when it is alone', () => {
    fc.assert(
      fc.property(recordings, (steps) => {
        const { exchange, flow } = open();
        const bids = new Map<number, number>();
        const asks = new Map<number, number>();
        const printed: [number, number, Side][] = [];
        exchange.listen({
          onTrade: ({ price, quantity, aggressor }) => {
            const last = printed.at(-1);
            // One recorded trade may meet several orders.
            if (last !== undefined && last[0] === price && last[2] === aggressor && last[1] < 0)
              last[1] += quantity;
            else printed.push([price, quantity, aggressor]);
          },
        });
        let middle = 1000;
        for (const step of steps) {
          for (const { aggressor, offset, quantity } of step.trades) {
            printed.length = 0;
            const price = aggressor === Side.Buy ? middle + 1 + offset : middle - offset;
            flow.apply(trade(aggressor, price, quantity), 1);
            expect(printed.reduce((sum, [, part]) => sum + part, 0)).toBe(quantity);
            expect(printed.every(([at, , side]) => at === price && side === aggressor)).toBe(true);
          }
          middle += step.shift;
          const changes: [Level[], Level[]] = [[], []];
          const set = (side: Side, price: number, size: number) => {
            const levels = side === Side.Buy ? bids : asks;
            if (size === 0) levels.delete(price);
            else levels.set(price, size);
            changes[side].push([price, size]);
          };
          for (const price of [...bids.keys()]) if (price > middle) set(Side.Buy, price, 0);
          for (const price of [...asks.keys()]) if (price <= middle) set(Side.Sell, price, 0);
          for (const [offset, size] of step.levels) {
            if (offset % 2 === 0) set(Side.Buy, middle - offset / 2, size);
            else set(Side.Sell, middle + (offset + 1) / 2, size);
          }
          if (step.snapshot) flow.apply(book(true, [...bids], [...asks]), 1);
          else flow.apply(book(false, ...changes), 1);
          const depth = exchange.depth(0, 1000);
          expect(depth.bids).toEqual([...bids].sort((a, b) => b[0] - a[0]));
          expect(depth.asks).toEqual([...asks].sort((a, b) => a[0] - b[0]));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('adds the clients to the recorded book, and heals what they take with the next update', () => {
    const { exchange, flow, place } = open();
    flow.apply(
      book(
        true,
        [[99, 10]],
        [
          [101, 10],
          [102, 10],
        ],
      ),
      1,
    );
    place(Side.Buy, 99, 5);
    expect(exchange.depth(0, 5).bids).toEqual([[99, 15]]);
    place(Side.Buy, 0, 14);
    expect(exchange.depth(0, 5).asks).toEqual([[102, 6]]);
    flow.apply(book(false, [[98, 1]], []), 1);
    expect(exchange.depth(0, 5).asks).toEqual([
      [101, 10],
      [102, 10],
    ]);
    expect(exchange.depth(0, 5).bids).toEqual([
      [99, 15],
      [98, 1],
    ]);
  });

  it('fills a client in its turn: what was there before it goes first', () => {
    const { flow, place } = open();
    flow.apply(book(true, [[99, 10]], [[101, 10]]), 1);
    const order = place(Side.Buy, 99, 5);
    // Two more come behind, then four leave: those that came last go first.
    flow.apply(book(false, [[99, 12]], []), 1);
    flow.apply(book(false, [[99, 8]], []), 1);
    flow.apply(trade(Side.Sell, 99, 8), 1);
    expect(order.cumQuantity).toBe(0);
    flow.apply(trade(Side.Sell, 99, 3), 1);
    expect(order.cumQuantity).toBe(3);
  });

  it('fills a client with a better price before the recorded level', () => {
    const { exchange, flow, place } = open();
    flow.apply(book(true, [[95, 10]], [[105, 10]]), 1);
    const order = place(Side.Buy, 97, 4);
    flow.apply(trade(Side.Sell, 95, 6), 1);
    expect(order.status).toBe('FILLED');
    expect(exchange.trades(0, 10).map(({ price, quantity }) => [price, quantity])).toEqual([
      [97, 4],
      [95, 2],
    ]);
  });

  it('fills a client the recorded market moves through', () => {
    const { exchange, flow, place } = open();
    flow.apply(book(true, [[99, 10]], [[101, 10]]), 1);
    const order = place(Side.Sell, 103, 4);
    flow.apply(
      book(
        false,
        [
          [99, 0],
          [104, 10],
        ],
        [
          [101, 0],
          [106, 10],
        ],
      ),
      1,
    );
    expect(order.status).toBe('FILLED');
    const { bid, ask } = exchange.top(0);
    expect([bid, ask]).toEqual([104, 106]);
  });
});
