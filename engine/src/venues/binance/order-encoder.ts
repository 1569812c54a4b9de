import { type Instrument, type Order, OrderType, Side, TimeInForce } from '../../domain/index.js';
import type { Signer } from './auth.js';
import { ByteWriter } from './byte-writer.js';
import { CANCEL_SUFFIX } from './client-id-reader.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

const SIDE = { [Side.Buy]: 'BUY', [Side.Sell]: 'SELL' } as const;
const TIME_IN_FORCE = {
  [TimeInForce.GTC]: 'GTC',
  [TimeInForce.IOC]: 'IOC',
  [TimeInForce.FOK]: 'FOK',
} as const;
const TYPE = {
  [OrderType.Market]: 'MARKET',
  [OrderType.Limit]: 'LIMIT',
  [OrderType.StopMarket]: 'STOP_LOSS',
  [OrderType.StopLimit]: 'STOP_LOSS_LIMIT',
  [OrderType.TakeProfitMarket]: 'TAKE_PROFIT',
  [OrderType.TakeProfitLimit]: 'TAKE_PROFIT_LIMIT',
} as const;

/** Binance's name for an order's type: post-only is a type of its own there. */
export function binanceType(order: Pick<Order, 'type' | 'postOnly'>): string {
  return order.type === OrderType.Limit && order.postOnly ? 'LIMIT_MAKER' : TYPE[order.type];
}

/** The time in force, or undefined for the types that take none. */
export function binanceTimeInForce(
  order: Pick<Order, 'type' | 'postOnly' | 'timeInForce'>,
): string | undefined {
  return hasPrice(order) && !(order.type === OrderType.Limit && order.postOnly)
    ? TIME_IN_FORCE[order.timeInForce]
    : undefined;
}

export function binanceSide(side: Side): string {
  return SIDE[side];
}

export function hasPrice(order: Pick<Order, 'type'>): boolean {
  return (
    order.type === OrderType.Limit ||
    order.type === OrderType.StopLimit ||
    order.type === OrderType.TakeProfitLimit
  );
}

export function hasTrigger(order: Pick<Order, 'type'>): boolean {
  return order.type >= OrderType.StopMarket;
}

const OPEN = bytes('{"id":');
const PRICE = bytes('","price":"');
const STOP_PRICE = bytes('","stopPrice":"');
const CLIENT_ID = bytes('","newClientOrderId":"');
const CANCEL_ID = bytes(`,"newClientOrderId":"`);
const CANCEL_MARK = bytes(CANCEL_SUFFIX);
const ORDER_ID = bytes('","orderId":');
const ORIG_CLIENT_ID = bytes('","origClientOrderId":"');
const QUOTE = bytes('"');
const SIGNATURE = bytes('","signature":"');
const CLOSE_SIGNED = bytes('"}}');
const CLOSE = bytes('}}');

/** Names of the signed text, in the alphabetical order Binance wants them in. */
const PAY_CLIENT_ID = bytes('&newClientOrderId=');
const PAY_ACK = bytes('&newOrderRespType=ACK');
const PAY_ORDER_ID = bytes('&orderId=');
const PAY_ORIG_ID = bytes('&origClientOrderId=');
const PAY_PRICE = bytes('&price=');
const PAY_QUANTITY = bytes('&quantity=');
const PAY_STOP = bytes('&stopPrice=');
const PAY_TIMESTAMP = bytes('&timestamp=');

/** What of a request never changes for one instrument, side, type and time in force. */
interface PlaceTemplate {
  /** From after the id up to the quantity. */
  readonly head: Uint8Array;
  /** `&side=BUY`. */
  readonly paySide: Uint8Array;
  /** `&symbol=...&timeInForce=...` */
  readonly paySymbol: Uint8Array;
  /** `&type=...` */
  readonly payType: Uint8Array;
}

const SIDES = 2;
const TYPES = 7;
const TIMES = 3;

/**
 * Writes WebSocket API order requests as JSON bytes into one reused buffer: no objects, no strings, no JSON.stringify.
 * Without a signer the requests rely on the session's logon; with one, each carries apiKey and signature.
 * Source: web-socket-api.md "Trading requests" and "SIGNED request security".
 */
