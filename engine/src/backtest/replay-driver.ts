import { setImmediate as breathe } from 'node:timers/promises';
import {
  BookState,
  CommandKind,
  type CommandList,
  defineInstrument,
  EventKind,
  type Instrument,
  type InstrumentSpec,
  type KernelEvent,
  nameOf,
} from '../domain/index.js';
import { Kernel, type KernelOptions, type KernelView } from '../kernel/index.js';
import { type Clock, type Histogram, MetricRegistry, systemClock } from '../telemetry/index.js';
import { BinanceReplayFeed, type FeedCounters } from './binance-replay-feed.js';
import type { RecordedItem } from './recorded-item.js';
import { latencySummary, type SessionSummary, summarizeSession } from './session-summary.js';
import { SimulatedExecution, type SimulatedExecutionOptions } from './simulated-execution.js';

export interface ReplayOptions extends KernelOptions {
  /** What was recorded, in order. */
  readonly recording: AsyncIterable<RecordedItem> | Iterable<RecordedItem>;
  /**
   * The instruments to replay; traffic of others is ignored. All are counted as linear: of inverse contracts (COIN-M) the
   * book, the orders and the fills are as true as of any, but profit and loss mean nothing.
   */
  readonly instruments: readonly InstrumentSpec[];
  readonly execution: SimulatedExecutionOptions;
  /** Period of the kernel's timer in recorded time, microseconds. Default 100 ms. */
  readonly timerPeriodUs?: number;
  /** Fencing epoch of the run. Default 1. */
  readonly epoch?: number;
  readonly version?: string;
  readonly configDigest?: string;
  /** Measures how long the engine's own work takes; decides nothing. Default the process's clock. */
  readonly clock?: Clock;
  readonly metrics?: MetricRegistry;
  /** Called now and then. */
  readonly onProgress?: (progress: ReplayProgress) => void;
  /** Sees each event before the kernel does, in order; must copy what it keeps. */
  readonly onEvent?: (event: KernelEvent) => void;
  /** Ends the replay early: orders are cancelled and the summary made as at the recording's end. */
  readonly signal?: AbortSignal;
}

export interface ReplayProgress {
  readonly messages: number;
  readonly bytes: number;
  /** Recorded time reached, microseconds since 1970 (UTC). */
  readonly tsUs: number;
}

export interface ReplaySummary extends SessionSummary {
  /** Recorded time covered, microseconds since 1970 (UTC); 0 for an empty recording. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly feed: Readonly<FeedCounters>;
  /** Where each book stood at the end, by symbol. */
  readonly books: Readonly<Record<string, { readonly state: string; readonly lastUpdateId: number }>>;
}

/**
 * Runs a recording through the decoder, the kernel with its strategies and simulated execution, as fast as it goes.
 * Deterministic: recorded time is the only time, so the same recording and options give the same state hash.
 */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  const run = new ReplayRun(options);
  for await (const item of options.recording) {
    if (options.signal?.aborted) break;
    await run.step(item);
  }
  return run.finish();
}

/** After so many messages the event loop gets its turn and progress is told. */
const BREATHE_EVERY = 5_000;
/** A hole in the recording is not filled with more timers than this: an hour of the default period. */
const MAX_CATCH_UP = 36_000;
/** How long, in recorded time, the venue is given to confirm the last cancels. */
const WIND_DOWN_US = 60_000_000;

class ReplayRun {
  readonly #options: ReplayOptions;
  readonly #kernel: Kernel;
  readonly #execution: SimulatedExecution;
  readonly #feed: BinanceReplayFeed;
  readonly #instruments: readonly Instrument[];
  readonly #tickToTrade: Histogram;
  readonly #clock: Clock;
  readonly #periodUs: number;
  #now = 0;
  #fromUs = 0;
  #toUs = 0;
  #nextTimer = 0;
  #items = 0;
  #startedNs = 0;
  /** Compute time of the current frame starts here; 0 once it led to a command or was not a frame. */
  #frameNs = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#periodUs = options.timerPeriodUs ?? 100_000;
    if (!(this.#periodUs > 0))
      throw new RangeError(`replay: the timer period must be positive, was ${this.#periodUs}`);
    this.#kernel = new Kernel(options);
    this.#execution = new SimulatedExecution(options.execution);
    this.#instruments = options.instruments.map((spec, index) => defineInstrument(index, 0, spec));
    this.#feed = new BinanceReplayFeed(this.#instruments, (event) => this.#onMarket(event));
    this.#tickToTrade = (options.metrics ?? new MetricRegistry()).histogram(
      'tradewind_replay_tick_to_trade_seconds',
      'Compute time from the bytes of a recorded frame to the first order command it led to',
      {},
      { scale: 1e-9 },
    );
  }

