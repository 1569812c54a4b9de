import { AMOUNT_SCALE, type Amount } from './decimal.js';

/**
 * A tradable product of one venue, with every rule an order must obey.
 *
 * Prices are integers in units of `10^-pricePrecision` of the quote asset; quantities are integers in units of
 * `10^-sizePrecision` of the base asset. All are safe integers. Precision is what the venue prints, increment is the
 * smallest legal step: they differ.
 */
export interface Instrument {
  /** Dense index: the only name of an instrument on the trading line. */
  readonly index: number;
  /** Dense index of the venue. */
  readonly venue: number;
  readonly venueName: string;
  /** The venue's own symbol, e.g. `BTCUSDT`. */
  readonly symbol: string;
  /** `SYMBOL.VENUE`, e.g. `BTCUSDT.BINANCE`. */
  readonly id: string;
  readonly base: string;
  readonly quote: string;
  readonly pricePrecision: number;
  readonly sizePrecision: number;
  readonly priceIncrement: number;
  readonly sizeIncrement: number;
  /** 0 = no bound, as for the five below. */
  readonly minPrice: number;
  readonly maxPrice: number;
  readonly minQuantity: number;
  readonly maxQuantity: number;
  /** In {@link Amount} units of the quote asset. */
  readonly minNotional: Amount;
  readonly maxNotional: Amount;
}

/** Everything of an instrument but what the engine assigns itself. */
export type InstrumentSpec = Omit<Instrument, 'index' | 'venue' | 'id'>;

const MAX_PRECISION = 15;
const BOUNDS = [
  ['minPrice', 'maxPrice'],
  ['minQuantity', 'maxQuantity'],
  ['minNotional', 'maxNotional'],
] as const;

/** Gives a venue's instrument its dense indexes; throws a RangeError naming the field on an impossible rule. */
export function defineInstrument(index: number, venue: number, spec: InstrumentSpec): Instrument {
  const fail = (field: keyof InstrumentSpec, why: string): never => {
    throw new RangeError(`instrument ${spec.symbol}: ${field} ${why}, was ${String(spec[field])}`);
  };
  for (const field of ['pricePrecision', 'sizePrecision'] as const) {
    const value = spec[field];
    if (!Number.isInteger(value) || value < 0 || value > MAX_PRECISION) {
      fail(field, `must be an integer from 0 to ${MAX_PRECISION}`);
    }
  }
  if (spec.pricePrecision + spec.sizePrecision > AMOUNT_SCALE) {
    fail('sizePrecision', `plus pricePrecision ${spec.pricePrecision} must not exceed ${AMOUNT_SCALE}`);
  }
  for (const field of ['priceIncrement', 'sizeIncrement'] as const) {
    if (!Number.isSafeInteger(spec[field]) || spec[field] <= 0) fail(field, 'must be a positive integer');
  }
  for (const field of ['minPrice', 'maxPrice', 'minQuantity', 'maxQuantity'] as const) {
    if (!Number.isSafeInteger(spec[field]) || spec[field] < 0)
      fail(field, 'must be a safe integer, not negative');
  }
  for (const field of ['minNotional', 'maxNotional'] as const) {
    if (spec[field] < 0n) fail(field, 'must not be negative');
  }
  for (const [min, max] of BOUNDS) {
    if (spec[max] > 0 && spec[min] > spec[max]) fail(min, `must not exceed ${max} ${spec[max]}`);
  }
  return Object.freeze({ ...spec, index, venue, id: `${spec.symbol}.${spec.venueName}` });
}
