import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DepthWalk, type LevelsView, MAX_LEVELS, PriceLevelBook } from '../../src/book/index.js';
import { Side, StateHash } from '../../src/domain/index.js';
import { type Level, NaiveLevels } from './naive-book.js';

function levelsOf(book: LevelsView, side: Side): Level[] {
  return side === Side.Buy
    ? Array.from({ length: book.bidCount }, (_, i) => [book.bidPrice(i), book.bidSize(i)] as const)
    : Array.from({ length: book.askCount }, (_, i) => [book.askPrice(i), book.askSize(i)] as const);
}

function hashOf(book: PriceLevelBook): string {
  const hash = new StateHash();
  book.hashInto(hash);
  return hash.digest();
}

const side = fc.constantFrom(Side.Buy, Side.Sell);
const size = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 1000 }) },
);
/** Few prices, so that levels are hit again and removed; many, so that the book is deep; and the largest there are. */
const prices = fc.constantFrom<fc.Arbitrary<number>[]>(
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 1, max: 2000 }),
  fc.integer({ min: Number.MAX_SAFE_INTEGER - 50, max: Number.MAX_SAFE_INTEGER }),
);
const changes = prices.chain((price) =>
  fc.array(fc.tuple(side, price, size), { maxLength: 400, size: 'max' }),
);

describe('PriceLevelBook against the naive oracle', () => {
  it('holds the same levels, best and sizes after every change', () => {
    fc.assert(
      fc.property(changes, (sequence) => {
        const book = new PriceLevelBook();
        const naive = new NaiveLevels();
        for (const [at, price, amount] of sequence) {
          const roomy = book.setLevel(at, price, amount);
          naive.set(at, price, amount);
          const [best, bestSize] = naive.best(at);
          const same =
            roomy &&
            book.sizeAt(at, price) === amount &&
            (at === Side.Buy ? book.bestBid : book.bestAsk) === best &&
            (at === Side.Buy ? book.bestBidSize : book.bestAskSize) === bestSize;
          if (!same) throw new Error(`differs after ${at} ${price} x ${amount}`);
        }
        for (const at of [Side.Buy, Side.Sell]) expect(levelsOf(book, at)).toEqual(naive.sorted(at));
      }),
      { numRuns: 60 },
    );
  });

  it('walks the same depth, to the exact cost', () => {
    const quantity = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constant(Number.MAX_SAFE_INTEGER));
    const walk = new DepthWalk();
    fc.assert(
      fc.property(changes, side, quantity, (sequence, taker, wanted) => {
        const book = new PriceLevelBook();
        const naive = new NaiveLevels();
        for (const [at, price, amount] of sequence) {
          book.setLevel(at, price, amount);
          naive.set(at, price, amount);
        }
        const { quantity: filled, cost, worstPrice, levels } = book.walk(taker, wanted, walk);
        expect({ quantity: filled, cost, worstPrice, levels }).toEqual(naive.walk(taker, wanted));
      }),
      { numRuns: 60 },
    );
  });

  it('reaches the same hash by any route to the same levels, and only then', () => {
    fc.assert(
      fc.property(changes, (sequence) => {
        const book = new PriceLevelBook();
        for (const change of sequence) book.setLevel(...change);
        const again = new PriceLevelBook();
        for (const at of [Side.Sell, Side.Buy]) {
          for (const [price, amount] of levelsOf(book, at)) again.setLevel(at, price, amount);
        }
        expect(hashOf(again)).toBe(hashOf(book));
        again.setLevel(Side.Buy, 5_000, 1);
        expect(hashOf(again)).not.toBe(hashOf(book));
      }),
      { numRuns: 40 },
    );
  });
});

