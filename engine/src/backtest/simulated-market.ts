import { InstrumentBook } from '../book/index.js';
import {
  BookState,
  type BookStatus,
  type BookUpdate,
  type Instrument,
  LiquiditySide,
  OrderStatus,
  OrderType,
  type Quote,
  RejectReason,
  Side,
  type StateHash,
  TimeInForce,
  type Trade,
} from '../domain/index.js';
import { better, DisplayedLiquidity, NO_LIMIT } from './displayed-liquidity.js';
import type { QueueModel } from './queue-model.js';
import { isConditional, type SimulatedOrder, triggers } from './simulated-order.js';

/** What happens to orders in a market; the listener books it and tells the owner. */
export interface MarketListener {
  onFill(order: SimulatedOrder, price: number, quantity: number, liquidity: LiquiditySide): void;
  /** The venue's own rule ended the order; its status is already Expired. */
  onExpired(order: SimulatedOrder, reason: RejectReason): void;
  /** A conditional order woke up. False: it cannot be paid for and has been ended by the listener. */
  onTriggered(order: SimulatedOrder): boolean;
}

export interface MarketOptions {
  readonly queue: QueueModel;
  readonly consumeLiquidity: boolean;
  /** How long after a level shrank the public trade that explains it may still arrive, microseconds. */
  readonly tradeLagUs: number;
}

/**
 * One instrument at the simulated venue: the public book, our resting orders in it, and the rules by which public events
 * fill them. All events and requests come in order of time; `now` is the venue's time of each.
 *
 * A resting order fills as a maker at its own price,
 * - by a public trade at a worse price: the taker went through us; up to the trade's quantity;
 * - by a public trade at its price: up to what the trade leaves after the quantity displayed ahead of us;
 * - when the opposite side comes to display its price or better: up to the quantity displayed there.
 * One trade's quantity, and one displayed quantity, is given out once, to our best price first and our oldest order first.
 *
 * Feeds tell a trade and the level it shrank in either order. When the level shrinks first and that moves us forward, the
 * advance is a credit: for `tradeLagUs`, trades at the price use it up before they move us again.
 */
export class SimulatedMarket {
  readonly instrument: Instrument;
  readonly book: InstrumentBook;
  readonly #liquidity: DisplayedLiquidity;
  readonly #options: MarketOptions;
  readonly #listener: MarketListener;
  /** Indexed by side; best price first, oldest first. */
  readonly #resting: readonly [SimulatedOrder[], SimulatedOrder[]] = [[], []];
  /** Conditional orders not yet triggered, oldest first. */
  readonly #dormant: SimulatedOrder[] = [];
  #lastPrice = 0;

  constructor(instrument: Instrument, options: MarketOptions, listener: MarketListener) {
    this.instrument = instrument;
    this.book = new InstrumentBook();
    this.#liquidity = new DisplayedLiquidity(this.book, options.consumeLiquidity);
    this.#options = options;
    this.#listener = listener;
  }

  /** Whether the book can be traded against. */
  get trusted(): boolean {
    return this.book.state === BookState.Valid;
  }

  /** Price of the last public trade; 0 before the first. */
  get lastPrice(): number {
    return this.#lastPrice;
  }

  /** Best price an order on `side` would trade with; 0 when there is none. */
  opposite(side: Side): number {
    return this.#liquidity.best(opposite(side));
  }

  /** True when a limit order on `side` at `price` would trade on arrival, with the market or with one of ours. */
  wouldTake(side: Side, price: number): boolean {
    const best = this.opposite(side);
    const own = this.#resting[opposite(side)][0];
    return (
      (best !== 0 && !better(side, best, price)) || (own !== undefined && !better(side, own.price, price))
    );
  }

