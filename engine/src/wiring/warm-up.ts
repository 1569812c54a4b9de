import { setImmediate as breathe } from 'node:timers/promises';
import { BinanceReplayFeed, constantLatency, percentageFees, SimulatedExecution } from '../backtest/index.js';
import {
  type ApprovedOrder,
  defineInstrument,
  EventKind,
  type EventSink,
  type Instrument,
  type KernelEvent,
  type Order,
  parseAmount,
  type Timer,
} from '../domain/index.js';
import { JournalFront, JournalRingReader } from '../journal/index.js';
import { Kernel, type KernelOptions } from '../kernel/index.js';
import { MarketMaker } from '../strategies/index.js';
import { LogCatalog, LogRing, MetricRegistry, nullLogger, systemClock } from '../telemetry/index.js';
import { type ExecutionPort, OrderEncoder } from '../venues/index.js';
import { AccountObserver } from './account-observer.js';
import { Engine } from './engine.js';
import { LogObserver } from './log-observer.js';
import { MetricsObserver } from './metrics-observer.js';
import { TickToTrade } from './tick-to-trade.js';
import { WARM_UP_SPEC, WarmUpMarket } from './warm-up-market.js';

/** By then the compiler had little more to do when it was measured. */
const FRAMES = 5_000;
/** Whatever else the machine has to do, a start waits no longer than that. */
const MOST_MS = 500;
/** Signals and timers have their turn in between. */
const BREATHE_EVERY = 25;
const TIMER_EVERY = 16;
const EPOCH = 1;
const RING_BYTES = 1 << 20;
const RECV_WINDOW_MS = 5_000;

export interface WarmUpReport {
  readonly frames: number;
  /** Orders and cancels that were written into nothing. */
  readonly requests: number;
  readonly ms: number;
}

/**
 * Runs the trading line, from a frame's bytes to an order's, on made-up market data, so that the compiler has seen it before
 * the first order goes out. All that is touched was made here and is let go of: a kernel, a journal in memory, metrics
 * nobody reads, a simulated venue. Ends early when `signal` is aborted.
 */
export async function warmUp(signal?: AbortSignal): Promise<WarmUpReport> {
  const beganMs = performance.now();
  const elapsedMs = () => performance.now() - beganMs;
  const market = new WarmUpMarket();
  const line = new DryLine();
  await line.start(market.snapshot());
  let frames = 0;
  while (frames < FRAMES && elapsedMs() < MOST_MS && signal?.aborted !== true) {
    for (let i = 0; i < BREATHE_EVERY; i++) line.onFrame(market.next());
    frames += BREATHE_EVERY;
    await breathe();
  }
  return { frames, requests: line.requests, ms: Math.round(elapsedMs()) };
}

/** A line of its own, with everything on it that is on a session's. */
class DryLine {
  readonly #kernel = new Kernel(kernelOptions());
  readonly #journal = new JournalFront({ ringBytes: RING_BYTES, durability: 'async', start: 0 });
  readonly #journalEnd = new JournalRingReader(this.#journal.ring.buffer);
  readonly #instruments: readonly Instrument[] = [defineInstrument(0, 0, WARM_UP_SPEC)];
  readonly #tickToTrade: TickToTrade;
  readonly #engine: Engine;
  readonly #execution: DryExecution;
  readonly #feed: BinanceReplayFeed;
  readonly #tick: Timer = { kind: EventKind.Timer, tsEvent: 0, tsInit: 0 };
  #frames = 0;

