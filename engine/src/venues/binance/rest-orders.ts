import {
  CLIENT_ORDER_ID_FORMATS,
  formatClientOrderId,
  formatUnits,
  type Instrument,
  type Order,
  type OrderStatus,
  parseUnits,
} from '../../domain/index.js';
import type { ParamValue } from './auth.js';
import { CANCEL_SUFFIX } from './client-id-reader.js';
import { type OrderAnswer, orderStatusFrom } from './order-decoder.js';
import { binanceSide, binanceTimeInForce, binanceType, hasPrice, hasTrigger } from './order-encoder.js';
import { errorBody, parseJson, type RestClient, type RestRequest } from './rest-client.js';

const FORMAT = CLIENT_ORDER_ID_FORMATS.binance;

/** Order entry over REST, for when the WebSocket API session is down or not wanted. Budgets are booked by the caller. */
export class RestOrders {
  readonly #rest: RestClient;

  constructor(rest: RestClient) {
    this.#rest = rest;
  }

  /** `POST /api/v3/order`. Rejects with a RestError when no answer came. */
  place(order: Order, instrument: Instrument): Promise<OrderAnswer> {
    const params: Record<string, ParamValue> = {
      symbol: instrument.symbol,
      side: binanceSide(order.side),
      type: binanceType(order),
    };
    const timeInForce = binanceTimeInForce(order);
    if (timeInForce !== undefined) params.timeInForce = timeInForce;
    params.quantity = formatUnits(order.quantity, instrument.sizePrecision);
    if (hasPrice(order)) params.price = formatUnits(order.price, instrument.pricePrecision);
    if (hasTrigger(order)) params.stopPrice = formatUnits(order.triggerPrice, instrument.pricePrecision);
    params.newClientOrderId = formatClientOrderId(FORMAT, order.epoch, order.sequence);
    params.newOrderRespType = 'ACK';
    return this.#send({ method: 'POST', path: '/api/v3/order', params, weight: 1, order: true });
  }

  /** `DELETE /api/v3/order`, by the venue's id when it is known (above 0). */
  cancel(order: Order, instrument: Instrument, venueOrderId: number): Promise<OrderAnswer> {
    const id = formatClientOrderId(FORMAT, order.epoch, order.sequence);
    const target = venueOrderId > 0 ? { orderId: venueOrderId } : { origClientOrderId: id };
    const params = { symbol: instrument.symbol, ...target, newClientOrderId: id + CANCEL_SUFFIX };
    return this.#send({ method: 'DELETE', path: '/api/v3/order', params, weight: 1 });
  }

  async #send(request: RestRequest): Promise<OrderAnswer> {
    const { status, body } = await this.#rest.request({
      ...request,
      signed: true,
      booked: true,
      urgent: true,
      gated: true,
    });
    return answerOf(status, parseJson(body));
  }
}

/** The fields of an order answer; a body of another shape leaves them empty. */
export function answerOf(status: number, value: unknown): OrderAnswer {
  const body = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const { code, msg } = errorBody(body);
  const number = (name: string): number => {
    const field = body[name];
    return typeof field === 'number' && Number.isSafeInteger(field) && field > 0 ? field : 0;
  };
  const orderStatus: OrderStatus | -1 =
    typeof body.status === 'string' ? (orderStatusFrom(body.status) ?? -1) : -1;
  return {
    status,
    errorCode: code,
    errorText: msg,
    orderId: number('orderId'),
    orderStatus,
    timeMs: number('transactTime') || number('updateTime'),
    executedUnits: (precision) => executed(body.executedQty, precision),
  };
}

function executed(value: unknown, precision: number): number {
  if (value === undefined) return 0;
  try {
    return parseUnits(String(value), precision);
  } catch {
    return -1;
  }
}
