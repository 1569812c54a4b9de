/** Market data in Binance's words: REST answers and stream events. Pure. Sources: rest-api.md, web-socket-streams.md. */
import { type Amount, formatFixed, Side } from '../../../domain/index.js';
import type { DepthSnapshot, ExchangeTrade, SymbolSpec, TopOfBook } from '../../matching/index.js';
import type { AggregateTrade, Candle, Interval } from '../streams/market-history.js';
import { amount8, fixed8, type TimeUnit, timeIn } from './format.js';

const price = (spec: SymbolSpec, units: number) => fixed8(units, spec.pricePrecision);
const size = (spec: SymbolSpec, units: number) => fixed8(units, spec.sizePrecision);

/** A base volume (sum of size units) with eight decimals. */
function volume(spec: SymbolSpec, units: bigint): string {
  return formatFixed(units * 10n ** BigInt(8 - spec.sizePrecision), 8);
}

function signedPrice(spec: SymbolSpec, units: number): string {
  return units < 0 ? `-${price(spec, -units)}` : price(spec, units);
}

/** Change from `open` to `last` in percent with three decimals. */
function percent(open: number, last: number): string {
  if (open === 0) return '0.000';
  return formatFixed((BigInt(last - open) * 100_000n) / BigInt(open), 3);
}

/** `quote / volume` with eight decimals. */
function weighted(spec: SymbolSpec, quantity: bigint, quote: Amount): string {
  if (quantity === 0n) return '0.00000000';
  // quote is 10^-18; quantity 10^-size: quote / quantity × 10^8 / 10^(18 - size).
  return formatFixed((quote * 10n ** 8n) / (quantity * 10n ** BigInt(18 - spec.sizePrecision)), 8);
}

export function levels(spec: SymbolSpec, list: DepthSnapshot['bids']): [string, string][] {
  return list.map(([at, quantity]) => [price(spec, at), size(spec, quantity)]);
}

export function depthView(spec: SymbolSpec, depth: DepthSnapshot): object {
  return {
    lastUpdateId: depth.lastUpdateId,
    bids: levels(spec, depth.bids),
    asks: levels(spec, depth.asks),
  };
}

function quoteOf(spec: SymbolSpec, at: number, quantity: number): string {
  const places = spec.pricePrecision + spec.sizePrecision;
  const product = BigInt(at) * BigInt(quantity);
  return places <= 8
    ? formatFixed(product * 10n ** BigInt(8 - places), 8)
    : formatFixed(product / 10n ** BigInt(places - 8), 8);
}

export function tradeView(spec: SymbolSpec, trade: ExchangeTrade, unit: TimeUnit): object {
  return {
    id: trade.tradeId,
    price: price(spec, trade.price),
    qty: size(spec, trade.quantity),
    quoteQty: quoteOf(spec, trade.price, trade.quantity),
    time: timeIn(unit, trade.timeUs),
    isBuyerMaker: trade.aggressor === Side.Sell,
    isBestMatch: true,
  };
}

export function aggregateView(spec: SymbolSpec, trade: AggregateTrade, unit: TimeUnit): object {
  return {
    a: trade.id,
    p: price(spec, trade.price),
    q: size(spec, trade.quantity),
    f: trade.firstId,
    l: trade.lastId,
    T: timeIn(unit, trade.timeUs),
    m: trade.buyerIsMaker,
    M: true,
  };
}

/** A row of klines. */
export function candleRow(spec: SymbolSpec, candle: Candle, unit: TimeUnit): unknown[] {
  return [
    timeIn(unit, candle.startMs * 1000),
    price(spec, candle.open),
    price(spec, candle.high),
    price(spec, candle.low),
    price(spec, candle.close),
    volume(spec, candle.quantity),
    timeIn(unit, candle.endMs * 1000 - 1),
    amount8(candle.quote),
    candle.trades,
    volume(spec, candle.takerBuyQuantity),
    amount8(candle.takerBuyQuote),
    '0',
  ];
}

export function bookTickerView(spec: SymbolSpec, top: TopOfBook): object {
  return {
    symbol: spec.symbol,
    bidPrice: price(spec, top.bid),
    bidQty: size(spec, top.bidSize),
    askPrice: price(spec, top.ask),
    askQty: size(spec, top.askSize),
  };
}

/** A window of trades and the book at its end. Prices are units, 0 when nothing traded. */
export interface TickerWindow {
  readonly openMs: number;
  readonly closeMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly last: number;
  readonly quantity: bigint;
  readonly quote: Amount;
  readonly trades: number;
  readonly firstId: number;
  readonly lastId: number;
}

/** Rolling window statistics (`ticker`, `ticker/tradingDay`), full or mini. */
export function windowView(spec: SymbolSpec, window: TickerWindow, mini: boolean, unit: TimeUnit): object {
  const change = mini
    ? {}
    : {
        priceChange: signedPrice(spec, window.last - window.open),
        priceChangePercent: percent(window.open, window.last),
        weightedAvgPrice: weighted(spec, window.quantity, window.quote),
      };
  return {
    symbol: spec.symbol,
    ...change,
    openPrice: price(spec, window.open),
    highPrice: price(spec, window.high),
    lowPrice: price(spec, window.low),
    lastPrice: price(spec, window.last),
    volume: volume(spec, window.quantity),
    quoteVolume: amount8(window.quote),
    openTime: timeIn(unit, window.openMs * 1000),
    closeTime: timeIn(unit, Math.floor(window.closeMs * 1000)),
    firstId: window.firstId,
    lastId: window.lastId,
    count: window.trades,
  };
}

