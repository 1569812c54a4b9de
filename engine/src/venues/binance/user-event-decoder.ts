import { type OrderStatus, readUnits } from '../../domain/index.js';
import { ClientIdReader } from './client-id-reader.js';
import { ascii, JsonError, JsonKind, JsonReader } from './json-reader.js';
import { orderStatusOf } from './order-decoder.js';

/** The events of the user data stream and of the connection. Source: user-data-stream.md. */
export const UserEventKind = {
  /** Not an event of any shape we know how to read: the account may have changed unseen. */
  Malformed: 0,
  Execution: 1,
  AccountPosition: 2,
  StreamTerminated: 3,
  ServerShutdown: 4,
  /** Well formed and of no concern (listStatus, externalLockUpdate, later additions). */
  Other: 5,
  /** Money came or went otherwise than by trading. */
  BalanceUpdate: 6,
} as const;
export type UserEventKind = (typeof UserEventKind)[keyof typeof UserEventKind];

/** `x` of an execution report: what happened. */
export const ExecutionType = {
  Unknown: 0,
  New: 1,
  Canceled: 2,
  Replaced: 3,
  Rejected: 4,
  Trade: 5,
  Expired: 6,
  TradePrevention: 7,
} as const;
export type ExecutionType = (typeof ExecutionType)[keyof typeof ExecutionType];

const KINDS: readonly (readonly [Uint8Array, UserEventKind])[] = [
  [ascii('executionReport'), UserEventKind.Execution],
  [ascii('outboundAccountPosition'), UserEventKind.AccountPosition],
  [ascii('balanceUpdate'), UserEventKind.BalanceUpdate],
  [ascii('eventStreamTerminated'), UserEventKind.StreamTerminated],
  [ascii('serverShutdown'), UserEventKind.ServerShutdown],
];

const EXECUTION_TYPES: readonly (readonly [Uint8Array, ExecutionType])[] = [
  [ascii('TRADE'), ExecutionType.Trade],
  [ascii('NEW'), ExecutionType.New],
  [ascii('CANCELED'), ExecutionType.Canceled],
  [ascii('EXPIRED'), ExecutionType.Expired],
  [ascii('REJECTED'), ExecutionType.Rejected],
  [ascii('REPLACED'), ExecutionType.Replaced],
  [ascii('TRADE_PREVENTION'), ExecutionType.TradePrevention],
];

const EXPIRED_IN_MATCH = ascii('EXPIRED_IN_MATCH');
const EXPIRY_REASON = ascii('eR');
const STOP = ascii('STOP');
const TAKE = ascii('TAKE');

/** A piece of text in the frame. */
export interface Span {
  start: number;
  stop: number;
}

/** One order's client id, as an execution report names it. */
export interface OwnId {
  present: boolean;
  own: boolean;
  epoch: number;
  sequence: number;
}

const span = (): Span => ({ start: 0, stop: 0 });
const ownId = (): OwnId => ({ present: false, own: false, epoch: 0, sequence: 0 });

/** Reads one event object into its own fields, valid until the next call. Allocates nothing and never throws. */
export class UserEventDecoder {
  /** The frame the spans point into. */
  frame: Uint8Array = new Uint8Array(0);
  executionType: ExecutionType = ExecutionType.Unknown;
  status: OrderStatus | -1 = -1;
  selfTradePrevented = false;
  /** `c`, and `C` when it is not empty. */
  readonly clientId = ownId();
  readonly originalId = ownId();
  readonly clientIdText = span();
  readonly symbol = span();
  readonly lastQuantity = span();
  /** Of all fills of the order so far. */
  readonly cumQuantity = span();
  readonly lastPrice = span();
  readonly fee = span();
  /** Empty when the fee asset is null. */
  readonly feeAsset = span();
  readonly rejectReason = span();
  readonly expiryReason = span();
  /** `"NEW"`-like order type is a stop or take-profit of any kind. */
  conditional = false;
  workingOnBook = false;
  maker = false;
  orderId = 0;
  tradeId = -1;
  /** Transaction time (event time when there is none), milliseconds. */
  timeMs = 0;

  readonly #reader = new JsonReader();
  readonly #ids = new ClientIdReader();

  /** Decodes the object `frame[start, end)`, whose grammar the caller has checked. */
  decode(frame: Uint8Array, start: number, end: number): UserEventKind {
    this.frame = frame;
    const reader = this.#reader;
    const kind = this.#kind(start, end);
    if (kind !== UserEventKind.Execution) return kind;
    this.#clear();
    reader.reset(frame, start, end);
    reader.enterObject();
    while (reader.nextKey()) this.#field(reader, reader.keyByte);
    return reader.finish() && this.#complete() ? UserEventKind.Execution : UserEventKind.Malformed;
  }

