import type { BookUpdate, Trade } from '../../domain/index.js';
import { EventKind, OrderType, Side, TimeInForce } from '../../domain/index.js';
import type { ExchangeApi, ExchangeOrder } from '../matching/index.js';

/** What the recording says of one side, and the orders that stand for it. */
interface RecordedSide {
  readonly side: Side;
  /** Recorded size by price; no zeros. */
  readonly sizes: Map<number, number>;
  /** Our orders by price, oldest first; may hold some that have left the book. */
  readonly orders: Map<number, ExchangeOrder[]>;
  /** Prices where the book may differ from the recording: clients or recorded trades traded there. */
  readonly dirty: Set<number>;
}

export interface RecordedFlowOptions {
  readonly exchange: ExchangeApi;
  readonly symbol: number;
}

/**
 * The rest of the market as it was recorded. Book events set what others have resting; recorded trades are executed
 * against the book as it is, so that clients' orders fill in their turn. After each book event the public book equals
 * the recorded one plus the clients' own orders (less what a client's order on the other side took of it).
 *
 * Where a recorded size shrinks without a trade, the orders that came last leave first: whatever queues ahead of a
 * client's order stays ahead, so fills are never flattered. Prices and sizes of the events are in the symbol's units.
 */
export class RecordedFlow {
  readonly #exchange: ExchangeApi;
  readonly #symbol: number;
  readonly #maker: number;
  readonly #taker: number;
  readonly #bids: RecordedSide = emptySide(Side.Buy);
  readonly #asks: RecordedSide = emptySide(Side.Sell);
  readonly #stopListening: () => void;

