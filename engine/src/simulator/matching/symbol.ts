import type { Amount } from '../../domain/index.js';
import { AMOUNT_SCALE } from '../../domain/index.js';

/** Smallest, largest and step of a price or quantity, in the symbol's units; 0 disables that part of the rule. */
export interface RangeFilter {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** The rules an order of a client must obey. Names and meaning follow Binance (`filters.md`). Absent = no rule. */
export interface SymbolFilters {
  /** PRICE_FILTER: `step` is the tick size. */
  readonly price: RangeFilter;
  /** LOT_SIZE. */
  readonly lot: RangeFilter;
  /** MARKET_LOT_SIZE: for market orders, on top of LOT_SIZE. */
  readonly marketLot?: RangeFilter;
  /** NOTIONAL (MIN_NOTIONAL where `max` is 0): price × quantity; market orders are valued at the average price. */
  readonly notional?: {
    readonly min: Amount;
    readonly max: Amount;
    readonly applyMinToMarket: boolean;
    readonly applyMaxToMarket: boolean;
  };
  /** PERCENT_PRICE_BY_SIDE against the 5 minute average; multipliers in 10^-4 (50000 = five times). */
  readonly percentPriceBySide?: {
    readonly bidUp: number;
    readonly bidDown: number;
    readonly askUp: number;
    readonly askDown: number;
  };
  /** MAX_NUM_ORDERS: open orders of one account, armed stops included. */
  readonly maxOrders?: number;
  /** MAX_NUM_ALGO_ORDERS: armed stops of one account. */
  readonly maxAlgoOrders?: number;
  /** MAX_NUM_ICEBERG_ORDERS. */
  readonly maxIcebergOrders?: number;
  /** ICEBERG_PARTS: quantity / icebergQuantity, rounded up, at most. */
  readonly icebergParts?: number;
  /** MAX_POSITION in size units: base held + open buys + this order. */
  readonly maxPosition?: number;
  /** MAX_NUM_ORDER_AMENDS. */
  readonly maxAmends?: number;
}

/** A symbol as the exchange defines it. Prices in 10^-pricePrecision quote, quantities in 10^-sizePrecision base. */
export interface SymbolSpec {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly pricePrecision: number;
  readonly sizePrecision: number;
  readonly filters: SymbolFilters;
}

/** Orders are taken only while `trading`; cancels always. */
export type SymbolStatus = 'trading' | 'halt' | 'break';

/**
 * Throws a RangeError naming the field when a symbol is impossible.
 * @internal
 */
export function checkSymbol(spec: SymbolSpec): void {
  const { symbol, pricePrecision, sizePrecision, filters } = spec;
  for (const precision of [pricePrecision, sizePrecision]) {
    if (!Number.isInteger(precision) || precision < 0 || precision > 15) {
      throw new RangeError(`symbol ${symbol}: a precision must be an integer from 0 to 15, was ${precision}`);
    }
  }
  if (pricePrecision + sizePrecision > AMOUNT_SCALE) {
    throw new RangeError(`symbol ${symbol}: precisions must not add up to more than ${AMOUNT_SCALE}`);
  }
  for (const [name, range] of Object.entries({
    price: filters.price,
    lot: filters.lot,
    marketLot: filters.marketLot,
  })) {
    if (range === undefined) continue;
    for (const value of [range.min, range.max, range.step]) {
      if (!Number.isSafeInteger(value) || value < 0) {
        throw new RangeError(`symbol ${symbol}: filter ${name} must hold safe integers from 0, was ${value}`);
      }
    }
  }
}
