import { describe, expect, it } from '@jest/globals';
import { type BookView, InstrumentBook, MAX_LEVELS } from '../../src/book/index.js';
import { BookFault, BookState } from '../../src/domain/index.js';
import { bookUpdate, type Level, quoteOf } from './naive-book.js';

const snapshot = (lastId: number, bids: Level[], asks: Level[], tsInit = 0) =>
  bookUpdate({ snapshot: true, firstId: lastId, lastId, bids, asks, tsInit });
const delta = (firstId: number, lastId: number, bids: Level[], asks: Level[], tsInit = 0) =>
  bookUpdate({ snapshot: false, firstId, lastId, bids, asks, tsInit });
const topOf = (book: BookView) => [book.bid, book.bidSize, book.ask, book.askSize];

/** A valid book at update id 100: 99 x 5 / 101 x 7, with one level behind each. */
function validBook(tsInit = 0): InstrumentBook {
  const book = new InstrumentBook();
  expect(
    book.apply(
      snapshot(
        100,
        [
          [99, 5],
          [98, 6],
        ],
        [
          [101, 7],
          [102, 8],
        ],
        tsInit,
      ),
    ),
  ).toBe(true);
  expect([book.state, book.fault]).toEqual([BookState.Valid, BookFault.NONE]);
  return book;
}

