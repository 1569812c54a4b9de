import {
  BookFault,
  type BookUpdate,
  ConnectionState,
  EventKind,
  type EventSink,
  type Instrument,
  type InstrumentSpec,
  nameOf,
  VenueChannel,
} from '../../domain/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { MarketDataPort } from '../port.js';
import { DecodeError, FrameKind, faultOf } from './decode-codes.js';
import { DEFAULT_SYNC_LIMITS, type DepthSink, type SyncLimits, SyncState } from './depth-synchronizer.js';
import { InstrumentError, readInstruments } from './instruments.js';
import type { RateLimitEntry } from './limits.js';
import { BinanceDecoder } from './market-decoder.js';
import { MarketMetrics } from './market-metrics.js';
import type { MarketStream } from './market-stream.js';
import { type BinanceOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { readRateLimits } from './rate-limit-reader.js';
import type { RestPort } from './rest-port.js';
import { SnapshotFetcher } from './snapshot-fetcher.js';
import { StreamKeeper } from './stream-keeper.js';
import { streamsOf } from './stream-name.js';
import { surfacing } from './surfacing-sink.js';
import { SymbolFeed } from './symbol-feed.js';
import { ThrottledLog } from './throttled-log.js';

/** Request weight of exchangeInfo (rest-api.md, "Exchange information"). */
const EXCHANGE_INFO_WEIGHT = 20;
const WATCH_INTERVAL_MS = 1_000;
/** A depth stream this far behind its own book ticker is dead: it speaks every 100 ms when anything changes. */
const DEPTH_STALL_NS = 10e9;
/** No market data message at all for this long, on a connection that still answers pings. */
const DATA_SILENCE_NS = 60e9;

/** Where the request limits go that the venue tells with its instruments. */
export interface LimitsSink {
  configure(entries: readonly RateLimitEntry[]): void;
}

export interface MarketDataTuning {
  /** Draws from [0, 1), for jitter; default Math.random. */
  readonly random?: () => number;
  readonly sync?: SyncLimits;
  /** Age at which a connection is replaced. */
  readonly lifetimeMs?: number;
}

/**
 * Public market data of Binance spot: instruments, and for each of them a book kept in step by the documented procedure,
 * trades and the venue's own best bid and ask, all over one combined-stream connection.
 *
 * Whatever breaks a book (a gap, a frame that cannot be decoded, a lost connection, a stalled stream) is told as BookStatus
 * before anything else about it, and ends with a BookSnapshot.
 */
export class BinanceMarketData implements MarketDataPort {
  readonly #options: ResolvedOptions;
  readonly #tuning: MarketDataTuning;
  readonly #rest: RestPort;
  readonly #limits: LimitsSink;
  readonly #logger: Logger;
  readonly #badFrames: ThrottledLog;
  readonly #repeats: ThrottledLog;
  readonly #metrics: MarketMetrics;
  #sink: EventSink = () => {};
  #decoder = new BinanceDecoder([]);
  #feeds: SymbolFeed[] = [];
  /** By dense instrument index. */
  #byInstrument: (SymbolFeed | undefined)[] = [];
  #fetcher: SnapshotFetcher | undefined;
  #keeper: StreamKeeper | undefined;
  #watch: NodeJS.Timeout | undefined;
  #frameNs = 0;

  constructor(options: BinanceOptions, rest: RestPort, limits: LimitsSink, tuning: MarketDataTuning = {}) {
    this.#options = resolveOptions(options);
    this.#tuning = tuning;
    this.#rest = rest;
    this.#limits = limits;
    this.#logger = options.logger.child({ venue: 'binance', channel: 'market-data' });
    this.#badFrames = new ThrottledLog(this.#logger, options.clock, 1_000);
    this.#repeats = new ThrottledLog(this.#logger, options.clock, 1_000);
    this.#metrics = new MarketMetrics(options.metrics);
  }

  async loadInstruments(symbols: readonly string[]): Promise<InstrumentSpec[]> {
    const wanted = encodeURIComponent(JSON.stringify(symbols));
    let answer = await this.#rest.getJson('/api/v3/exchangeInfo', `symbols=${wanted}`, EXCHANGE_INFO_WEIGHT);
    // A symbol the venue does not know fails the whole request: the full list lets us say which, and what was meant.
    if (answer.status === 400)
      answer = await this.#rest.getJson('/api/v3/exchangeInfo', '', EXCHANGE_INFO_WEIGHT);
    if (answer.status !== 200) throw new InstrumentError(`exchangeInfo: the venue answered ${answer.status}`);
    const text = Buffer.from(answer.body).toString();
    const limits = readRateLimits(text);
    if (limits !== undefined) this.#limits.configure(limits);
    else this.#logger.warn('exchangeInfo tells no request limits: the published ones hold');
    return readInstruments(text, symbols);
  }

  async start(instruments: readonly Instrument[], sink: EventSink): Promise<void> {
    if (this.#keeper !== undefined) throw new Error('binance: market data was already started');
    if (instruments.length === 0) throw new RangeError('binance: no instruments to start market data for');
    const { clock, depthLimit, endpoints, heartbeat, reconnect } = this.#options;
    this.#rest.start();
    this.#sink = surfacing(sink);
    this.#decoder = new BinanceDecoder(instruments);
    const books: DepthSink = {
      onBook: (update) => this.#onBook(update),
      onFault: (instrument, fault) => this.#onFault(instrument, fault),
      onDropped: (instrument, repeated) => this.#onDropped(instrument, repeated),
    };
    const limits = this.#tuning.sync ?? DEFAULT_SYNC_LIMITS;
    this.#feeds = instruments.map((instrument) => new SymbolFeed(instrument, books, limits));
    this.#byInstrument = [];
    for (const feed of this.#feeds) this.#byInstrument[feed.instrument.index] = feed;
    this.#fetcher = new SnapshotFetcher(
      this.#feeds,
      this.#rest,
      depthLimit,
      clock,
      this.#logger,
      this.#metrics,
    );
    this.#keeper = new StreamKeeper(
      {
        url: endpoints.stream,
        streams: instruments.flatMap(({ symbol }) => streamsOf(symbol)),
        heartbeat,
        reconnect,
        clock,
        logger: this.#logger,
        random: this.#tuning.random ?? Math.random,
        ...(this.#tuning.lifetimeMs === undefined ? {} : { lifetimeMs: this.#tuning.lifetimeMs }),
      },
      {
        onConnecting: () => {
          this.#metrics.connects.add(1);
          this.#emitConnection(ConnectionState.Connecting);
        },
        onUp: () => this.#onUp(),
        onFrame: (stream, frame) => this.#onFrame(stream, frame),
        onDown: () => this.#onDown(),
      },
    );
    this.#watch = setInterval(() => this.#onWatch(), WATCH_INTERVAL_MS);
    this.#watch.unref();
    await this.#keeper.start();
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    this.#fetcher?.stop();
    this.#keeper?.stop();
    this.#keeper = undefined;
    for (const feed of this.#feeds) feed.sync.stop();
    this.#metrics.up.set(0);
    this.#emitConnection(ConnectionState.Down);
    await this.#rest.stop();
  }

  /** The book of `instrument` turned out broken after it was passed on (crossed, top mismatch): rebuild it. */
  resync(instrument: number, fault: BookFault): void {
    const feed = this.#byInstrument[instrument];
    if (feed?.sync.state !== SyncState.Synced) return;
    feed.sync.invalidate(fault, this.#options.clock.nowUs());
    this.#fetcher?.pump();
  }

  #onUp(): void {
    const { clock } = this.#options;
    const now = clock.nowUs();
    this.#frameNs = clock.nanos();
    this.#metrics.up.set(1);
    this.#logger.info('market data connected', { symbols: this.#feeds.length });
    this.#emitConnection(ConnectionState.Up);
    for (const feed of this.#feeds) {
      feed.reset(this.#frameNs);
      feed.sync.start(now);
    }
    this.#fetcher?.pump();
  }

  #onDown(): void {
    this.#metrics.disconnects.add(1);
    this.#metrics.up.set(0);
    for (const feed of this.#feeds) feed.sync.stop();
    this.#emitConnection(ConnectionState.Down);
  }

  /** The straight line begins here. */
  #onFrame(stream: MarketStream, frame: Buffer): void {
    const ns = this.#options.clock.nanos();
    this.#options.onFrame?.(ns);
    this.#frameNs = ns;
    const decoder = this.#decoder;
    const kind = decoder.decode(frame);
    this.#metrics.messages[kind]!.add(1);
    this.#metrics.bytes.add(frame.length);
    switch (kind) {
      case FrameKind.Depth: {
        const feed = this.#byInstrument[decoder.depth.instrument]!;
        feed.depthNs = ns;
        feed.sync.onDelta(decoder.depth, decoder.previousId, this.#options.clock.nowUs());
        break;
      }
      case FrameKind.Quote:
        this.#onQuote();
        break;
      case FrameKind.Trade:
        this.#onTrade();
        break;
      case FrameKind.Failed:
        this.#onBadFrame(frame);
        break;
      case FrameKind.ServerShutdown:
        this.#keeper?.renew('the venue is shutting this server down');
        break;
      case FrameKind.Acknowledged:
      case FrameKind.Refused:
        stream.onReply(decoder.reply, kind === FrameKind.Acknowledged);
        break;
      default:
        break;
    }
  }

  #onQuote(): void {
    const { quote } = this.#decoder;
    const feed = this.#byInstrument[quote.instrument]!;
    // While two connections overlap each ticker comes twice.
    if (quote.updateId <= feed.quoteId) return;
    if (feed.quoteId <= feed.sync.lastId) feed.aheadNs = this.#frameNs;
    feed.quoteId = quote.updateId;
    this.#sink(quote);
  }

  #onTrade(): void {
    const { trade } = this.#decoder;
    const feed = this.#byInstrument[trade.instrument]!;
    if (trade.tradeId <= feed.lastTradeId) {
      this.#metrics.duplicateTrades.add(1);
      return;
    }
    feed.lastTradeId = trade.tradeId;
    this.#sink(trade);
  }

  #onBadFrame(frame: Buffer): void {
    const { error, errorAt, errorInstrument } = this.#decoder;
    const feed = errorInstrument < 0 ? undefined : this.#byInstrument[errorInstrument];
    this.#badFrames.warn('a market data frame could not be decoded', () => ({
      error: nameOf(DecodeError, error),
      offset: errorAt,
      symbol: feed?.instrument.symbol ?? 'all',
      length: frame.length,
      frame: frame.subarray(0, 200).toString('latin1'),
    }));
    const now = this.#options.clock.nowUs();
    for (const broken of feed === undefined ? this.#feeds : [feed])
      broken.sync.invalidate(faultOf(error), now);
    this.#fetcher?.pump();
  }

  /** Harmless, and to be expected while two connections overlap; else a sign that something is wrong on the way. */
  #onDropped(instrument: number, repeated: boolean): void {
    this.#metrics.droppedDeltas.add(1);
    if (!repeated) return;
    this.#metrics.repeatedDeltas.add(1);
    const { symbol } = this.#byInstrument[instrument]!.instrument;
    this.#repeats.warn('depth event told twice', () => ({ symbol }));
  }

  #onBook(update: BookUpdate): void {
    this.#sink(update);
  }

  #onFault(instrument: number, fault: BookFault): void {
    this.#metrics.faults[fault]!.add(1);
    const { symbol } = this.#byInstrument[instrument]!.instrument;
    if (fault !== BookFault.NONE && fault !== BookFault.DISCONNECTED) {
      this.#logger.warn('book invalid, resyncing', { symbol, fault: nameOf(BookFault, fault) });
    }
    this.#sink({ kind: EventKind.BookStatus, tsEvent: 0, tsInit: 0, instrument, fault });
    // The synchronizer has yet to note when it wants its snapshot.
    queueMicrotask(() => this.#fetcher?.pump());
  }

  /** Finds what pings cannot: a connection that lives but says nothing, a depth stream that stopped on its own. */
  #onWatch(): void {
    if (this.#options.clock.nanos() - this.#frameNs > DATA_SILENCE_NS) {
      this.#keeper?.restart('no market data for too long');
      return;
    }
    const now = this.#options.clock.nanos();
    for (const { sync, quoteId, depthNs, aheadNs, instrument } of this.#feeds) {
      // A quiet market's ticker is ahead for a moment too: only one that stays ahead shows a stall.
      const silentNs = now - Math.max(depthNs, aheadNs);
      if (sync.state === SyncState.Synced && quoteId > sync.lastId && silentNs > DEPTH_STALL_NS) {
        this.#keeper?.restart(`the depth stream of ${instrument.symbol} has stalled`);
        return;
      }
    }
  }

  #emitConnection(state: ConnectionState): void {
    this.#sink({
      kind: EventKind.Connection,
      tsEvent: 0,
      tsInit: 0,
      venue: this.#options.venueIndex,
      channel: VenueChannel.MarketData,
      state,
    });
  }
}
