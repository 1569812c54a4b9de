/** Order methods: place, test, cancel, cancel-replace, amend. */
import type { ExchangeError, ExchangeFill, ExchangeOrder } from '../../matching/index.js';
import { errors, VenueError } from '../protocol/errors.js';
import { generatedId, rate8, timeIn, ZERO8 } from '../protocol/format.js';
import { ackView, amendedView, cancelView, fullView, resultView } from '../protocol/orders.js';
import { optional, param } from '../protocol/params.js';
import { accountOf, type Call, method } from './method.js';
import { type OrderParams, orderParams, placeRequest, quantityUnits } from './order-request.js';

/** What Binance answers when the exchange refuses an order. */
function orderError(error: ExchangeError): VenueError {
  switch (error.code) {
    case 'UNKNOWN_SYMBOL':
      return errors.badSymbol();
    case 'FILTER':
    case 'INVALID_REQUEST':
      return errors.refusedMessage(error.message);
    default:
      return errors.orderRejected(error.message);
  }
}

function cancelError(error: ExchangeError): VenueError {
  if (error.code === 'UNKNOWN_SYMBOL') return errors.badSymbol();
  if (error.code === 'ORDER_MISMATCH') return errors.badClientOrderId();
  return errors.cancelRejected(error.message);
}

function amendError(error: ExchangeError): VenueError {
  if (error.code === 'UNKNOWN_SYMBOL') return errors.badSymbol();
  if (error.code === 'ORDER_MISMATCH') return errors.badClientOrderId();
  if (error.code === 'FILTER' && error.filter !== 'MAX_NUM_ORDER_AMENDS')
    return errors.refusedMessage(error.message);
  return errors.amendRejected(error.message);
}

/** The order as `newOrderRespType` asks; MARKET and LIMIT default to FULL, the rest to ACK. */
function orderAnswer(
  call: Call,
  values: OrderParams,
  order: ExchangeOrder,
  fills: readonly ExchangeFill[],
): object {
  const spec = call.venue.spec(order.symbol);
  const kind =
    values.newOrderRespType ?? (values.type === 'MARKET' || values.type === 'LIMIT' ? 'FULL' : 'ACK');
  if (kind === 'ACK') return ackView(spec, order, call.unit);
  return kind === 'RESULT' ? resultView(spec, order, call.unit) : fullView(spec, order, fills, call.unit);
}

const restriction = optional(
  param.oneOf(['ONLY_NEW', 'ONLY_PARTIALLY_FILLED'], errors.badCancelRestrictions),
);

/** The order a request names by either id; -1102 when by neither. */
function reference(
  account: number,
  symbol: number,
  orderId: number | undefined,
  clientOrderId: string | undefined,
  names: readonly [string, string] = ['origClientOrderId', 'orderId'],
) {
  if (orderId === undefined && clientOrderId === undefined) throw errors.eitherMandatory(names[0], names[1]);
  return {
    account,
    symbol,
    ...(orderId === undefined ? {} : { orderId }),
    ...(clientOrderId === undefined ? {} : { clientOrderId }),
  };
}

export { reference as orderReference };

const cancelReplaceParams = {
  ...orderParams,
  cancelReplaceMode: param.oneOf(['STOP_ON_FAILURE', 'ALLOW_FAILURE']),
  cancelNewClientOrderId: optional(param.clientOrderId),
  cancelOrigClientOrderId: optional(param.clientOrderId),
  cancelOrderId: optional(param.integer),
  cancelRestrictions: restriction,
  orderRateLimitExceededMode: optional(param.oneOf(['DO_NOTHING', 'CANCEL_ONLY'])),
} as const;

/** Throws -1015, or returns it when the caller wants the cancel to go ahead (`CANCEL_ONLY`). */
function overOrderLimit(call: Call, cancelOnly: boolean): VenueError | null {
  try {
    accountOf(call).orders.check(call.venue.nowMs());
    return null;
  } catch (error) {
    if (cancelOnly && error instanceof VenueError) return error;
    throw error;
  }
}