describe('snapshots and deltas', () => {
  it('starts Syncing, ignores deltas and quotes, and becomes Valid with a snapshot', () => {
    const book = new InstrumentBook();
    expect(book.state).toBe(BookState.Syncing);
    expect(book.apply(delta(1, 1, [[10, 1]], []))).toBe(false);
    expect(book.applyQuote(quoteOf(5, [10, 1], [11, 1]))).toBe(false);
    expect(book.checkStale(1e15, 1)).toBe(false);
    expect([book.state, book.levels.bidCount, ...topOf(book)]).toEqual([BookState.Syncing, 0, 0, 0, 0, 0]);
    book.apply(snapshot(7, [[10, 1]], [[11, 2]], 42));
    expect([book.state, book.lastUpdateId, book.tsLast, ...topOf(book)]).toEqual([
      BookState.Valid,
      7,
      42,
      10,
      1,
      11,
      2,
    ]);
  });

  it('replaces on a snapshot and never merges, even when ids go back', () => {
    const book = validBook();
    book.applyQuote(quoteOf(5_000, [100, 1], [101, 1]));
    book.apply(snapshot(3, [[50, 1]], [[60, 2]]));
    expect(book.lastUpdateId).toBe(3);
    expect([book.levels.bidCount, book.levels.askCount]).toEqual([1, 1]);
    expect(topOf(book)).toEqual([50, 1, 60, 2]);
    book.apply(delta(4, 4, [[51, 9]], []));
    expect(topOf(book)).toEqual([51, 9, 60, 2]);
  });

  it('takes a snapshot in any order of levels and skips empty ones', () => {
    const book = new InstrumentBook();
    book.apply(
      snapshot(
        1,
        [
          [97, 1],
          [99, 2],
          [98, 0],
          [96, 3],
        ],
        [
          [103, 1],
          [101, 2],
        ],
      ),
    );
    expect([book.levels.bidPrice(0), book.levels.bidPrice(1), book.levels.bidPrice(2)]).toEqual([99, 97, 96]);
    expect(topOf(book)).toEqual([99, 2, 101, 2]);
  });

  it('applies overlaps, ignores repeats, and calls a hole a gap', () => {
    const book = validBook();
    expect(book.apply(delta(95, 100, [[99, 1]], []))).toBe(false);
    expect(book.bidSize).toBe(5);
    expect(book.apply(delta(98, 103, [[99, 1]], []))).toBe(true);
    expect([book.bidSize, book.lastUpdateId]).toEqual([1, 103]);
    expect(book.apply(delta(105, 106, [[99, 2]], []))).toBe(true);
    expect([book.state, book.fault]).toEqual([BookState.Invalid, BookFault.SEQUENCE_GAP]);
    expect([book.lastUpdateId, book.bidSize]).toEqual([103, 1]);
  });

  it('stays Invalid until a snapshot, whatever else arrives', () => {
    const book = validBook();
    book.apply(delta(200, 200, [], []));
    expect(book.apply(delta(101, 101, [[99, 9]], []))).toBe(false);
    expect(book.applyQuote(quoteOf(300, [99, 1], [101, 1]))).toBe(false);
    expect(book.checkStale(1e15, 1)).toBe(false);
    expect([book.state, book.fault]).toEqual([BookState.Invalid, BookFault.SEQUENCE_GAP]);
    book.apply(snapshot(200, [[99, 1]], [[101, 1]]));
    expect([book.state, book.fault]).toEqual([BookState.Valid, BookFault.NONE]);
  });

  it('keeps a book with an empty side valid, with zeros at that side', () => {
    const book = validBook();
    book.apply(
      delta(
        101,
        101,
        [
          [99, 0],
          [98, 0],
        ],
        [],
      ),
    );
    expect([book.state, ...topOf(book)]).toEqual([BookState.Valid, 0, 0, 101, 7]);
    const empty = new InstrumentBook();
    empty.apply(snapshot(1, [], []));
    expect([empty.state, ...topOf(empty)]).toEqual([BookState.Valid, 0, 0, 0, 0]);
  });

  it.each([
    ['crossed', 102],
    ['locked', 101],
  ])('a %s book is Invalid and shows the last trusted top', (_, price) => {
    const book = validBook();
    book.apply(delta(101, 101, [[price, 1]], []));
    expect([book.state, book.fault]).toEqual([BookState.Invalid, BookFault.CROSSED]);
    expect(topOf(book)).toEqual([99, 5, 101, 7]);
    const fresh = new InstrumentBook();
    fresh.apply(snapshot(1, [[price, 1]], [[101, 1]]));
    expect(fresh.fault).toBe(BookFault.CROSSED);
  });

  it('does not call a book crossed that was so only in the middle of an update', () => {
    const book = validBook();
    book.apply(
      delta(
        101,
        101,
        [[101, 3]],
        [
          [101, 0],
          [103, 1],
        ],
      ),
    );
    expect([book.state, ...topOf(book)]).toEqual([BookState.Valid, 101, 3, 102, 8]);
  });

  it('reports overflow', () => {
    const prices = Array.from({ length: MAX_LEVELS + 1 }, (_, i) => [MAX_LEVELS + 1 - i, 1] as Level);
    const book = new InstrumentBook();
    book.apply(snapshot(1, prices, []));
    expect([book.state, book.fault]).toEqual([BookState.Invalid, BookFault.OVERFLOW]);
    book.apply(snapshot(1, prices.slice(1), []));
    expect([book.state, book.levels.bidCount]).toEqual([BookState.Valid, MAX_LEVELS]);
    book.apply(delta(2, 2, [[MAX_LEVELS + 1, 1]], []));
    expect([book.state, book.fault]).toEqual([BookState.Invalid, BookFault.OVERFLOW]);
  });
});

