/** From order parameters to a request of the exchange: which parameters each type needs, and exact numbers. */
import {
  DecimalError,
  OrderType,
  parseAmount,
  parseUnits,
  Side,
  TimeInForce,
} from '../../../domain/index.js';
import type { PlaceRequest, SymbolSpec } from '../../matching/index.js';
import { errors } from '../protocol/errors.js';
import { generatedId } from '../protocol/format.js';
import { optional, param, type Values } from '../protocol/params.js';
import { ORDER_TYPES, STP_MODES, type WireOrderType } from '../protocol/symbol-info.js';
import type { Venue } from '../venue.js';

/** Parameters of order.place; cancel-replace and test orders take them too. */
export const orderParams = {
  symbol: param.symbol,
  side: param.oneOf(['BUY', 'SELL'], errors.badSide),
  type: param.oneOf(ORDER_TYPES, errors.badOrderType),
  timeInForce: optional(param.oneOf(['GTC', 'IOC', 'FOK'], errors.badTimeInForce)),
  quantity: optional(param.decimal),
  quoteOrderQty: optional(param.decimal),
  price: optional(param.decimal),
  newClientOrderId: optional(param.clientOrderId),
  strategyId: optional(param.integer),
  strategyType: optional(param.integer),
  stopPrice: optional(param.decimal),
  trailingDelta: optional(param.integer),
  icebergQty: optional(param.decimal),
  newOrderRespType: optional(param.oneOf(['ACK', 'RESULT', 'FULL'])),
  selfTradePreventionMode: optional(param.oneOf([...STP_MODES, 'TRANSFER'])),
  pegPriceType: optional(param.text(32)),
  pegOffsetValue: optional(param.integer),
  pegOffsetType: optional(param.text(32)),
} as const;
export type OrderParams = Values<typeof orderParams>;

type Field = 'timeInForce' | 'quantity' | 'quoteOrderQty' | 'price' | 'stopPrice' | 'icebergQty';

interface TypeRule {
  readonly type: OrderType;
  readonly mandatory: readonly Field[];
  /** Sent, these are -1106. */
  readonly unwanted: readonly Field[];
}

const RULES: Readonly<Record<WireOrderType, TypeRule>> = {
  LIMIT: {
    type: OrderType.Limit,
    mandatory: ['timeInForce', 'quantity', 'price'],
    unwanted: ['stopPrice', 'quoteOrderQty'],
  },
  LIMIT_MAKER: {
    type: OrderType.Limit,
    mandatory: ['quantity', 'price'],
    unwanted: ['timeInForce', 'stopPrice', 'quoteOrderQty'],
  },
  MARKET: {
    type: OrderType.Market,
    mandatory: [],
    unwanted: ['timeInForce', 'price', 'stopPrice', 'icebergQty'],
  },
  STOP_LOSS: {
    type: OrderType.StopMarket,
    mandatory: ['quantity', 'stopPrice'],
    unwanted: ['timeInForce', 'price', 'icebergQty', 'quoteOrderQty'],
  },
  STOP_LOSS_LIMIT: {
    type: OrderType.StopLimit,
    mandatory: ['timeInForce', 'quantity', 'price', 'stopPrice'],
    unwanted: ['quoteOrderQty'],
  },
  TAKE_PROFIT: {
    type: OrderType.TakeProfitMarket,
    mandatory: ['quantity', 'stopPrice'],
    unwanted: ['timeInForce', 'price', 'icebergQty', 'quoteOrderQty'],
  },
  TAKE_PROFIT_LIMIT: {
    type: OrderType.TakeProfitLimit,
    mandatory: ['timeInForce', 'quantity', 'price', 'stopPrice'],
    unwanted: ['quoteOrderQty'],
  },
};

const MIN_STRATEGY_TYPE = 1_000_000;

