import { setTimeout as sleep } from 'node:timers/promises';
import { latencySummary, type SessionSummary, summarizeSession } from '../backtest/index.js';
import { type Config, riskLimits } from '../config/index.js';
import {
  BookState,
  ConnectionState,
  defineInstrument,
  EventKind,
  type Instrument,
  type InstrumentSpec,
  nameOf,
  type Timer,
  VenueChannel,
} from '../domain/index.js';
import { EventLogWriter } from '../journal/index.js';
import { Kernel } from '../kernel/index.js';
import type { Clock, Telemetry } from '../telemetry/index.js';
import type { ExecutionPort, MarketDataPort } from '../venues/index.js';
import { BookGuard } from './book-guard.js';
import { Engine, type EngineObserver, type MarketEventListener } from './engine.js';
import { takeEpoch } from './epoch.js';
import { LogObserver } from './log-observer.js';
import { MetricsObserver } from './metrics-observer.js';
import { checkMoneyLimits } from './money-limits.js';
import { Recorder } from './recorder.js';
import { SessionError } from './session-error.js';
import { type ShutdownReport, shutDown } from './shutdown.js';
import { readStatus, type SessionStatus } from './status.js';
import { makeStrategies } from './strategies.js';
import { SwitchKeeper } from './switch-keeper.js';
import type { TickToTrade } from './tick-to-trade.js';
import { TradingSwitch } from './trading-switch.js';

/** The kernel's clock ticks this often, milliseconds. */
const TIMER_MS = 10;
const SAMPLE_MS = 200;
/** With the half second for the sockets and that for a child, an end takes less than 5 s whatever the venue does. */
const SHUTDOWN_MS = 3_000;
/** What a crash may cost of the recorded events. */
const RECORD_FLUSH_MS = 1_000;
/** A full disk would keep the next start from taking its epoch, and the kill switch from being kept. */
const RECORD_KEEPS_FREE_BYTES = 128 * 1024 * 1024;

export interface SessionOptions {
  readonly config: Config;
  readonly configDigest: string;
  readonly version: string;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly marketData: MarketDataPort;
  readonly execution: ExecutionPort;
  /** The execution port again when it fills orders by itself from public data. */
  readonly market?: MarketEventListener;
  readonly tickToTrade: TickToTrade;
}

export interface SessionResult {
  readonly summary: SessionSummary;
  readonly shutdown: ShutdownReport;
  /** Why the event log that was asked for is not complete. */
  readonly recordError?: string;
}

/** It ended before it was connected to the venue. */
const NOTHING_SENT: ShutdownReport = { verified: true, left: [], detail: 'no order was ever sent' };

/** One run of the engine against one venue: instruments, kernel, connections, and an orderly end. */
export class TradingSession {
  readonly #options: SessionOptions;
  readonly #kernel: Kernel;
  readonly #engine: Engine;
  readonly #metrics: MetricsObserver;
  readonly #log: EventLogWriter | undefined;
  readonly #instruments: Instrument[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  #stopping = false;
  #recording = false;
  #recordError: Error | undefined;
  readonly #switch: SwitchKeeper;
  /** Orders may have been sent. */
  #trading = false;
  #startedMs = performance.now();

