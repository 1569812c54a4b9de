import { OrderStatus, readUnits } from '../../domain/index.js';
import { ascii, JsonKind, JsonReader } from './json-reader.js';
import { LimitType } from './limits.js';

/** What a frame of the WebSocket API is. */
export const ApiFrameKind = {
  /** Not JSON, or not of any shape the API has. */
  Malformed: 0,
  /** Answer to a request. */
  Response: 1,
  /** User data or connection event; its object is `frame[eventStart, eventEnd)`. */
  Event: 2,
} as const;
export type ApiFrameKind = (typeof ApiFrameKind)[keyof typeof ApiFrameKind];

/** What an answer to an order request says, over WebSocket and REST alike. */
export interface OrderAnswer {
  /** As in HTTP. */
  readonly status: number;
  /** 0 when there was no error object. */
  readonly errorCode: number;
  readonly errorText: string;
  /** The venue's order id; 0 when absent. */
  readonly orderId: number;
  readonly orderStatus: OrderStatus | -1;
  /** Venue time, milliseconds; 0 when absent. */
  readonly timeMs: number;
  /** Cumulative filled quantity in size units; 0 when absent, negative when unreadable. */
  executedUnits(precision: number): number;
}

/** A count of one rate limit window, as an answer carries it. */
export interface LimitCount {
  type: LimitType;
  intervalMs: number;
  count: number;
}

const MAX_LIMITS = 8;

const ID = ascii('id');
const STATUS = ascii('status');
const RESULT = ascii('result');
const ERROR = ascii('error');
const EVENT = ascii('event');
const RATE_LIMITS = ascii('rateLimits');
const CODE = ascii('code');
const MSG = ascii('msg');
const DATA = ascii('data');
const RETRY_AFTER = ascii('retryAfter');
const SERVER_TIME = ascii('serverTime');
const ORDER_ID = ascii('orderId');
const EXECUTED = ascii('executedQty');
const TRANSACT_TIME = ascii('transactTime');
const UPDATE_TIME = ascii('updateTime');
const SUBSCRIPTION_ID = ascii('subscriptionId');
const TYPE = ascii('rateLimitType');
const INTERVAL = ascii('interval');
const INTERVAL_NUM = ascii('intervalNum');
const COUNT = ascii('count');
const WEIGHT = ascii('REQUEST_WEIGHT');
const ORDERS = ascii('ORDERS');
const RAW = ascii('RAW_REQUESTS');

/** Binance's order states in ours. PENDING_NEW (a leg of an order list) counts as working. */
const STATUSES: readonly (readonly [Uint8Array, OrderStatus])[] = [
  [ascii('NEW'), OrderStatus.Accepted],
  [ascii('PARTIALLY_FILLED'), OrderStatus.PartiallyFilled],
  [ascii('FILLED'), OrderStatus.Filled],
  [ascii('CANCELED'), OrderStatus.Canceled],
  [ascii('EXPIRED'), OrderStatus.Expired],
  [ascii('EXPIRED_IN_MATCH'), OrderStatus.Expired],
  [ascii('REJECTED'), OrderStatus.Rejected],
  [ascii('PENDING_NEW'), OrderStatus.Accepted],
  [ascii('PENDING_CANCEL'), OrderStatus.Accepted],
];

/** Our state for Binance's name in the reader's token; -1 for one we do not know. */
export function orderStatusOf(reader: JsonReader): OrderStatus | -1 {
  for (let i = 0; i < STATUSES.length; i++) {
    const entry = STATUSES[i]!;
    if (reader.tokenIs(entry[0])) return entry[1];
  }
  return -1;
}

/** Our state for Binance's name as text; undefined for one we do not know. */
export function orderStatusFrom(name: string): OrderStatus | undefined {
  return STATUSES.find(([bytes]) => Buffer.from(bytes).toString() === name)?.[1];
}

