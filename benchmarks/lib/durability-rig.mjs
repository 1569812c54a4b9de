import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { defineInstrument, EventKind, JournalState, VenueChannel } from '@tradewind/engine/domain';
import { startJournal } from '@tradewind/engine/ha';
import { encodeOptions, JOURNAL_START } from '@tradewind/engine/journal';
import { Kernel } from '@tradewind/engine/kernel';
import { MetricRegistry, systemClock } from '@tradewind/engine/telemetry';
import { Engine, TickToTrade } from '@tradewind/engine/wiring';
import { benchFolder } from './bare-sync.mjs';
import { benchInstrument } from './bench-instrument.mjs';
import { LoopbackExecution } from './loopback-execution.mjs';
import { nanos } from './measure.mjs';
import { Taker } from './taker-strategy.mjs';

/** Orders on their way at a time, when it is about how many there can be. */
const WINDOW = 64;
const MIB = 2 ** 20;
const TIMER_MS = 10;
const MID = 3_000_000;

const SPEC = benchInstrument('BTCUSDT', 'BTC');

/** The options of the journal lead to this kernel, here and on the standby. */
export const OPTIONS = { version: 'benchmark', config: {} };

export function makeKernel() {
  return new Kernel({
    strategies: [new Taker(SPEC.symbol)],
    limits: {
      maxOrderQuantity: '10',
      priceCollarBps: 500,
      maxPosition: { BTCUSDT: '1000000' },
      maxOpenOrders: 10 * WINDOW,
      orderRate: { perSecond: 10_000_000, burst: 1_000_000 },
    },
    staleAfterUs: 60_000_000,
    queryAfterUs: 60_000_000,
  });
}

/**
 * An engine with its kernel, risk, order state, journal and a loopback venue, whose strategy answers each quote with an
 * order; and with a standby that writes and applies the journal too, where the mode asks for one.
 */
export class DurabilityRig {
  #folders = [benchFolder(), benchFolder()];
  #standby;
  #venue;
  #execution;
  #journal;
  #kernel;
  #engine;
  #timer;
  #updateId = 1;
  #quotes = 0;
  /** As in a session: from the quote that caused an order, its wait included. */
  #tickToTrade = new TickToTrade(new MetricRegistry());
  /** Called when an order was written, with when that was. */
  #onSent = (_ns) => {};

  static async start(durability) {
    const rig = new DurabilityRig();
    await rig.#start(durability);
    return rig;
  }

