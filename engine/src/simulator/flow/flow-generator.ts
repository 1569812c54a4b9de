import { OrderType, Side, TimeInForce } from '../../domain/index.js';
import type { ExchangeApi, ExchangeOrder, PlaceRequest } from '../matching/index.js';
import { Fundamental } from './fundamental.js';
import { HawkesClock } from './hawkes-clock.js';
import { Prng } from './prng.js';
import { RestingOrders } from './resting-orders.js';

export interface FlowOptions {
  readonly exchange: ExchangeApi;
  readonly symbol: number;
  /** Any safe integer; the same seed gives the same market. */
  readonly seed: number;
  /** In the symbol's price units. */
  readonly startPrice: number;
  /** Microseconds since 1970 (UTC): when the market opens. */
  readonly startUs: number;
  /** Mean actions per second in a normal market, most of which change the book. 260 when absent. */
  readonly eventsPerSecond?: number;
  /** Basis points per square root of a second. 1.1 when absent: some 60 % a year. */
  readonly volatilityBps?: number;
  /** Median order size in size units; worth about 1,500 of the quote asset when absent. */
  readonly typicalQuantity?: number;
  /** Orders the generator aims to keep resting on each side. 700 when absent. */
  readonly ordersPerSide?: number;
}

const BRANCHING = 0.55;
const MEMORY_SECONDS = 0.15;
const HALF_LIFE_SECONDS = 1200;
/** Makers quote no further from the touch than this. */
const MAX_DISTANCE_BPS = 60;
const SIZE_SIGMA = 0.9;
/** Takers leave at least this many levels standing. */
const LEVELS_LEFT = 25;
/** The most one taker trades, in typical sizes. */
const MAX_TAKE = 150;
const MAX_SWEEP = 400;

/**
 * Everybody else on one symbol. A pure function of seed, simulated time and what clients do: clustered arrivals of
 * makers that add, cancel and tighten, takers whose sizes follow a power law, and informed takers that sweep the book
 * whenever the fundamental price has left it behind. Other accounts' orders are part of the book like any other.
 */
export class FlowGenerator {
  /** The internal account it trades from. */
  readonly account: number;
  readonly #exchange: ExchangeApi;
  readonly #symbol: number;
  readonly #random: Prng;
  readonly #clock: HawkesClock;
  readonly #fundamental: Fundamental;
  readonly #baseRate: number;
  readonly #tick: number;
  readonly #step: number;
  readonly #typical: number;
  readonly #target: number;
  readonly #resting: readonly [RestingOrders, RestingOrders];
  #nowUs: number;
  #nextUs: number;

