import type { BookView } from '../../book/index.js';
import type { Quote } from '../../domain/index.js';

/** Books and tickers kept at most while they wait for each other; the oldest are forgotten. */
const MAX_WAITING = 10_000;

interface Top {
  readonly id: number;
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
}

/**
 * Compares a book's levels with the venue's own top of book, once for each change of the levels. Both count in the same
 * update ids: levels that stand at an id must have the top of the newest ticker up to that id. Which one that is shows only
 * when the next ticker comes, since the two streams overtake each other.
 */
export class TopAgreement {
  compared = 0;
  agreed = 0;
  /** Books that no later ticker has come for yet. */
  readonly #books: Top[] = [];
  /** Tickers from the one that holds at the oldest waiting book on. */
  readonly #tickers: Top[] = [];

  onQuote({ updateId, bid, bidSize, ask, askSize }: Quote): void {
    this.#tickers.push({ id: updateId, bid, bidSize, ask, askSize });
    if (this.#tickers.length > MAX_WAITING) this.#tickers.shift();
    while (this.#books.length > 0 && this.#books[0]!.id < updateId) this.#compare(this.#books.shift()!);
  }

  /** The levels have moved to `book.lastUpdateId`. */
  onBook({ lastUpdateId, levels }: BookView): void {
    const { bestBid: bid, bestBidSize: bidSize, bestAsk: ask, bestAskSize: askSize } = levels;
    const top = { id: lastUpdateId, bid, bidSize, ask, askSize };
    const newest = this.#tickers.at(-1);
    if (this.#books.length === 0 && newest !== undefined && newest.id > lastUpdateId) this.#compare(top);
    else this.#books.push(top);
    if (this.#books.length > MAX_WAITING) this.#books.shift();
  }

  /** Nothing more will come: what waits is compared with the last ticker. */
  finish(): void {
    for (const top of this.#books.splice(0)) this.#compare(top);
  }

  #compare(top: Top): void {
    const tickers = this.#tickers;
    while (tickers.length > 1 && tickers[1]!.id <= top.id) tickers.shift();
    const ticker = tickers[0];
    if (ticker === undefined || ticker.id > top.id) return;
    this.compared++;
    const { bid, bidSize, ask, askSize } = ticker;
    if (bid === top.bid && bidSize === top.bidSize && ask === top.ask && askSize === top.askSize)
      this.agreed++;
  }
}
