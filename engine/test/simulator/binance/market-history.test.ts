import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Side } from '../../../src/domain/index.js';
import {
  type Candle,
  INTERVAL_NAMES,
  intervalEnd,
  intervalStart,
  MarketHistory,
} from '../../../src/simulator/binance/streams/market-history.js';
import { symbolSpec } from '../../../src/simulator/binance/symbols.js';
import { DEFAULT_SYMBOLS, type ExchangeTrade } from '../../../src/simulator/index.js';

const spec = symbolSpec(DEFAULT_SYMBOLS[0]!);
const START = Date.UTC(2026, 10, 21, 10, 0, 0);

function trade(
  id: number,
  ms: number,
  price: number,
  quantity: number,
  buy: boolean,
  taker = id,
): ExchangeTrade {
  return {
    symbol: 0,
    tradeId: id,
    price,
    quantity,
    aggressor: buy ? Side.Buy : Side.Sell,
    timeUs: ms * 1000,
    buyOrderId: buy ? taker : 1_000_000 + id,
    sellOrderId: buy ? 1_000_000 + id : taker,
  };
}

describe('candles', () => {
  it('hold exactly the trades of their interval, without holes', () => {
    const steps = fc.array(
      fc.record({
        gap: fc.integer({ min: 0, max: 20_000 }),
        price: fc.integer({ min: 1, max: 1_000 }),
        quantity: fc.integer({ min: 1, max: 1_000 }),
        buy: fc.boolean(),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, fc.constantFrom('1s', '1m', '5m', '1h'), (list, interval) => {
        const history = new MarketHistory(spec);
        let ms = START;
        const trades = list.map((step, i) => {
          ms += step.gap;
          return trade(i + 1, ms, step.price, step.quantity, step.buy);
        });
        for (const one of trades) history.onTrade(one);
        const candles = history.candles(interval as '1m', 0, ms, 1_000_000);
        expect(candles[0]!.startMs).toBe(intervalStart(trades[0]!.timeUs / 1000, interval as '1m'));
        for (let i = 0; i < candles.length; i++) {
          const candle: Candle = candles[i]!;
          if (i > 0) expect(candle.startMs).toBe(candles[i - 1]!.endMs);
          const own = trades.filter(
            (one) => one.timeUs / 1000 >= candle.startMs && one.timeUs / 1000 < candle.endMs,
          );
          const prices = own.map((one) => one.price);
          expect(candle.trades).toBe(own.length);
          expect(candle.quantity).toBe(own.reduce((sum, one) => sum + BigInt(one.quantity), 0n));
          if (own.length === 0) {
            expect(candle).toMatchObject({
              open: candles[i - 1]!.close,
              close: candles[i - 1]!.close,
              firstId: -1,
            });
          } else {
            expect(candle).toMatchObject({
              open: prices[0],
              close: prices.at(-1),
              high: Math.max(...prices),
              low: Math.min(...prices),
              firstId: own[0]!.tradeId,
              lastId: own.at(-1)!.tradeId,
            });
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('intervals tile the time line in any zone, months by the calendar, weeks from Monday', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: START - 1e10, max: START + 1e10 }),
        fc.constantFrom(...INTERVAL_NAMES),
        fc.integer({ min: -12, max: 14 }),
        (ms, interval, zone) => {
          const offset = zone * 3_600_000;
          const start = intervalStart(ms, interval, offset);
          const end = intervalEnd(start, interval, offset);
          expect(start <= ms && ms < end).toBe(true);
          expect(intervalStart(end, interval, offset)).toBe(end);
          if (interval === '1w') expect(new Date(start + offset).getUTCDay()).toBe(1);
          if (interval === '1M') expect(new Date(start + offset).getUTCDate()).toBe(1);
        },
      ),
    );
  });
});

describe('aggregate trades', () => {
  it('fold what one taker did at one price', () => {
    const history = new MarketHistory(spec);
    history.onTrade(trade(1, START, 100, 5, true, 77));
    history.onTrade(trade(2, START, 100, 6, true, 77));
    const closed = history.onTrade(trade(3, START, 101, 7, true, 77));
    expect(closed).toMatchObject({
      id: 1,
      price: 100,
      quantity: 11,
      firstId: 1,
      lastId: 2,
      buyerIsMaker: false,
    });
    expect(history.aggregates()).toHaveLength(2);
    expect(history.closeAggregate()).toMatchObject({ id: 2, firstId: 3, lastId: 3 });
    expect(history.closeAggregate()).toBeNull();
  });
});
