import {
  type BookUpdate,
  EventKind,
  type KernelEvent,
  type Quote,
  Side,
  type Timer,
  type Trade,
} from '../domain/index.js';
import { decodeEvent } from './event-codec.js';
import type { JournalRecord } from './record.js';

/** Bytes before an event's own fields: kind, tsEvent, tsInit. */
const HEAD = 17;

/**
 * Reads the events of records one after the other into a few that are used again and again, as a connector does: each is
 * valid until the next is read. Market data, nearly all there is, is read where it lies.
 */
export class RecordReader {
  /** Bytes of the commands of the record read last; 0 for none. */
  commandBytes = 0;
  readonly #book: BookUpdate = {
    kind: EventKind.BookDelta,
    tsEvent: 0,
    tsInit: 0,
    instrument: 0,
    firstId: 0,
    lastId: 0,
    bidCount: 0,
    askCount: 0,
    bidPrices: new Float64Array(64),
    bidSizes: new Float64Array(64),
    askPrices: new Float64Array(64),
    askSizes: new Float64Array(64),
  };
  readonly #quote: Quote = {
    kind: EventKind.Quote,
    tsEvent: 0,
    tsInit: 0,
    instrument: 0,
    updateId: 0,
    bid: 0,
    bidSize: 0,
    ask: 0,
    askSize: 0,
  };
  readonly #trade: Trade = {
    kind: EventKind.Trade,
    tsEvent: 0,
    tsInit: 0,
    instrument: 0,
    tradeId: 0,
    price: 0,
    quantity: 0,
    aggressor: Side.Buy,
  };
  readonly #timer: Timer = { kind: EventKind.Timer, tsEvent: 0, tsInit: 0 };

  /** The event of an Event record. Throws a `JournalError` when its payload is no event. */
  read(record: JournalRecord): KernelEvent {
    const { view, payloadAt } = record;
    const length = record.payloadEnd - payloadAt;
    const kind = length < HEAD ? 0 : view.getUint8(payloadAt);
    let used = 0;
    let event: KernelEvent | undefined;
    if (kind === EventKind.BookDelta || kind === EventKind.BookSnapshot) {
      used = this.#readBook(view, payloadAt, length, kind);
      event = this.#book;
    } else if (kind === EventKind.Quote) {
      used = this.#readQuote(view, payloadAt, length);
      event = this.#quote;
    } else if (kind === EventKind.Trade) {
      used = this.#readTrade(view, payloadAt, length);
      event = this.#trade;
    } else if (kind === EventKind.Timer) {
      used = HEAD;
      event = this.#timer;
    }
    if (event === undefined || used === 0) {
      const input = record.reader();
      const decoded = decodeEvent(input);
      this.commandBytes = input.left;
      return decoded;
    }
    event.tsEvent = view.getFloat64(payloadAt + 1, true);
    event.tsInit = view.getFloat64(payloadAt + 9, true);
    this.commandBytes = length - used;
    return event;
  }

  /** The commands of the record read last, as they were encoded. */
  commands(record: JournalRecord): Uint8Array {
    const { payload } = record;
    return payload.subarray(payload.length - this.commandBytes);
  }

  /** Bytes read; 0 when there are too few, so that the decoder that says so has a look. The same for the two below. */
  #readBook(view: DataView, from: number, length: number, kind: BookUpdate['kind']): number {
    const at = from + HEAD;
    if (length < HEAD + 28) return 0;
    const bids = view.getUint32(at + 20, true);
    const asks = view.getUint32(at + 24, true);
    const used = HEAD + 28 + (bids + asks) * 16;
    if (length < used) return 0;
    const book = this.#book;
    book.kind = kind;
    book.instrument = view.getUint32(at, true);
    book.firstId = view.getFloat64(at + 4, true);
    book.lastId = view.getFloat64(at + 12, true);
    book.bidCount = bids;
    book.askCount = asks;
    if (bids > book.bidPrices.length) {
      book.bidPrices = new Float64Array(bids * 2);
      book.bidSizes = new Float64Array(bids * 2);
    }
    if (asks > book.askPrices.length) {
      book.askPrices = new Float64Array(asks * 2);
      book.askSizes = new Float64Array(asks * 2);
    }
    let next = at + 28;
    next = copy(view, next, book.bidPrices, bids);
    next = copy(view, next, book.bidSizes, bids);
    next = copy(view, next, book.askPrices, asks);
    copy(view, next, book.askSizes, asks);
    return used;
  }

  #readQuote(view: DataView, from: number, length: number): number {
    const at = from + HEAD;
    if (length < HEAD + 44) return 0;
    const quote = this.#quote;
    quote.instrument = view.getUint32(at, true);
    quote.updateId = view.getFloat64(at + 4, true);
    quote.bid = view.getFloat64(at + 12, true);
    quote.bidSize = view.getFloat64(at + 20, true);
    quote.ask = view.getFloat64(at + 28, true);
    quote.askSize = view.getFloat64(at + 36, true);
    return HEAD + 44;
  }

  #readTrade(view: DataView, from: number, length: number): number {
    const at = from + HEAD;
    if (length < HEAD + 29) return 0;
    const aggressor = view.getUint8(at + 28);
    if (aggressor !== Side.Buy && aggressor !== Side.Sell) return 0;
    const trade = this.#trade;
    trade.instrument = view.getUint32(at, true);
    trade.tradeId = view.getFloat64(at + 4, true);
    trade.price = view.getFloat64(at + 12, true);
    trade.quantity = view.getFloat64(at + 20, true);
    trade.aggressor = aggressor;
    return HEAD + 29;
  }
}

function copy(view: DataView, from: number, into: Float64Array, count: number): number {
  let at = from;
  for (let i = 0; i < count; i++, at += 8) into[i] = view.getFloat64(at, true);
  return at;
}
