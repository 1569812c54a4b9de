import {
  type BookUpdate,
  EventKind,
  type Instrument,
  type Quote,
  Side,
  type Trade,
} from '../../domain/index.js';
import { DecodeError, FrameKind } from './decode-codes.js';
import { emptyQuote, emptyTrade, emptyUpdate } from './empty-events.js';
import { readEventKind } from './event-name.js';
import { ascii, JsonKind, JsonReader } from './json-reader.js';
import { bit, has, isLetter, isUpper, letters } from './letter-set.js';
import { LevelList, lendLevels, MAX_LEVELS, readLevels } from './level-reader.js';
import { ReplyReader } from './reply-reader.js';
import { StreamName } from './stream-name.js';
import { StreamTable } from './stream-table.js';
import { SymbolIndex } from './symbol-index.js';
import { toMicroseconds } from './venue-time.js';

const STREAM = ascii('stream');
const DATA = ascii('data');
const PREVIOUS_ID = ascii('pu');
/** The fields each event must have, by frame kind; upper and lower case apart. */
const REQUIRED_UPPER = [0, letters('EU'), letters('BA'), letters('ET')];
const REQUIRED_LOWER = [0, letters('esuba'), letters('suba'), letters('estpqm')];
const SYMBOL = letters('s');
const FIRST_ID = letters('U');
/** Fields that can be read before the instrument is known. */
const NO_PRECISION_UPPER = letters('ETU');
const NO_PRECISION_LOWER = letters('utm');

/** Not told yet. */
const UNTOLD = -1;

/**
 * Market data frames of Binance (spot, and the USD-M and COIN-M futures variants) from bytes into reused domain structs.
 * Pure: no I/O, no clock. It neither allocates (in steady state) nor throws; whatever is not exactly what it should be is
 * {@link FrameKind.Failed} with a typed {@link DecodeError}, and then the structs hold nothing of value.
 *
 * Keys may come in any order. A field whose meaning is not known yet when it is met (levels before the symbol, say) is
 * skipped, its offset remembered, and read at the end. A repeated key is an error: which one holds cannot be told.
 * Protocol: binance-spot-api-docs, web-socket-streams.md.
 */
export class BinanceDecoder {
  /** After Depth. `firstId` and `lastId` are as on the wire (`U` and `u`); the synchronizer makes them contiguous. */
  readonly depth: BookUpdate = emptyUpdate(EventKind.BookDelta);
  /** After Depth: last update id of the event before (`pu`, futures alone); -1 on spot. */
  previousId = -1;
  /** After Quote. */
  readonly quote: Quote = emptyQuote();
  /** After Trade. */
  readonly trade: Trade = emptyTrade();
  /** After Acknowledged and Refused. */
  readonly reply = new ReplyReader();

  /** After Failed: why, where in the frame, and whose frame it was (-1 when that cannot be told). */
  error: DecodeError = DecodeError.NONE;
  errorAt = 0;
  errorInstrument = -1;

  readonly #symbols: SymbolIndex;
  readonly #stream: StreamName;
  readonly #known: StreamTable;
  readonly #reader = new JsonReader();
  readonly #bids = new LevelList(MAX_LEVELS);
  readonly #asks = new LevelList(MAX_LEVELS);
  readonly #offsets = new Int32Array(128);
  readonly #number = new Float64Array(1);

  // What is known of the frame so far.
  #streamSeen = false;
  #kind: FrameKind | typeof UNTOLD = UNTOLD;
  #instrument: Instrument | undefined;
  #upper = 0;
  #lower = 0;
  #deferredUpper = 0;
  #deferredLower = 0;
  #deferredPrevious = 0;
  #eventTime = 0;
  #matchTime = 0;
  #problem: DecodeError = DecodeError.NONE;

  constructor(instruments: readonly Instrument[]) {
    this.#symbols = new SymbolIndex(instruments);
    this.#stream = new StreamName(this.#symbols);
    this.#known = new StreamTable(instruments);
  }

