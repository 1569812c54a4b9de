import {
  type BinanceExecution,
  CommandKind,
  type CommandList,
  Engine,
  EventKind,
  type EventSink,
  encodeOptions,
  FolderChores,
  type JournalDisk,
  JournalFront,
  type JournalPosition,
  JournalPump,
  JournalRingReader,
  type Kernel,
  type KernelEvent,
  PumpSignals,
  type RecoveredKernel,
  resumeOf,
  SegmentWriter,
  SnapshotMaker,
} from '../engine.js';
import type { SimulatedProcess } from '../process.js';
import type { MarketFeed } from '../venue/market-feed.js';
import { Violation } from '../violation.js';
import { TODAY } from './history.js';
import { ReplicationServer } from './replication-server.js';
import { INSTRUMENT, makeKernel, type PairSettings } from './settings.js';

const RING_BYTES = 1 << 20;
const BACKLOG_BYTES = 128 * 1024;
const TIMER_MS = 25;
/** The journal's thread looks at its ring at least this often; a real one is woken. */
const PUMP_US = 1_000;
/** Between two looks for something to tidy up. */
const CHORES_US = 60_000;
/** A slice of compression, or a deletion, takes this long. */
const CHORE_US = 800;
/** A standby that has not taken the rest by then is left behind. */
const FLUSH_US = 300_000;

/** What a term of leading needs of its node. */
export interface LeaderParts {
  readonly process: SimulatedProcess;
  readonly disk: JournalDisk;
  /** The same folder, for those who keep it small. */
  readonly choreDisk: JournalDisk;
  readonly history: RecoveredKernel;
  /** Name of the node. */
  readonly name: string;
  readonly epoch: number;
  readonly settings: PairSettings;
  readonly execution: BinanceExecution;
  readonly openFeed: (sink: EventSink) => MarketFeed;
  /** What syncs of this step have cost the journal's thread, microseconds. */
  readonly syncCostUs: () => number;
  readonly onSynced: (sequence: number) => void;
  readonly onEvent: (event: KernelEvent) => void;
  readonly onJournalFailure: (error: Error) => void;
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
  readonly replication: ReplicationServer;
  readonly #signals: PumpSignals;
  readonly #snapshots: SnapshotMaker;
  readonly #chores: FolderChores;

  constructor(parts: LeaderParts) {
    const { process, disk, history, epoch, settings, execution } = parts;
    const { kernel, position } = history;
    this.#parts = parts;
    this.epoch = epoch;
    this.kernel = kernel;
    this.front = new JournalFront({
      ringBytes: RING_BYTES,
      durability: settings.durability,
      start: position.sequence,
    });
    this.#writer = SegmentWriter.open(disk, { segmentBytes: settings.segmentBytes }, position);
    this.#signals = new PumpSignals(this.front.signalMemory, position.sequence);
    this.replication = new ReplicationServer(process, disk, this.#writer, epoch, parts.name);
    const { snapshotEvery: every } = settings;
    this.#snapshots = new SnapshotMaker(disk, {
      makeKernel: () => makeKernel(settings),
      today: TODAY,
      every,
    });
    this.#chores = new FolderChores({
      disk: parts.choreDisk,
      retainBytes: settings.retainBytes,
      compress: settings.compress,
      neededByStandby: () =>
        this.replication.standbys === 0 ? Number.POSITIVE_INFINITY : this.replication.acked + 1,
      everyUs: CHORES_US,
    });
    this.#pump = new JournalPump({
      ring: new JournalRingReader(this.front.ring.buffer),
      writer: this.#writer,
      disk,
      signals: this.#signals,
      epoch,
      commitIntervalUs: settings.commitIntervalUs,
      segmentBytes: settings.segmentBytes,
      keepFreeBytes: 0,
      listener: { onWritten: (bytes, first, last) => this.replication.onWritten(bytes, first, last) },
      onFailure: (error) => error !== undefined && parts.onJournalFailure(error),
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
    this.front.appendOptions(encodeOptions(TODAY), process.clock.nowUs());
    const stamp = { tsEvent: 0, tsInit: 0 };
    sink({ kind: EventKind.SessionStarted, ...stamp, epoch, version: 'chaos', configDigest: '' });
    sink({ kind: EventKind.InstrumentDefined, ...stamp, instrument: INSTRUMENT });
    this.#pumpSoon(0);
    this.feed = parts.openFeed(sink);
    process.world.promised();
    execution.start([INSTRUMENT], sink, resumeOf(kernel.view, epoch)).catch((error: unknown) => {
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

  /** Calls `done` once all that was decided is durable here, or can not be made so, and the journal is closed. */
  finish(done: () => void): void {
    this.#whenDrained(
      () => true,
      () => {
        this.#closed = true;
        this.replication.close();
        this.#chores.close();
        try {
          this.#pump.close();
        } catch (error) {
          this.#parts.process.world.note(`journal not closed: ${String(error)}`);
        }
        this.#parts.process.trading.after(0, 'journal closed', done);
      },
    );
  }

  /** Seals the journal and calls `done` once the standby has all of it, or it takes too long. */
  flush(done: () => void): void {
    const { process } = this.#parts;
    this.front.appendSeal(this.kernel.stateHash(), process.clock.nowUs());
    const deadlineUs = process.trading.nowUs + FLUSH_US;
    this.#whenDrained(
      () => this.front.acked >= this.front.appended || process.journal.nowUs > deadlineUs,
      () => process.trading.after(0, 'flushed', done),
    );
  }

  #whenDrained(condition: () => boolean, done: () => void): void {
    const { journal } = this.#parts.process;
    const check = () => {
      const isDrained = this.#pump.isDrained || this.#pump.error !== undefined;
      if (isDrained && condition()) done();
      else journal.after(PUMP_US, 'drain', check);
    };
    journal.after(0, 'drain', check);
  }

  #pumpSoon(us: number): void {
    const { process } = this.#parts;
    process.journal.after(us, 'pump', () => {
      if (this.#closed) return;
      process.boundary('before pump');
      const { synced, acked, state } = this.front;
      const now = process.monotonicNs() / 1000;
      let wait = this.#pump.step(now);
      this.replication.step();
      // Chores are for when everything is on the disk.
      if (this.#pump.isDrained && this.#chores.step(now)) wait = CHORE_US;
      this.#signals.publishAcked(Math.max(this.replication.acked, acked));
      this.#signals.publishStandbys(this.replication.standbys);
      this.#snapshot();
      this.#parts.onSynced(this.#writer.synced);
      process.boundary('after pump');
      if (this.front.synced !== synced || this.front.acked !== acked || this.front.state !== state) {
        process.trading.after(10, 'journal got on', () => this.engine.release());
      }
      this.#pumpSoon(Math.max(20, Math.min(wait, PUMP_US)) + this.#parts.syncCostUs());
    });
  }

  /** On a thread of its own in a real process; here it costs no time. A full disk is tried again. */
  #snapshot(): void {
    if (this.#pump.error !== undefined) return;
    const report = this.#snapshots.step(this.#writer.synced);
    if (report !== undefined && report.differences > 0) {
      throw new Violation('commands differ', report.reports.join('; '));
    }
  }

  #onEvent(event: KernelEvent, commands: CommandList): void {
    for (let i = 0; i < commands.length; i++) {
      const command = commands.at(i);
      if (command.kind !== CommandKind.Submit) continue;
      this.intents.set(`${command.order.epoch}x${command.order.sequence}`, this.front.appended);
    }
    this.#parts.onEvent(event);
    this.#parts.process.boundary('after apply');
  }
}