  /** What a market order on `side` would cost now: the sum of price × quantity over what it would fill. */
  marketCost(side: Side, quantity: number): bigint {
    let cost = 0n;
    this.#liquidity.walk(opposite(side), quantity, this.#bound(side, 0), true, (price, taken) => {
      cost += BigInt(price) * BigInt(taken);
    });
    return cost;
  }

  /** An accepted order goes to work: a conditional one to sleep, any other to trade and then to rest or end. */
  enter(order: SimulatedOrder, now: number): void {
    if (isConditional(order.type) && order.status !== OrderStatus.Triggered) this.#dormant.push(order);
    else this.#execute(order, now);
  }

  /** Takes an open order out of the market. */
  remove(order: SimulatedOrder): void {
    for (const list of [this.#resting[order.side], this.#dormant]) {
      const index = list.indexOf(order);
      if (index >= 0) list.splice(index, 1);
    }
  }

  onBookUpdate(update: BookUpdate, now: number): void {
    this.book.apply(update);
    this.#afterBookChange(now);
  }

  onQuote(quote: Quote, now: number): void {
    this.book.applyQuote(quote);
    this.#afterBookChange(now);
  }

  onBookStatus(status: BookStatus): void {
    this.book.setStatus(status.fault);
  }

  onTrade(trade: Trade, now: number): void {
    const side = opposite(trade.aggressor);
    let left = trade.quantity;
    // A fill removes its order from the list when it completes it: walk a copy.
    for (const order of [...this.#resting[side]]) {
      if (left === 0 || !order.accepts(trade.price)) break;
      const through = order.price !== trade.price;
      const usable = through ? left : this.#advance(order, left, now);
      if (through) order.position.ahead = 0;
      const filled = Math.min(order.leavesQuantity, usable);
      if (filled > 0) {
        left -= filled;
        this.#fill(order, order.price, filled, LiquiditySide.Maker);
      }
    }
    this.#lastPrice = trade.price;
    this.#wake(trade.price, now);
  }

  hashInto(hash: StateHash): void {
    this.book.hashInto(hash);
    this.#liquidity.hashInto(hash);
    hash.int(this.#lastPrice);
    for (const list of [...this.#resting, this.#dormant]) {
      hash.int(list.length);
      for (const order of list) order.hashInto(hash);
    }
  }

  /** Moves `order` up its queue by a trade of `quantity` at its price; returns what of the trade reaches it. */
  #advance(order: SimulatedOrder, quantity: number, now: number): number {
    const { position } = order;
    let fresh = quantity;
    if (order.credit > 0) {
      const known = now <= order.creditUntil ? Math.min(order.credit, quantity) : 0;
      order.credit = known === 0 ? 0 : order.credit - known;
      fresh -= known;
    }
    position.traded += fresh;
    const passed = Math.min(position.ahead, fresh);
    position.ahead -= passed;
    return fresh - passed;
  }

  #afterBookChange(now: number): void {
    if (!this.trusted) return;
    this.#liquidity.refresh();
    this.#requeue(Side.Buy, now);
    this.#requeue(Side.Sell, now);
    this.#cross(Side.Buy);
    this.#cross(Side.Sell);
  }

  /** Brings the queue positions on `side` in line with the displayed sizes. */
  #requeue(side: Side, now: number): void {
    const top = this.#liquidity.best(side);
    for (const order of this.#resting[side]) {
      const { position } = order;
      const before = position.ahead;
      const size = this.#liquidity.sizeAt(side, order.price);
      if (size !== order.levelSize) {
        this.#options.queue.onLevelChange(position, order.levelSize, size);
        order.levelSize = size;
      }
      if (top === 0 || better(side, order.price, top)) position.ahead = 0;
      if (position.ahead < before && before !== UNKNOWN_AHEAD) {
        order.credit = (now <= order.creditUntil ? order.credit : 0) + before - position.ahead;
        order.creditUntil = now + this.#options.tradeLagUs;
      }
    }
  }

  /** Fills what the opposite side has come to, or through. */
  #cross(side: Side): void {
    for (const order of [...this.#resting[side]]) {
      const best = this.opposite(side);
      if (best === 0 || !order.accepts(best)) break;
      order.position.ahead = 0;
      const filled = this.#liquidity.walk(opposite(side), order.leavesQuantity, order.price, false, ignore);
      if (filled > 0) this.#fill(order, order.price, filled, LiquiditySide.Maker);
    }
  }

  #wake(price: number, now: number): void {
    if (this.#dormant.length === 0) return;
    for (const order of this.#dormant.filter((candidate) => triggers(candidate, price))) {
      this.remove(order);
      order.status = OrderStatus.Triggered;
      if (this.#listener.onTriggered(order)) this.#execute(order, now);
    }
  }

  #execute(order: SimulatedOrder, now: number): void {
    const { side, timeInForce } = order;
    const from = opposite(side);
    const limit = this.#bound(side, order.price);
    const complete = timeInForce !== TimeInForce.FOK || order.quantity === this.#fillable(order, limit);
    if (complete && this.trusted) {
      const takes: [price: number, quantity: number][] = [];
      this.#liquidity.walk(from, order.leavesQuantity, limit, false, (price, taken) =>
        takes.push([price, taken]),
      );
      for (const [price, taken] of takes) this.#fill(order, price, taken, LiquiditySide.Taker);
    }
    if (order.leavesQuantity === 0) return;
    const own = this.#resting[from][0];
    if (own !== undefined && order.accepts(own.price)) {
      this.#expire(order, RejectReason.SELF_TRADE_PREVENTION);
    } else if (order.price === 0 || isMarket(order) || timeInForce !== TimeInForce.GTC) {
      this.#expire(order, RejectReason.NO_LIQUIDITY);
    } else {
      this.#rest(order, now);
    }
  }

  #fillable(order: SimulatedOrder, limit: number): number {
    return this.#liquidity.walk(opposite(order.side), order.quantity, limit, true, ignore);
  }

  /**
   * The worst price an order on `side` may take at: its own `price` (0: any), or one increment short of our own best
   * order on the other side, for we never trade with ourselves.
   */
  #bound(side: Side, price: number): number {
    const from = opposite(side);
    const limit = price === 0 ? NO_LIMIT[from] : price;
    const own = this.#resting[from][0];
    if (own === undefined) return limit;
    const { priceIncrement } = this.instrument;
    const short = side === Side.Buy ? own.price - priceIncrement : own.price + priceIncrement;
    return better(side, limit, short) ? short : limit;
  }

  #rest(order: SimulatedOrder, now: number): void {
    const { side, price, position } = order;
    const size = this.#liquidity.sizeAt(side, price);
    const unknown = size === 0 && this.#liquidity.beyondDepth(side, price);
    position.ahead = unknown ? UNKNOWN_AHEAD : size;
    position.traded = 0;
    order.levelSize = size;
    order.credit = 0;
    order.creditUntil = now;
    const list = this.#resting[side];
    let at = list.length;
    while (at > 0 && better(side, price, list[at - 1]!.price)) at--;
    list.splice(at, 0, order);
  }

  #expire(order: SimulatedOrder, reason: RejectReason): void {
    order.status = OrderStatus.Expired;
    this.#listener.onExpired(order, reason);
  }

  #fill(order: SimulatedOrder, price: number, quantity: number, liquidity: LiquiditySide): void {
    order.cumQuantity += quantity;
    const done = order.cumQuantity === order.quantity;
    order.status = done ? OrderStatus.Filled : OrderStatus.PartiallyFilled;
    if (done) this.remove(order);
    this.#listener.onFill(order, price, quantity, liquidity);
  }
}

/** More than any level displays: the order rests where the book does not reach, and waits until the level is shown. */
const UNKNOWN_AHEAD = Number.MAX_SAFE_INTEGER;

function opposite(side: Side): Side {
  return side === Side.Buy ? Side.Sell : Side.Buy;
}

function isMarket(order: SimulatedOrder): boolean {
  return (
    order.type === OrderType.Market ||
    order.type === OrderType.StopMarket ||
    order.type === OrderType.TakeProfitMarket
  );
}

function ignore(): void {}