  constructor() {
    const registry = new MetricRegistry();
    const { view } = this.#kernel;
    const telemetry = { logger: nullLogger, ring: new LogRing(), catalog: new LogCatalog() };
    this.#tickToTrade = new TickToTrade(registry);
    const observers = [
      this.#tickToTrade,
      new MetricsObserver(registry, view),
      new LogObserver(telemetry, view),
      new AccountObserver(registry, nullLogger, view),
    ];
    this.#engine = new Engine(this.#kernel, systemClock, observers, {
      ...{ port: this.#journal, durability: 'async', backlogBytes: RING_BYTES },
    });
    this.#execution = new DryExecution(this.#instruments, this.#tickToTrade);
    this.#feed = new BinanceReplayFeed(this.#instruments, (event) => this.#give(event));
    this.#engine.connect(this.#execution);
  }

  get requests(): number {
    return this.#execution.requests;
  }

  async start(snapshot: Buffer): Promise<void> {
    const { sink } = this.#engine;
    const times = { tsEvent: 0, tsInit: 0 };
    sink({ kind: EventKind.SessionStarted, ...times, epoch: EPOCH, version: '', configDigest: '' });
    for (const instrument of this.#instruments)
      sink({ kind: EventKind.InstrumentDefined, ...times, instrument });
    await this.#execution.start(this.#instruments, sink);
    this.#feed.onItem({ tsUs: 0, kind: 'rest', bytes: snapshot }, systemClock.nowUs());
  }

  onFrame(bytes: Buffer): void {
    this.#tickToTrade.onFrame(systemClock.nanos());
    this.#feed.onItem({ tsUs: 0, kind: 'frame', bytes }, systemClock.nowUs());
    if (++this.#frames % TIMER_EVERY !== 0) return;
    this.#tick.tsInit = systemClock.nowUs();
    this.#give(this.#tick);
    while (this.#journalEnd.take() !== undefined);
    this.#journalEnd.release();
  }

  /** What the simulated venue answers comes first, as it would have. */
  #give(event: KernelEvent): void {
    this.#execution.onMarketEvent(event);
    this.#engine.sink(event);
  }
}

/** Writes each request as it would go out, and has it answered by a simulated venue. */
class DryExecution implements ExecutionPort {
  requests = 0;
  readonly #encoder: OrderEncoder;
  readonly #tickToTrade: TickToTrade;
  readonly #venue = new SimulatedExecution({
    balances: { [WARM_UP_SPEC.base]: '1000000', [WARM_UP_SPEC.quote]: '1000000000' },
    fees: percentageFees({ makerBps: 0, takerBps: 5, asset: 'received' }),
    latency: constantLatency({ entryUs: 1, responseUs: 1 }),
  });

  constructor(instruments: readonly Instrument[], tickToTrade: TickToTrade) {
    this.#encoder = new OrderEncoder(instruments, RECV_WINDOW_MS);
    this.#tickToTrade = tickToTrade;
  }

  start(instruments: readonly Instrument[], sink: EventSink): Promise<void> {
    return this.#venue.start(instruments, sink);
  }
  submit(order: ApprovedOrder): void {
    this.#encoder.place(++this.requests, order, Math.floor(order.tsSubmitted / 1000));
    this.#venue.submit(order);
    this.#tickToTrade.onSend(systemClock.nanos());
  }
  cancel(order: Order): void {
    this.#encoder.cancel(++this.requests, order, Number(order.venueOrderId), Math.floor(order.tsLast / 1000));
    this.#venue.cancel(order);
    this.#tickToTrade.onSend(systemClock.nanos());
  }
  query(order: Order): void {
    this.#venue.query(order);
  }
  onMarketEvent(event: KernelEvent): void {
    this.#venue.onMarketEvent(event);
  }
  async openOrders(): Promise<[]> {
    return [];
  }
  async cancelOpen(): Promise<void> {}
  async stop(): Promise<void> {}
}

/** Every check is on, and none of them denies anything. */
function kernelOptions(): KernelOptions {
  const { symbol } = WARM_UP_SPEC;
  const strategy = new MarketMaker({
    ...{ symbol, spreadBps: 4, minSpreadBps: 0, orderSize: '1', maxInventory: '10', inventorySkewBps: 2 },
    ...{ repriceIntervalMs: 0, repriceThresholdBps: 0, orderTimeoutMs: 1_000 },
  });
  const amount = parseAmount('1000000000');
  return {
    strategies: [strategy],
    limits: {
      ...{ maxOrderQuantity: '1000', maxOrderNotional: amount, maxPosition: { [symbol]: '1000' } },
      ...{ priceCollarBps: 5_000, maxOpenOrders: 100, orderRate: { perSecond: 100_000, burst: 100_000 } },
      ...{ maxDailyLoss: amount, maxDrawdown: amount, circuitBreakerBps: 5_000, capital: amount },
    },
    staleAfterUs: 60_000_000,
  };
}