describe('malformed messages', () => {
  const bad = [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53];
  const cases: [string, Level][] = [
    ...bad.map((n) => [`price ${n}`, [n, 1]] as [string, Level]),
    ['price 0', [0, 1]],
    ...bad.map((n) => [`size ${n}`, [50, n]] as [string, Level]),
  ];

  it.each(cases)('%s in any place makes the book Invalid', (_, level) => {
    for (const make of [
      (b: InstrumentBook) => b.apply(delta(101, 101, [[98, 1], level], [])),
      (b: InstrumentBook) => b.apply(delta(101, 101, [], [level])),
      (b: InstrumentBook) => b.apply(snapshot(101, [level], [])),
      (b: InstrumentBook) => b.apply(snapshot(101, [], [[120, 1], level])),
    ]) {
      const book = validBook();
      expect(make(book)).toBe(true);
      expect([book.state, book.fault]).toEqual([BookState.Invalid, BookFault.MALFORMED]);
      expect(topOf(book)).toEqual([99, 5, 101, 7]);
    }
  });

  it('takes the largest safe integers', () => {
    const max = Number.MAX_SAFE_INTEGER;
    const book = new InstrumentBook();
    book.apply(snapshot(max - 1, [[max - 1, max]], [[max, max]]));
    expect([book.state, ...topOf(book)]).toEqual([BookState.Valid, max - 1, max, max, max]);
  });

  it('refuses a price told twice in one snapshot, and takes the last word in a delta', () => {
    const twice: Level[] = [
      [99, 1],
      [99, 2],
    ];
    const book = new InstrumentBook();
    book.apply(snapshot(1, twice, []));
    expect(book.fault).toBe(BookFault.MALFORMED);
    const valid = validBook();
    valid.apply(delta(101, 101, twice, []));
    expect([valid.state, valid.bidSize]).toEqual([BookState.Valid, 2]);
  });

  it.each([
    ['counts beyond the arrays', { bidCount: 99 }],
    ['a negative count', { askCount: -1 }],
    ['a broken count', { askCount: 0.5 }],
    ['a broken first id', { firstId: Number.NaN }],
    ['a negative last id', { lastId: -5 }],
    ['ids back to front', { firstId: 103, lastId: 102 }],
  ])('refuses %s', (_, change) => {
    const book = validBook();
    book.apply({ ...delta(101, 102, [[99, 1]], []), ...change });
    expect([book.state, book.fault]).toEqual([BookState.Invalid, BookFault.MALFORMED]);
  });

  it.each([
    ['a negative price', quoteOf(101, [-1, 1], [101, 1])],
    ['a fraction', quoteOf(101, [99, 0.1], [101, 1])],
    ['a price without a size', quoteOf(101, [99, 0], [101, 1])],
    ['a size without a price', quoteOf(101, [99, 1], [0, 1])],
    ['a broken id', quoteOf(Number.NaN, [99, 1], [101, 1])],
  ])('refuses a quote with %s', (_, quote) => {
    const book = validBook();
    book.applyQuote(quote);
    expect([book.state, book.fault]).toEqual([BookState.Invalid, BookFault.MALFORMED]);
  });
});

describe('the quote top', () => {
  it('moves with a newer quote, and goes back to the levels once they catch up', () => {
    const book = validBook(1);
    expect(book.applyQuote(quoteOf(105, [100, 1], [101, 4], 9))).toBe(true);
    expect([...topOf(book), book.tsLast, book.levels.bestBid]).toEqual([100, 1, 101, 4, 9, 99]);
    expect(book.apply(delta(101, 103, [[97, 1]], [], 10))).toBe(true);
    expect(topOf(book)).toEqual([100, 1, 101, 4]);
    expect(book.applyQuote(quoteOf(104, [90, 1], [120, 4]))).toBe(false);
    expect(book.applyQuote(quoteOf(105, [90, 1], [120, 4]))).toBe(false);
    book.apply(delta(104, 106, [[100, 2]], [], 11));
    expect([...topOf(book), book.tsLast]).toEqual([100, 2, 101, 7, 11]);
  });

  it('ignores quotes older than the levels and those without an id', () => {
    const book = validBook();
    expect(book.applyQuote(quoteOf(99, [1, 1], [2, 1]))).toBe(false);
    expect(book.applyQuote(quoteOf(0, [1, 1], [2, 1]))).toBe(false);
    expect(topOf(book)).toEqual([99, 5, 101, 7]);
  });

  it('may have an empty side', () => {
    const book = validBook();
    book.applyQuote(quoteOf(101, [0, 0], [101, 7]));
    expect([book.state, ...topOf(book)]).toEqual([BookState.Valid, 0, 0, 101, 7]);
  });

  it('must agree with the levels at the same id, sizes included', () => {
    expect(validBook().applyQuote(quoteOf(100, [99, 5], [101, 7]))).toBe(false);
    const book = validBook();
    expect(book.applyQuote(quoteOf(100, [99, 6], [101, 7]))).toBe(true);
    expect([book.state, book.fault]).toEqual([BookState.Invalid, BookFault.TOP_MISMATCH]);
  });

  it('must agree with the levels when a delta reaches exactly its id', () => {
    const agreed = validBook();
    agreed.applyQuote(quoteOf(102, [100, 3], [101, 7]));
    agreed.apply(delta(101, 102, [[100, 3]], []));
    expect(agreed.state).toBe(BookState.Valid);
    const book = validBook();
    book.applyQuote(quoteOf(102, [100, 3], [101, 7]));
    book.apply(delta(101, 102, [[98, 3]], []));
    expect([book.state, book.fault]).toEqual([BookState.Invalid, BookFault.TOP_MISMATCH]);
  });

  it('hands the top back to the levels at its own id, and is checked against them from then on', () => {
    const book = validBook();
    book.applyQuote(quoteOf(102, [100, 3], [101, 7]));
    book.apply(delta(101, 102, [[100, 3]], []));
    expect(book.applyQuote(quoteOf(102, [100, 3], [101, 7]))).toBe(false);
    book.applyQuote(quoteOf(102, [100, 4], [101, 7]));
    expect(book.fault).toBe(BookFault.TOP_MISMATCH);
  });

  it('makes the book Invalid when it is crossed or locked itself', () => {
    for (const bid of [101, 102]) {
      const book = validBook();
      book.applyQuote(quoteOf(101, [bid, 1], [101, 1]));
      expect([book.state, book.fault]).toEqual([BookState.Invalid, BookFault.CROSSED]);
    }
  });
});

