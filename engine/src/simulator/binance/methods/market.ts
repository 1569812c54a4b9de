/** Market data methods: depth, trades, candles, tickers. */
import type { ExchangeTrade } from '../../matching/index.js';
import { errors } from '../protocol/errors.js';
import { fixed8, timeIn } from '../protocol/format.js';
import {
  aggregateView,
  bookTickerView,
  candleRow,
  dayTickerView,
  depthView,
  tradeView,
  windowView,
} from '../protocol/market.js';
import { optional, param } from '../protocol/params.js';
import { INTERVAL_NAMES } from '../streams/market-history.js';
import { selectSymbols, symbolStatus } from './general.js';
import { type Call, type Method, method } from './method.js';

const ALL_RETAINED = 1_000_000;
const selection = { symbol: optional(param.symbol), symbols: optional(param.symbols), symbolStatus };
const tickerType = optional(param.oneOf(['FULL', 'MINI'], errors.badTickerType));
const limit1000 = optional(param.limit(1000));

/** One answer for `symbol`, a list otherwise. */
function oneOrMany(
  call: Call,
  values: Parameters<typeof selectSymbols>[1],
  view: (index: number) => object,
): object {
  const views = selectSymbols(call.venue, values).map(view);
  return values.symbol === undefined ? views : views[0]!;
}

/** The weight of a ticker request by how many symbols it asks for. */
function tickerWeight(values: {
  symbol?: string | undefined;
  symbols?: readonly string[] | undefined;
}): number {
  if (values.symbol !== undefined) return 2;
  const count = values.symbols?.length ?? Number.POSITIVE_INFINITY;
  return count <= 20 ? 2 : count <= 100 ? 40 : 80;
}

const perSymbolWeight = (values: { symbols?: readonly string[] | undefined }) =>
  Math.min(200, 4 * (values.symbols?.length ?? 1));

/** Either `symbol` or `symbols` is mandatory, at most 100 of them. */
function requireSelection(values: {
  symbol?: string | undefined;
  symbols?: readonly string[] | undefined;
}): void {
  if (values.symbol === undefined && values.symbols === undefined)
    throw errors.eitherMandatory('symbol', 'symbols');
  if ((values.symbols?.length ?? 0) > 100) throw errors.invalidData('symbols');
}

/** `-1:00`, `05:45` or `8` as milliseconds east of UTC. */
function timeZone(text: string | undefined): number {
  if (text === undefined) return 0;
  const match = /^([+-]?)(\d{1,2})(?::(\d{2}))?$/.exec(text);
  if (match === null) throw errors.invalidData('timeZone');
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  const offset = match[1] === '-' ? -minutes : minutes;
  if (offset < -720 || offset > 840 || Number(match[3] ?? 0) > 59) throw errors.invalidData('timeZone');
  return offset * 60_000;
}

