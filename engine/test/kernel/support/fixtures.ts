import {
  type BookUpdate,
  ConnectionState,
  defineInstrument,
  EventKind,
  type Instrument,
  type InstrumentSpec,
  type KernelEvent,
  parseAmount,
  VenueChannel,
} from '../../../src/domain/index.js';
import type { RiskLimits } from '../../../src/risk/index.js';

export const START = 1_700_000_000_000_000;

export const spec: InstrumentSpec = {
  venueName: 'BINANCE',
  symbol: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  pricePrecision: 2,
  sizePrecision: 5,
  priceIncrement: 1,
  sizeIncrement: 1,
  minPrice: 1,
  maxPrice: 100_000_000,
  minQuantity: 1,
  maxQuantity: 900_000_000,
  minNotional: parseAmount('5'),
  maxNotional: parseAmount('9000000'),
};

export function instrument(index = 0, overrides: Partial<InstrumentSpec> = {}): Instrument {
  return defineInstrument(index, 0, { ...spec, ...overrides });
}

export const openLimits: RiskLimits = {
  priceCollarBps: 0,
  maxPosition: {},
  maxOpenOrders: 0,
  orderRate: { perSecond: 0, burst: 1 },
};

/** A snapshot or delta from `[price, size]` pairs. */
export function bookUpdate(
  kind: BookUpdate['kind'],
  tsInit: number,
  index: number,
  ids: readonly [number, number],
  bids: readonly (readonly [number, number])[],
  asks: readonly (readonly [number, number])[],
): BookUpdate {
  const column = (rows: readonly (readonly [number, number])[], at: 0 | 1) =>
    Float64Array.from(rows, (row) => row[at]);
  return {
    kind,
    tsEvent: tsInit,
    tsInit,
    instrument: index,
    firstId: ids[0],
    lastId: ids[1],
    bidCount: bids.length,
    askCount: asks.length,
    bidPrices: column(bids, 0),
    bidSizes: column(bids, 1),
    askPrices: column(asks, 0),
    askSizes: column(asks, 1),
  };
}

/** A session, the instruments, and every channel up. */
export function opening(instruments: readonly Instrument[], epoch = 7, tsInit = START): KernelEvent[] {
  const base = { tsEvent: 0, tsInit };
  return [
    { kind: EventKind.SessionStarted, ...base, epoch, version: 'test', configDigest: 'none' },
    ...instruments.map((each) => ({ kind: EventKind.InstrumentDefined, ...base, instrument: each })),
    ...Object.values(VenueChannel).map((channel) => ({
      kind: EventKind.Connection,
      ...base,
      venue: 0,
      channel,
      state: ConnectionState.Up,
    })),
  ];
}