describe('silence and status', () => {
  it('goes Stale after more than the limit and Valid again with the next delta', () => {
    const book = validBook(1_000);
    expect(book.checkStale(1_500, 500)).toBe(false);
    expect(book.checkStale(1_501, 500)).toBe(true);
    expect(book.checkStale(1_502, 500)).toBe(false);
    expect([book.state, book.fault, book.bid]).toEqual([BookState.Stale, BookFault.NONE, 99]);
    expect(book.apply(delta(100, 100, [[99, 1]], [], 1_510))).toBe(false);
    expect(book.state).toBe(BookState.Stale);
    expect(book.apply(delta(101, 101, [], [], 1_520))).toBe(true);
    expect(book.state).toBe(BookState.Valid);
    expect(book.checkStale(2_020, 500)).toBe(false);
  });

  it('is not kept fresh by quotes while the levels are silent', () => {
    const book = validBook(1_000);
    book.applyQuote(quoteOf(101, [99, 4], [101, 7], 1_499));
    expect(book.checkStale(1_501, 500)).toBe(true);
    expect(book.applyQuote(quoteOf(102, [99, 3], [101, 7], 1_502))).toBe(true);
    expect([book.state, book.bidSize]).toEqual([BookState.Stale, 3]);
  });

  it('still finds faults while Stale', () => {
    const book = validBook(0);
    book.checkStale(1_000, 1);
    book.apply(delta(150, 150, [], [], 1_001));
    expect([book.state, book.fault]).toEqual([BookState.Invalid, BookFault.SEQUENCE_GAP]);
  });

  it('does what the connector says', () => {
    const book = validBook();
    expect(book.setStatus(BookFault.DISCONNECTED)).toBe(true);
    expect(book.setStatus(BookFault.DISCONNECTED)).toBe(false);
    expect([book.state, book.fault]).toEqual([BookState.Invalid, BookFault.DISCONNECTED]);
    expect(book.setStatus(BookFault.NONE)).toBe(true);
    expect(book.setStatus(BookFault.NONE)).toBe(false);
    expect([book.state, book.fault]).toEqual([BookState.Syncing, BookFault.NONE]);
    expect(book.apply(delta(101, 101, [], []))).toBe(false);
    expect(topOf(book)).toEqual([99, 5, 101, 7]);
  });
});