/** `text` in units of `precision`; `filter` fails when it has more decimals than the symbol trades in. */
function units(text: string | undefined, precision: number, filter: string, zero: string): number {
  if (text === undefined) return 0;
  let value: number;
  try {
    value = parseUnits(text, precision);
  } catch (error) {
    if (error instanceof DecimalError) throw errors.filterFailure(filter);
    throw error;
  }
  if (value === 0) throw errors.refusedMessage(zero);
  return value;
}

export const priceUnits = (spec: SymbolSpec, text: string | undefined) =>
  units(text, spec.pricePrecision, 'PRICE_FILTER', 'Invalid price.');
export const quantityUnits = (spec: SymbolSpec, text: string | undefined) =>
  units(text, spec.sizePrecision, 'LOT_SIZE', 'Invalid quantity.');

function checkFields(values: OrderParams, rule: TypeRule): void {
  if (
    values.pegPriceType !== undefined ||
    values.pegOffsetType !== undefined ||
    values.pegOffsetValue !== undefined
  ) {
    throw errors.orderRejected('Pegged orders are not supported for this symbol.');
  }
  for (const name of rule.mandatory) {
    if (values[name] !== undefined) continue;
    if (name === 'stopPrice') {
      if (values.trailingDelta !== undefined) break;
      throw errors.eitherMandatory('stopPrice', 'trailingDelta');
    }
    throw errors.mandatory(name);
  }
  for (const name of rule.unwanted) if (values[name] !== undefined) throw errors.notRequired(name);
  if (rule.type === OrderType.Market) {
    if (values.quantity === undefined && values.quoteOrderQty === undefined) {
      throw errors.eitherMandatory('quantity', 'quoteOrderQty');
    }
    if (values.quantity !== undefined && values.quoteOrderQty !== undefined)
      throw errors.notRequired('quoteOrderQty');
  }
  if (values.trailingDelta !== undefined) {
    throw rule.mandatory.includes('stopPrice')
      ? errors.orderRejected('Trailing stop orders are not supported for this symbol.')
      : errors.notRequired('trailingDelta');
  }
  if (values.icebergQty !== undefined && (values.timeInForce ?? 'GTC') !== 'GTC') {
    throw errors.refusedMessage('Unsupported order combination');
  }
  if (values.strategyType !== undefined && values.strategyType < MIN_STRATEGY_TYPE)
    throw errors.badStrategyType();
  if (values.selfTradePreventionMode === 'TRANSFER') {
    throw errors.refusedMessage('This symbol does not allow the specified self-trade prevention mode.');
  }
}

/** The exchange's request for `values`. Throws what Binance would answer. */
export function placeRequest(venue: Venue, account: number, values: OrderParams): PlaceRequest {
  const symbol = venue.symbolIndex(values.symbol);
  const rule = RULES[values.type];
  checkFields(values, rule);
  const spec = venue.spec(symbol);
  const stp = values.selfTradePreventionMode;
  const quote = values.quoteOrderQty === undefined ? 0n : parseAmount(values.quoteOrderQty);
  if (values.quoteOrderQty !== undefined && quote === 0n)
    throw errors.refusedMessage('Invalid quoteOrderQty.');
  return {
    account,
    symbol,
    side: values.side === 'BUY' ? Side.Buy : Side.Sell,
    type: rule.type,
    timeInForce: TimeInForce[values.timeInForce ?? 'GTC'],
    postOnly: values.type === 'LIMIT_MAKER',
    quantity: quantityUnits(spec, values.quantity),
    quoteQuantity: quote,
    price: priceUnits(spec, values.price),
    stopPrice: priceUnits(spec, values.stopPrice),
    icebergQuantity: quantityUnits(spec, values.icebergQty),
    clientOrderId: values.newClientOrderId ?? generatedId(),
    selfTradePrevention: stp === undefined || stp === 'TRANSFER' ? 'NONE' : stp,
    strategyId: values.strategyId ?? 0,
    strategyType: values.strategyType ?? 0,
  };
}
