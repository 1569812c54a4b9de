import type { RecordedItem, SimulatedExecutionOptions } from '../../src/backtest/index.js';
import {
  BookState,
  type Instrument,
  type InstrumentSpec,
  type Order,
  OrderStatus,
  OrderType,
  parseAmount,
  Side,
  type StateHash,
  TimeInForce,
} from '../../src/domain/index.js';
import type { Strategy, StrategyContext } from '../../src/strategies/index.js';

export const SPEC: InstrumentSpec = {
  venueName: 'BINANCE',
  symbol: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  pricePrecision: 2,
  sizePrecision: 5,
  priceIncrement: 1,
  sizeIncrement: 1,
  minPrice: 1,
  maxPrice: 0,
  minQuantity: 1,
  maxQuantity: 0,
  minNotional: parseAmount('5'),
  maxNotional: 0n,
};

export const EXECUTION: SimulatedExecutionOptions = { balances: { BTC: '10', USDT: '1000000' } };

export const LIMITS = {
  priceCollarBps: 500,
  maxPosition: {},
  maxOpenOrders: 10,
  orderRate: { perSecond: 0, burst: 0 },
} as const;

/** What a recording of the generated market holds. */
export interface Expected {
  frames: number;
  depth: number;
  trades: number;
  quotes: number;
  lastId: number;
}

const START_US = 1_723_161_254_000_000;
const text = new TextEncoder();

/**
 * A market that never was, as Binance would have sent it: a random walk with depth diffs each 100 ms, trades that eat the
 * best level and tickers between, and a REST snapshot that has to be bridged.
 */
export class FakeRecording {
  readonly items: RecordedItem[] = [];
  readonly expected: Expected = { frames: 0, depth: 0, trades: 0, quotes: 0, lastId: 0 };
  readonly #futures: boolean;
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();
  readonly #changed: [Set<number>, Set<number>] = [new Set(), new Set()];
  #state: number;
  #us = START_US;
  #id = 5_000_000_000;
  #sentId = this.#id;
  #tradeId = 0;
  #middle = 6_000_000;

  constructor(seed: number, futures = false) {
    this.#state = seed >>> 0 || 1;
    this.#futures = futures;
    this.connect();
    this.#refill();
    this.depth();
    this.#refill();
    this.snapshot();
    this.depth();
  }

  connect(): void {
    this.#add('connect', 'wss://stream.binance.com:9443/stream', '');
  }

