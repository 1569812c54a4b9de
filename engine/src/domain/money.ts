import { AMOUNT_SCALE, type Amount } from './decimal.js';
import type { Instrument } from './instrument.js';

/** Exact value of `price` × `quantity` (both in the instrument's units) in the quote asset. */
export function notional(instrument: Instrument, price: number, quantity: number): Amount {
  const scale = AMOUNT_SCALE - instrument.pricePrecision - instrument.sizePrecision;
  return BigInt(price) * BigInt(quantity) * 10n ** BigInt(scale);
}

/** `quantity` (instrument units) as an exact amount of the base asset. */
export function baseAmount(instrument: Instrument, quantity: number): Amount {
  return BigInt(quantity) * 10n ** BigInt(AMOUNT_SCALE - instrument.sizePrecision);
}