  async #start(durability) {
    const [folder, standbyFolder] = this.#folders;
    this.#venue = new Worker(new URL('./loopback-venue.mjs', import.meta.url));
    const port = await new Promise((resolve) => this.#venue.once('message', resolve));
    this.#execution = await LoopbackExecution.connect(port);
    this.#journal = await startJournal({
      ...{ folder, at: JOURNAL_START, epoch: 1, durability },
      ...{ segmentBytes: 16 * MIB, ringBytes: 32 * MIB, commitIntervalMs: 1 },
      ...{ keepFreeBytes: 0, retainBytes: 64 * MIB, compress: false },
      replication: { host: '127.0.0.1', port: 0, secret: undefined, node: 'leader' },
    });
    this.#journal.appendOptions(encodeOptions(OPTIONS), systemClock.nowUs());
    if (durability === 'replicated-before-send') {
      this.#standby = new Worker(new URL('./standby-worker.mjs', import.meta.url), {
        workerData: { folder: standbyFolder, port: this.#journal.replicationPort, replay: true },
      });
      while (this.#journal.standbys === 0) await sleep(5);
    }
    this.#kernel = makeKernel();
    this.#engine = new Engine(this.#kernel, systemClock, [this.#tickToTrade], {
      ...{ port: this.#journal, durability, backlogBytes: 8 * MIB },
    });
    const { sink } = this.#engine;
    this.#engine.connect(this.#execution);
    this.#execution.listen(sink);
    this.#execution.onSent = (_sequence, ns) => this.#onSent(ns);
    this.#journal.onSafe(() => this.#engine.release());
    this.#timer = setInterval(() => this.#engine.checkJournal(), TIMER_MS);
    this.#open(sink);
  }

  #open(sink) {
    const at = { tsEvent: 0, tsInit: 0 };
    sink({ kind: EventKind.SessionStarted, ...at, epoch: 1, version: 'benchmark', configDigest: 'none' });
    sink({ kind: EventKind.InstrumentDefined, ...at, instrument: defineInstrument(0, 0, SPEC) });
    const levels = (step) => Float64Array.from({ length: 20 }, (_, i) => MID + step * (1 + i));
    const sizes = new Float64Array(20).fill(50_000);
    sink({
      ...{ kind: EventKind.BookSnapshot, ...at, instrument: 0, firstId: 1, lastId: 1 },
      ...{ bidCount: 20, bidPrices: levels(-1), bidSizes: sizes },
      ...{ askCount: 20, askPrices: levels(1), askSizes: sizes },
    });
    for (const channel of Object.values(VenueChannel))
      sink({ kind: EventKind.Connection, ...at, venue: 0, channel, state: 2 });
  }

  /** One change of the best prices; the strategy answers it with an order. */
  #quote() {
    const bidSize = 1_000 + (this.#quotes % 1_000);
    this.#tickToTrade.onFrame(nanos());
    this.#quotes++;
    this.#engine.sink({
      ...{ kind: EventKind.Quote, tsEvent: 0, tsInit: 0, instrument: 0, updateId: ++this.#updateId },
      ...{ bid: MID - 1, bidSize, ask: MID + 1, askSize: 1_000 },
    });
  }

  /** As many orders as are answered, {@link WINDOW} on their way at a time: microseconds an order. */
  async flood(ms) {
    const execution = this.#execution;
    let running = true;
    const fill = () => {
      while (running && !this.#isDenied && this.#kernel.view.orders.openCount < WINDOW) this.#quote();
    };
    execution.onAnswers = fill;
    const [start, before] = [nanos(), execution.answered];
    // Refused orders make room without an answer; denied ones leave it, until the journal is well again.
    for (const end = start + ms * 1e6; nanos() < end; await sleep(TIMER_MS)) fill();
    const each = (nanos() - start) / 1_000 / (execution.answered - before);
    running = false;
    await this.#settled();
    return each;
  }

  /** For so long a quote about every millisecond: adds to `samples` the microseconds from each to its order's bytes in the socket. */
  async pace(ms, samples) {
    this.#onSent = (ns) => samples?.add((ns - this.#tickToTrade.causeNs) / 1_000);
    for (const end = nanos() + ms * 1e6; nanos() < end; ) {
      this.#quote();
      await sleep(1);
    }
    await this.#settled();
    this.#onSent = () => {};
  }

  get #isDenied() {
    return this.#kernel.view.journal !== JournalState.Ok;
  }

  async #settled() {
    this.#execution.onAnswers = () => {};
    const { orders } = this.#kernel.view;
    for (const deadline = nanos() + 20e9; orders.openCount > 0; await sleep(1)) {
      if (nanos() > deadline) throw new Error(`${orders.openCount} orders are not answered`);
    }
  }

  /** Orders that were denied, or given up because the journal took too long. */
  get unsent() {
    return this.#quotes - this.#execution.sent;
  }

  async close() {
    clearInterval(this.#timer);
    this.#engine.close();
    await this.#journal.close(this.#kernel.stateHash(), systemClock.nowUs());
    if (this.#standby !== undefined) {
      const told = new Promise((resolve) => this.#standby.once('message', resolve));
      const exited = new Promise((resolve) => this.#standby.once('exit', resolve));
      this.#standby.postMessage('close');
      const { differences } = await told;
      await exited;
      if (differences > 0) throw new Error(`the standby decided otherwise ${differences} times`);
    }
    this.#execution.close();
    await this.#venue.terminate();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}
