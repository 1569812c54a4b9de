import type { Amount } from '../../domain/index.js';
import type { TradeStatistics } from './types.js';

interface Bucket {
  /** Which stretch of time it holds: time / width. -1 = none. */
  slot: number;
  open: number;
  high: number;
  low: number;
  last: number;
  quantity: bigint;
  quote: Amount;
  trades: number;
  firstTradeId: number;
}

/** Sums over a rolling window of trades, kept in buckets: the window moves a bucket at a time. */
export class TradeWindow {
  readonly #buckets: Bucket[];
  readonly #widthUs: number;
  #slot = -1;
  #quantity = 0n;
  #quote = 0n;
  #trades = 0;
  #lastTradeId = 0;

  constructor(buckets: number, widthUs: number) {
    this.#widthUs = widthUs;
    this.#buckets = Array.from({ length: buckets }, empty);
  }

  add(timeUs: number, tradeId: number, price: number, quantity: bigint, quote: Amount): void {
    this.#advance(timeUs);
    const bucket = this.#buckets[this.#slot % this.#buckets.length]!;
    if (bucket.trades === 0) {
      bucket.open = price;
      bucket.high = price;
      bucket.low = price;
      bucket.firstTradeId = tradeId;
    }
    if (price > bucket.high) bucket.high = price;
    if (price < bucket.low) bucket.low = price;
    bucket.last = price;
    bucket.quantity += quantity;
    bucket.quote += quote;
    bucket.trades++;
    this.#quantity += quantity;
    this.#quote += quote;
    this.#trades++;
    this.#lastTradeId = tradeId;
  }

  /** Sum of the quantities in the window, in size units. */
  quantity(nowUs: number): bigint {
    this.#advance(nowUs);
    return this.#quantity;
  }

  quote(nowUs: number): Amount {
    this.#advance(nowUs);
    return this.#quote;
  }

  statistics(nowUs: number): TradeStatistics {
    this.#advance(nowUs);
    const used = this.#buckets.filter((bucket) => bucket.trades > 0).sort((a, b) => a.slot - b.slot);
    const first = used[0];
    const last = used.at(-1);
    return {
      openUs: Math.max(0, (this.#slot + 1 - this.#buckets.length) * this.#widthUs),
      closeUs: nowUs,
      open: first?.open ?? 0,
      high: used.reduce((high, bucket) => Math.max(high, bucket.high), 0),
      low: used.reduce((low, bucket) => Math.min(low, bucket.low), first?.low ?? 0),
      last: last?.last ?? 0,
      quantity: Number(this.#quantity),
      quote: this.#quote,
      trades: this.#trades,
      firstTradeId: first?.firstTradeId ?? 0,
      lastTradeId: first === undefined ? 0 : this.#lastTradeId,
    };
  }

  #advance(nowUs: number): void {
    const slot = Math.floor(nowUs / this.#widthUs);
    if (slot <= this.#slot) return;
    const count = this.#buckets.length;
    for (let next = Math.max(this.#slot + 1, slot - count + 1); next <= slot; next++) {
      const bucket = this.#buckets[next % count]!;
      this.#quantity -= bucket.quantity;
      this.#quote -= bucket.quote;
      this.#trades -= bucket.trades;
      this.#buckets[next % count] = { ...empty(), slot: next };
    }
    this.#slot = slot;
  }
}

function empty(): Bucket {
  return { slot: -1, open: 0, high: 0, low: 0, last: 0, quantity: 0n, quote: 0n, trades: 0, firstTradeId: 0 };
}