export const tradingMethods = [
  method({
    name: 'order.place',
    rest: [['POST', '/api/v3/order']],
    security: 'TRADE',
    countsOrders: true,
    weight: 1,
    params: orderParams,
    handle: (call, values) => {
      const { venue } = call;
      const account = accountOf(call);
      const request = placeRequest(venue, account.index, values);
      account.orders.check(venue.nowMs());
      account.orders.add(venue.nowMs());
      const result = venue.exchange.place(request, venue.exchangeUs());
      if (!result.ok) {
        account.orders.credit(venue.nowMs(), false);
        throw orderError(result.error);
      }
      return orderAnswer(call, values, result.order, result.fills);
    },
  }),
  method({
    name: 'order.test',
    rest: [['POST', '/api/v3/order/test']],
    security: 'TRADE',
    weight: (values) => (values.computeCommissionRates === true ? 20 : 1),
    params: { ...orderParams, computeCommissionRates: optional(param.boolean) },
    handle: (call, values) => {
      const { venue } = call;
      const account = accountOf(call);
      const { computeCommissionRates, ...order } = values;
      const refusal = venue.exchange.check(placeRequest(venue, account.index, order), venue.exchangeUs());
      if (refusal !== undefined) throw orderError(refusal);
      if (computeCommissionRates !== true) return {};
      const rates = venue.exchange.feeRates(account.index);
      return {
        standardCommissionForOrder: { maker: rate8(rates.maker), taker: rate8(rates.taker) },
        specialCommissionForOrder: { maker: ZERO8, taker: ZERO8 },
        taxCommissionForOrder: { maker: ZERO8, taker: ZERO8 },
        discount: {
          enabledForAccount: false,
          enabledForSymbol: false,
          discountAsset: 'BNB',
          discount: ZERO8,
        },
      };
    },
  }),
  method({
    name: 'order.cancel',
    rest: [['DELETE', '/api/v3/order']],
    security: 'TRADE',
    weight: 1,
    params: {
      symbol: param.symbol,
      orderId: optional(param.integer),
      origClientOrderId: optional(param.clientOrderId),
      newClientOrderId: optional(param.clientOrderId),
      cancelRestrictions: restriction,
    },
    handle: (call, values) => {
      const { venue } = call;
      const symbol = venue.symbolIndex(values.symbol);
      const named = reference(accountOf(call).index, symbol, values.orderId, values.origClientOrderId);
      const cancelClientOrderId = values.newClientOrderId ?? generatedId();
      const result = venue.exchange.cancel(
        {
          ...named,
          cancelClientOrderId,
          ...(values.cancelRestrictions === undefined ? {} : { restriction: values.cancelRestrictions }),
        },
        venue.exchangeUs(),
      );
      if (!result.ok) throw cancelError(result.error);
      return cancelView(venue.spec(symbol), result.order, cancelClientOrderId, call.unit);
    },
  }),
  method({
    name: 'openOrders.cancelAll',
    rest: [['DELETE', '/api/v3/openOrders']],
    security: 'TRADE',
    weight: 1,
    params: { symbol: param.symbol },
    handle: (call, values) => {
      const { venue } = call;
      const symbol = venue.symbolIndex(values.symbol);
      const id = generatedId();
      const orders = venue.exchange.cancelAll(accountOf(call).index, symbol, venue.exchangeUs(), id);
      if (orders.length === 0) throw errors.unknownOrderSent();
      return orders.map((order) => cancelView(venue.spec(symbol), order, id, call.unit));
    },
  }),
  method({
    name: 'order.cancelReplace',
    rest: [['POST', '/api/v3/order/cancelReplace']],
    security: 'TRADE',
    countsOrders: true,
    weight: 1,
    params: cancelReplaceParams,
    handle: (call, values) => {
      const { venue } = call;
      const account = accountOf(call);
      const request = placeRequest(venue, account.index, values);
      const { symbol } = request;
      const cancelId = values.cancelNewClientOrderId ?? generatedId();
      const cancel = {
        ...reference(account.index, symbol, values.cancelOrderId, values.cancelOrigClientOrderId, [
          'cancelOrigClientOrderId',
          'cancelOrderId',
        ]),
        cancelClientOrderId: cancelId,
        ...(values.cancelRestrictions === undefined ? {} : { restriction: values.cancelRestrictions }),
      };
      const limited = overOrderLimit(call, values.orderRateLimitExceededMode === 'CANCEL_ONLY');
      const now = venue.exchangeUs();
      const filtered = venue.exchange.check(request, now);
      if (filtered?.code === 'FILTER' || filtered?.code === 'INVALID_REQUEST') throw orderError(filtered);

      const canceled = (order: ExchangeOrder) => cancelView(venue.spec(symbol), order, cancelId, call.unit);
      if (limited !== null) {
        const result = venue.exchange.cancel(cancel, now);
        const data = {
          cancelResult: result.ok ? 'SUCCESS' : 'FAILURE',
          newOrderResult: result.ok ? 'FAILURE' : 'NOT_ATTEMPTED',
          cancelResponse: result.ok ? canceled(result.order) : cancelError(result.error).body(),
          newOrderResponse: result.ok ? { code: limited.code, msg: limited.message } : null,
        };
        throw result.ok ? errors.cancelReplacePartial(429, data) : errors.cancelReplaceFailed(429, data);
      }
      account.orders.add(venue.nowMs());
      const result = venue.exchange.cancelReplace(cancel, request, values.cancelReplaceMode, now);
      const placed = result.place;
      const data = {
        cancelResult: result.cancel.ok ? 'SUCCESS' : 'FAILURE',
        newOrderResult: placed === undefined ? 'NOT_ATTEMPTED' : placed.ok ? 'SUCCESS' : 'FAILURE',
        cancelResponse: result.cancel.ok
          ? canceled(result.cancel.order)
          : cancelError(result.cancel.error).body(),
        newOrderResponse:
          placed === undefined
            ? null
            : placed.ok
              ? orderAnswer(call, values, placed.order, placed.fills)
              : orderError(placed.error).body(),
      };
      if (result.cancel.ok && placed?.ok === true) return data;
      throw result.cancel.ok || placed?.ok === true
        ? errors.cancelReplacePartial(409, data)
        : errors.cancelReplaceFailed(400, data);
    },
  }),
  method({
    name: 'order.amend.keepPriority',
    rest: [['PUT', '/api/v3/order/amend/keepPriority']],
    security: 'TRADE',
    weight: 4,
    params: {
      symbol: param.symbol,
      orderId: optional(param.integer),
      origClientOrderId: optional(param.clientOrderId),
      newClientOrderId: optional(param.clientOrderId),
      newQty: param.decimal,
    },
    handle: (call, values) => {
      const { venue } = call;
      const symbol = venue.symbolIndex(values.symbol);
      const spec = venue.spec(symbol);
      const named = reference(accountOf(call).index, symbol, values.orderId, values.origClientOrderId);
      const before = venue.exchange.order(named);
      const originalId = before?.clientOrderId ?? '';
      const originalQuantity = before?.quantity ?? 0;
      const now = venue.exchangeUs();
      const result = venue.exchange.amend(
        {
          ...named,
          newQuantity: quantityUnits(spec, values.newQty),
          newClientOrderId: values.newClientOrderId ?? generatedId(),
        },
        now,
      );
      if (!result.ok) throw amendError(result.error);
      const { order } = result;
      const executionId = venue.lastExecutionId;
      venue.amendments.add({
        account: order.account,
        symbol,
        orderId: order.orderId,
        executionId,
        originalClientOrderId: originalId,
        newClientOrderId: order.clientOrderId,
        originalQuantity,
        newQuantity: order.quantity,
        timeUs: now,
      });
      return {
        transactTime: timeIn(call.unit, now),
        executionId,
        amendedOrder: amendedView(spec, order, originalId, call.unit),
      };
    },
  }),
];
