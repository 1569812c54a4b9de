/** Turns what the exchange does into stream events, at each stream's own speed, and hands them to the hub. */
import type { TopOfBook } from '../../matching/index.js';
import { type TimeUnit, timeIn } from '../protocol/format.js';
import {
  aggregateEvent,
  avgPriceEvent,
  bookTickerEvent,
  depthView,
  klineEvent,
  levels,
  miniTickerEvent,
  tickerEvent,
  tradeEvent,
} from '../protocol/market.js';
import type { Venue } from '../venue.js';
import { DepthWindow } from './depth-window.js';
import type { Candle } from './market-history.js';
import type { StreamHub } from './stream-hub.js';
import { ROLLING_WINDOWS, type StreamName } from './stream-name.js';

interface SymbolStreams {
  readonly name: string;
  readonly lower: string;
  readonly fast: DepthWindow;
  readonly slow: DepthWindow;
}

const FAST_MS = 100;
const FAST_PER_SECOND = 10;

export class MarketStreams {
  readonly #venue: Venue;
  readonly #hub: StreamHub;
  readonly #symbols: readonly SymbolStreams[];
  /** Candle last sent per kline stream, to send it once more as closed. */
  readonly #candles = new Map<string, number>();
  readonly #unlisten: () => void;
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;

  constructor(venue: Venue, hub: StreamHub) {
    this.#venue = venue;
    this.#hub = hub;
    this.#symbols = venue.specs.map((spec, index) => ({
      name: spec.symbol,
      lower: spec.symbol.toLowerCase(),
      fast: new DepthWindow(venue.exchange.lastUpdateId(index)),
      slow: new DepthWindow(venue.exchange.lastUpdateId(index)),
    }));
    this.#unlisten = venue.exchange.listen({
      onLevel: (symbol, side, price, quantity, updateId) => {
        const streams = this.#symbols[symbol]!;
        streams.fast.change(side, price, quantity, updateId);
        streams.slow.change(side, price, quantity, updateId);
      },
      onTrade: (trade) => {
        const { name, lower } = this.#symbols[trade.symbol]!;
        const now = venue.nowUs();
        hub.publish(`${lower}@trade`, name, 'trade', (unit) =>
          tradeEvent(venue.spec(trade.symbol), trade, now, unit),
        );
      },
      onBest: (symbol, top) => this.#best(symbol, top),
    });
    venue.onAggregate = (symbol, trade) => {
      const { name, lower } = this.#symbols[symbol]!;
      const now = venue.nowUs();
      hub.publish(`${lower}@aggTrade`, name, 'aggTrade', (unit) =>
        aggregateEvent(venue.spec(symbol), trade, now, unit),
      );
    };
    this.#timer = setInterval(() => this.#tick(), FAST_MS);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unlisten();
  }

  #best(symbol: number, top: TopOfBook): void {
    const { name, lower } = this.#symbols[symbol]!;
    const build = () => bookTickerEvent(this.#venue.spec(symbol), top);
    this.#hub.publish(`${lower}@bookTicker`, name, 'bookTicker', build);
    this.#hub.publish('!bookTicker', name, 'bookTicker', build);
  }

  #tick(): void {
    const second = ++this.#ticks % FAST_PER_SECOND === 0;
    const now = this.#venue.nowUs();
    this.#symbols.forEach((streams, index) => {
      this.#depth(index, streams.fast, `${streams.lower}@depth@100ms`, now);
      if (second) this.#depth(index, streams.slow, `${streams.lower}@depth`, now);
    });
    const twoSeconds = second && this.#ticks % (2 * FAST_PER_SECOND) === 0;
    for (const [key, name] of this.#hub.names()) this.#timed(key, name, now, second, twoSeconds);
  }

  #depth(index: number, window: DepthWindow, key: string, now: number): void {
    const changes = window.take();
    if (changes === null) return;
    const spec = this.#venue.spec(index);
    this.#hub.publish(key, spec.symbol, 'depth', (unit) => ({
      e: 'depthUpdate',
      E: timeIn(unit, now),
      s: spec.symbol,
      U: changes.firstId,
      u: changes.lastId,
      b: levels(spec, changes.bids),
      a: levels(spec, changes.asks),
    }));
  }

  /** Streams that speak by the clock. */
  #timed(key: string, name: StreamName, now: number, second: boolean, twoSeconds: boolean): void {
    const { exchange } = this.#venue;
    if (name.symbol === null) {
      if (second) this.#all(key, name, now);
      return;
    }
    const index = exchange.symbolIndex(name.symbol);
    if (index === undefined) return;
    const spec = this.#venue.spec(index);
    const publish = (build: (unit: TimeUnit) => object) =>
      this.#hub.publish(key, name.symbol!, name.kind, build);
    switch (name.kind) {
      case 'partialDepth':
        if (name.fast || second) {
          const depth = exchange.depth(index, name.levels);
          publish(() => depthView(spec, depth));
        }
        return;
      case 'kline':
        if (second && (name.interval === '1s' || twoSeconds)) this.#kline(key, name, index, now);
        return;
      case 'miniTicker':
      case 'ticker':
      case 'rollingTicker':
        if (second) publish((unit) => this.#ticker(name, index, now, unit));
        return;
      case 'avgPrice': {
        const last = second ? exchange.trades(index, 1)[0] : undefined;
        if (last === undefined) return;
        const average = exchange.averagePrice(index, this.#venue.exchangeUs());
        publish((unit) => avgPriceEvent(spec, average, last.timeUs, now, unit));
        return;
      }
      default:
        return;
    }
  }

  #all(key: string, name: StreamName, now: number): void {
    if (name.kind === 'bookTicker') return;
    this.#hub.publish(key, '', name.kind, (unit) =>
      this.#venue.specs.map((_, i) => this.#ticker(name, i, now, unit)),
    );
  }

  #ticker(name: StreamName, index: number, now: number, unit: TimeUnit): object {
    const venue = this.#venue;
    const spec = venue.spec(index);
    if (name.kind === 'rollingTicker') {
      const window = venue.rollingWindow(index, ROLLING_WINDOWS[name.window]);
      return tickerEvent(spec, `${name.window}Ticker`, window, null, now, unit);
    }
    const window = venue.dayWindow(index);
    if (name.kind === 'miniTicker') return miniTickerEvent(spec, window, now, unit);
    const book = { top: venue.exchange.top(index), lastQuantity: venue.lastQuantity(index) };
    return tickerEvent(spec, '24hrTicker', window, book, now, unit);
  }

  #kline(key: string, name: StreamName & { kind: 'kline' }, index: number, now: number): void {
    const history = this.#venue.history(index);
    const nowMs = this.#venue.exchangeUs() / 1000;
    const send = (candle: Candle, closed: boolean) =>
      this.#hub.publish(key, name.symbol, 'kline', (unit) =>
        klineEvent(this.#venue.spec(index), candle, name.interval, closed, now, unit),
      );
    const current = history.candleAt(nowMs, name.interval, name.offsetMs);
    if (current === null) return;
    const sent = this.#candles.get(key);
    if (sent !== undefined && sent < current.startMs) {
      const previous = history.candleAt(sent, name.interval, name.offsetMs);
      if (previous !== null) send(previous, true);
    }
    this.#candles.set(key, current.startMs);
    send(current, false);
  }
}
