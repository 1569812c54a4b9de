import type { Amount } from '../../domain/index.js';
import { OrderType, Side, TimeInForce } from '../../domain/index.js';
import type { OpenCounts } from './account.js';
import type { BookOrder } from './book-order.js';
import { isMarket, isStop } from './book-order.js';
import type { ExchangeError, FilterName } from './errors.js';
import { filterFailure, invalid } from './errors.js';
import type { RangeFilter, SymbolFilters } from './symbol.js';
import type { PlaceRequest } from './types.js';
import type { SymbolUnits } from './units.js';

const SCALE = 10_000n;

/** Whether the fields of a request are legal with its type, filters aside. */
export function checkShape(request: PlaceRequest): ExchangeError | undefined {
  const { type, quantity = 0, quoteQuantity = 0n, price = 0, stopPrice = 0, icebergQuantity = 0 } = request;
  for (const [name, value] of [
    ['quantity', quantity],
    ['price', price],
    ['stopPrice', stopPrice],
    ['icebergQuantity', icebergQuantity],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < 0) return invalid(`${name} must be a positive integer`);
  }
  if (quoteQuantity < 0n) return invalid('quoteQuantity must be positive');
  if (quoteQuantity > 0n) {
    if (type !== OrderType.Market) return invalid('quoteQuantity is for market orders');
    if (quantity > 0) return invalid('quantity and quoteQuantity exclude each other');
  } else if (quantity === 0) return invalid('quantity is required');
  if (isMarket(type) !== (price === 0))
    return invalid(price === 0 ? 'price is required' : 'price is not taken');
  if (isStop(type) !== stopPrice > 0) {
    return invalid(stopPrice === 0 ? 'stopPrice is required' : 'stopPrice is not taken');
  }
  if (request.postOnly === true && (type !== OrderType.Limit || (request.timeInForce ?? 0) !== 0)) {
    return invalid('postOnly is for limit orders that stay');
  }
  if (isMarket(type) && (request.timeInForce ?? TimeInForce.GTC) !== TimeInForce.GTC) {
    return invalid('timeInForce is not taken');
  }
  if (icebergQuantity > 0) {
    if (isMarket(type) || (request.timeInForce ?? 0) !== TimeInForce.GTC) {
      return invalid('icebergQuantity needs a limit order that stays');
    }
    if (icebergQuantity > quantity) return { code: 'INVALID_REQUEST', message: 'IcebergQty exceeds QTY.' };
  }
  if (request.clientOrderId === '') return invalid('clientOrderId must not be empty');
  return undefined;
}

/** What the filters look at besides the order. */
export interface FilterContext {
  readonly filters: SymbolFilters;
  readonly units: SymbolUnits;
  readonly counts: OpenCounts;
  /** Free and locked base asset of the account. */
  readonly baseHeld: Amount;
  /** The 5 minute average; 0 = nothing traded yet. Called only if needed. */
  averagePrice(): number;
}

/** The first filter an order fails, in Binance's order of filters. */
export function checkFilters(order: BookOrder, context: FilterContext): ExchangeError | undefined {
  const failed = failedFilter(order, context);
  return failed === undefined ? undefined : filterFailure(failed);
}

function failedFilter(order: BookOrder, context: FilterContext): FilterName | undefined {
  const { filters } = context;
  if (order.price > 0 && !inRange(order.price, filters.price)) return 'PRICE_FILTER';
  if (order.stopPrice > 0 && !inRange(order.stopPrice, filters.price)) return 'PRICE_FILTER';
  if (!order.byQuote) {
    if (!inRange(order.quantity, filters.lot)) return 'LOT_SIZE';
    const market = filters.marketLot;
    if (market !== undefined && isMarket(order.type) && !inRange(order.quantity, market))
      return 'MARKET_LOT_SIZE';
  }
  if (order.icebergQuantity > 0) {
    if (!inRange(order.icebergQuantity, filters.lot)) return 'LOT_SIZE';
    const parts = Math.ceil(order.quantity / order.icebergQuantity);
    if (filters.icebergParts !== undefined && parts > filters.icebergParts) return 'ICEBERG_PARTS';
  }
  return failedValue(order, context) ?? failedCount(order, context);
}

/** Whether a price or quantity is within bounds and on the grid. */
export function inRange(value: number, { min, max, step }: RangeFilter): boolean {
  if (min > 0 && value < min) return false;
  if (max > 0 && value > max) return false;
  return step === 0 || value % step === 0;
}

function failedValue(order: BookOrder, context: FilterContext): FilterName | undefined {
  const { notional, percentPriceBySide: percent } = context.filters;
  if (percent !== undefined && order.price > 0) {
    const average = context.averagePrice();
    const [up, down] =
      order.side === Side.Buy ? [percent.bidUp, percent.bidDown] : [percent.askUp, percent.askDown];
    const price = BigInt(order.price) * SCALE;
    if (average > 0 && (price > BigInt(average) * BigInt(up) || price < BigInt(average) * BigInt(down))) {
      return 'PERCENT_PRICE_BY_SIDE';
    }
  }
  if (notional === undefined) return undefined;
  const market = isMarket(order.type);
  const price = market ? context.averagePrice() : order.price;
  const value = order.byQuote ? order.quoteQuantity : context.units.notional(price, order.quantity);
  if (market && price === 0 && !order.byQuote) return undefined;
  const name = notional.max > 0n ? 'NOTIONAL' : 'MIN_NOTIONAL';
  if (value < notional.min && (!market || notional.applyMinToMarket)) return name;
  if (notional.max > 0n && value > notional.max && (!market || notional.applyMaxToMarket)) return name;
  return undefined;
}

function failedCount(order: BookOrder, context: FilterContext): FilterName | undefined {
  const { filters, counts } = context;
  const { maxOrders, maxAlgoOrders, maxIcebergOrders, maxPosition } = filters;
  if (maxPosition !== undefined && order.side === Side.Buy) {
    const buying = context.units.baseAmount(counts.buyQuantity) + context.units.baseAmount(order.quantity);
    if (context.baseHeld + buying > context.units.baseAmount(maxPosition)) return 'MAX_POSITION';
  }
  if (maxOrders !== undefined && counts.orders >= maxOrders) return 'MAX_NUM_ORDERS';
  if (maxAlgoOrders !== undefined && isStop(order.type) && counts.stops >= maxAlgoOrders) {
    return 'MAX_NUM_ALGO_ORDERS';
  }
  if (maxIcebergOrders !== undefined && order.icebergQuantity > 0 && counts.icebergs >= maxIcebergOrders) {
    return 'MAX_NUM_ICEBERG_ORDERS';
  }
  return undefined;
}
