import { InstrumentBook } from '../book/index.js';
import {
  BookFault,
  BookState,
  type BookUpdate,
  ConnectionState,
  EventKind,
  type EventSink,
  type Instrument,
  type KernelEvent,
  VenueChannel,
} from '../domain/index.js';
import type { MarketDataPort } from '../venues/index.js';

/**
 * A standby's own market data: connected and kept in step with the venue while nobody trades on it, so that whoever takes
 * over has its books at once and not only after a snapshot of each. Until {@link promote} its events end here.
 */
export class WarmFeed {
  readonly #books: InstrumentBook[] = [];
  readonly #venue: number;
  #marketData: MarketDataPort | undefined;
  #channel: ConnectionState = ConnectionState.Down;
  #to: EventSink | undefined;
  #nowUs: () => number;

  constructor(venue: number, nowUs: () => number) {
    this.#venue = venue;
    this.#nowUs = nowUs;
  }

  /** Books that could be traded on now. */
  get valid(): number {
    return this.#books.filter(({ state }) => state === BookState.Valid).length;
  }

  /** Connects; resolves once the first connection is up. `instruments` by their index in the kernel. */
  async start(marketData: MarketDataPort, instruments: readonly Instrument[]): Promise<void> {
    for (const { index } of instruments) this.#books[index] = new InstrumentBook();
    this.#marketData = marketData;
    await marketData.start(instruments, this.sink);
  }

  /** What the connector tells. */
  readonly sink: EventSink = (event) => {
    if (this.#to !== undefined) this.#to(event);
    else this.#keep(event);
  };

  /** From now on events go to `to`, beginning with what was told so far: the connection's state and every good book. */
  promote(to: EventSink): void {
    this.#to = to;
    to({
      kind: EventKind.Connection,
      tsEvent: 0,
      tsInit: 0,
      venue: this.#venue,
      channel: VenueChannel.MarketData,
      state: this.#channel,
    });
    this.#books.forEach((book, instrument) => {
      if (book.state === BookState.Valid) to(snapshotOf(book, instrument));
      else to({ kind: EventKind.BookStatus, tsEvent: 0, tsInit: 0, instrument, fault: book.fault });
    });
    this.#books.length = 0;
  }

  #keep(event: KernelEvent): void {
    switch (event.kind) {
      case EventKind.BookSnapshot:
      case EventKind.BookDelta: {
        event.tsInit = this.#nowUs();
        const book = this.#books[event.instrument];
        if (book?.apply(event)) this.#look(book, event.instrument);
        break;
      }
      case EventKind.Quote: {
        event.tsInit = this.#nowUs();
        const book = this.#books[event.instrument];
        if (book?.applyQuote(event)) this.#look(book, event.instrument);
        break;
      }
      case EventKind.BookStatus:
        this.#books[event.instrument]?.setStatus(event.fault);
        break;
      case EventKind.Connection:
        this.#channel = event.state;
        if (event.state === ConnectionState.Down)
          for (const book of this.#books) book?.setStatus(BookFault.DISCONNECTED);
        break;
      default:
        break;
    }
  }

  /** A book only its reader can see to be broken is rebuilt, as the leader's `BookGuard` has it. */
  #look({ state, fault }: InstrumentBook, instrument: number): void {
    if (state !== BookState.Invalid) return;
    // The connector may be in the middle of handing over this very event.
    setImmediate(() => this.#marketData?.resync?.(instrument, fault));
  }
}

function snapshotOf(book: InstrumentBook, instrument: number): BookUpdate {
  const { levels, lastUpdateId } = book;
  const side = (count: number, at: (i: number) => number) =>
    Float64Array.from({ length: count }, (_, i) => at(i));
  return {
    kind: EventKind.BookSnapshot,
    tsEvent: 0,
    tsInit: 0,
    instrument,
    firstId: lastUpdateId,
    lastId: lastUpdateId,
    bidCount: levels.bidCount,
    askCount: levels.askCount,
    bidPrices: side(levels.bidCount, (i) => levels.bidPrice(i)),
    bidSizes: side(levels.bidCount, (i) => levels.bidSize(i)),
    askPrices: side(levels.askCount, (i) => levels.askPrice(i)),
    askSizes: side(levels.askCount, (i) => levels.askSize(i)),
  };
}
