import { InstrumentBook } from '../../book/index.js';
import {
  BookFault,
  BookState,
  type BookUpdate,
  defineInstrument,
  EventKind,
  formatUnits,
  type Instrument,
  type KernelEvent,
} from '../../domain/index.js';
import { type Clock, MetricRegistry, systemClock } from '../../telemetry/index.js';
import { BinanceReplayFeed } from '../binance-replay-feed.js';
import type { RecordedItem } from '../recorded-item.js';
import { canonical, NaiveBooks } from './naive-book.js';
import { recordedInstruments } from './recorded-instruments.js';
import { readRecording } from './recording-reader.js';
import { TopAgreement } from './top-agreement.js';

/** What replaying a recording through the decoder and the books showed. */
export interface RecordingReport {
  readonly files: readonly string[];
  readonly symbols: readonly string[];
  /** Recorder's time covered, microseconds since 1970 (UTC). */
  readonly fromUs: number;
  readonly toUs: number;
  /** WebSocket messages, and what they were. */
  readonly messages: number;
  readonly bytes: number;
  readonly depthMessages: number;
  readonly quotes: number;
  readonly trades: number;
  readonly ignored: number;
  /** Messages and snapshots that could not be decoded. */
  readonly failures: number;
  readonly snapshots: number;
  /** Depth messages applied to a book, and those that were older than its snapshot. */
  readonly depthApplied: number;
  readonly depthDropped: number;
  /** Price levels in the snapshots and depth messages applied. */
  readonly levels: number;
  readonly gaps: number;
  readonly crossed: number;
  /** Books compared with the venue's own best bid and ask at the same point of the update sequence. */
  readonly topsCompared: number;
  readonly topsAgreed: number;
  /** Whether it is of a futures market, whose depth messages name the one before. */
  readonly futures: boolean;
  /** Whether every final book equals the naive rebuild, level by level, and both applied and dropped the same. */
  readonly naiveEqual: boolean;
  /** Where they differ first; empty when they do not. */
  readonly difference: string;
  /** Decoding and book update of one WebSocket message, on this machine, now. */
  readonly nsPerMessage: { readonly mean: number; readonly p50: number; readonly p99: number };
  readonly messagesPerSecond: number;
}

/**
 * Replays the recording in `files` (see `recordingFiles`) through the engine's decoder, synchronizer and books, rebuilds
 * every book once more the naive way, and reports what was found. Rejects with `RecordingError` when a file cannot be read.
 */
export async function verifyRecording(
  files: readonly string[],
  clock: Clock = systemClock,
): Promise<RecordingReport> {
  const specs = await recordedInstruments(files);
  const verification = new Verification(
    specs.map((spec, index) => defineInstrument(index, 0, spec)),
    clock,
  );
  for await (const item of readRecording(files)) verification.onItem(item);
  return verification.report(files);
}

