import {
  BookFault,
  ConnectionState,
  EventKind,
  type Instrument,
  type KernelEvent,
  VenueChannel,
} from '../domain/index.js';
import {
  BinanceDecoder,
  DecodeError,
  DepthSynchronizer,
  FrameKind,
  faultOf,
  SnapshotDecoder,
  SyncState,
} from '../venues/index.js';
import type { RecordedItem } from './recorded-item.js';

/** What a recording held, counted as it was replayed. */
export class FeedCounters {
  /** WebSocket messages. */
  messages = 0;
  bytes = 0;
  /** Depth messages, and what became of them: given to the book now or after waiting for a snapshot, or dropped. */
  depth = 0;
  /** Books given on, snapshots included. */
  books = 0;
  /** Depth messages (and snapshots) already contained in the book. */
  dropped = 0;
  snapshots = 0;
  quotes = 0;
  trades = 0;
  /** Streams of no use here, or of symbols not replayed. */
  ignored = 0;
  /** Messages that could not be decoded. */
  failures = 0;
  /** Depth messages that carry the id of the one before, as futures do and spot does not. */
  futures = 0;
  /** Times a book was given up: a gap, a broken message, a lost connection. */
  faults = 0;
}

/**
 * Recorded Binance traffic (spot, USD-M and COIN-M futures) as kernel events, by the decoder and the synchronizer that
 * serve the live connection. REST depth answers take the place of the requests a live connection would have made.
 */
export class BinanceReplayFeed {
  readonly counters = new FeedCounters();
  readonly #instruments: readonly Instrument[];
  readonly #emit: (event: KernelEvent) => void;
  readonly #decoder: BinanceDecoder;
  readonly #snapshots = new SnapshotDecoder();
  readonly #synchronizers: readonly DepthSynchronizer[];
  #connected: string | undefined;
  #now = 0;

  /** `emit` is called within {@link onItem}; book, quote and trade events are reused. Instruments by dense index. */
  constructor(instruments: readonly Instrument[], emit: (event: KernelEvent) => void) {
    this.#instruments = instruments;
    this.#emit = emit;
    this.#decoder = new BinanceDecoder(instruments);
    this.#synchronizers = instruments.map(
      ({ index }) =>
        new DepthSynchronizer(index, {
          onBook: (update) => {
            this.counters.books++;
            this.#give(update);
          },
          onFault: (instrument, fault) => this.#fault(instrument, fault),
          onDropped: () => {
            this.counters.dropped++;
          },
        }),
    );
  }

  /** Replays one item at `now` (microseconds; never less than before). */
  onItem(item: RecordedItem, now: number): void {
    this.#now = now;
    switch (item.kind) {
      case 'connect':
        this.#connect(item.url ?? '');
        break;
      case 'rest':
        this.#onRest(item);
        break;
      case 'frame':
        if (this.#connected === undefined) this.#connect('');
        this.#onFrame(item.bytes);
        break;
      case 'sent':
        break;
    }
  }

  /** The first connection starts the books; the same one again means that it was lost meanwhile. */
  #connect(url: string): void {
    if (this.#connected !== undefined) {
      if (this.#connected !== url) return;
      for (const synchronizer of this.#synchronizers) synchronizer.stop();
    }
    this.#connected = url;
    const venue = this.#instruments[0]?.venue ?? 0;
    const channel = VenueChannel.MarketData;
    const state = ConnectionState.Up;
    this.#give({ kind: EventKind.Connection, tsEvent: 0, tsInit: 0, venue, channel, state });
    for (const synchronizer of this.#synchronizers) synchronizer.start(this.#now);
  }

  #onFrame(frame: Uint8Array): void {
    const { counters } = this;
    const decoder = this.#decoder;
    counters.messages++;
    counters.bytes += frame.length;
    switch (decoder.decode(frame)) {
      case FrameKind.Depth: {
        counters.depth++;
        if (decoder.previousId > 0) counters.futures++;
        const { depth } = decoder;
        this.#synchronizers[depth.instrument]!.onDelta(depth, decoder.previousId, this.#now);
        break;
      }
      case FrameKind.Quote:
        counters.quotes++;
        this.#give(decoder.quote);
        break;
      case FrameKind.Trade:
        counters.trades++;
        this.#give(decoder.trade);
        break;
      case FrameKind.Failed:
        counters.failures++;
        if (decoder.errorInstrument >= 0) {
          this.#synchronizers[decoder.errorInstrument]!.invalidate(faultOf(decoder.error), this.#now);
        }
        break;
      default:
        counters.ignored++;
    }
  }

  #onRest(item: RecordedItem): void {
    const instrument = this.#snapshotOf(item);
    if (instrument === undefined) {
      this.counters.ignored++;
      return;
    }
    if (this.#connected === undefined) this.#connect('');
    const synchronizer = this.#synchronizers[instrument.index]!;
    if (synchronizer.state !== SyncState.Buffering) {
      this.counters.dropped++;
      return;
    }
    const ticket = synchronizer.takeRequest();
    if (this.#snapshots.decode(item.bytes, instrument) === DecodeError.NONE) {
      this.counters.snapshots++;
      synchronizer.onSnapshot(ticket, this.#snapshots.snapshot, this.#now);
    } else {
      this.counters.failures++;
      synchronizer.onSnapshotFailed(ticket, this.#now);
    }
  }

  /** The instrument whose depth a REST answer holds. Without an address it can only be told when there is but one. */
  #snapshotOf({ url }: RecordedItem): Instrument | undefined {
    if (url === undefined || url === '')
      return this.#instruments.length === 1 ? this.#instruments[0] : undefined;
    if (!URL.canParse(url)) return undefined;
    const { pathname, searchParams } = new URL(url);
    if (!pathname.endsWith('/depth')) return undefined;
    return this.#instruments.find(({ symbol }) => symbol === searchParams.get('symbol'));
  }

  #fault(instrument: number, fault: BookFault): void {
    if (fault !== BookFault.NONE) this.counters.faults++;
    this.#give({ kind: EventKind.BookStatus, tsEvent: 0, tsInit: 0, instrument, fault });
  }

  #give(event: KernelEvent): void {
    event.tsInit = this.#now;
    this.#emit(event);
  }
}
