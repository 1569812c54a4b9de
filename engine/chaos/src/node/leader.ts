import {
  type BinanceExecution,
  CommandKind,
  type CommandList,
  Engine,
  EventKind,
  type EventSink,
  type JournalDisk,
  JournalFront,
  type JournalPosition,
  JournalPump,
  JournalRingReader,
  type Kernel,
  type KernelEvent,
  type Order,
  PumpSignals,
  type ResumeState,
  SegmentWriter,
} from '../engine.js';
import type { SimulatedProcess } from '../process.js';
import type { MarketFeed } from '../venue/market-feed.js';
import type { History } from './history.js';
import { INSTRUMENT, type PairSettings } from './settings.js';

const RING_BYTES = 1 << 20;
const COMMIT_INTERVAL_US = 1_000;
const BACKLOG_BYTES = 128 * 1024;
const TIMER_MS = 20;
/** The journal's thread looks at its ring at least this often; a real one is woken. */
const PUMP_US = 700;

/** What a term of leading needs of its node. */
export interface LeaderParts {
  readonly process: SimulatedProcess;
  readonly disk: JournalDisk;
  readonly history: History;
  readonly epoch: number;
  readonly settings: PairSettings;
  readonly execution: BinanceExecution;
  readonly openFeed: (sink: EventSink) => MarketFeed;
  /** What syncs of this step have cost the journal's thread, microseconds. */
  readonly syncCostUs: () => number;
  readonly onSynced: (sequence: number) => void;
  readonly onEvent: (event: KernelEvent) => void;
}

/** The record that holds the decision to send an order. */
export interface Intent {
  readonly sequence: number;
  readonly epoch: number;
}

/** One term of leading: kernel, journal and venue together, as the real process composes them. */
export class Leader {
  readonly epoch: number;
  readonly kernel: Kernel;
  readonly front: JournalFront;
  readonly engine: Engine;
  readonly feed: MarketFeed;
  /** By epoch and sequence of the order: the record its submit is in. */
  readonly intents = new Map<string, number>();
  readonly #parts: LeaderParts;
  readonly #pump: JournalPump;
  readonly #writer: SegmentWriter;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #closed = false;
  #lastTradeIds: readonly string[];

  constructor(parts: LeaderParts) {
    const { process, disk, history, epoch, settings, execution } = parts;
    const { kernel, position } = history;
    this.#parts = parts;
    this.epoch = epoch;
    this.kernel = kernel;
    this.#lastTradeIds = history.lastTradeIds;
    this.front = new JournalFront({
      ringBytes: RING_BYTES,
      durability: settings.durability,
      start: position.sequence,
    });
    this.#writer = SegmentWriter.open(disk, { segmentBytes: settings.segmentBytes }, position);
    this.#pump = new JournalPump({
      ring: new JournalRingReader(this.front.ring.buffer),
      writer: this.#writer,
      disk,
      signals: new PumpSignals(this.front.signalMemory, position.sequence),
      epoch,
      commitIntervalUs: COMMIT_INTERVAL_US,
      segmentBytes: settings.segmentBytes,
      keepFreeBytes: 0,
    });
    this.engine = new Engine(
      kernel,
      process.clock,
      [{ onEvent: (event, commands) => this.#onEvent(event, commands) }],
      {
        port: this.front,
        durability: settings.mutation === 'no-hold' ? 'async' : settings.durability,
        backlogBytes: BACKLOG_BYTES,
      },
    );
    this.engine.connect(execution);
    const sink: EventSink = (event) => {
      process.boundary('before apply');
      this.engine.sink(event);
    };
    this.front.appendOptions(JSON.stringify({ version: 'chaos', config: {} }), process.clock.nowUs());
    const stamp = { tsEvent: 0, tsInit: 0 };
    sink({ kind: EventKind.SessionStarted, ...stamp, epoch, version: 'chaos', configDigest: '' });
    sink({ kind: EventKind.InstrumentDefined, ...stamp, instrument: INSTRUMENT });
    this.#pumpSoon(0);
    this.feed = parts.openFeed(sink);
    process.world.promised();
    execution.start([INSTRUMENT], sink, this.#resume()).catch((error: unknown) => {
      if (!this.#stopped) throw error;
    });
    this.#timer = setInterval(() => {
      sink({ kind: EventKind.Timer, ...stamp });
      this.engine.checkJournal();
    }, TIMER_MS);
  }

  get position(): JournalPosition {
    return this.#writer.position;
  }

  get lastTradeIds(): readonly string[] {
    return this.#lastTradeIds;
  }

  /** Nothing is sent or decided from now on. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.engine.close();
    clearInterval(this.#timer);
    this.feed.stop();
    this.#parts.process.world.promised();
    this.#parts.execution.stop().catch(() => {});
  }

  /** Calls `done` once all that was decided is durable, or can not be made so. */
  finish(seal: boolean, done: () => void): void {
    if (seal) this.front.appendSeal(this.kernel.stateHash(), this.#parts.process.clock.nowUs());
    const { journal } = this.#parts.process;
    const check = () => {
      if (!this.#pump.isDrained && this.#pump.error === undefined)
        return journal.after(PUMP_US, 'drain', check);
      this.#closed = true;
      try {
        this.#pump.close();
      } catch (error) {
        this.#parts.process.world.note(`journal not closed: ${String(error)}`);
      }
      this.#parts.process.trading.after(0, 'journal closed', done);
    };
    journal.after(0, 'drain', check);
  }

  #pumpSoon(us: number): void {
    const { process } = this.#parts;
    process.journal.after(us, 'pump', () => {
      if (this.#closed) return;
      process.boundary('before pump');
      const { synced, acked, state } = this.front;
      const wait = this.#pump.step(process.monotonicNs() / 1000);
      this.#parts.onSynced(this.#writer.synced);
      process.boundary('after pump');
      if (this.front.synced !== synced || this.front.acked !== acked || this.front.state !== state) {
        process.trading.after(10, 'journal got on', () => this.engine.release());
      }
      this.#pumpSoon(Math.max(20, Math.min(wait, PUMP_US)) + this.#parts.syncCostUs());
    });
  }

  #onEvent(event: KernelEvent, commands: CommandList): void {
    for (let i = 0; i < commands.length; i++) {
      const command = commands.at(i);
      if (command.kind !== CommandKind.Submit) continue;
      this.intents.set(`${command.order.epoch}x${command.order.sequence}`, this.front.appended);
    }
    if (event.kind === EventKind.Reconciled) this.#lastTradeIds = event.lastTradeIds;
    this.#parts.onEvent(event);
    this.#parts.process.boundary('after apply');
  }

  #resume(): ResumeState {
    const { orders } = this.kernel.view;
    const openOrders: Order[] = [];
    for (let order = orders.firstOpen(); order !== null; order = orders.nextOpen(order))
      openOrders.push(order);
    return {
      epoch: this.epoch,
      openOrders,
      lastTradeIds: this.#parts.settings.mutation === 'no-cursor' ? [] : this.#lastTradeIds,
      knows: (epoch, sequence) => orders.find(epoch, sequence) !== null,
    };
  }
}
