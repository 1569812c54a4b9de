import { setTimeout as sleep } from 'node:timers/promises';
import { latencySummary, type SessionSummary, summarizeSession } from '../backtest/index.js';
import type { Config } from '../config/index.js';
import {
  defineInstrument,
  EventKind,
  type Instrument,
  type InstrumentSpec,
  type Timer,
} from '../domain/index.js';
import type { Kernel, KernelView } from '../kernel/index.js';
import type { Clock, Telemetry } from '../telemetry/index.js';
import type { ExecutionPort, MarketDataPort } from '../venues/index.js';
import { AccountObserver } from './account-observer.js';
import { BookGuard } from './book-guard.js';
import { Engine, type EngineJournal, type EngineObserver, type MarketEventListener } from './engine.js';
import { LogObserver } from './log-observer.js';
import { MetricsObserver } from './metrics-observer.js';
import { checkMoneyLimits } from './money-limits.js';
import { resumeOf } from './resume.js';
import { SessionError } from './session-error.js';
import { SessionReadiness } from './session-readiness.js';
import { RECORD_FLUSH_MS, SessionRecord } from './session-record.js';
import { type ShutdownReport, shutDown } from './shutdown.js';
import { readStatus, type SessionStatus } from './status.js';
import { SwitchKeeper } from './switch-keeper.js';
import type { TickToTrade } from './tick-to-trade.js';
import { TradingSwitch } from './trading-switch.js';
import type { WarmFeed } from './warm-feed.js';

/** The kernel's clock ticks this often, milliseconds. */
const TIMER_MS = 10;
const SAMPLE_MS = 200;
/** With the half second for the sockets and that for a child, an end takes less than 5 s whatever the venue does. */
const SHUTDOWN_MS = 3_000;

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
  /** New, or with the history of earlier runs. */
  readonly kernel: Kernel;
  /** The fencing epoch of this run; asked for once, right before trading begins. May throw a SessionError. */
  readonly takeEpoch: () => number;
  /** Where every event is kept; without it a run leaves nothing behind. */
  readonly journal?: SessionJournal;
  /** Market data that is up already, of these instruments. */
  readonly warm?: { readonly feed: WarmFeed; readonly instruments: readonly Instrument[] };
}

/** The journal as a session uses it, and closes it. */
export interface SessionJournal extends EngineJournal {
  /** Calls back, outside of any event, when orders that wait may go. */
  onSafe(listener: () => void): void;
  /** Brings the metrics up to date. */
  sample(): void;
  /** Makes everything durable and closes; with the state hash the journal is sealed as ended in order. */
  close(stateHash: string | undefined): Promise<void>;
}

export interface SessionResult {
  readonly summary: SessionSummary;
  readonly shutdown: ShutdownReport;
  /** Why the event log that was asked for is not complete. */
  readonly recordError?: string;
}

/** It ended before it was connected to the venue; `open` orders of earlier runs may be open there. */
function nothingSent(open: number): ShutdownReport {
  if (open === 0) return { verified: true, left: [], detail: 'no order was ever sent' };
  const detail = `no order was sent, but ${open} of an earlier run may still be open at the venue: start again, or cancel them there`;
  return { verified: false, left: [], detail };
}

/** One run of the engine against one venue: instruments, kernel, connections, and an orderly end. */
export class TradingSession {
  readonly #options: SessionOptions;
  readonly #kernel: Kernel;
  readonly #engine: Engine;
  readonly #metrics: MetricsObserver;
  readonly #record: SessionRecord | undefined;
  readonly #instruments: Instrument[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  #stopping = false;
  readonly #switch: SwitchKeeper;
  /** Orders may have been sent. */
  #trading = false;
  #startedMs = performance.now();