  /** `ticks` rounds of 100 ms. */
  run(ticks: number): this {
    for (let i = 0; i < ticks; i++) {
      for (let n = this.#below(4); n > 0; n--) this.#trade();
      if (this.#below(3) === 0) this.#middle += this.#below(7) - 3;
      this.#refill();
      this.depth();
      if (this.#below(2) === 0) this.ticker();
    }
    return this;
  }

  depth(): void {
    const first = this.#sentId + 1;
    const last = ++this.#id;
    const side = (levels: Map<number, number>, changed: Set<number>) =>
      `[${[...changed].map((price) => `["${price2(price)}","${size5(levels.get(price) ?? 0)}"]`).join(',')}]`;
    const previous = this.#futures ? `"pu":${this.#sentId},` : '';
    this.#frame(
      'depth@100ms',
      `{"e":"depthUpdate","E":${this.#ms()},"s":"BTCUSDT","U":${first},"u":${last},${previous}` +
        `"b":${side(this.#bids, this.#changed[0])},"a":${side(this.#asks, this.#changed[1])}}`,
    );
    this.#sentId = last;
    this.expected.depth++;
    this.expected.lastId = last;
    for (const changed of this.#changed) changed.clear();
  }

  /** Loses a diff. */
  gap(): void {
    this.#refill();
    for (const changed of this.#changed) changed.clear();
    this.#sentId = ++this.#id;
  }

  snapshot(): void {
    const side = (levels: Map<number, number>, best: 1 | -1) =>
      `[${[...levels]
        .sort(([a], [b]) => (a - b) * best)
        .map(([price, size]) => `["${price2(price)}","${size5(size)}"]`)
        .join(',')}]`;
    const body = `{"lastUpdateId":${this.#id},"bids":${side(this.#bids, -1)},"asks":${side(this.#asks, 1)}}`;
    this.#add('rest', 'https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=1000', body);
  }

  ticker(): void {
    const bid = Math.max(...this.#bids.keys());
    const ask = Math.min(...this.#asks.keys());
    this.#frame(
      'bookTicker',
      `{"u":${this.#id},"s":"BTCUSDT","b":"${price2(bid)}","B":"${size5(this.#bids.get(bid)!)}",` +
        `"a":"${price2(ask)}","A":"${size5(this.#asks.get(ask)!)}"}`,
    );
    this.expected.quotes++;
  }

  raw(frame: string | Uint8Array): void {
    this.#add('frame', undefined, frame);
    this.expected.frames++;
  }

  #trade(): void {
    const sells = this.#below(2) === 0;
    const levels = sells ? this.#bids : this.#asks;
    const price = sells ? Math.max(...levels.keys()) : Math.min(...levels.keys());
    const held = levels.get(price)!;
    const size = Math.min(held, 1_000 + this.#below(60_000));
    this.#set(sells ? 0 : 1, price, held - size);
    this.#frame(
      'trade',
      `{"e":"trade","E":${this.#ms()},"s":"BTCUSDT","t":${++this.#tradeId},"p":"${price2(price)}",` +
        `"q":"${size5(size)}","T":${this.#ms()},"m":${sells},"M":true}`,
    );
    this.expected.trades++;
    if (levels.size === 0) this.#refill();
  }

  /** Ten levels a side around the middle; what crosses it goes. */
  #refill(): void {
    for (const price of this.#bids.keys()) if (price >= this.#middle) this.#set(0, price, 0);
    for (const price of this.#asks.keys()) if (price <= this.#middle) this.#set(1, price, 0);
    for (let i = 1; i <= 10; i++) {
      if (!this.#bids.has(this.#middle - i)) this.#set(0, this.#middle - i, 1_000 + this.#below(200_000));
      if (!this.#asks.has(this.#middle + i)) this.#set(1, this.#middle + i, 1_000 + this.#below(200_000));
    }
  }

  #set(side: 0 | 1, price: number, size: number): void {
    const levels = side === 0 ? this.#bids : this.#asks;
    if (size === 0) levels.delete(price);
    else levels.set(price, size);
    this.#changed[side].add(price);
    this.#id++;
  }

  #frame(stream: string, data: string): void {
    this.raw(`{"stream":"btcusdt@${stream}","data":${data}}`);
  }

  #add(kind: RecordedItem['kind'], url: string | undefined, body: string | Uint8Array): void {
    // Recorders' clocks step back now and then.
    this.#us += 1 + this.#below(40_000) - (this.#below(50) === 0 ? 60_000 : 0);
    const bytes = typeof body === 'string' ? text.encode(body) : body;
    this.items.push({ tsUs: this.#us, kind, bytes, ...(url === undefined ? {} : { url }) });
  }

  #ms(): number {
    return Math.floor(this.#us / 1000) + 30;
  }

  /** xorshift32. */
  #below(bound: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % bound;
  }
}

function price2(units: number): string {
  return `${(units / 100).toFixed(2)}000000`;
}

function size5(units: number): string {
  return `${(units / 100_000).toFixed(5)}000`;
}

/** Joins the best bid and ask, and moves along when they do. */
export class Joiner implements Strategy {
  readonly name = 'joiner';
  readonly symbols = ['BTCUSDT'];
  readonly #quantity: number;
  readonly #quotes: [Order | undefined, Order | undefined] = [undefined, undefined];

  constructor(quantity = 1_000) {
    this.#quantity = quantity;
  }

  onInstrument(_context: StrategyContext, _instrument: Instrument): void {}

  onBook(context: StrategyContext, instrument: number): void {
    const book = context.book(instrument);
    for (const side of [Side.Buy, Side.Sell] as const) {
      const price = side === Side.Buy ? book.bid : book.ask;
      const order = this.#quotes[side];
      if (order !== undefined) {
        if (book.state !== BookState.Valid || order.price !== price) context.cancel(order);
      } else if (book.state === BookState.Valid && context.ready(instrument)) {
        const placed = context.submit({
          instrument,
          strategy: 0,
          side,
          type: OrderType.Limit,
          timeInForce: TimeInForce.GTC,
          postOnly: true,
          quantity: this.#quantity,
          price,
          triggerPrice: 0,
        });
        if (placed.status === OrderStatus.Submitted) this.#quotes[side] = placed;
      }
    }
  }

  onOrder(_context: StrategyContext, order: Order): void {
    const closed = order.leavesQuantity === 0 || CLOSED.has(order.status);
    if (closed && this.#quotes[order.side] === order) this.#quotes[order.side] = undefined;
  }

  onTimer(_context: StrategyContext): void {}

  onStop(context: StrategyContext): void {
    for (const order of this.#quotes) if (order !== undefined) context.cancel(order);
  }

  hashInto(hash: StateHash): void {
    for (const order of this.#quotes) hash.int(order?.sequence ?? 0);
  }

  /** A replay never saves it. */
  readonly format = 0;
  save(): void {}
  load(): void {}
}

const CLOSED: ReadonlySet<OrderStatus> = new Set([
  OrderStatus.Filled,
  OrderStatus.Canceled,
  OrderStatus.Rejected,
  OrderStatus.Expired,
]);
