import {
  AMOUNT_SCALE,
  type Amount,
  baseAmount,
  type Instrument,
  LiquiditySide,
  notional,
  Side,
} from '../domain/index.js';

/** What one fill costs. A negative amount is a rebate. */
export interface Fee {
  readonly asset: string;
  readonly amount: Amount;
}

export interface FeeModel {
  fee(instrument: Instrument, side: Side, liquidity: LiquiditySide, price: number, quantity: number): Fee;
}

/** Rates in basis points (1/100 of a percent); up to 4 decimals, negative for a rebate. */
export interface FeeRates {
  readonly makerBps: number;
  readonly takerBps: number;
}

export interface FeeSchedule extends FeeRates {
  /**
   * `received` (Binance spot): a part of what the fill brings in, base asset for buys and quote asset for sells.
   * `quote` (linear futures): always the quote asset.
   */
  readonly asset: 'received' | 'quote';
  /** Rates of single instruments by venue symbol, in place of the ones above. */
  readonly symbols?: Readonly<Record<string, FeeRates>>;
  /** Decimals fees are kept at, the rest cut off. Default 8. */
  readonly decimals?: number;
}

const BPS_SCALE = 4;
/** Basis points times 10^BPS_SCALE in one whole. */
const WHOLE = 10_000n * 10n ** BigInt(BPS_SCALE);

/**
 * Maker and taker fees as a share of the amount received (Binance: binance-spot-api-docs faqs/commission_faq.md, "How is
 * the commission calculated"), exact and then cut to 8 decimals toward zero: exchangeInfo's `baseCommissionPrecision` and
 * `quoteCommissionPrecision` are 8, the direction of rounding is not published. Throws a RangeError on a rate that is not
 * between -100 % and 100 % or has more than 4 decimals.
 */
export function percentageFees(schedule: FeeSchedule): FeeModel {
  const unit = 10n ** BigInt(AMOUNT_SCALE - (schedule.decimals ?? 8));
  const standard = parse(schedule);
  const special = new Map(
    Object.entries(schedule.symbols ?? {}).map(([symbol, rates]) => [symbol, parse(rates)]),
  );
  return {
    fee(instrument, side, liquidity, price, quantity) {
      const rates = special.get(instrument.symbol) ?? standard;
      const rate = liquidity === LiquiditySide.Maker ? rates.maker : rates.taker;
      const inBase = schedule.asset === 'received' && side === Side.Buy;
      const amount = inBase ? baseAmount(instrument, quantity) : notional(instrument, price, quantity);
      const exact = (amount * rate) / WHOLE;
      return { asset: inBase ? instrument.base : instrument.quote, amount: exact - (exact % unit) };
    },
  };
}

function parse(rates: FeeRates): { maker: bigint; taker: bigint } {
  return { maker: units('makerBps', rates.makerBps), taker: units('takerBps', rates.takerBps) };
}

function units(name: string, bps: number): bigint {
  const scaled = bps * 10 ** BPS_SCALE;
  const rounded = Math.round(scaled);
  if (!(Math.abs(bps) <= 10_000) || Math.abs(scaled - rounded) > 1e-6) {
    throw new RangeError(
      `fees: ${name} must be between -10000 and 10000 with at most 4 decimals, was ${bps}`,
    );
  }
  return BigInt(rounded);
}