  async step(item: RecordedItem): Promise<void> {
    if (this.#items === 0) await this.#start(item.tsUs);
    const now = Math.max(this.#now, item.tsUs);
    this.#runTimers(now);
    this.#now = now;
    this.#toUs = now;
    this.#frameNs = item.kind === 'frame' ? this.#clock.nanos() : 0;
    this.#feed.onItem(item, now);
    if (++this.#items % BREATHE_EVERY === 0) {
      this.#tellProgress();
      await breathe();
    }
  }

  async finish(): Promise<ReplaySummary> {
    if (this.#items === 0) await this.#start(0);
    this.#apply({ kind: EventKind.StrategiesStopped, tsEvent: 0, tsInit: this.#now });
    const deadline = this.#now + WIND_DOWN_US;
    while (this.#busy() && this.#now < deadline) this.#runTimers(this.#nextTimer);
    await this.#execution.stop();
    this.#tellProgress();
    return this.#summary();
  }

  async #start(tsUs: number): Promise<void> {
    const { epoch = 1, version = '', configDigest = '' } = this.#options;
    this.#startedNs = this.#clock.nanos();
    this.#now = tsUs;
    this.#fromUs = tsUs;
    this.#toUs = tsUs;
    this.#nextTimer = tsUs + this.#periodUs;
    const times = { tsEvent: 0, tsInit: tsUs };
    this.#apply({ kind: EventKind.SessionStarted, ...times, epoch, version, configDigest });
    for (const instrument of this.#instruments) {
      this.#apply({ kind: EventKind.InstrumentDefined, ...times, instrument });
    }
    this.#execution.advance(tsUs);
    await this.#execution.start(this.#instruments, (event) => this.#apply(event));
  }

  #busy(): boolean {
    return this.#execution.inFlight > 0 || this.#execution.openCount > 0;
  }

  #runTimers(untilUs: number): void {
    const first = Math.ceil((untilUs - MAX_CATCH_UP * this.#periodUs) / this.#periodUs) * this.#periodUs;
    if (this.#nextTimer < first) this.#nextTimer = first;
    while (this.#nextTimer <= untilUs) {
      this.#now = this.#nextTimer;
      this.#nextTimer += this.#periodUs;
      this.#frameNs = 0;
      this.#onMarket({ kind: EventKind.Timer, tsEvent: 0, tsInit: this.#now });
    }
  }

  /** Orders hear of an event before strategies do: what they decide on it cannot meet it. */
  #onMarket(event: KernelEvent): void {
    const decodedNs = this.#frameNs === 0 ? 0 : this.#clock.nanos() - this.#frameNs;
    this.#execution.onMarketEvent(event);
    const from = this.#frameNs === 0 ? 0 : this.#clock.nanos();
    const commands = this.#kernelApply(event);
    if (this.#frameNs !== 0 && sends(commands)) {
      this.#tickToTrade.record(decodedNs + this.#clock.nanos() - from);
      this.#frameNs = 0;
    }
    this.#dispatch(commands);
  }

  #apply(event: KernelEvent): void {
    this.#dispatch(this.#kernelApply(event));
  }

  #kernelApply(event: KernelEvent): CommandList {
    this.#options.onEvent?.(event);
    return this.#kernel.apply(event);
  }

  #dispatch(commands: CommandList): void {
    for (let i = 0; i < commands.length; i++) {
      const command = commands.at(i);
      if (command.kind === CommandKind.Submit) this.#execution.submit(command.order);
      else if (command.kind === CommandKind.Cancel) this.#execution.cancel(command.order);
      else if (command.kind === CommandKind.Query) this.#execution.query(command.order);
    }
  }

  #tellProgress(): void {
    const { messages, bytes } = this.#feed.counters;
    this.#options.onProgress?.({ messages, bytes, tsUs: this.#now });
  }

  #summary(): ReplaySummary {
    const { view } = this.#kernel;
    const { counters } = this.#feed;
    const summary = summarizeSession(view, {
      messages: counters.messages,
      bookUpdates: view.counters.bookUpdates + view.counters.quotes,
      wallMs: (this.#clock.nanos() - this.#startedNs) / 1e6,
      tickToTradeUs: latencySummary(this.#tickToTrade),
      stateHash: this.#kernel.stateHash(),
    });
    return { ...summary, fromUs: this.#fromUs, toUs: this.#toUs, feed: { ...counters }, books: books(view) };
  }
}

function sends(commands: CommandList): boolean {
  for (let i = 0; i < commands.length; i++) {
    const { kind } = commands.at(i);
    if (kind === CommandKind.Submit || kind === CommandKind.Cancel) return true;
  }
  return false;
}

function books(view: KernelView): ReplaySummary['books'] {
  return Object.fromEntries(
    view.instruments.map(({ symbol, index }) => {
      const { state, lastUpdateId } = view.book(index);
      return [symbol, { state: nameOf(BookState, state), lastUpdateId }];
    }),
  );
}