describe('PriceLevelBook', () => {
  it('reads zeros where there is nothing', () => {
    const book = new PriceLevelBook();
    expect([book.bestBid, book.bestBidSize, book.bestAsk, book.bestAskSize]).toEqual([0, 0, 0, 0]);
    book.setLevel(Side.Buy, 10, 5);
    book.setLevel(Side.Sell, 11, 5);
    for (const i of [-1, 1, 2, 1000]) {
      expect([book.bidPrice(i), book.bidSize(i), book.askPrice(i), book.askSize(i)]).toEqual([0, 0, 0, 0]);
    }
    expect(book.sizeAt(Side.Buy, 11)).toBe(0);
    book.setLevel(Side.Buy, 9, 0);
    expect(book.bidCount).toBe(1);
    book.clear();
    expect([book.bidCount, book.askCount, book.bestBid, book.bestAsk]).toEqual([0, 0, 0, 0]);
  });

  it('never reads a negative zero', () => {
    const book = new PriceLevelBook();
    expect(Object.is(book.bestAsk, 0)).toBe(true);
    expect(Object.is(book.askPrice(3), 0)).toBe(true);
  });

  it('grows to its limit, then reports a full side and stays usable', () => {
    const book = new PriceLevelBook();
    let taken = 0;
    for (let i = 1; i <= MAX_LEVELS; i++) taken += book.setLevel(Side.Buy, i, i) ? 1 : 0;
    expect(taken).toBe(MAX_LEVELS);
    expect(book.setLevel(Side.Buy, MAX_LEVELS + 1, 1)).toBe(false);
    expect(book.bidCount).toBe(MAX_LEVELS);
    expect(book.bestBid).toBe(MAX_LEVELS);
    expect(book.setLevel(Side.Buy, 1000, 7)).toBe(true);
    expect(book.setLevel(Side.Buy, MAX_LEVELS, 0)).toBe(true);
    expect(book.setLevel(Side.Buy, MAX_LEVELS + 1, 1)).toBe(true);
    expect(book.bidPrice(0)).toBe(MAX_LEVELS + 1);
    expect(book.sizeAt(Side.Buy, 1000)).toBe(7);
    expect(book.setLevel(Side.Sell, MAX_LEVELS + 2, 1)).toBe(true);
  });

  it('stays in step with the oracle while it grows deep, shrinks, and is swept from any direction', () => {
    const book = new PriceLevelBook();
    const naive = new NaiveLevels();
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (state >>> 8) % below;
    };
    for (let round = 0; round < 60; round++) {
      const at = round % 2 === 0 ? Side.Buy : Side.Sell;
      const emptying = round % 6 > 3;
      const sweep = Array.from({ length: 400 }, () => 1 + random(3_000));
      if (round % 3 === 0) sweep.sort((a, b) => a - b);
      if (round % 3 === 1) sweep.sort((a, b) => b - a);
      for (const price of sweep) {
        const amount = emptying || random(4) === 0 ? 0 : 1 + random(1_000);
        book.setLevel(at, price, amount);
        naive.set(at, price, amount);
      }
      expect(levelsOf(book, at)).toEqual(naive.sorted(at));
    }
    expect(Math.max(book.bidCount, book.askCount)).toBeGreaterThan(512);
    for (const at of [Side.Buy, Side.Sell]) {
      for (const [price] of naive.sorted(at)) book.setLevel(at, price, 0);
    }
    expect([book.bidCount, book.askCount, book.bestBid, book.bestAsk]).toEqual([0, 0, 0, 0]);
  });

  it('sums a walk past 2^53 exactly', () => {
    const book = new PriceLevelBook();
    const price = 6_183_763;
    for (let i = 0; i < 50; i++) book.setLevel(Side.Sell, price + i, 123_456_789_123);
    const walk = book.walk(Side.Buy, 50 * 123_456_789_123, new DepthWalk());
    let cost = 0n;
    for (let i = 0; i < 50; i++) cost += BigInt(price + i) * 123_456_789_123n;
    expect(walk.cost).toBe(cost);
    expect(walk.worstPrice).toBe(price + 49);
    expect(book.walk(Side.Sell, 1, walk).cost).toBe(0n);
    expect(walk.worstPrice).toBe(0);
  });
});
