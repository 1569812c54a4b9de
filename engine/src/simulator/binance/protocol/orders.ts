/**
 * Orders and fills in Binance's words: request answers, query answers and user-stream events. Pure. Sources:
 * rest-api.md "New order", "Query order", "Conditional fields in Order Responses"; user-data-stream.md.
 */
import { formatFixed, OrderType, Side, TimeInForce } from '../../../domain/index.js';
import type {
  AssetBalance,
  ExchangeFill,
  ExchangeOrder,
  ExecutionReport,
  PreventedMatch,
  SymbolSpec,
} from '../../matching/index.js';
import { amount8, fixed8, type TimeUnit, timeIn, ZERO8 } from './format.js';
import type { WireOrderType } from './symbol-info.js';

const TYPES: Readonly<Record<OrderType, WireOrderType>> = {
  [OrderType.Market]: 'MARKET',
  [OrderType.Limit]: 'LIMIT',
  [OrderType.StopMarket]: 'STOP_LOSS',
  [OrderType.StopLimit]: 'STOP_LOSS_LIMIT',
  [OrderType.TakeProfitMarket]: 'TAKE_PROFIT',
  [OrderType.TakeProfitLimit]: 'TAKE_PROFIT_LIMIT',
};
const TIMES: Readonly<Record<TimeInForce, string>> = {
  [TimeInForce.GTC]: 'GTC',
  [TimeInForce.IOC]: 'IOC',
  [TimeInForce.FOK]: 'FOK',
};

export function wireType(order: ExchangeOrder): WireOrderType {
  return order.postOnly ? 'LIMIT_MAKER' : TYPES[order.type];
}

export function wireSide(side: Side): 'BUY' | 'SELL' {
  return side === Side.Buy ? 'BUY' : 'SELL';
}

function expiryReason(order: ExchangeOrder): string {
  if (order.timeInForce === TimeInForce.FOK) return 'UNFILLED_FOK_ORDER_EXPIRED';
  if (order.timeInForce === TimeInForce.IOC) return 'UNFILLED_IOC_QUANTITY_EXPIRED';
  return 'INSUFFICIENT_LIQUIDITY';
}

/** Fields that appear only when they say something. */
function conditional(spec: SymbolSpec, order: ExchangeOrder): Record<string, unknown> {
  const more: Record<string, unknown> = {};
  if (order.strategyId !== 0) more.strategyId = order.strategyId;
  if (order.strategyType !== 0) more.strategyType = order.strategyType;
  if (order.preventedMatchId !== 0) {
    more.preventedMatchId = order.preventedMatchId;
    more.preventedQuantity = fixed8(order.preventedQuantity, spec.sizePrecision);
  }
  if (order.status === 'EXPIRED') more.expiryReason = expiryReason(order);
  return more;
}

/** `newOrderRespType=ACK`. */
export function ackView(spec: SymbolSpec, order: ExchangeOrder, unit: TimeUnit): object {
  return {
    symbol: spec.symbol,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    transactTime: timeIn(unit, order.updatedUs),
  };
}

/** `newOrderRespType=RESULT`. */
export function resultView(spec: SymbolSpec, order: ExchangeOrder, unit: TimeUnit): Record<string, unknown> {
  const view: Record<string, unknown> = {
    symbol: spec.symbol,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    transactTime: timeIn(unit, order.updatedUs),
    price: fixed8(order.price, spec.pricePrecision),
    origQty: fixed8(order.quantity, spec.sizePrecision),
    executedQty: fixed8(order.cumQuantity, spec.sizePrecision),
    origQuoteOrderQty: amount8(order.quoteQuantity),
    cummulativeQuoteQty: amount8(order.cumQuote),
    status: order.status,
    timeInForce: TIMES[order.timeInForce],
    type: wireType(order),
    side: wireSide(order.side),
  };
  if (order.stopPrice !== 0) view.stopPrice = fixed8(order.stopPrice, spec.pricePrecision);
  if (order.icebergQuantity !== 0) view.icebergQty = fixed8(order.icebergQuantity, spec.sizePrecision);
  view.workingTime = timeIn(unit, order.workingUs);
  view.selfTradePreventionMode = order.selfTradePrevention;
  return Object.assign(view, conditional(spec, order));
}

/** `newOrderRespType=FULL`. */
export function fullView(
  spec: SymbolSpec,
  order: ExchangeOrder,
  fills: readonly ExchangeFill[],
  unit: TimeUnit,
): object {
  const view = resultView(spec, order, unit);
  view.fills = fills.map((fill) => ({
    price: fixed8(fill.price, spec.pricePrecision),
    qty: fixed8(fill.quantity, spec.sizePrecision),
    commission: amount8(fill.fee),
    commissionAsset: fill.feeAsset,
    tradeId: fill.tradeId,
  }));
  return view;
}

