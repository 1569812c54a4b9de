/** `exchangeInfo`'s symbol objects. Source: rest-api.md "Exchange information", filters.md. */
import type { Amount } from '../../../domain/index.js';
import type { RangeFilter, SymbolSpec, SymbolStatus } from '../../matching/index.js';
import { amount8, fixed8 } from './format.js';

export const ORDER_TYPES = [
  'LIMIT',
  'LIMIT_MAKER',
  'MARKET',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
] as const;
export type WireOrderType = (typeof ORDER_TYPES)[number];

export const STP_MODES = ['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH', 'DECREMENT'] as const;

const STATUS: Readonly<Record<SymbolStatus, string>> = { trading: 'TRADING', halt: 'HALT', break: 'BREAK' };

export function wireStatus(status: SymbolStatus): string {
  return STATUS[status];
}

function range(
  type: string,
  min: string,
  max: string,
  step: string,
  filter: RangeFilter,
  precision: number,
): object {
  return {
    filterType: type,
    [min]: fixed8(filter.min, precision),
    [max]: fixed8(filter.max, precision),
    [step]: fixed8(filter.step, precision),
  };
}

function multiplier(tenThousandths: number): string {
  return String(tenThousandths / 10_000);
}

function notional(filter: {
  min: Amount;
  max: Amount;
  applyMinToMarket: boolean;
  applyMaxToMarket: boolean;
}): object {
  return {
    filterType: 'NOTIONAL',
    minNotional: amount8(filter.min),
    applyMinToMarket: filter.applyMinToMarket,
    maxNotional: amount8(filter.max),
    applyMaxToMarket: filter.applyMaxToMarket,
    avgPriceMins: 5,
  };
}

/** The filters of a symbol, as exchangeInfo and myFilters list them. */
export function symbolFilters(spec: SymbolSpec): object[] {
  const rules = spec.filters;
  const list: object[] = [
    range('PRICE_FILTER', 'minPrice', 'maxPrice', 'tickSize', rules.price, spec.pricePrecision),
    range('LOT_SIZE', 'minQty', 'maxQty', 'stepSize', rules.lot, spec.sizePrecision),
  ];
  if (rules.icebergParts !== undefined) list.push({ filterType: 'ICEBERG_PARTS', limit: rules.icebergParts });
  if (rules.marketLot !== undefined) {
    list.push(range('MARKET_LOT_SIZE', 'minQty', 'maxQty', 'stepSize', rules.marketLot, spec.sizePrecision));
  }
  if (rules.percentPriceBySide !== undefined) {
    list.push({
      filterType: 'PERCENT_PRICE_BY_SIDE',
      bidMultiplierUp: multiplier(rules.percentPriceBySide.bidUp),
      bidMultiplierDown: multiplier(rules.percentPriceBySide.bidDown),
      askMultiplierUp: multiplier(rules.percentPriceBySide.askUp),
      askMultiplierDown: multiplier(rules.percentPriceBySide.askDown),
      avgPriceMins: 5,
    });
  }
  if (rules.notional !== undefined) list.push(notional(rules.notional));
  if (rules.maxOrders !== undefined)
    list.push({ filterType: 'MAX_NUM_ORDERS', maxNumOrders: rules.maxOrders });
  if (rules.maxAlgoOrders !== undefined) {
    list.push({ filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: rules.maxAlgoOrders });
  }
  if (rules.maxIcebergOrders !== undefined) {
    list.push({ filterType: 'MAX_NUM_ICEBERG_ORDERS', maxNumIcebergOrders: rules.maxIcebergOrders });
  }
  if (rules.maxPosition !== undefined) {
    list.push({ filterType: 'MAX_POSITION', maxPosition: fixed8(rules.maxPosition, spec.sizePrecision) });
  }
  if (rules.maxAmends !== undefined) {
    list.push({ filterType: 'MAX_NUM_ORDER_AMENDS', maxNumOrderAmends: rules.maxAmends });
  }
  return list;
}

/** One entry of exchangeInfo's `symbols`. */
export function symbolInfo(spec: SymbolSpec, status: SymbolStatus, showPermissionSets: boolean): object {
  return {
    symbol: spec.symbol,
    status: wireStatus(status),
    baseAsset: spec.base,
    baseAssetPrecision: 8,
    quoteAsset: spec.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ORDER_TYPES,
    icebergAllowed: true,
    ocoAllowed: false,
    otoAllowed: false,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: false,
    cancelReplaceAllowed: true,
    amendAllowed: true,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: symbolFilters(spec),
    permissions: [],
    permissionSets: showPermissionSets ? [['SPOT']] : [],
    defaultSelfTradePreventionMode: 'NONE',
    allowedSelfTradePreventionModes: STP_MODES,
  };
}