/** `15m`, `4h`, `2d` as milliseconds. */
function windowLength(text: string): number {
  const match = /^([1-9]\d?)([mhd])$/.exec(text);
  if (match === null) throw errors.invalidData('windowSize');
  const n = Number(match[1]);
  const unit = match[2] as 'm' | 'h' | 'd';
  if (n > { m: 59, h: 23, d: 7 }[unit]) throw errors.invalidData('windowSize');
  return n * { m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
}

function klines(name: string, path: string): Method {
  return method({
    name,
    rest: [['GET', path]],
    weight: 2,
    params: {
      symbol: param.symbol,
      interval: param.oneOf(INTERVAL_NAMES, errors.badInterval),
      startTime: optional(param.time),
      endTime: optional(param.time),
      timeZone: optional(param.text(8)),
      limit: limit1000,
    },
    handle: (call, values) => {
      const index = call.venue.symbolIndex(values.symbol);
      const offsetMs = timeZone(values.timeZone);
      const limit = values.limit ?? 500;
      const nowMs = call.venue.exchangeUs() / 1000;
      const endMs = Math.min(values.endTime ?? nowMs, nowMs);
      const history = call.venue.history(index);
      const all = history.candles(values.interval, values.startTime ?? 0, endMs, ALL_RETAINED, offsetMs);
      const candles = values.startTime === undefined ? all.slice(-limit) : all.slice(0, limit);
      return candles.map((candle) => candleRow(call.venue.spec(index), candle, call.unit));
    },
  });
}

function trades(call: Call, symbol: string, pick: (all: ExchangeTrade[]) => ExchangeTrade[]): object[] {
  const index = call.venue.symbolIndex(symbol);
  const spec = call.venue.spec(index);
  return pick(call.venue.exchange.trades(index, ALL_RETAINED)).map((trade) =>
    tradeView(spec, trade, call.unit),
  );
}

export const marketMethods = [
  method({
    name: 'depth',
    rest: [['GET', '/api/v3/depth']],
    weight: (values) => {
      const limit = values.limit ?? 100;
      return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250;
    },
    params: { symbol: param.symbol, limit: optional(param.limit(5000)), symbolStatus },
    handle: (call, values) => {
      const index = selectSymbols(call.venue, values)[0]!;
      return depthView(call.venue.spec(index), call.venue.exchange.depth(index, values.limit ?? 100));
    },
  }),
  method({
    name: 'trades.recent',
    rest: [['GET', '/api/v3/trades']],
    weight: 25,
    params: { symbol: param.symbol, limit: limit1000 },
    handle: (call, values) => trades(call, values.symbol, (all) => all.slice(-(values.limit ?? 500))),
  }),
  method({
    name: 'trades.historical',
    rest: [['GET', '/api/v3/historicalTrades']],
    weight: 25,
    params: { symbol: param.symbol, limit: limit1000, fromId: optional(param.integer) },
    handle: (call, values) =>
      trades(call, values.symbol, (all) => {
        const limit = values.limit ?? 500;
        const { fromId } = values;
        if (fromId === undefined) return all.slice(-limit);
        return all.filter((trade) => trade.tradeId >= fromId).slice(0, limit);
      }),
  }),
  method({
    name: 'blockTrades.historical',
    rest: [['GET', '/api/v3/historicalBlockTrades']],
    weight: 25,
    params: { symbol: param.symbol, fromId: param.integer, limit: limit1000 },
    handle: (call, values) => {
      call.venue.symbolIndex(values.symbol);
      return [];
    },
  }),
  method({
    name: 'trades.aggregate',
    rest: [['GET', '/api/v3/aggTrades']],
    weight: 4,
    params: {
      symbol: param.symbol,
      fromId: optional(param.integer),
      startTime: optional(param.time),
      endTime: optional(param.time),
      limit: limit1000,
    },
    handle: (call, values) => {
      const index = call.venue.symbolIndex(values.symbol);
      const { fromId, startTime, endTime } = values;
      if (fromId !== undefined && (startTime !== undefined || endTime !== undefined))
        throw errors.badCombination();
      const limit = values.limit ?? 500;
      const matching = call.venue
        .history(index)
        .aggregates()
        .filter(
          (trade) =>
            (fromId === undefined || trade.id >= fromId) &&
            (startTime === undefined || trade.timeUs / 1000 >= Math.floor(startTime)) &&
            (endTime === undefined || Math.floor(trade.timeUs / 1000) <= endTime),
        );
      const oldestFirst = fromId !== undefined || startTime !== undefined;
      const picked = oldestFirst ? matching.slice(0, limit) : matching.slice(-limit);
      return picked.map((trade) => aggregateView(call.venue.spec(index), trade, call.unit));
    },
  }),
  klines('klines', '/api/v3/klines'),
  klines('uiKlines', '/api/v3/uiKlines'),
  method({
    name: 'avgPrice',
    rest: [['GET', '/api/v3/avgPrice']],
    weight: 2,
    params: { symbol: param.symbol },
    handle: (call, values) => {
      const { venue } = call;
      const index = venue.symbolIndex(values.symbol);
      const now = venue.exchangeUs();
      return {
        mins: 5,
        price: fixed8(venue.exchange.averagePrice(index, now), venue.spec(index).pricePrecision),
        closeTime: timeIn(call.unit, venue.exchange.trades(index, 1)[0]?.timeUs ?? now),
      };
    },
  }),
  method({
    name: 'ticker.24hr',
    rest: [['GET', '/api/v3/ticker/24hr']],
    weight: tickerWeight,
    params: { ...selection, type: tickerType },
    handle: (call, values) =>
      oneOrMany(call, values, (index) => {
        const { venue } = call;
        const spec = venue.spec(index);
        const window = venue.dayWindow(index);
        if (values.type === 'MINI') return windowView(spec, window, true, call.unit);
        return dayTickerView(spec, window, venue.exchange.top(index), venue.lastQuantity(index), call.unit);
      }),
  }),
  method({
    name: 'ticker.tradingDay',
    rest: [['GET', '/api/v3/ticker/tradingDay']],
    weight: perSymbolWeight,
    params: { ...selection, timeZone: optional(param.text(8)), type: tickerType },
    handle: (call, values) => {
      requireSelection(values);
      const offsetMs = timeZone(values.timeZone);
      const day = 86_400_000;
      const startMs = Math.floor((call.venue.exchangeUs() / 1000 + offsetMs) / day) * day - offsetMs;
      return oneOrMany(call, values, (index) => {
        const window = { ...call.venue.windowSince(index, startMs), closeMs: startMs + day - 1 };
        return windowView(call.venue.spec(index), window, values.type === 'MINI', call.unit);
      });
    },
  }),
  method({
    name: 'ticker',
    rest: [['GET', '/api/v3/ticker']],
    weight: perSymbolWeight,
    params: { ...selection, windowSize: optional(param.text(4)), type: tickerType },
    handle: (call, values) => {
      requireSelection(values);
      const lengthMs = windowLength(values.windowSize ?? '1d');
      return oneOrMany(call, values, (index) =>
        windowView(
          call.venue.spec(index),
          call.venue.rollingWindow(index, lengthMs),
          values.type === 'MINI',
          call.unit,
        ),
      );
    },
  }),
  method({
    name: 'ticker.price',
    rest: [['GET', '/api/v3/ticker/price']],
    weight: (values) => (values.symbol === undefined ? 4 : 2),
    params: selection,
    handle: (call, values) =>
      oneOrMany(call, values, (index) => ({
        symbol: call.venue.spec(index).symbol,
        price: fixed8(call.venue.exchange.lastPrice(index), call.venue.spec(index).pricePrecision),
      })),
  }),
  method({
    name: 'ticker.book',
    rest: [['GET', '/api/v3/ticker/bookTicker']],
    weight: (values) => (values.symbol === undefined ? 4 : 2),
    params: selection,
    handle: (call, values) =>
      oneOrMany(call, values, (index) =>
        bookTickerView(call.venue.spec(index), call.venue.exchange.top(index)),
      ),
  }),
];