/** Answer to a cancel. `cancelId` names the cancel itself. */
export function cancelView(spec: SymbolSpec, order: ExchangeOrder, cancelId: string, unit: TimeUnit): object {
  const view: Record<string, unknown> = {
    symbol: spec.symbol,
    origClientOrderId: order.clientOrderId,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: cancelId,
    transactTime: timeIn(unit, order.updatedUs),
    price: fixed8(order.price, spec.pricePrecision),
    origQty: fixed8(order.quantity, spec.sizePrecision),
    executedQty: fixed8(order.cumQuantity, spec.sizePrecision),
    origQuoteOrderQty: amount8(order.quoteQuantity),
    cummulativeQuoteQty: amount8(order.cumQuote),
    status: order.status,
    timeInForce: TIMES[order.timeInForce],
    type: wireType(order),
    side: wireSide(order.side),
  };
  if (order.stopPrice !== 0) view.stopPrice = fixed8(order.stopPrice, spec.pricePrecision);
  if (order.icebergQuantity !== 0) view.icebergQty = fixed8(order.icebergQuantity, spec.sizePrecision);
  view.selfTradePreventionMode = order.selfTradePrevention;
  return Object.assign(view, conditional(spec, order));
}

/** Answer to a query: order, openOrders, allOrders. */
export function queryView(spec: SymbolSpec, order: ExchangeOrder, unit: TimeUnit): object {
  const view: Record<string, unknown> = {
    symbol: spec.symbol,
    orderId: order.orderId,
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    price: fixed8(order.price, spec.pricePrecision),
    origQty: fixed8(order.quantity, spec.sizePrecision),
    executedQty: fixed8(order.cumQuantity, spec.sizePrecision),
    cummulativeQuoteQty: amount8(order.cumQuote),
    status: order.status,
    timeInForce: TIMES[order.timeInForce],
    type: wireType(order),
    side: wireSide(order.side),
    stopPrice: fixed8(order.stopPrice, spec.pricePrecision),
    icebergQty: fixed8(order.icebergQuantity, spec.sizePrecision),
    time: timeIn(unit, order.createdUs),
    updateTime: timeIn(unit, order.updatedUs),
    isWorking: !order.armed,
    workingTime: timeIn(unit, order.workingUs),
    origQuoteOrderQty: amount8(order.quoteQuantity),
    selfTradePreventionMode: order.selfTradePrevention,
  };
  return Object.assign(view, conditional(spec, order));
}

/** `amendedOrder` of order.amend.keepPriority. */
export function amendedView(
  spec: SymbolSpec,
  order: ExchangeOrder,
  originalClientOrderId: string,
  unit: TimeUnit,
): object {
  return {
    symbol: spec.symbol,
    orderId: order.orderId,
    orderListId: -1,
    origClientOrderId: originalClientOrderId,
    clientOrderId: order.clientOrderId,
    price: fixed8(order.price, spec.pricePrecision),
    qty: fixed8(order.quantity, spec.sizePrecision),
    executedQty: fixed8(order.cumQuantity, spec.sizePrecision),
    preventedQty: fixed8(order.preventedQuantity, spec.sizePrecision),
    quoteOrderQty: amount8(order.quoteQuantity),
    cumulativeQuoteQty: amount8(order.cumQuote),
    status: order.status,
    timeInForce: TIMES[order.timeInForce],
    type: wireType(order),
    side: wireSide(order.side),
    workingTime: timeIn(unit, order.workingUs),
    selfTradePreventionMode: order.selfTradePrevention,
  };
}

/** One entry of myTrades. */
export function myTradeView(spec: SymbolSpec, fill: ExchangeFill, unit: TimeUnit): object {
  return {
    symbol: spec.symbol,
    id: fill.tradeId,
    orderId: fill.orderId,
    orderListId: -1,
    price: fixed8(fill.price, spec.pricePrecision),
    qty: fixed8(fill.quantity, spec.sizePrecision),
    quoteQty: amount8(fill.quote),
    commission: amount8(fill.fee),
    commissionAsset: fill.feeAsset,
    time: timeIn(unit, fill.timeUs),
    isBuyer: fill.side === Side.Buy,
    isMaker: fill.maker,
    isBestMatch: true,
  };
}