export class OrderEncoder {
  /** By instrument index; holes where another venue's are. */
  readonly #instruments: Instrument[] = [];
  readonly #signer: Signer | undefined;
  readonly #out: ByteWriter;
  readonly #payload: ByteWriter;
  readonly #templates: (PlaceTemplate | undefined)[] = [];
  readonly #cancelHeads: Uint8Array[] = [];
  readonly #statusHeads: Uint8Array[] = [];
  readonly #paySymbols: Uint8Array[] = [];
  readonly #placeTail: Uint8Array;
  readonly #tail: Uint8Array;
  readonly #apiKey: Uint8Array;
  readonly #payApiKey: Uint8Array;
  readonly #payRecvWindow: Uint8Array;

  constructor(instruments: readonly Instrument[], recvWindowMs: number, signer?: Signer) {
    this.#signer = signer;
    const longest = Math.max(0, ...instruments.map(({ symbol }) => JSON.stringify(symbol).length * 3));
    // Numbers take at most 2 x (18 + 15 decimals) + 3 x 16 digits; a base64 RSA signature up to 700.
    const size = 1536 + longest + (signer?.apiKey.length ?? 0);
    this.#out = new ByteWriter(size);
    this.#payload = new ByteWriter(size);
    this.#placeTail = bytes(`","newOrderRespType":"ACK","recvWindow":${recvWindowMs},"timestamp":`);
    this.#tail = bytes(`,"recvWindow":${recvWindowMs},"timestamp":`);
    this.#apiKey = bytes(`,"apiKey":"${signer?.apiKey ?? ''}`);
    this.#payApiKey = bytes(`apiKey=${signer?.apiKey ?? ''}`);
    this.#payRecvWindow = bytes(`&recvWindow=${recvWindowMs}`);
    for (const instrument of instruments) {
      const { index, symbol } = instrument;
      this.#instruments[index] = instrument;
      const name = JSON.stringify(symbol).slice(0, -1);
      this.#cancelHeads[index] = bytes(`,"method":"order.cancel","params":{"symbol":${name}`);
      this.#statusHeads[index] = bytes(`,"method":"order.status","params":{"symbol":${name}`);
      this.#paySymbols[index] = bytes(`&symbol=${symbol}`);
    }
  }

