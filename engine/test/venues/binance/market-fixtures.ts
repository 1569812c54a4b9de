import {
  type BookUpdate,
  defineInstrument,
  type Instrument,
  type InstrumentSpec,
  parseUnits,
  type Quote,
  Side,
  type Trade,
} from '../../../src/domain/index.js';
import { FrameKind } from '../../../src/venues/binance/decode-codes.js';
import type { BinanceDecoder } from '../../../src/venues/binance/market-decoder.js';

export function instrument(
  index: number,
  symbol: string,
  pricePrecision: number,
  sizePrecision: number,
): Instrument {
  const spec: InstrumentSpec = {
    venueName: 'BINANCE',
    symbol,
    base: symbol.slice(0, -4),
    quote: symbol.slice(-4),
    pricePrecision,
    sizePrecision,
    priceIncrement: 1,
    sizeIncrement: 1,
    minPrice: 0,
    maxPrice: 0,
    minQuantity: 0,
    maxQuantity: 0,
    minNotional: 0n,
    maxNotional: 0n,
  };
  return defineInstrument(index, 0, spec);
}

/** Dense indexes need not start at 0 nor follow the order of the list. */
export const BTC = instrument(7, 'BTCUSDT', 2, 5);
export const ETH = instrument(3, 'ETHUSDT', 2, 4);
export const SHIB = instrument(5, 'SHIBUSDT', 8, 0);
export const PERP = instrument(9, 'BTCUSD_PERP', 1, 0);
export const INSTRUMENTS = [BTC, ETH, SHIB, PERP];

export interface PlainBook {
  kind: number;
  instrument: number;
  tsEvent: number;
  firstId: number;
  lastId: number;
  bids: [number, number][];
  asks: [number, number][];
}

/** A copy of an update that can be compared. */
export function plainBook(update: BookUpdate): PlainBook {
  const side = (prices: Float64Array, sizes: Float64Array, count: number) =>
    Array.from({ length: count }, (_, i): [number, number] => [prices[i]!, sizes[i]!]);
  return {
    kind: update.kind,
    instrument: update.instrument,
    tsEvent: update.tsEvent,
    firstId: update.firstId,
    lastId: update.lastId,
    bids: side(update.bidPrices, update.bidSizes, update.bidCount),
    asks: side(update.askPrices, update.askSizes, update.askCount),
  };
}

export type Decoded = { kind: number; book?: PlainBook & { pu: number }; quote?: Quote; trade?: Trade };

/** What the decoder says of a frame, copied. */
export function decodeWith(decoder: BinanceDecoder, frame: Uint8Array): Decoded {
  const kind = decoder.decode(frame);
  if (kind === FrameKind.Depth)
    return { kind, book: { ...plainBook(decoder.depth), pu: decoder.previousId } };
  if (kind === FrameKind.Quote) return { kind, quote: { ...decoder.quote } };
  if (kind === FrameKind.Trade) return { kind, trade: { ...decoder.trade } };
  return { kind };
}

class Refused extends Error {}

function id(value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Refused('id');
  return value as number;
}

function micros(value: unknown): number {
  const time = id(value);
  return time >= 1e14 ? time : id(time * 1000);
}

function units(value: unknown, precision: number): number {
  if (typeof value !== 'string' || value.startsWith('-') || value.endsWith('.')) throw new Refused('decimal');
  return parseUnits(value, precision);
}

function levels(value: unknown, of: Instrument): [number, number][] {
  if (!Array.isArray(value)) throw new Refused('levels');
  return value.map((level: unknown) => {
    if (!Array.isArray(level) || level.length !== 2) throw new Refused('level');
    const price = units(level[0], of.pricePrecision);
    if (price === 0) throw new Refused('price');
    return [price, units(level[1], of.sizePrecision)];
  });
}

/**
 * The same decoding done the plain way, JSON.parse and decimal text: the oracle. It knows combined frames whose stream and
 * payload are of one of `instruments`; anything it cannot take exactly is Failed.
 */
export function decodeNaively(text: string, instruments: readonly Instrument[] = INSTRUMENTS): Decoded {
  try {
    const { stream, data } = JSON.parse(text) as { stream: string; data: Record<string, unknown> };
    const [symbol, name] = stream.split('@') as [string, string];
    const of = instruments.find((candidate) => candidate.symbol.toLowerCase() === symbol.toLowerCase());
    if (of === undefined || !['depth', 'trade', 'bookTicker'].includes(name))
      return { kind: FrameKind.Unknown };
    const base = { tsInit: 0, instrument: of.index };
    if (data.s !== of.symbol) throw new Refused('symbol');
    const time = data.T !== undefined ? micros(data.T) : data.E !== undefined ? micros(data.E) : 0;
    if (data.E !== undefined) micros(data.E);
    if (name === 'depth') {
      const book = {
        kind: 11,
        instrument: of.index,
        tsEvent: time,
        firstId: id(data.U),
        lastId: id(data.u),
        pu: data.pu === undefined ? -1 : id(data.pu),
        bids: levels(data.b, of),
        asks: levels(data.a, of),
      };
      if (
        data.e !== 'depthUpdate' ||
        book.firstId > book.lastId ||
        book.pu > book.lastId ||
        data.E === undefined
      ) {
        throw new Refused('depth');
      }
      return { kind: FrameKind.Depth, book };
    }
    if (name === 'bookTicker') {
      if (data.e !== undefined && data.e !== 'bookTicker') throw new Refused('event');
      const quote: Quote = {
        ...base,
        kind: 12,
        tsEvent: time,
        updateId: id(data.u),
        bid: units(data.b, of.pricePrecision),
        bidSize: units(data.B, of.sizePrecision),
        ask: units(data.a, of.pricePrecision),
        askSize: units(data.A, of.sizePrecision),
      };
      return { kind: FrameKind.Quote, quote };
    }
    if (data.e !== 'trade' || typeof data.m !== 'boolean' || data.T === undefined || data.E === undefined) {
      throw new Refused('trade');
    }
    const trade: Trade = {
      ...base,
      kind: 13,
      tsEvent: time,
      tradeId: id(data.t),
      price: units(data.p, of.pricePrecision),
      quantity: units(data.q, of.sizePrecision),
      aggressor: data.m ? Side.Sell : Side.Buy,
    };
    if (trade.price === 0 || trade.quantity === 0) return { kind: FrameKind.Ignored };
    return { kind: FrameKind.Trade, trade };
  } catch {
    return { kind: FrameKind.Failed };
  }
}