/**
 * Decodes WebSocket API frames from bytes into its own fields, checking their grammar to the end. Keys may come in any
 * order; unknown ones are skipped. Never throws.
 */
export class ApiFrameDecoder implements OrderAnswer {
  /** The request's id; -1 when it is null or not an integer. */
  id = -1;
  /** As in HTTP; 0 when absent. */
  status = 0;
  /** 0 when there was no error object. */
  errorCode = 0;
  errorText = '';
  /** When a refused rate allows the next request, milliseconds since 1970; -1 when it did not say. */
  retryAt = -1;
  /** Fields of a result object; 0 (-1 for the status and subscription) when absent. */
  orderId = 0;
  orderStatus: OrderStatus | -1 = -1;
  /** Venue time of the result, milliseconds. */
  timeMs = 0;
  subscriptionId = -1;
  /** `executedQty` as text: `executed[0, executedLength)`. */
  readonly executed = new Uint8Array(64);
  executedLength = 0;
  /** The event object's bytes within the frame. */
  eventStart = 0;
  eventEnd = 0;
  readonly limits: readonly LimitCount[] = Array.from({ length: MAX_LIMITS }, () => ({
    type: LimitType.REQUEST_WEIGHT,
    intervalMs: 0,
    count: 0,
  }));
  limitCount = 0;

  readonly #reader = new JsonReader();

  decode(frame: Uint8Array): ApiFrameKind {
    this.#clear();
    const reader = this.#reader;
    let hasId = false;
    let hasEvent = false;
    reader.reset(frame);
    reader.enterObject();
    while (reader.nextKey()) {
      if (reader.tokenIs(ID)) {
        hasId = true;
        if (reader.peek() === JsonKind.NUMBER) this.id = reader.readInteger();
        else reader.skipValue();
      } else if (reader.tokenIs(STATUS)) this.status = reader.readInteger();
      else if (reader.tokenIs(RESULT)) this.#readResult(reader);
      else if (reader.tokenIs(RATE_LIMITS)) this.#readLimits(reader);
      else if (reader.tokenIs(ERROR)) this.#readError(reader);
      else if (reader.tokenIs(EVENT)) {
        hasEvent = true;
        this.eventStart = this.#skipFrom();
        this.eventEnd = reader.at;
      } else reader.skipValue();
    }
    if (!reader.finish()) return ApiFrameKind.Malformed;
    if (hasEvent) return ApiFrameKind.Event;
    if (!hasId || this.status === 0) return ApiFrameKind.Malformed;
    return ApiFrameKind.Response;
  }

  executedUnits(precision: number): number {
    return this.executedLength === 0 ? 0 : readUnits(this.executed, 0, this.executedLength, precision);
  }