  /** `event.B` of an outboundAccountPosition: calls `visit` with each asset's name, free and locked text. */
  positions(
    frame: Uint8Array,
    start: number,
    end: number,
    visit: (asset: string, free: string, locked: string, timeMs: number) => void,
  ): boolean {
    const reader = this.#reader;
    const rows: [string, string, string][] = [];
    let timeMs = 0;
    let seen = false;
    reader.reset(frame, start, end);
    reader.enterObject();
    while (reader.nextKey()) {
      if (reader.keyByte === 0x42) {
        seen = true;
        reader.enterArray();
        while (reader.nextElement()) {
          const row = readBalance(reader);
          if (row !== undefined) rows.push(row);
        }
      } else if (reader.keyByte === 0x75) timeMs = reader.readInteger();
      else reader.skipValue();
    }
    if (!reader.finish() || !seen || rows.some((row) => row.some((text) => text === ''))) return false;
    for (const [asset, free, locked] of rows) visit(asset, free, locked, timeMs);
    return true;
  }

  /** A balanceUpdate: calls `visit` with the asset's name, the signed change as text, and when. */
  transfer(
    frame: Uint8Array,
    start: number,
    end: number,
    visit: (asset: string, change: string, timeMs: number) => void,
  ): boolean {
    const reader = this.#reader;
    let asset = '';
    let change = '';
    let timeMs = 0;
    reader.reset(frame, start, end);
    reader.enterObject();
    while (reader.nextKey()) {
      if (reader.keyByte === 0x54) timeMs = reader.readInteger();
      else if (reader.keyByte !== 0x61 && reader.keyByte !== 0x64) reader.skipValue();
      else if (reader.readString()) {
        if (reader.keyByte === 0x61) asset = reader.tokenText();
        else change = reader.tokenText();
      }
    }
    if (!reader.finish() || asset === '' || change === '' || timeMs <= 0) return false;
    visit(asset, change, timeMs);
    return true;
  }

  /** Units of a decimal span at `precision`; negative when it is no such number. */
  units(text: Span, precision: number): number {
    return readUnits(this.frame, text.start, text.stop, precision);
  }

  text(text: Span): string {
    const { frame } = this;
    return Buffer.from(frame.buffer, frame.byteOffset + text.start, text.stop - text.start).toString();
  }

  spanIs(text: Span, name: Uint8Array): boolean {
    if (text.stop - text.start !== name.length) return false;
    for (let i = 0; i < name.length; i++) if (this.frame[text.start + i] !== name[i]) return false;
    return true;
  }