/** One entry of myPreventedMatches. */
export function preventedView(spec: SymbolSpec, match: PreventedMatch, unit: TimeUnit): object {
  const view: Record<string, unknown> = {
    symbol: spec.symbol,
    preventedMatchId: match.preventedMatchId,
    takerOrderId: match.takerOrderId,
    makerSymbol: spec.symbol,
    makerOrderId: match.makerOrderId,
    tradeGroupId: match.account,
    selfTradePreventionMode: match.mode,
    price: fixed8(match.price, spec.pricePrecision),
  };
  if (match.takerPreventedQuantity !== 0) {
    view.takerPreventedQuantity = fixed8(match.takerPreventedQuantity, spec.sizePrecision);
  }
  if (match.makerPreventedQuantity !== 0) {
    view.makerPreventedQuantity = fixed8(match.makerPreventedQuantity, spec.sizePrecision);
  }
  view.transactTime = timeIn(unit, match.timeUs);
  return view;
}

/** `executionReport`. `eventUs`: when the event is sent. */
export function executionReportEvent(
  spec: SymbolSpec,
  report: ExecutionReport,
  eventUs: number,
  unit: TimeUnit,
): object {
  const order = report.order;
  const fill = report.fill;
  const event: Record<string, unknown> = {
    e: 'executionReport',
    E: timeIn(unit, eventUs),
    s: spec.symbol,
    c: report.clientOrderId,
    S: wireSide(order.side),
    o: wireType(order),
    f: TIMES[order.timeInForce],
    q: fixed8(order.quantity, spec.sizePrecision),
    p: fixed8(order.price, spec.pricePrecision),
    P: fixed8(order.stopPrice, spec.pricePrecision),
    F: fixed8(order.icebergQuantity, spec.sizePrecision),
    g: -1,
    C: report.execution === 'CANCELED' || report.execution === 'REPLACED' ? report.originalClientOrderId : '',
    x: report.execution,
    X: order.status,
    r: 'NONE',
    i: order.orderId,
    l: fill === undefined ? ZERO8 : fixed8(fill.quantity, spec.sizePrecision),
    z: fixed8(order.cumQuantity, spec.sizePrecision),
    L: fill === undefined ? ZERO8 : fixed8(fill.price, spec.pricePrecision),
    n: fill === undefined ? '0' : amount8(fill.fee),
    N: fill === undefined ? null : fill.feeAsset,
    T: timeIn(unit, report.timeUs),
    t: fill === undefined ? -1 : fill.tradeId,
  };
  if (report.prevention !== undefined) {
    const prevented =
      report.prevention.takerOrderId === order.orderId
        ? report.prevention.takerPreventedQuantity
        : report.prevention.makerPreventedQuantity;
    event.v = report.prevention.preventedMatchId;
    event.A = fixed8(order.preventedQuantity, spec.sizePrecision);
    event.B = fixed8(prevented, spec.sizePrecision);
    event.u = report.prevention.account;
    event.U =
      report.prevention.takerOrderId === order.orderId
        ? report.prevention.makerOrderId
        : report.prevention.takerOrderId;
    event.Cs = spec.symbol;
    event.pl = fixed8(prevented, spec.sizePrecision);
    event.pL = fixed8(report.prevention.price, spec.pricePrecision);
    event.pY = formatFixed(
      (BigInt(report.prevention.price) *
        BigInt(prevented) *
        10n ** BigInt(18 - spec.pricePrecision - spec.sizePrecision)) /
        10n ** 10n,
      8,
    );
  }
  event.I = report.executionId;
  // Working: open, and not a stop waiting for its trigger.
  const working = !order.armed && (order.status === 'NEW' || order.status === 'PARTIALLY_FILLED');
  event.w = working;
  event.m = fill?.maker ?? false;
  event.M = fill !== undefined;
  event.O = timeIn(unit, order.createdUs);
  event.Z = amount8(order.cumQuote);
  event.Y = fill === undefined ? ZERO8 : amount8(fill.quote);
  event.Q = amount8(order.quoteQuantity);
  if (order.workingUs >= 0) event.W = timeIn(unit, order.workingUs);
  else if (working) event.W = timeIn(unit, report.timeUs);
  event.V = order.selfTradePrevention;
  if (order.strategyId !== 0) event.j = order.strategyId;
  if (order.strategyType !== 0) event.J = order.strategyType;
  if (order.status === 'EXPIRED') event.eR = expiryReason(order);
  return event;
}

/** `outboundAccountPosition`. */
export function accountPositionEvent(
  balances: readonly AssetBalance[],
  timeUs: number,
  eventUs: number,
  unit: TimeUnit,
): object {
  return {
    e: 'outboundAccountPosition',
    E: timeIn(unit, eventUs),
    u: timeIn(unit, timeUs),
    B: balances.map((balance) => ({
      a: balance.asset,
      f: amount8(balance.free),
      l: amount8(balance.locked),
    })),
  };
}