  constructor(options: FlowOptions) {
    const { exchange, symbol, startPrice, startUs, eventsPerSecond = 260, ordersPerSide = 700 } = options;
    const spec = exchange.symbols[symbol];
    if (spec === undefined) throw new RangeError(`no symbol ${symbol}`);
    if (!Number.isSafeInteger(startPrice) || startPrice <= 0)
      throw new RangeError('startPrice must be positive');
    this.#exchange = exchange;
    this.#symbol = symbol;
    this.account = exchange.addAccount({ internal: true });
    this.#random = new Prng(options.seed);
    this.#clock = new HawkesClock(this.#random, BRANCHING, MEMORY_SECONDS);
    this.#fundamental = new Fundamental(this.#random, {
      startPrice,
      volatilityBps: options.volatilityBps ?? 1.1,
      halfLife: HALF_LIFE_SECONDS,
    });
    this.#baseRate = eventsPerSecond * (1 - BRANCHING);
    this.#tick = Math.max(1, spec.filters.price.step);
    this.#step = Math.max(1, spec.filters.lot.step);
    const units = 10 ** (spec.pricePrecision + spec.sizePrecision);
    this.#typical = Math.max(this.#step, options.typicalQuantity ?? (1500 * units) / startPrice);
    this.#target = ordersPerSide;
    this.#resting = [new RestingOrders(ordersPerSide * 2), new RestingOrders(ordersPerSide * 2)];
    this.#nowUs = startUs;
    this.#nextUs = startUs;
    this.#seed();
    this.#schedule();
  }

  /** Orders it keeps track of: never more than four times `ordersPerSide`. */
  get restingCount(): number {
    return this.#resting[0].count + this.#resting[1].count;
  }

  /** Does all that is due up to and including `toUs`; returns how many actions that was. */
  advance(toUs: number): number {
    let actions = 0;
    while (this.#nextUs <= toUs) {
      this.#nowUs = this.#nextUs;
      this.#act();
      this.#schedule();
      actions++;
    }
    return actions;
  }

  /** Forgets what would have happened before `toUs`, e.g. after the machine slept: the market just goes on from there. */
  skip(toUs: number): void {
    if (toUs <= this.#nowUs) return;
    this.#nowUs = toUs;
    this.#schedule();
  }

  #schedule(): void {
    const seconds = this.#clock.next(this.#baseRate * this.#fundamental.activity);
    this.#fundamental.advance(seconds);
    this.#nextUs = this.#nowUs + Math.max(1, Math.round(seconds * 1e6));
  }

  #act(): void {
    const exchange = this.#exchange;
    const symbol = this.#symbol;
    for (const side of [Side.Buy, Side.Sell]) {
      if (exchange.levelCount(symbol, side) < LEVELS_LEFT) this.#ladder(side);
    }
    let bid = exchange.levelPrice(symbol, Side.Buy, 0);
    let ask = exchange.levelPrice(symbol, Side.Sell, 0);
    const worth = this.#fundamental.price;
    const edge = worth - (bid + ask) / 2;
    const random = this.#random;
    const patience = Math.max(2 * this.#tick, worth * 0.3e-4) + (ask - bid) / 2;
    if (Math.abs(edge) > patience && random.chance(0.5)) {
      this.#sweep(edge > 0 ? Side.Buy : Side.Sell, worth);
      // The hole a sweep leaves is often filled at once, but not always.
      if (random.chance(0.3)) return;
      bid = exchange.levelPrice(symbol, Side.Buy, 0);
      ask = exchange.levelPrice(symbol, Side.Sell, 0);
    }
    const spread = (ask - bid) / this.#tick;
    const target = this.#fundamental.targetSpread();
    if (spread > target && random.chance(0.85)) {
      this.#tighten(bid, ask, worth, target);
      return;
    }
    const side = random.chance(0.5) ? Side.Buy : Side.Sell;
    const crowd = this.#resting[side].count / this.#target;
    const roll = random.uniform();
    if (roll < 0.09) this.#take(edge / patience);
    else if (roll < 0.09 + Math.min(0.85, 0.42 * crowd * crowd)) this.#cancel(side, bid, ask);
    else this.#add(side, side === Side.Buy ? bid : ask);
  }

  /** Makers close a gap around what they think the asset is worth. */
  #tighten(bid: number, ask: number, worth: number, target: number): void {
    const tick = this.#tick;
    const width = target * tick;
    const low = this.#grid(Math.min(Math.max(worth - width / 2, bid), ask - width));
    // Whichever side is further from where it should be moves first.
    if (low - bid >= ask - (low + width)) this.#rest(Side.Buy, Math.max(low, bid + tick));
    else this.#rest(Side.Sell, Math.min(low + width, ask - tick));
  }

  /** A new order somewhere behind (or at) the touch. */
  #add(side: Side, touch: number): void {
    const random = this.#random;
    const roll = random.uniform();
    let bps = 0;
    if (roll > 0.25) bps = random.exponential(0.5);
    if (roll > 0.5) bps = random.logNormal(3, 0.8);
    if (roll > 0.85) bps = random.logNormal(15, 0.6);
    const distance = (Math.min(bps, MAX_DISTANCE_BPS) / 10_000) * touch;
    this.#rest(side, this.#grid(side === Side.Buy ? touch - distance : touch + distance));
  }

  /** Mostly orders near the touch, which makers mind most; now and then the furthest. */
  #cancel(side: Side, bid: number, ask: number): void {
    const touch = side === Side.Buy ? bid : ask;
    const sign = this.#random.chance(0.6) ? -1 : 1;
    const order = this.#resting[side].draw(this.#random, 2, ({ price }) => sign * Math.abs(price - touch));
    if (order === undefined) return;
    // The last levels stay: a side is thinned, never emptied.
    if (this.#exchange.levelCount(this.#symbol, side) <= LEVELS_LEFT) this.#resting[side].add(order);
    else this.#withdraw(order);
  }

  /** An uninformed market order, leaning towards where the price is going. */
  #take(lean: number): void {
    const random = this.#random;
    const bias = 0.5 + 0.2 * Math.tanh(lean) + 0.15 * this.#fundamental.momentum;
    const side = random.chance(bias) ? Side.Buy : Side.Sell;
    const wanted = random.pareto(this.#typical * 0.3, 1.4);
    const quantity = this.#lots(Math.min(wanted, this.#typical * MAX_TAKE, this.#within(side, 0)));
    if (quantity > 0) this.#place({ ...this.#order(side), type: OrderType.Market, quantity });
    if (quantity > this.#typical * 5) this.#clock.excite(5);
  }

  /** Informed takers trade the book to where it ought to be. */
  #sweep(side: Side, worth: number): void {
    const limit = this.#grid(worth);
    const reach = Math.min(this.#within(side, limit), this.#typical * MAX_SWEEP);
    // Half of the time all there is, else a part of it.
    const quantity = this.#lots(reach * Math.min(1, 0.5 + this.#random.uniform()));
    this.#clock.excite(4);
    if (quantity === 0 || limit <= 0) return;
    this.#place({
      ...this.#order(side),
      type: OrderType.Limit,
      timeInForce: TimeInForce.IOC,
      price: limit,
      quantity,
    });
  }

  /** What a taker may take up to `limit` (0 = any price) without stripping the other side bare. */
  #within(side: Side, limit: number): number {
    const exchange = this.#exchange;
    const other = side === Side.Buy ? Side.Sell : Side.Buy;
    const levels = exchange.levelCount(this.#symbol, other) - LEVELS_LEFT;
    let sum = 0;
    for (let i = 0; i < levels; i++) {
      const price = exchange.levelPrice(this.#symbol, other, i);
      if (limit > 0 && (side === Side.Buy ? price > limit : price < limit)) break;
      sum += exchange.levelSize(this.#symbol, other, i);
    }
    return sum;
  }

  /** The opening book. */
  #seed(): void {
    this.#ladder(Side.Buy);
    this.#ladder(Side.Sell);
  }

  /** Fills a side up with orders, densest near the touch. */
  #ladder(side: Side): void {
    const exchange = this.#exchange;
    const other = side === Side.Buy ? Side.Sell : Side.Buy;
    const sign = side === Side.Buy ? -1 : 1;
    let touch = this.#grid(this.#fundamental.price) + sign * this.#tick;
    const opposite = exchange.levelPrice(this.#symbol, other, 0);
    if (opposite > 0) {
      const limit = opposite + sign * this.#tick;
      touch = side === Side.Buy ? Math.min(touch, limit) : Math.max(touch, limit);
    }
    this.#rest(side, touch);
    const missing = Math.floor(this.#target * 0.85) - this.#resting[side].count;
    for (let i = 0; i < Math.max(missing, LEVELS_LEFT * 2); i++) this.#add(side, touch);
    // On a coarse grid chance alone may pile the orders on too few prices.
    for (let i = 1; i <= LEVELS_LEFT * 4 && exchange.levelCount(this.#symbol, side) < LEVELS_LEFT * 2; i++) {
      const price = touch + sign * i * this.#tick;
      if (price <= 0) break;
      this.#rest(side, price);
    }
  }

  /** Rests an order at `price`, or as near as the other side of the book lets it. */
  #rest(side: Side, price: number): void {
    const exchange = this.#exchange;
    const own = this.#resting[side];
    const touch = exchange.levelPrice(this.#symbol, side === Side.Buy ? Side.Sell : Side.Buy, 0);
    let limit = price;
    if (touch > 0) {
      limit = side === Side.Buy ? Math.min(price, touch - this.#tick) : Math.max(price, touch + this.#tick);
    }
    if (limit <= 0) return;
    if (own.full) {
      const far = own.draw(this.#random, 8, (order) => Math.abs(order.price - limit));
      if (far !== undefined) this.#withdraw(far);
    }
    const quantity = this.#lots(this.#random.logNormal(this.#typical, SIZE_SIGMA));
    const order = this.#place({
      ...this.#order(side),
      type: OrderType.Limit,
      postOnly: true,
      price: limit,
      quantity: Math.max(quantity, this.#step),
    });
    if (order?.onBook === true) own.add(order);
  }

  #order(side: Side): { account: number; symbol: number; side: Side } {
    return { account: this.account, symbol: this.#symbol, side };
  }

  /** Undefined when the exchange refuses, as it does while the symbol is halted. */
  #place(request: PlaceRequest): ExchangeOrder | undefined {
    const result = this.#exchange.place(request, this.#nowUs);
    return result.ok ? result.order : undefined;
  }

  #withdraw({ orderId }: ExchangeOrder): void {
    this.#exchange.cancel({ account: this.account, symbol: this.#symbol, orderId }, this.#nowUs);
  }

  #grid(price: number): number {
    return Math.round(price / this.#tick) * this.#tick;
  }

  #lots(quantity: number): number {
    return Math.floor(quantity / this.#step) * this.#step;
  }
}