/** `ticker/24hr`, full. */
export function dayTickerView(
  spec: SymbolSpec,
  window: TickerWindow,
  top: TopOfBook,
  lastQuantity: number,
  unit: TimeUnit,
): object {
  return {
    symbol: spec.symbol,
    priceChange: signedPrice(spec, window.last - window.open),
    priceChangePercent: percent(window.open, window.last),
    weightedAvgPrice: weighted(spec, window.quantity, window.quote),
    prevClosePrice: price(spec, window.open),
    lastPrice: price(spec, window.last),
    lastQty: size(spec, lastQuantity),
    bidPrice: price(spec, top.bid),
    bidQty: size(spec, top.bidSize),
    askPrice: price(spec, top.ask),
    askQty: size(spec, top.askSize),
    openPrice: price(spec, window.open),
    highPrice: price(spec, window.high),
    lowPrice: price(spec, window.low),
    volume: volume(spec, window.quantity),
    quoteVolume: amount8(window.quote),
    openTime: timeIn(unit, window.openMs * 1000),
    closeTime: timeIn(unit, Math.floor(window.closeMs * 1000)),
    firstId: window.firstId,
    lastId: window.lastId,
    count: window.trades,
  };
}

// Stream events.

export function tradeEvent(spec: SymbolSpec, trade: ExchangeTrade, eventUs: number, unit: TimeUnit): object {
  return {
    e: 'trade',
    E: timeIn(unit, eventUs),
    s: spec.symbol,
    t: trade.tradeId,
    p: price(spec, trade.price),
    q: size(spec, trade.quantity),
    T: timeIn(unit, trade.timeUs),
    m: trade.aggressor === Side.Sell,
    M: true,
  };
}

export function aggregateEvent(
  spec: SymbolSpec,
  trade: AggregateTrade,
  eventUs: number,
  unit: TimeUnit,
): object {
  return { e: 'aggTrade', E: timeIn(unit, eventUs), s: spec.symbol, ...aggregateView(spec, trade, unit) };
}

export function bookTickerEvent(spec: SymbolSpec, top: TopOfBook): object {
  return {
    u: top.lastUpdateId,
    s: spec.symbol,
    b: price(spec, top.bid),
    B: size(spec, top.bidSize),
    a: price(spec, top.ask),
    A: size(spec, top.askSize),
  };
}

export function klineEvent(
  spec: SymbolSpec,
  candle: Candle,
  interval: Interval,
  closed: boolean,
  eventUs: number,
  unit: TimeUnit,
): object {
  return {
    e: 'kline',
    E: timeIn(unit, eventUs),
    s: spec.symbol,
    k: {
      t: timeIn(unit, candle.startMs * 1000),
      T: timeIn(unit, candle.endMs * 1000 - 1),
      s: spec.symbol,
      i: interval,
      f: candle.firstId,
      L: candle.lastId,
      o: price(spec, candle.open),
      c: price(spec, candle.close),
      h: price(spec, candle.high),
      l: price(spec, candle.low),
      v: volume(spec, candle.quantity),
      n: candle.trades,
      x: closed,
      q: amount8(candle.quote),
      V: volume(spec, candle.takerBuyQuantity),
      Q: amount8(candle.takerBuyQuote),
      B: '0',
    },
  };
}

export function miniTickerEvent(
  spec: SymbolSpec,
  window: TickerWindow,
  eventUs: number,
  unit: TimeUnit,
): object {
  return {
    e: '24hrMiniTicker',
    E: timeIn(unit, eventUs),
    s: spec.symbol,
    c: price(spec, window.last),
    o: price(spec, window.open),
    h: price(spec, window.high),
    l: price(spec, window.low),
    v: volume(spec, window.quantity),
    q: amount8(window.quote),
  };
}

/** `24hrTicker`, or `1hTicker` and the like, which have no book and no last quantity. */
export function tickerEvent(
  spec: SymbolSpec,
  name: string,
  window: TickerWindow,
  book: { readonly top: TopOfBook; readonly lastQuantity: number } | null,
  eventUs: number,
  unit: TimeUnit,
): object {
  const event: Record<string, unknown> = {
    e: name,
    E: timeIn(unit, eventUs),
    s: spec.symbol,
    p: signedPrice(spec, window.last - window.open),
    P: percent(window.open, window.last),
    w: weighted(spec, window.quantity, window.quote),
  };
  if (book !== null) {
    event.x = price(spec, window.open);
    event.c = price(spec, window.last);
    event.Q = size(spec, book.lastQuantity);
    event.b = price(spec, book.top.bid);
    event.B = size(spec, book.top.bidSize);
    event.a = price(spec, book.top.ask);
    event.A = size(spec, book.top.askSize);
  } else {
    event.c = price(spec, window.last);
  }
  event.o = price(spec, window.open);
  event.h = price(spec, window.high);
  event.l = price(spec, window.low);
  event.v = volume(spec, window.quantity);
  event.q = amount8(window.quote);
  event.O = timeIn(unit, window.openMs * 1000);
  event.C = timeIn(unit, Math.floor(window.closeMs * 1000));
  event.F = window.firstId;
  event.L = window.lastId;
  event.n = window.trades;
  return event;
}

export function avgPriceEvent(
  spec: SymbolSpec,
  average: number,
  lastTradeUs: number,
  eventUs: number,
  unit: TimeUnit,
): object {
  return {
    e: 'avgPrice',
    E: timeIn(unit, eventUs),
    s: spec.symbol,
    i: '5m',
    w: price(spec, average),
    T: timeIn(unit, lastTradeUs),
  };
}