  /** Decodes one WebSocket message, combined (`{"stream","data"}`) or raw. */
  decode(frame: Uint8Array, start = 0, end = frame.length): FrameKind {
    const reader = this.#reader;
    reader.reset(frame, start, end);
    this.#begin();
    let enveloped = this.#openEnvelope(frame, start, end);
    let bare = false;
    let reply: FrameKind | typeof UNTOLD = UNTOLD;
    if (enveloped) this.#readMembers();
    else reader.enterObject();
    while (reader.nextKey()) {
      if (reader.keyByte !== 0) {
        bare = true;
        this.#member(reader.keyByte);
      } else if (reader.tokenIs(STREAM)) {
        if (this.#streamSeen) this.#fault(DecodeError.DUPLICATE_KEY);
        if (reader.readString()) this.#readStream();
      } else if (reader.tokenIs(DATA)) {
        if (enveloped) this.#fault(DecodeError.DUPLICATE_KEY);
        enveloped = true;
        this.#readPayload();
      } else if (reader.tokenIs(PREVIOUS_ID)) this.#readPrevious();
      else reply = this.reply.member(reader, reply);
    }
    if (!reader.finish()) return this.#failed();
    // Fields of a payload beside an envelope: no such frame exists, and which of them holds cannot be told.
    if (enveloped && bare) this.#fault(DecodeError.SYNTAX);
    if (enveloped || bare) return this.#conclude(enveloped);
    if (reply !== UNTOLD) return reply;
    return this.#streamSeen ? this.#fail(DecodeError.MISSING_FIELD) : FrameKind.Unknown;
  }

  #begin(): void {
    this.#streamSeen = false;
    this.#kind = UNTOLD;
    this.#instrument = undefined;
    this.#upper = 0;
    this.#lower = 0;
    this.#deferredUpper = 0;
    this.#deferredLower = 0;
    this.#deferredPrevious = 0;
    this.#eventTime = 0;
    this.#matchTime = 0;
    this.#problem = DecodeError.NONE;
    this.previousId = -1;
    this.reply.reset();
  }

  /** The first problem stays. Reading goes on: only the end of the frame tells whether it matters to us. */
  #fault(problem: DecodeError): void {
    if (this.#problem === DecodeError.NONE) this.#problem = problem;
  }