  constructor(options: SessionOptions) {
    this.#options = options;
    const { config, telemetry, clock } = options;
    this.#kernel = options.kernel;
    this.#metrics = new MetricsObserver(telemetry.registry, this.#kernel.view);
    const observers: EngineObserver[] = [
      options.tickToTrade,
      this.#metrics,
      new LogObserver(telemetry, this.#kernel.view),
      new AccountObserver(telemetry.registry, telemetry.logger, this.#kernel.view),
      new BookGuard(this.#kernel.view, options.marketData),
    ];
    if (config.session.recordTo !== undefined) {
      this.#record = new SessionRecord(config.session.recordTo, telemetry.logger);
      observers.push(this.#record.observer);
    }
    this.#engine = new Engine(this.#kernel, clock, observers, options.journal);
    options.journal?.onSafe(() => this.#engine.release());
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
    const { config, telemetry, execution, version, configDigest } = this.#options;
    this.#startedMs = performance.now();
    await this.#record?.open();
    if (this.#stopping) return;
    const instruments = this.#options.warm?.instruments ?? (await this.#loadInstruments());
    if (this.#stopping) return;
    checkMoneyLimits(config, instruments);
    const epoch = this.#options.takeEpoch();
    const resume = resumeOf(this.#kernel.view, epoch);
    telemetry.logger.info('session started', {
      version,
      epoch,
      mode: config.venue.environment,
      configDigest,
    });
    const { sink } = this.#engine;
    this.#engine.connect(execution, this.#options.market);
    sink({ kind: EventKind.SessionStarted, tsEvent: 0, tsInit: 0, epoch, version, configDigest });
    for (const instrument of instruments) {
      this.#instruments.push(instrument);
      sink({ kind: EventKind.InstrumentDefined, tsEvent: 0, tsInit: 0, instrument });
    }
    this.#switch.check();
    this.#startTimers();
    this.#trading = true;
    this.#options.warm?.feed.promote(sink);
    await execution.start(this.#instruments, sink, resume);
    if (this.#stopping || this.#options.warm !== undefined) return;
    await this.#options.marketData.start(this.#instruments, sink);
  }

  status(): SessionStatus {
    const elapsed = performance.now() - this.#startedMs;
    return readStatus(this.#kernel.view, elapsed, this.#messages(), this.#options.tickToTrade.histogram);
  }

  /** Cancels and verifies our orders, disconnects, flushes, and sums up. */
  async stop(): Promise<SessionResult> {
    const { telemetry, execution } = this.#options;
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
      : nothingSent(view.orders.openCount);
    await this.#disconnect();
    await this.#closeJournal(this.#kernel.stateHash());
    return this.#result(shutdown);
  }

  /**
   * Ends without a word to the venue: this process may not send any more. `detail` says why in the result; `elsewhere` when
   * it is known that somebody else leads, whose our orders are now.
   */
  async abandon(detail: string, elsewhere = false): Promise<SessionResult> {
    this.#stopping = true;
    this.#engine.close();
    await this.#disconnect();
    await this.#closeJournal(undefined);
    return this.#result({ verified: false, left: [], detail, ...(elsewhere && { elsewhere }) });
  }

  /** Takes in nothing more: what the journal holds now is all there will be. */
  freeze(): void {
    this.#stopping = true;
    this.#engine.close();
  }

  #result(shutdown: ShutdownReport): SessionResult {
    const { view } = this.#kernel;
    const { tickToTrade } = this.#options;
    const wallMs = performance.now() - this.#startedMs;
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
      ...(this.#record?.error !== undefined && { recordError: this.#record.error.message }),
    };
  }

  async #closeJournal(stateHash: string | undefined): Promise<void> {
    await this.#options.journal?.close(stateHash).catch((error: unknown) => {
      this.#options.telemetry.logger.error('the journal could not be closed', { error });
    });
  }

  async #disconnect(): Promise<void> {
    const { marketData, execution } = this.#options;
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.race([Promise.allSettled([marketData.stop(), execution.stop()]), sleep(500)]);
    // What comes later is neither in the summary nor in the record: the two tell of the same events.
    this.#engine.close();
    await this.#record?.close();
  }

  async #loadInstruments(): Promise<Instrument[]> {
    return instrumentsOf(this.#kernel.view, await loadSpecs(this.#options));
  }

  #startTimers(): void {
    const tick: Timer = { kind: EventKind.Timer, tsEvent: 0, tsInit: 0 };
    this.#timers.push(
      setInterval(() => {
        this.#engine.sink(tick);
        this.#engine.checkJournal();
      }, TIMER_MS),
    );
    const { telemetry } = this.#options;
    const readiness = new SessionReadiness(telemetry, this.#kernel.view, this.#instruments);
    this.#timers.push(
      setInterval(() => {
        this.#switch.check();
        this.#metrics.sample();
        this.#options.journal?.sample();
        readiness.check();
      }, SAMPLE_MS),
    );
    const record = this.#record;
    if (record !== undefined) this.#timers.push(setInterval(() => record.flush(), RECORD_FLUSH_MS));
  }

  #messages(): number {
    const { bookUpdates, quotes, trades } = this.#kernel.view.counters;
    return bookUpdates + quotes + trades;
  }
}

/** Instruments as the venue tells them. Throws a SessionError naming the setting. */
export async function loadSpecs(
  options: Pick<SessionOptions, 'config' | 'marketData'>,
): Promise<InstrumentSpec[]> {
  try {
    return await options.marketData.loadInstruments(options.config.venue.symbols);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SessionError(
      `venue.symbols: cannot be loaded from the venue: ${why} (tradewind venue check tells more)`,
    );
  }
}

/** Each instrument at the index the kernel knows it by, new ones behind those. */
export function instrumentsOf(view: KernelView, specs: readonly InstrumentSpec[]): Instrument[] {
  let next = view.instruments.length;
  return specs.map((spec) => {
    const instrument = defineInstrument(0, 0, spec);
    const known = view.instruments.find(({ id, venue }) => id === instrument.id && venue === 0);
    return defineInstrument(known?.index ?? next++, 0, spec);
  });
}