class Verification {
  readonly #instruments: readonly Instrument[];
  readonly #clock: Clock;
  readonly #books: readonly InstrumentBook[];
  readonly #tops: readonly TopAgreement[];
  readonly #feed: BinanceReplayFeed;
  readonly #naive = new NaiveBooks();
  readonly #times = new MetricRegistry().histogram(
    'tradewind_verify_message_seconds',
    'Decoding and book update of one message',
    {},
    { scale: 1e-9 },
  );
  #fromUs = 0;
  #toUs = 0;
  #levels = 0;
  #applied = 0;
  #gaps = 0;
  #crossed = 0;
  #event: KernelEvent | undefined;

  constructor(instruments: readonly Instrument[], clock: Clock) {
    this.#instruments = instruments;
    this.#clock = clock;
    this.#books = instruments.map(() => new InstrumentBook());
    this.#tops = instruments.map(() => new TopAgreement());
    this.#feed = new BinanceReplayFeed(instruments, (event) => this.#onEvent(event));
  }

  onItem(item: RecordedItem): void {
    if (this.#fromUs === 0) this.#fromUs = item.tsUs;
    this.#toUs = Math.max(this.#toUs, item.tsUs);
    this.#event = undefined;
    const from = this.#clock.nanos();
    this.#feed.onItem(item, this.#toUs);
    const took = this.#clock.nanos() - from;
    if (item.kind === 'frame') this.#times.record(Math.round(took));
    this.#compareTop();
    this.#rebuild(item);
  }

  report(files: readonly string[]): RecordingReport {
    const { counters } = this.#feed;
    const times = this.#times;
    const difference = this.#difference();
    for (const top of this.#tops) top.finish();
    return {
      files,
      symbols: this.#instruments.map(({ symbol }) => symbol),
      fromUs: this.#fromUs,
      toUs: this.#toUs,
      messages: counters.messages,
      bytes: counters.bytes,
      depthMessages: counters.depth,
      quotes: counters.quotes,
      trades: counters.trades,
      ignored: counters.ignored,
      failures: counters.failures,
      snapshots: counters.snapshots,
      depthApplied: this.#applied,
      depthDropped: counters.dropped,
      levels: this.#levels,
      gaps: this.#gaps,
      crossed: this.#crossed,
      topsCompared: this.#tops.reduce((sum, { compared }) => sum + compared, 0),
      topsAgreed: this.#tops.reduce((sum, { agreed }) => sum + agreed, 0),
      futures: counters.futures > 0,
      naiveEqual: difference === '',
      difference,
      nsPerMessage: {
        mean: times.count === 0 ? 0 : times.sum / times.count,
        p50: times.percentile(50),
        p99: times.percentile(99),
      },
      messagesPerSecond: times.sum === 0 ? 0 : (times.count * 1e9) / times.sum,
    };
  }

  /** The timed path: what the kernel does to its books, and no more. */
  #onEvent(event: KernelEvent): void {
    this.#event = event;
    switch (event.kind) {
      case EventKind.BookSnapshot:
      case EventKind.BookDelta:
        this.#onBook(event);
        break;
      case EventKind.Quote:
        this.#books[event.instrument]!.applyQuote(event);
        break;
      case EventKind.BookStatus:
        if (event.fault === BookFault.SEQUENCE_GAP) this.#gaps++;
        this.#books[event.instrument]!.setStatus(event.fault);
        break;
      default:
        break;
    }
  }

  #onBook(update: BookUpdate): void {
    const book = this.#books[update.instrument]!;
    const wasInvalid = book.state === BookState.Invalid;
    book.apply(update);
    if (book.fault === BookFault.CROSSED && !wasInvalid) this.#crossed++;
    if (update.kind === EventKind.BookDelta) this.#applied++;
    this.#levels += update.bidCount + update.askCount;
  }

  #compareTop(): void {
    const event = this.#event;
    if (event?.kind === EventKind.Quote) this.#tops[event.instrument]!.onQuote(event);
    else if (event?.kind === EventKind.BookDelta)
      this.#tops[event.instrument]!.onBook(this.#books[event.instrument]!);
  }

  #rebuild({ kind, url, bytes }: RecordedItem): void {
    if (kind !== 'frame' && kind !== 'rest') return;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
    if (kind === 'frame') {
      this.#naive.onFrame(text);
      return;
    }
    const symbol =
      url === undefined ? this.#instruments[0]!.symbol : /\/depth\?.*\bsymbol=(\w+)/.exec(url)?.[1];
    if (symbol !== undefined) this.#naive.onSnapshot(symbol, text);
  }

  #difference(): string {
    let dropped = 0;
    let applied = 0;
    for (const { symbol, index, pricePrecision, sizePrecision } of this.#instruments) {
      const { levels } = this.#books[index]!;
      const naive = this.#naive.book(symbol);
      dropped += naive.dropped;
      applied += naive.applied;
      const level = (price: number, size: number) =>
        `${canonical(formatUnits(price, pricePrecision))} ${canonical(formatUnits(size, sizePrecision))}`;
      const bids = Array.from({ length: levels.bidCount }, (_, i) =>
        level(levels.bidPrice(i), levels.bidSize(i)),
      );
      const asks = Array.from({ length: levels.askCount }, (_, i) =>
        level(levels.askPrice(i), levels.askSize(i)),
      );
      const difference =
        firstDifference(bids, naive.levels('bids')) ?? firstDifference(asks, naive.levels('asks'));
      if (difference !== undefined) return `${symbol}: ${difference}`;
    }
    if (applied !== this.#applied) return `${this.#applied} depth messages applied, naively ${applied}`;
    if (dropped !== this.#feed.counters.dropped)
      return `${this.#feed.counters.dropped} dropped, naively ${dropped}`;
    return '';
  }
}

function firstDifference(ours: readonly string[], theirs: readonly string[]): string | undefined {
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    if (ours[i] !== theirs[i]) return `level ${i}: ${ours[i] ?? 'none'}, naively ${theirs[i] ?? 'none'}`;
  }
  return undefined;
}