  #fail(problem: DecodeError): FrameKind {
    this.#fault(problem);
    return this.#failed();
  }

  #failed(): FrameKind {
    const { error, errorAt } = this.#reader;
    this.error = this.#problem !== DecodeError.NONE ? this.#problem : error;
    this.errorAt = errorAt;
    const whose = this.#streamSeen ? this.#stream.instrument : this.#instrument;
    const told = whose !== undefined && this.#problem !== DecodeError.SYMBOL_MISMATCH;
    this.errorInstrument = told ? whose.index : -1;
    return FrameKind.Failed;
  }

  /** The short way into a frame that begins as most do. */
  #openEnvelope(frame: Uint8Array, start: number, end: number): boolean {
    const known = this.#known.open(frame, start, end);
    if (known === undefined) return false;
    this.#streamSeen = true;
    this.#stream.take(known);
    this.#kind = known.kind;
    this.#instrument = known.instrument;
    this.#reader.resumeObject(this.#known.payload);
    return true;
  }

  #readStream(): void {
    const reader = this.#reader;
    const stream = this.#stream;
    stream.read(reader.text, reader.start, reader.stop);
    this.#streamSeen = true;
    if (this.#kind === UNTOLD) this.#kind = stream.kind;
    if ((this.#lower & SYMBOL) === 0) this.#instrument = stream.instrument;
    else if (this.#instrument !== stream.instrument) this.#fault(DecodeError.SYMBOL_MISMATCH);
  }

  #readPayload(): void {
    const reader = this.#reader;
    const ignored = this.#streamSeen && this.#stream.kind === FrameKind.Ignored;
    // Array payloads (`!ticker@arr`) exist, of streams we do not ask for.
    if (ignored || (reader.peek() !== JsonKind.OBJECT && this.#kind === FrameKind.Unknown)) {
      reader.skipValue();
      return;
    }
    reader.enterObject();
    this.#readMembers();
  }

  #readMembers(): void {
    const reader = this.#reader;
    while (reader.nextKey()) {
      if (reader.keyByte !== 0) this.#member(reader.keyByte);
      else if (reader.tokenIs(PREVIOUS_ID)) this.#readPrevious();
      else reader.skipValue();
    }
  }

  /** One field of a payload, named by a single byte. */
  #member(key: number): void {
    const reader = this.#reader;
    if (!isLetter(key)) {
      reader.skipValue();
      return;
    }
    const flag = bit(key);
    const upper = isUpper(key);
    if (((upper ? this.#upper : this.#lower) & flag) !== 0) this.#fault(DecodeError.DUPLICATE_KEY);
    if (upper) this.#upper |= flag;
    else this.#lower |= flag;
    if (key === 0x65) this.#kind = readEventKind(reader, this.#kind);
    else if (key === 0x73) this.#readSymbol();
    else if (this.#readable(flag, upper)) this.#readField(key);
    else {
      if (upper) this.#deferredUpper |= flag;
      else this.#deferredLower |= flag;
      this.#offsets[key] = reader.at;
      reader.skipValue();
    }
  }

  #readable(flag: number, upper: boolean): boolean {
    if (this.#kind === UNTOLD) return false;
    return this.#instrument !== undefined || ((upper ? NO_PRECISION_UPPER : NO_PRECISION_LOWER) & flag) !== 0;
  }

  #readSymbol(): void {
    const reader = this.#reader;
    const { symbol } = this.#stream;
    if (this.#streamSeen && symbol !== undefined && reader.tryString(symbol)) return;
    if (!reader.readString()) return;
    const instrument = this.#symbols.find(reader.text, reader.start, reader.stop);
    if (!this.#streamSeen) this.#instrument = instrument;
    else if (instrument !== this.#stream.instrument) this.#fault(DecodeError.SYMBOL_MISMATCH);
  }

  #readPrevious(): void {
    const reader = this.#reader;
    if (this.#deferredPrevious !== 0 || this.previousId >= 0) this.#fault(DecodeError.DUPLICATE_KEY);
    if (this.#kind === FrameKind.Depth) {
      this.#readId();
      this.previousId = this.#number[0]!;
    } else {
      this.#deferredPrevious = reader.at;
      reader.skipValue();
    }
  }

  #readField(key: number): void {
    switch (this.#kind) {
      case FrameKind.Depth:
        this.#readDepth(key);
        break;
      case FrameKind.Quote:
        this.#readQuote(key);
        break;
      case FrameKind.Trade:
        this.#readTrade(key);
        break;
      default:
        this.#reader.skipValue();
    }
  }

  #readDepth(key: number): void {
    const instrument = this.#instrument;
    if (key === 0x75 /* u */) {
      this.#readId();
      this.depth.lastId = this.#number[0]!;
    } else if (key === 0x55 /* U */) {
      this.#readId();
      this.depth.firstId = this.#number[0]!;
    } else if (key === 0x62 /* b */) {
      readLevels(this.#reader, this.#bids, instrument!.pricePrecision, instrument!.sizePrecision);
    } else if (key === 0x61 /* a */) {
      readLevels(this.#reader, this.#asks, instrument!.pricePrecision, instrument!.sizePrecision);
    } else this.#readTime(key);
  }

  #readQuote(key: number): void {
    const { quote } = this;
    const instrument = this.#instrument;
    if (key === 0x75 /* u */) {
      this.#readId();
      quote.updateId = this.#number[0]!;
    } else if (key === 0x62 /* b */) quote.bid = this.#reader.readUnits(instrument!.pricePrecision);
    else if (key === 0x42 /* B */) quote.bidSize = this.#reader.readUnits(instrument!.sizePrecision);
    else if (key === 0x61 /* a */) quote.ask = this.#reader.readUnits(instrument!.pricePrecision);
    else if (key === 0x41 /* A */) quote.askSize = this.#reader.readUnits(instrument!.sizePrecision);
    else this.#readTime(key);
  }

  #readTrade(key: number): void {
    const { trade } = this;
    const instrument = this.#instrument;
    if (key === 0x74 /* t */) {
      this.#readId();
      trade.tradeId = this.#number[0]!;
    } else if (key === 0x70 /* p */) trade.price = this.#reader.readUnits(instrument!.pricePrecision);
    else if (key === 0x71 /* q */) trade.quantity = this.#reader.readUnits(instrument!.sizePrecision);
    else if (key === 0x6d /* m: the buyer is the maker */) {
      trade.aggressor = this.#reader.readBoolean() ? Side.Sell : Side.Buy;
    } else this.#readTime(key);
  }

  #readTime(key: number): void {
    const reader = this.#reader;
    if (key !== 0x45 /* E */ && key !== 0x54 /* T */) {
      reader.skipValue();
      return;
    }
    this.#readNumber();
    const time = toMicroseconds(this.#number[0]!);
    if (time < 0) this.#fault(DecodeError.IMPOSSIBLE);
    if (key === 0x45) this.#eventTime = time;
    else this.#matchTime = time;
  }

  /** Into `#number`. */
  #readId(): void {
    this.#readNumber();
    if (this.#number[0]! < 0) this.#fault(DecodeError.IMPOSSIBLE);
  }

  /** Into `#number`: a large number that a function returns is an object on the heap, unless the compiler inlines it. */
  #readNumber(): void {
    this.#number[0] = this.#reader.readInteger();
  }

  /** The frame is well-formed JSON: is it one of ours, and complete? */
  #conclude(enveloped: boolean): FrameKind {
    if (this.#kind === FrameKind.ServerShutdown) return FrameKind.ServerShutdown;
    if (this.#streamSeen) {
      const { kind } = this.#stream;
      if (kind === FrameKind.Unknown || kind === FrameKind.Ignored) return kind;
      if (kind !== this.#kind) return this.#fail(DecodeError.EVENT_MISMATCH);
    } else if (enveloped) return this.#fail(DecodeError.MISSING_FIELD);
    else if (this.#kind === UNTOLD) {
      // A raw book ticker has no event name on spot: its fields give it away.
      const ticker =
        has(this.#upper, REQUIRED_UPPER[FrameKind.Quote]!) &&
        has(this.#lower, REQUIRED_LOWER[FrameKind.Quote]!);
      this.#kind = ticker && (this.#upper & FIRST_ID) === 0 ? FrameKind.Quote : FrameKind.Unknown;
    }
    const kind = this.#kind as FrameKind;
    if (kind === FrameKind.Unknown || kind === FrameKind.Ignored) return kind;
    if (this.#problem !== DecodeError.NONE) return this.#failed();
    if (this.#instrument === undefined && (this.#lower & SYMBOL) !== 0) return FrameKind.Unknown;
    if (!has(this.#upper, REQUIRED_UPPER[kind]!) || !has(this.#lower, REQUIRED_LOWER[kind]!)) {
      return this.#fail(DecodeError.MISSING_FIELD);
    }
    this.#readDeferred();
    if (this.#reader.error !== DecodeError.NONE || this.#problem !== DecodeError.NONE) return this.#failed();
    return this.#complete(kind, this.#instrument!.index);
  }

  #readDeferred(): void {
    const reader = this.#reader;
    for (let letter = 1; letter <= 26; letter++) {
      const flag = 1 << letter;
      if ((this.#deferredUpper & flag) !== 0) {
        reader.at = this.#offsets[0x40 + letter]!;
        this.#readField(0x40 + letter);
      }
      if ((this.#deferredLower & flag) !== 0) {
        reader.at = this.#offsets[0x60 + letter]!;
        this.#readField(0x60 + letter);
      }
    }
    if (this.#deferredPrevious !== 0 && this.#kind === FrameKind.Depth) {
      reader.at = this.#deferredPrevious;
      this.#readId();
      this.previousId = this.#number[0]!;
    }
  }

  #complete(kind: FrameKind, instrument: number): FrameKind {
    const time = this.#matchTime !== 0 ? this.#matchTime : this.#eventTime;
    if (kind === FrameKind.Depth) {
      const { depth } = this;
      if (depth.firstId > depth.lastId || this.previousId > depth.lastId)
        return this.#fail(DecodeError.IMPOSSIBLE);
      depth.instrument = instrument;
      depth.tsEvent = time;
      lendLevels(depth, this.#bids, this.#asks);
    } else if (kind === FrameKind.Quote) {
      this.quote.instrument = instrument;
      this.quote.tsEvent = time;
    } else {
      // Futures report insurance fund and similar bookings as trades without a price (`X` other than MARKET).
      if (this.trade.price === 0 || this.trade.quantity === 0) return FrameKind.Ignored;
      this.trade.instrument = instrument;
      this.trade.tsEvent = time;
    }
    return kind;
  }
}
