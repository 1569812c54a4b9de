import type { StateHash } from '../../domain/index.js';
import { Side } from '../../domain/index.js';
import type { BookOrder } from './book-order.js';
import { BookSide } from './book-side.js';
import type { PriceLevel } from './price-level.js';
import type { Publisher } from './publisher.js';
import type { DepthSnapshot, TopOfBook } from './types.js';

/** Both sides of one symbol. Every change of a level's shown total gets the next update id and is told at once. */
export class OrderBook {
  readonly symbol: number;
  readonly bids = new BookSide(Side.Buy);
  readonly asks = new BookSide(Side.Sell);
  lastUpdateId: number;
  readonly #publisher: Publisher;
  #bid = 0;
  #bidSize = 0;
  #ask = 0;
  #askSize = 0;

  constructor(symbol: number, lastUpdateId: number, publisher: Publisher) {
    this.symbol = symbol;
    this.lastUpdateId = lastUpdateId;
    this.#publisher = publisher;
  }

  side(side: Side): BookSide {
    return side === Side.Buy ? this.bids : this.asks;
  }

  opposite(side: Side): BookSide {
    return side === Side.Buy ? this.asks : this.bids;
  }

  /** Puts an order at the back of its price's queue. */
  add(order: BookOrder): void {
    const side = this.side(order.side);
    const level = side.obtain(order.price);
    level.push(order);
    this.settle(side, level);
  }

  remove(order: BookOrder): void {
    const side = this.side(order.side);
    const level = order.level!;
    level.remove(order);
    this.settle(side, level);
  }

  reduce(order: BookOrder, leaves: number): void {
    const level = order.level!;
    level.reduce(order, leaves);
    this.settle(this.side(order.side), level);
  }

  /** Tells a level's new total if it changed, and drops the level when it is empty. */
  settle(side: BookSide, level: PriceLevel): void {
    if (level.head === null) side.drop(level);
    if (level.total === level.published) return;
    level.published = level.total;
    this.#publisher.level(this.symbol, side.side, level.price, level.total, ++this.lastUpdateId);
  }

  top(): TopOfBook {
    const bid = this.bids.best;
    const ask = this.asks.best;
    return {
      bid: bid?.price ?? 0,
      bidSize: bid?.total ?? 0,
      ask: ask?.price ?? 0,
      askSize: ask?.total ?? 0,
      lastUpdateId: this.lastUpdateId,
    };
  }

  /** Tells the best prices and sizes when they differ from what was last told. */
  publishBest(nowUs: number): void {
    const bid = this.bids.best;
    const ask = this.asks.best;
    const bidPrice = bid === null ? 0 : bid.price;
    const bidSize = bid === null ? 0 : bid.total;
    const askPrice = ask === null ? 0 : ask.price;
    const askSize = ask === null ? 0 : ask.total;
    if (
      bidPrice === this.#bid &&
      bidSize === this.#bidSize &&
      askPrice === this.#ask &&
      askSize === this.#askSize
    ) {
      return;
    }
    this.#bid = bidPrice;
    this.#bidSize = bidSize;
    this.#ask = askPrice;
    this.#askSize = askSize;
    this.#publisher.best(this.symbol, this.top(), nowUs);
  }

  depth(limit: number): DepthSnapshot {
    const list = (side: BookSide) =>
      Array.from({ length: Math.max(0, Math.min(limit, side.count)) }, (_, index) => {
        const level = side.at(index)!;
        return [level.price, level.total] as const;
      });
    return { lastUpdateId: this.lastUpdateId, bids: list(this.bids), asks: list(this.asks) };
  }

  hashInto(hash: StateHash): void {
    hash.int(this.lastUpdateId);
    for (const side of [this.bids, this.asks]) {
      hash.int(side.count);
      for (let i = 0; i < side.count; i++) {
        const level = side.at(i)!;
        hash.int(level.price).int(level.total).int(level.reserve);
        for (let order = level.head; order !== null; order = order.next) {
          hash.int(order.orderId).int(order.displayed).int(order.leavesQuantity);
        }
      }
    }
  }
}
