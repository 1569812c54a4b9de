import { AMOUNT_SCALE, type Amount, type Instrument } from '../domain/index.js';
import { comparableFloor, doubleBelow, floorDivide } from '../portfolio/index.js';

/**
 * Every limit of the risk gate. Absent means unlimited. Money is in each instrument's own quote asset, and totals
 * (capital, losses) count per quote asset: nothing is converted between assets.
 */
export interface RiskLimits {
  /** Largest single order, in decimal text of the base asset. */
  readonly maxOrderQuantity?: string;
  /** Largest single order, in the quote asset. */
  readonly maxOrderNotional?: Amount;
  /** How far an order's price may lie from the middle of the book, in basis points; 0 is off. */
  readonly priceCollarBps: number;
  /** Largest long or short position by venue symbol, in decimal text of the base asset, all open orders filled. */
  readonly maxPosition: Readonly<Record<string, string>>;
  /** Open orders per instrument; 0 is unlimited. */
  readonly maxOpenOrders: number;
  /** New orders over all instruments: a token bucket on event time. */
  readonly orderRate: OrderRate;
  /** Net loss since 00:00 UTC that halts trading. */
  readonly maxDailyLoss?: Amount;
  /** Fall of net profit from its peak that halts trading. */
  readonly maxDrawdown?: Amount;
  /** A move of the middle of any book by this much within the window halts trading; 0 is off. */
  readonly circuitBreakerBps?: number;
  /** Default {@link DEFAULT_CIRCUIT_BREAKER_WINDOW_MS}. */
  readonly circuitBreakerWindowMs?: number;
  /** Largest gross value of positions with every open order filled. */
  readonly capital?: Amount;
}

/** A token bucket's: `perSecond` 0 is unlimited. */
export interface OrderRate {
  readonly perSecond: number;
  readonly burst: number;
}

export const DEFAULT_CIRCUIT_BREAKER_WINDOW_MS = 60_000;

/** The limits in one instrument's own integer units, each rounded down. */
export interface InstrumentLimits {
  readonly instrument: Instrument;
  readonly scale: number;
  readonly maxOrderQuantity: number;
  readonly maxPosition: number;
  /** In price units × size units, as the two below. The minimum is rounded up. */
  readonly maxOrderNotional: number;
  readonly minNotional: number;
  readonly maxNotional: number;
  /** In units of 10^-8 of the quote asset. */
  readonly capital: number;
}

const UNLIMITED = Number.POSITIVE_INFINITY;

/** Resolves `limits` for an instrument. Throws a RangeError naming the limit on text that is no positive number. */
export function resolveLimits(limits: RiskLimits, instrument: Instrument): InstrumentLimits {
  const { pricePrecision, sizePrecision, symbol } = instrument;
  const scale = pricePrecision + sizePrecision;
  const perProduct = 10n ** BigInt(AMOUNT_SCALE - scale);
  const product = (amount: Amount | undefined) =>
    amount === undefined ? UNLIMITED : doubleBelow(floorDivide(amount, perProduct));
  const quantity = (name: string, text: string | undefined) =>
    text === undefined ? UNLIMITED : unitsBelow(name, text, sizePrecision);
  const { minNotional, maxNotional } = instrument;
  return {
    instrument,
    scale,
    maxOrderQuantity: quantity('maxOrderQuantity', limits.maxOrderQuantity),
    maxPosition: quantity(
      `maxPosition.${symbol}`,
      Object.hasOwn(limits.maxPosition, symbol) ? limits.maxPosition[symbol] : undefined,
    ),
    maxOrderNotional: product(limits.maxOrderNotional),
    minNotional: -doubleBelow(floorDivide(-minNotional, perProduct)),
    maxNotional: maxNotional === 0n ? UNLIMITED : product(maxNotional),
    capital: limits.capital === undefined ? UNLIMITED : comparableFloor(limits.capital),
  };
}

const DECIMAL = /^\d+(\.\d*)?$/;

/** Decimal text in units of `10^-precision`, what is finer cut off: the limit rounds against us. */
function unitsBelow(name: string, text: string, precision: number): number {
  if (!DECIMAL.test(text)) {
    throw new RangeError(`${name} must be a decimal number, not negative, was ${JSON.stringify(text)}`);
  }
  const [whole, fraction = ''] = text.split('.') as [string, string?];
  return doubleBelow(BigInt(whole + fraction.slice(0, precision).padEnd(precision, '0')));
}
