import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type BookView, InstrumentBook } from '../../src/book/index.js';
import { BookFault, Side, StateHash } from '../../src/domain/index.js';
import { bookUpdate, type Level, NaiveInstrumentBook, type PlainUpdate, quoteOf } from './naive-book.js';

const topOf = (book: BookView) => [book.bid, book.bidSize, book.ask, book.askSize];

function hashOf(book: InstrumentBook): string {
  const hash = new StateHash();
  book.hashInto(hash);
  return hash.digest();
}

describe('InstrumentBook against the naive oracle', () => {
  const level = (min: number, max: number) =>
    fc.tuple(fc.integer({ min, max }), fc.integer({ min: 0, max: 3 }));
  /** Mostly apart, sometimes crossing. */
  const bids = fc.array(level(40, 52), { maxLength: 6 });
  const asks = fc.array(level(51, 62), { maxLength: 6 });
  const unique = (levels: Level[]) => [...new Map(levels)];
  const quoteSide = (min: number, max: number) =>
    fc.oneof(fc.constant<Level>([0, 0]), fc.tuple(fc.integer({ min, max }), fc.integer({ min: 1, max: 3 })));

  // Ids are drawn near the book's own, so that runs, overlaps, repeats and gaps all happen.
  const step = fc.oneof(
    {
      weight: 2,
      arbitrary: fc.record({
        op: fc.constant('snapshot' as const),
        id: fc.integer({ min: 1, max: 30 }),
        bids,
        asks,
      }),
    },
    {
      weight: 12,
      arbitrary: fc.record({
        op: fc.constant('delta' as const),
        back: fc.integer({ min: -2, max: 3 }),
        span: fc.integer({ min: 0, max: 4 }),
        bids,
        asks,
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        op: fc.constant('quote' as const),
        ahead: fc.integer({ min: -2, max: 4 }),
        truthful: fc.boolean(),
        bid: quoteSide(40, 51),
        ask: quoteSide(51, 62),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        op: fc.constant('status' as const),
        fault: fc.constantFrom(...Object.values(BookFault)),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ op: fc.constant('stale' as const), limit: fc.integer({ min: 0, max: 5 }) }),
    },
  );

  it('follows the same rules through any sequence', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const book = new InstrumentBook();
        const naive = new NaiveInstrumentBook();
        let now = 0;
        for (const s of steps) {
          now++;
          const before = hashOf(book);
          let changed = false;
          if (s.op === 'snapshot' || s.op === 'delta') {
            const isSnapshot = s.op === 'snapshot';
            const firstId = Math.max(0, isSnapshot ? s.id : naive.lastUpdateId + 1 - s.back);
            const plain: PlainUpdate = {
              snapshot: isSnapshot,
              firstId,
              lastId: isSnapshot ? s.id : firstId + s.span,
              bids: isSnapshot ? unique(s.bids) : s.bids,
              asks: isSnapshot ? unique(s.asks) : s.asks,
              tsInit: now,
            };
            changed = book.apply(bookUpdate(plain));
            naive.apply(plain);
          } else if (s.op === 'quote') {
            const id = Math.max(0, naive.lastUpdateId + s.ahead);
            const bid = s.truthful ? naive.levels.best(Side.Buy) : s.bid;
            const ask = s.truthful ? naive.levels.best(Side.Sell) : s.ask;
            changed = book.applyQuote(quoteOf(id, bid, ask, now));
            naive.applyQuote(id, bid, ask);
          } else if (s.op === 'status') {
            changed = book.setStatus(s.fault);
            naive.setStatus(s.fault);
          } else {
            changed = book.checkStale(now, s.limit);
            naive.checkStale(now, s.limit);
          }
          expect([book.state, book.fault, book.lastUpdateId]).toEqual([
            naive.state,
            naive.fault,
            naive.lastUpdateId,
          ]);
          expect(topOf(book)).toEqual([...naive.top]);
          if (naive.trusted) {
            for (const [side, count] of [
              [Side.Buy, book.levels.bidCount],
              [Side.Sell, book.levels.askCount],
            ] as const) {
              const levels = naive.levels.sorted(side);
              expect(count).toBe(levels.length);
              for (const [price, size] of levels) expect(book.levels.sizeAt(side, price)).toBe(size);
            }
          }
          // A message that changed nothing leaves no trace in the state.
          if (!changed && naive.trusted) expect(hashOf(book)).toBe(before);
        }
      }),
      { numRuns: 300 },
    );
  });
});