  /** `order.place`. The returned bytes are valid until the next request is encoded. */
  place(id: number, order: Order, timestampMs: number): Buffer {
    const instrument = this.#instruments[order.instrument]!;
    const template = this.#template(instrument, order);
    const out = this.#begin(id, template.head);
    out.units(order.quantity, instrument.sizePrecision);
    if (hasPrice(order)) {
      out.put(PRICE);
      out.units(order.price, instrument.pricePrecision);
    }
    if (hasTrigger(order)) {
      out.put(STOP_PRICE);
      out.units(order.triggerPrice, instrument.pricePrecision);
    }
    out.put(CLIENT_ID);
    out.clientOrderId(order.epoch, order.sequence);
    out.put(this.#placeTail);
    out.integer(timestampMs);
    if (this.#signer !== undefined) this.#signPlace(instrument, order, template, timestampMs);
    out.put(this.#signer === undefined ? CLOSE : CLOSE_SIGNED);
    return out.view();
  }

  /** `order.cancel`, by the venue's id when it is known (`venueOrderId` above 0), which is faster there. */
  cancel(id: number, order: Order, venueOrderId: number, timestampMs: number): Buffer {
    const out = this.#begin(id, this.#cancelHeads[order.instrument]!);
    this.#target(order, venueOrderId);
    out.put(CANCEL_ID);
    out.clientOrderId(order.epoch, order.sequence);
    out.put(CANCEL_MARK);
    out.put(QUOTE);
    return this.#end(order, venueOrderId, timestampMs, true);
  }

  /** `order.status`. */
  status(id: number, order: Order, venueOrderId: number, timestampMs: number): Buffer {
    this.#begin(id, this.#statusHeads[order.instrument]!);
    this.#target(order, venueOrderId);
    return this.#end(order, venueOrderId, timestampMs, false);
  }

  #begin(id: number, head: Uint8Array): ByteWriter {
    const out = this.#out;
    out.length = 0;
    out.put(OPEN);
    out.integer(id);
    out.put(head);
    return out;
  }

  #target(order: Order, venueOrderId: number): void {
    const out = this.#out;
    if (venueOrderId > 0) {
      out.put(ORDER_ID);
      out.integer(venueOrderId);
    } else {
      out.put(ORIG_CLIENT_ID);
      out.clientOrderId(order.epoch, order.sequence);
      out.put(QUOTE);
    }
  }

  #end(order: Order, venueOrderId: number, timestampMs: number, cancel: boolean): Buffer {
    const out = this.#out;
    out.put(this.#tail);
    out.integer(timestampMs);
    const signer = this.#signer;
    if (signer === undefined) {
      out.put(CLOSE);
      return out.view();
    }
    const pay = this.#payload;
    pay.length = 0;
    pay.put(this.#payApiKey);
    if (cancel) {
      pay.put(PAY_CLIENT_ID);
      pay.clientOrderId(order.epoch, order.sequence);
      pay.put(CANCEL_MARK);
    }
    if (venueOrderId > 0) {
      pay.put(PAY_ORDER_ID);
      pay.integer(venueOrderId);
    } else {
      pay.put(PAY_ORIG_ID);
      pay.clientOrderId(order.epoch, order.sequence);
    }
    pay.put(this.#payRecvWindow);
    pay.put(this.#paySymbols[order.instrument]!);
    pay.put(PAY_TIMESTAMP);
    pay.integer(timestampMs);
    this.#sign(signer);
    out.put(CLOSE_SIGNED);
    return out.view();
  }

  #signPlace(instrument: Instrument, order: Order, template: PlaceTemplate, timestampMs: number): void {
    const pay = this.#payload;
    pay.length = 0;
    pay.put(this.#payApiKey);
    pay.put(PAY_CLIENT_ID);
    pay.clientOrderId(order.epoch, order.sequence);
    pay.put(PAY_ACK);
    if (hasPrice(order)) {
      pay.put(PAY_PRICE);
      pay.units(order.price, instrument.pricePrecision);
    }
    pay.put(PAY_QUANTITY);
    pay.units(order.quantity, instrument.sizePrecision);
    pay.put(this.#payRecvWindow);
    pay.put(template.paySide);
    if (hasTrigger(order)) {
      pay.put(PAY_STOP);
      pay.units(order.triggerPrice, instrument.pricePrecision);
    }
    pay.put(template.paySymbol);
    pay.put(PAY_TIMESTAMP);
    pay.integer(timestampMs);
    pay.put(template.payType);
    this.#sign(this.#signer!);
  }

  #sign(signer: Signer): void {
    const out = this.#out;
    out.put(this.#apiKey);
    out.put(SIGNATURE);
    out.latin(signer.sign(this.#payload.view()));
  }

  #template(instrument: Instrument, order: Order): PlaceTemplate {
    const type = order.type === OrderType.Limit && order.postOnly ? TYPES - 1 : order.type;
    const key = ((instrument.index * SIDES + order.side) * TYPES + type) * TIMES + order.timeInForce;
    this.#templates[key] ??= makeTemplate(instrument.symbol, order);
    return this.#templates[key];
  }
}

function makeTemplate(symbol: string, order: Order): PlaceTemplate {
  const side = binanceSide(order.side);
  const type = binanceType(order);
  const time = binanceTimeInForce(order);
  return {
    head: bytes(
      `,"method":"order.place","params":{"symbol":${JSON.stringify(symbol)},"side":"${side}","type":"${type}"` +
        `${time === undefined ? '' : `,"timeInForce":"${time}"`},"quantity":"`,
    ),
    paySide: bytes(`&side=${side}`),
    paySymbol: bytes(`&symbol=${symbol}${time === undefined ? '' : `&timeInForce=${time}`}`),
    payType: bytes(`&type=${type}`),
  };
}