  constructor({ exchange, symbol }: RecordedFlowOptions) {
    if (exchange.symbols[symbol] === undefined) throw new RangeError(`no symbol ${symbol}`);
    this.#exchange = exchange;
    this.#symbol = symbol;
    this.#maker = exchange.addAccount({ internal: true });
    this.#taker = exchange.addAccount({ internal: true });
    this.#stopListening = exchange.listen({
      onLevel: (changed, side, price) => {
        if (changed === symbol) this.#side(side).dirty.add(price);
      },
    });
  }

  /** Applies the next event of the recording at simulated time `nowUs`. Other kinds of event are ignored. */
  apply(event: BookUpdate | Trade, nowUs: number): void {
    if (event.kind === EventKind.Trade) this.#trade(event, nowUs);
    else this.#update(event, nowUs);
  }

  /** Stops following the book; the orders stay. */
  close(): void {
    this.#stopListening();
  }

  #update(event: BookUpdate, nowUs: number): void {
    const bids = this.#bids;
    const asks = this.#asks;
    if (event.kind === EventKind.BookSnapshot) {
      for (const side of [bids, asks]) {
        for (const price of side.sizes.keys()) side.dirty.add(price);
        side.sizes.clear();
      }
    }
    record(bids, event.bidPrices, event.bidSizes, event.bidCount);
    record(asks, event.askPrices, event.askSizes, event.askCount);
    // Listening adds to the sets while they are worked on, so each pass takes them whole.
    const changed = [bids, asks].map((side) => {
      const prices = [...side.dirty];
      side.dirty.clear();
      return { side, prices };
    });
    // First what goes, then what comes: the two sides never meet in passing.
    for (const { side, prices } of changed) {
      for (const price of prices) this.#shrink(side, price, side.sizes.get(price) ?? 0, nowUs);
    }
    for (const { side, prices } of changed) {
      for (const price of prices) this.#grow(side, price, nowUs);
    }
    // What these changes themselves touched is as recorded, unless a client's order was in the way: then it stays so
    // until the next event.
    for (const { side } of changed) this.#keepDifferences(side);
  }

  #trade({ aggressor, price, quantity }: Trade, nowUs: number): void {
    const other = aggressor === Side.Buy ? this.#asks : this.#bids;
    const same = aggressor === Side.Buy ? this.#bids : this.#asks;
    const better = (than: number) => (at: number) => (aggressor === Side.Buy ? at < than : at > than);
    const beyond = (at: number) => !better(price)(at);
    // The trade proves that nobody stood at a better price on either side any more: the book event is yet to come.
    this.#clear(other, better(price), nowUs);
    this.#clear(same, beyond, nowUs);
    const missing = quantity - this.#standing(other.side, price);
    if (missing > 0) this.#rest(other, price, missing, nowUs);
    this.#exchange.place(
      {
        account: this.#taker,
        symbol: this.#symbol,
        side: aggressor,
        type: OrderType.Limit,
        timeInForce: TimeInForce.IOC,
        price,
        quantity,
      },
      nowUs,
    );
  }

  /** What a taker finds up to `limit`. */
  #standing(side: Side, limit: number): number {
    let sum = 0;
    for (let i = 0; ; i++) {
      const price = this.#exchange.levelPrice(this.#symbol, side, i);
      if (price === 0 || (side === Side.Sell ? price > limit : price < limit)) return sum;
      sum += this.#exchange.levelSize(this.#symbol, side, i);
    }
  }

  /** Withdraws our orders from the best prices on, as long as `while_` holds. */
  #clear(side: RecordedSide, while_: (price: number) => boolean, nowUs: number): void {
    const prices: number[] = [];
    for (let i = 0; ; i++) {
      const price = this.#exchange.levelPrice(this.#symbol, side.side, i);
      if (price === 0 || !while_(price)) break;
      prices.push(price);
    }
    for (const price of prices) this.#shrink(side, price, 0, nowUs);
  }

  /** Lowers what we have at a price to `size`, the youngest orders first. */
  #shrink(side: RecordedSide, price: number, size: number, nowUs: number): void {
    const orders = side.orders.get(price);
    if (orders === undefined) return;
    let excess = this.#own(side, price) - size;
    while (excess > 0) {
      const { orderId, leavesQuantity, quantity } = orders.at(-1)!;
      const reference = { account: this.#maker, symbol: this.#symbol, orderId };
      if (leavesQuantity <= excess) {
        this.#exchange.cancel(reference, nowUs);
        orders.pop();
      } else this.#exchange.amend({ ...reference, newQuantity: quantity - excess }, nowUs);
      excess -= leavesQuantity;
    }
    if (orders.length === 0) side.orders.delete(price);
  }

  #grow(side: RecordedSide, price: number, nowUs: number): void {
    const missing = (side.sizes.get(price) ?? 0) - this.#own(side, price);
    if (missing > 0) this.#rest(side, price, missing, nowUs);
  }

  /** Adds an order behind all others at its price. What crosses a client's order trades with it. */
  #rest(side: RecordedSide, price: number, quantity: number, nowUs: number): void {
    const result = this.#exchange.place(
      {
        account: this.#maker,
        symbol: this.#symbol,
        side: side.side,
        type: OrderType.Limit,
        price,
        quantity,
        // A recording that crosses itself loses its older side rather than trade with itself.
        selfTradePrevention: 'EXPIRE_MAKER',
      },
      nowUs,
    );
    if (!result.ok || !result.order.onBook) return;
    const orders = side.orders.get(price);
    if (orders === undefined) side.orders.set(price, [result.order]);
    else orders.push(result.order);
  }

  /** What we have resting at a price. Forgets orders that have left the book. */
  #own(side: RecordedSide, price: number): number {
    const orders = side.orders.get(price);
    if (orders === undefined) return 0;
    let sum = 0;
    let kept = 0;
    for (const order of orders) {
      if (!order.onBook) continue;
      sum += order.leavesQuantity;
      orders[kept++] = order;
    }
    orders.length = kept;
    if (kept === 0) side.orders.delete(price);
    return sum;
  }

  #keepDifferences(side: RecordedSide): void {
    for (const price of side.dirty) {
      if (this.#own(side, price) === (side.sizes.get(price) ?? 0)) side.dirty.delete(price);
    }
  }

  #side(side: Side): RecordedSide {
    return side === Side.Buy ? this.#bids : this.#asks;
  }
}

function emptySide(side: Side): RecordedSide {
  return { side, sizes: new Map(), orders: new Map(), dirty: new Set() };
}

function record(side: RecordedSide, prices: Float64Array, sizes: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const price = prices[i]!;
    const size = sizes[i]!;
    if (size === 0) side.sizes.delete(price);
    else side.sizes.set(price, size);
    side.dirty.add(price);
  }
}