  constructor(options: SessionOptions) {
    this.#options = options;
    const { config, telemetry, clock } = options;
    this.#kernel = new Kernel({
      limits: riskLimits(config),
      strategies: makeStrategies(config),
      staleAfterUs: config.venue.staleAfterMs * 1000,
    });
    this.#metrics = new MetricsObserver(telemetry.registry, this.#kernel.view);
    const observers: EngineObserver[] = [
      options.tickToTrade,
      this.#metrics,
      new LogObserver(telemetry, this.#kernel.view),
      new BookGuard(this.#kernel.view, options.marketData),
    ];
    if (config.session.recordTo !== undefined) {
      this.#log = new EventLogWriter(config.session.recordTo, {
        keepFreeBytes: RECORD_KEEPS_FREE_BYTES,
        onError: (error) => {
          this.#recordError = error;
          telemetry.logger.error('the event log can no longer be written', { error });
        },
      });
      observers.push(new Recorder(this.#log));
    }
    this.#engine = new Engine(this.#kernel, clock, observers);
    this.#switch = new SwitchKeeper(
      new TradingSwitch(config.session.stateDir),
      this.#kernel.view,
      this.#engine.sink,
      clock,
      telemetry.logger,
    );
  }

  /**
   * Loads instruments, connects, reconciles; resolves when both halves of the venue are up, or early when {@link stop}
   * was called meanwhile.
   */
  async start(): Promise<void> {
    const { config, telemetry, marketData, execution, version, configDigest } = this.#options;
    this.#startedMs = performance.now();
    await this.#openLog();
    if (this.#stopping) return;
    const specs = await this.#loadInstruments();
    if (this.#stopping) return;
    checkMoneyLimits(config, specs);
    const epoch = this.#takeEpoch();
    telemetry.logger.info('session started', {
      version,
      epoch,
      mode: config.venue.environment,
      configDigest,
    });
    const { sink } = this.#engine;
    this.#engine.connect(execution, this.#options.market);
    sink({ kind: EventKind.SessionStarted, tsEvent: 0, tsInit: 0, epoch, version, configDigest });
    for (const [index, spec] of specs.entries()) {
      const instrument = defineInstrument(index, 0, spec);
      this.#instruments.push(instrument);
      sink({ kind: EventKind.InstrumentDefined, tsEvent: 0, tsInit: 0, instrument });
    }
    this.#switch.check();
    this.#startTimers();
    this.#trading = true;
    await execution.start(this.#instruments, sink);
    if (this.#stopping) return;
    await marketData.start(this.#instruments, sink);
  }

  status(): SessionStatus {
    const elapsed = performance.now() - this.#startedMs;
    return readStatus(this.#kernel.view, elapsed, this.#messages(), this.#options.tickToTrade.histogram);
  }

  /** Cancels and verifies our orders, disconnects, flushes, and sums up. */
  async stop(): Promise<SessionResult> {
    const { telemetry, marketData, execution, tickToTrade } = this.#options;
    const { view } = this.#kernel;
    this.#stopping = true;
    const shutdown = this.#trading
      ? await shutDown({
          sink: this.#engine.sink,
          execution,
          openOrders: () => view.orders.openCount,
          logger: telemetry.logger,
          deadlineMs: SHUTDOWN_MS,
        })
      : NOTHING_SENT;
    for (const timer of this.#timers) clearInterval(timer);
    const wallMs = performance.now() - this.#startedMs;
    await Promise.race([Promise.allSettled([marketData.stop(), execution.stop()]), sleep(500)]);
    // What comes later is neither in the summary nor in the record: the two tell of the same events.
    this.#engine.close();
    if (this.#recording)
      await this.#log?.close().catch((error: unknown) => {
        this.#recordError ??= error instanceof Error ? error : new Error(String(error));
        telemetry.logger.error('the event log is incomplete', { error });
      });
    this.#metrics.sample();
    const summary = summarizeSession(view, {
      messages: this.#messages(),
      bookUpdates: view.counters.bookUpdates + view.counters.quotes,
      wallMs,
      tickToTradeUs: latencySummary(tickToTrade.histogram),
      stateHash: this.#kernel.stateHash(),
    });
    return {
      summary,
      shutdown,
      ...(this.#recordError !== undefined && { recordError: this.#recordError.message }),
    };
  }

  async #loadInstruments(): Promise<InstrumentSpec[]> {
    const { config, marketData } = this.#options;
    try {
      return await marketData.loadInstruments(config.venue.symbols);
    } catch (error) {
      throw new SessionError(
        `venue.symbols: cannot be loaded from the venue: ${messageOf(error)} (tradewind venue check tells more)`,
      );
    }
  }

  #takeEpoch(): number {
    const { config, clock } = this.#options;
    const { epochFile } = config.session;
    try {
      return takeEpoch(epochFile, clock.nowUs());
    } catch (error) {
      const system = (error as NodeJS.ErrnoException).code !== undefined;
      throw new SessionError(
        system
          ? `session.stateDir: cannot keep the epoch in ${epochFile}: ${messageOf(error)}: name a folder that can be written to`
          : `session.epochFile: ${messageOf(error)}`,
      );
    }
  }

  /** A record that cannot be written is known before the first order, not after the last. */
  async #openLog(): Promise<void> {
    try {
      await this.#log?.open();
      this.#recording = true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why =
        code === 'EEXIST'
          ? 'it exists, and a record is never written over: name a new file'
          : messageOf(error);
      throw new SessionError(`session.recordTo (--record): cannot write ${this.#log?.path}: ${why}`);
    }
  }

  #startTimers(): void {
    const tick: Timer = { kind: EventKind.Timer, tsEvent: 0, tsInit: 0 };
    this.#timers.push(setInterval(() => this.#engine.sink(tick), TIMER_MS));
    const venue = this.#options.telemetry.readiness('venue');
    const books = this.#options.telemetry.readiness('books');
    const sample = () => {
      this.#switch.check();
      this.#metrics.sample();
      const down = this.#notUp();
      if (down.length === 0) venue.ready();
      else venue.notReady(down.join(', '));
      const bad = this.#notValid();
      if (bad.length === 0 && this.#instruments.length > 0) books.ready();
      else books.notReady(bad.join(', ') || 'no instruments yet');
    };
    this.#timers.push(setInterval(sample, SAMPLE_MS));
    const log = this.#log;
    // A failure was told when it happened.
    if (log !== undefined) this.#timers.push(setInterval(() => log.flush().catch(() => {}), RECORD_FLUSH_MS));
  }

  #notUp(): string[] {
    const { view } = this.#kernel;
    return Object.entries(VenueChannel)
      .filter(([, channel]) => view.connection(0, channel) !== ConnectionState.Up)
      .map(([name, channel]) => `${name} ${nameOf(ConnectionState, view.connection(0, channel))}`);
  }

  #notValid(): string[] {
    const { view } = this.#kernel;
    return this.#instruments
      .filter(({ index }) => view.book(index).state !== BookState.Valid)
      .map(({ symbol, index }) => `${symbol} ${nameOf(BookState, view.book(index).state)}`);
  }

  #messages(): number {
    const { bookUpdates, quotes, trades } = this.#kernel.view.counters;
    return bookUpdates + quotes + trades;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