  #clear(): void {
    this.id = -1;
    this.status = 0;
    this.errorCode = 0;
    this.errorText = '';
    this.retryAt = -1;
    this.orderId = 0;
    this.orderStatus = -1;
    this.timeMs = 0;
    this.subscriptionId = -1;
    this.executedLength = 0;
    this.limitCount = 0;
  }

  /** Skips one value and returns where it began. */
  #skipFrom(): number {
    const reader = this.#reader;
    reader.peek();
    const start = reader.at;
    reader.skipValue();
    return start;
  }

  #readError(reader: JsonReader): void {
    if (reader.peek() !== JsonKind.OBJECT) {
      reader.skipValue();
      return;
    }
    reader.enterObject();
    while (reader.nextKey()) {
      if (reader.tokenIs(CODE)) this.errorCode = reader.readInteger();
      else if (reader.tokenIs(MSG) && reader.peek() === JsonKind.STRING) {
        if (reader.readString()) this.errorText = reader.tokenText();
      } else if (reader.tokenIs(DATA) && reader.peek() === JsonKind.OBJECT) this.#readErrorData(reader);
      else reader.skipValue();
    }
  }

  #readErrorData(reader: JsonReader): void {
    reader.enterObject();
    while (reader.nextKey()) {
      if (reader.tokenIs(RETRY_AFTER) && reader.peek() === JsonKind.NUMBER)
        this.retryAt = reader.readInteger();
      else if (reader.tokenIs(SERVER_TIME) && reader.peek() === JsonKind.NUMBER)
        this.timeMs = reader.readInteger();
      else reader.skipValue();
    }
  }

  /** An object's fields; lists (of orders, of trades) are not asked for over this connection. */
  #readResult(reader: JsonReader): void {
    if (reader.peek() !== JsonKind.OBJECT) {
      reader.skipValue();
      return;
    }
    reader.enterObject();
    while (reader.nextKey()) {
      if (reader.tokenIs(ORDER_ID)) this.orderId = reader.readInteger();
      else if (reader.tokenIs(STATUS) && reader.peek() === JsonKind.STRING) {
        if (reader.readString()) this.orderStatus = orderStatusOf(reader);
      } else if (reader.tokenIs(EXECUTED)) this.#readExecuted(reader);
      else if (reader.tokenIs(TRANSACT_TIME) || reader.tokenIs(UPDATE_TIME) || reader.tokenIs(SERVER_TIME))
        this.timeMs = reader.readInteger();
      else if (reader.tokenIs(SUBSCRIPTION_ID)) this.subscriptionId = reader.readInteger();
      else reader.skipValue();
    }
  }

  #readExecuted(reader: JsonReader): void {
    if (!reader.readString()) return;
    const length = reader.stop - reader.start;
    if (length > this.executed.length) return;
    for (let i = 0; i < length; i++) this.executed[i] = reader.text[reader.start + i]!;
    this.executedLength = length;
  }

  /** Best effort: an entry of another shape must not cost us the answer it came with. */
  #readLimits(reader: JsonReader): void {
    if (reader.peek() !== JsonKind.ARRAY) {
      reader.skipValue();
      return;
    }
    reader.enterArray();
    while (reader.nextElement()) {
      if (reader.peek() === JsonKind.OBJECT) this.#readLimit(reader);
      else reader.skipValue();
    }
  }

  #readLimit(reader: JsonReader): void {
    let type: LimitType | -1 = -1;
    let unit = 0;
    let times = 0;
    let count = -1;
    reader.enterObject();
    while (reader.nextKey()) {
      if (reader.tokenIs(TYPE) && reader.peek() === JsonKind.STRING) {
        if (reader.readString()) type = limitType(reader);
      } else if (reader.tokenIs(INTERVAL) && reader.peek() === JsonKind.STRING) {
        if (reader.readString()) unit = unitMs(reader);
      } else if (reader.tokenIs(INTERVAL_NUM) && reader.peek() === JsonKind.NUMBER)
        times = reader.readInteger();
      else if (reader.tokenIs(COUNT) && reader.peek() === JsonKind.NUMBER) count = reader.readInteger();
      else reader.skipValue();
    }
    if (type === -1 || count < 0 || this.limitCount === MAX_LIMITS) return;
    const limit = this.limits[this.limitCount++]!;
    limit.type = type;
    limit.intervalMs = unit * times;
    limit.count = count;
  }
}

function limitType(reader: JsonReader): LimitType | -1 {
  if (reader.tokenIs(WEIGHT)) return LimitType.REQUEST_WEIGHT;
  if (reader.tokenIs(ORDERS)) return LimitType.ORDERS;
  return reader.tokenIs(RAW) ? LimitType.RAW_REQUESTS : -1;
}

/** SECOND, MINUTE, HOUR and DAY differ in their first letter. */
function unitMs(reader: JsonReader): number {
  switch (reader.text[reader.start]) {
    case 0x53:
      return 1_000;
    case 0x4d:
      return 60_000;
    case 0x48:
      return 3_600_000;
    case 0x44:
      return 86_400_000;
    default:
      return 0;
  }
}