  /** `e` usually comes first, so this mostly reads one key. */
  #kind(start: number, end: number): UserEventKind {
    const reader = this.#reader;
    reader.reset(this.frame, start, end);
    if (reader.peek() !== JsonKind.OBJECT) return UserEventKind.Malformed;
    reader.enterObject();
    while (reader.nextKey()) {
      if (reader.keyByte !== 0x65) {
        reader.skipValue();
        continue;
      }
      if (reader.peek() !== JsonKind.STRING || !reader.readString()) return UserEventKind.Malformed;
      for (let i = 0; i < KINDS.length; i++) if (reader.tokenIs(KINDS[i]![0])) return KINDS[i]![1];
      return UserEventKind.Other;
    }
    return UserEventKind.Malformed;
  }

  #clear(): void {
    this.executionType = ExecutionType.Unknown;
    this.status = -1;
    this.selfTradePrevented = false;
    this.clientId.present = false;
    this.clientId.own = false;
    this.originalId.present = false;
    this.originalId.own = false;
    this.clientIdText.stop = this.clientIdText.start;
    this.symbol.stop = this.symbol.start;
    this.lastQuantity.stop = this.lastQuantity.start;
    this.cumQuantity.stop = this.cumQuantity.start;
    this.lastPrice.stop = this.lastPrice.start;
    this.fee.stop = this.fee.start;
    this.feeAsset.stop = this.feeAsset.start;
    this.rejectReason.stop = this.rejectReason.start;
    this.expiryReason.stop = this.expiryReason.start;
    this.conditional = false;
    this.workingOnBook = false;
    this.maker = false;
    this.orderId = 0;
    this.tradeId = -1;
    this.timeMs = 0;
  }

  #field(reader: JsonReader, key: number): void {
    switch (key) {
      case 0x73: // s: symbol
        this.#span(reader, this.symbol);
        return;
      case 0x63: // c: client order id
        this.#id(reader, this.clientId);
        // One with escapes is not ours and has no place in the frame: it goes without its text.
        if (reader.text === this.frame) {
          this.clientIdText.start = reader.start;
          this.clientIdText.stop = reader.stop;
        }
        return;
      case 0x43: // C: original client order id, of the order a cancel ended
        this.#id(reader, this.originalId);
        return;
      case 0x78: // x: execution type
        if (reader.readString()) this.executionType = executionTypeOf(reader);
        return;
      case 0x58: // X: order status
        if (reader.readString()) {
          this.status = orderStatusOf(reader);
          this.selfTradePrevented = reader.tokenIs(EXPIRED_IN_MATCH);
        }
        return;
      case 0x6f: // o: order type
        if (reader.readString()) this.conditional = startsWith(reader, STOP) || startsWith(reader, TAKE);
        return;
      case 0x6c: // l: last executed quantity
        this.#span(reader, this.lastQuantity);
        return;
      case 0x7a: // z: cumulative filled quantity
        this.#span(reader, this.cumQuantity);
        return;
      case 0x4c: // L: last executed price
        this.#span(reader, this.lastPrice);
        return;
      case 0x6e: // n: commission
        if (!reader.tryNull()) this.#span(reader, this.fee);
        return;
      case 0x4e: // N: commission asset
        if (!reader.tryNull()) this.#span(reader, this.feeAsset);
        return;
      case 0x72: // r: reject reason
        this.#span(reader, this.rejectReason);
        return;
      case 0x69: // i: order id
        this.orderId = reader.readInteger();
        return;
      case 0x74: // t: trade id
        this.tradeId = reader.readInteger();
        return;
      case 0x54: // T: transaction time
        this.timeMs = reader.readInteger();
        return;
      case 0x77: // w: on the book
        this.workingOnBook = reader.readBoolean();
        return;
      case 0x6d: // m: maker side
        this.maker = reader.readBoolean();
        return;
      default:
        if (key === 0 && reader.tokenIs(EXPIRY_REASON)) this.#span(reader, this.expiryReason);
        else reader.skipValue();
    }
  }

  #span(reader: JsonReader, into: Span): void {
    if (!reader.readString()) return;
    // A string with escapes was decoded elsewhere; none of these ever needs one.
    if (reader.text !== this.frame) {
      reader.fail(JsonError.TEXT);
      return;
    }
    into.start = reader.start;
    into.stop = reader.stop;
  }

  #id(reader: JsonReader, into: OwnId): void {
    if (!reader.readString()) return;
    into.present = reader.stop > reader.start;
    into.own = this.#ids.read(reader.text, reader.start, reader.stop);
    if (!into.own) return;
    into.epoch = this.#ids.epoch;
    into.sequence = this.#ids.sequence;
  }

  #complete(): boolean {
    if (this.symbol.stop === this.symbol.start || !this.clientId.present || this.orderId <= 0) return false;
    if (this.executionType === ExecutionType.Trade) {
      return (
        this.tradeId >= 0 &&
        this.lastQuantity.stop > this.lastQuantity.start &&
        this.lastPrice.stop > this.lastPrice.start &&
        this.fee.stop > this.fee.start
      );
    }
    return this.executionType !== ExecutionType.Unknown;
  }
}

function executionTypeOf(reader: JsonReader): ExecutionType {
  for (let i = 0; i < EXECUTION_TYPES.length; i++) {
    const entry = EXECUTION_TYPES[i]!;
    if (reader.tokenIs(entry[0])) return entry[1];
  }
  return ExecutionType.Unknown;
}

function startsWith(reader: JsonReader, prefix: Uint8Array): boolean {
  if (reader.stop - reader.start < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (reader.text[reader.start + i] !== prefix[i]) return false;
  return true;
}

function readBalance(reader: JsonReader): [string, string, string] | undefined {
  let asset = '';
  let free = '';
  let locked = '';
  if (!reader.enterObject()) return undefined;
  while (reader.nextKey()) {
    const key = reader.keyByte;
    if (key !== 0x61 && key !== 0x66 && key !== 0x6c) reader.skipValue();
    else if (reader.readString()) {
      if (key === 0x61) asset = reader.tokenText();
      else if (key === 0x66) free = reader.tokenText();
      else locked = reader.tokenText();
    }
  }
  return [asset, free, locked];
}
