import {
  type JournalDisk,
  type JournalPosition,
  type JournalRecord,
  type Kernel,
  type LeaderSeen,
  NOBODY,
  type RecoveredKernel,
  Replay,
  ReplicationError,
  ReplicationSink,
  SharedFolder,
  SharedFolderChores,
  SnapshotMaker,
} from '../engine.js';
import type { SimulatedProcess } from '../process.js';
import { Violation } from '../violation.js';
import type { Archive } from './archive.js';
import { recoverHistory, TODAY } from './history.js';
import type { LinkEnd, LinkHolder } from './replica-link.js';
import { type TakenBack, WatchedReplicaStore } from './replica-store.js';
import { makeKernel, type PairSettings } from './settings.js';

/** A nonce need only differ from the last one here: nobody eavesdrops. */
const NONCE_BYTES = 32;

export interface StandbyParts {
  readonly process: SimulatedProcess;
  readonly disk: JournalDisk;
  /** The same folder, for those who keep it small. */
  readonly choreDisk: JournalDisk;
  readonly archive: Archive;
  readonly history: RecoveredKernel;
  readonly settings: PairSettings;
  readonly name: string;
  /** Opens a connection to the leader; undefined when nobody leads. */
  readonly dial: (holder: LinkHolder) => LinkEnd | undefined;
  /** Told of what is on the device for good. */
  readonly onSynced: (sequence: number) => void;
  readonly takenBack: TakenBack;
  /** What it had is not the history any more: it was taken back to here. */
  readonly onReset: (position: JournalPosition) => void;
  /** How long ago the lease was seen to change, milliseconds. */
  readonly leaseAgeMs: () => number;
  /** Says whether it would lead: undefined, or why not. */
  readonly will: (unwilling: string | undefined) => void;
}

const RETRY_US = 25_000;
/** As the engine's: whether to claim is looked at this often, microseconds. */
const WILL_US = 20_000;
/** Between two looks for something to tidy up, and what a slice of that takes. */
const CHORES_US = 60_000;
const CHORE_US = 800;

/** The node while another one leads: takes in its journal and stays ready to go on from it. */
export class Standby implements LinkHolder {
  readonly thread;
  readonly #parts: StandbyParts;
  readonly #store: WatchedReplicaStore;
  readonly #shared = new SharedFolder();
  readonly #snapshots: SnapshotMaker;
  readonly #chores: SharedFolderChores;
  #replica: Replay;
  #sink: ReplicationSink | undefined;
  #link: LinkEnd | undefined;
  #position: JournalPosition;
  #nonce = 0;
  #stopped = false;
  /** Who leads, as the lease says. */
  #leader: LeaderSeen | undefined;
  #unwilling: string | undefined = 'starting';

  constructor(parts: StandbyParts) {
    this.#parts = parts;
    this.thread = parts.process.trading;
    const { disk, history, settings } = parts;
    this.#position = history.position;
    const shared = this.#shared;
    const { segmentBytes, retainBytes, compress } = settings;
    this.#store = new WatchedReplicaStore(disk, { segmentBytes, shared }, history.position, parts.takenBack);
    this.#replica = replicaOf(history, settings);
    const makeReplica = () => makeKernel(settings);
    this.#snapshots = new SnapshotMaker(disk, {
      makeKernel: makeReplica,
      today: TODAY,
      every: settings.snapshotEvery,
      shared,
    });
    this.#chores = new SharedFolderChores({
      ...{ disk: parts.choreDisk, shared, retainBytes, compress, everyUs: CHORES_US },
    });
    parts.process.journal.after(CHORES_US, 'chores', () => this.#tidy());
    this.#dial();
    this.thread.after(0, 'will', () => this.#look());
  }

  get kernel(): Kernel {
    return this.#replica.kernel;
  }

  get position(): JournalPosition {
    return this.#position;
  }

  get isStreaming(): boolean {
    return this.#sink?.isStreaming === true;
  }

  onBytes(bytes: Uint8Array): void {
    const sink = this.#sink;
    if (sink === undefined || this.#stopped) return;
    try {
      sink.receive(bytes, this.#nowUs);
      sink.commit();
      this.#parts.onSynced(this.#store.synced);
      this.#snapshot();
    } catch (error) {
      if (!(error instanceof ReplicationError)) throw error;
      this.#hangUp(error.message);
    }
  }

  onClose(why: string): void {
    if (this.#sink !== undefined) this.#hangUp(why);
  }

  /** Who leads by the lease: whoever led before has nothing more to say. */
  follow(leader: LeaderSeen): void {
    this.#leader = leader;
    const sink = this.#sink;
    if (sink !== undefined && sink.leaderEpoch !== 0 && sink.leaderEpoch < leader.epoch)
      this.#hangUp('another one leads');
    this.#decideWill();
  }

  /** Takes in no more; its journal is closed, so that a leader can go on with it. */
  stop(): RecoveredKernel {
    this.#stopped = true;
    this.#link?.close();
    this.#store.close();
    this.#chores.close();
    const { history } = this.#parts;
    return { ...history, kernel: this.#replica.kernel, position: this.#store.position };
  }

  #decideWill(): void {
    if (this.#stopped) return;
    const why = this.#whyNot();
    if (why !== this.#unwilling) this.#parts.will(why);
    this.#unwilling = why;
  }

  #look(): void {
    if (this.#stopped) return;
    this.#decideWill();
    this.thread.after(WILL_US, 'will', () => this.#look());
  }

  /** On the thread that would write if this side led. */
  #tidy(): void {
    if (this.#stopped) return;
    const { process } = this.#parts;
    const isMore = this.#chores.step(process.monotonicNs() / 1000);
    process.journal.after(isMore ? CHORE_US : CHORES_US, 'chores', () => this.#tidy());
  }

  /** As the engine's standby decides it; market data it has at once. */
  #whyNot(): string | undefined {
    const sink = this.#sink;
    const { selfFenceMs } = this.#parts.settings.timing;
    if (this.#leader?.historyEpoch !== undefined && this.kernel.view.counters.events === 0) {
      return 'without the history of those who led before';
    }
    const { name, leaseAgeMs } = this.#parts;
    const holder = this.#leader?.holder ?? NOBODY;
    const isLed = holder !== name && holder !== NOBODY && leaseAgeMs() < selfFenceMs;
    if (sink === undefined || !sink.isStreaming) return isLed ? 'not following the leader' : undefined;
    const isHeard = sink.silentUs(this.#nowUs) < selfFenceMs * 1000;
    return sink.lagRecords > 0 && (isLed || isHeard) ? 'behind the leader' : undefined;
  }

  get #nowUs(): number {
    return this.#parts.process.monotonicNs() / 1000;
  }

  #dial(): void {
    if (this.#stopped) return;
    const link = this.#parts.dial(this);
    if (link === undefined) {
      this.thread.after(RETRY_US, 'dial', () => this.#dial());
      return;
    }
    this.#link = link;
    const nonce = new Uint8Array(NONCE_BYTES);
    new DataView(nonce.buffer).setUint32(0, ++this.#nonce);
    this.#sink = new ReplicationSink(
      {
        store: this.#store,
        node: this.#parts.name,
        secret: undefined,
        nonce,
        send: (frame) => link.send(frame),
        listener: { onRecord: (record) => this.#onRecord(record), onReset: (at) => this.#onReset(at) },
      },
      this.#nowUs,
    );
    this.#watch(this.#sink);
  }

  /** A leader that says nothing any more is hung up on. */
  #watch(sink: ReplicationSink): void {
    this.thread.after(100_000, 'silence', () => {
      if (sink !== this.#sink || this.#stopped) return;
      try {
        sink.check(this.#nowUs);
        this.#watch(sink);
      } catch (error) {
        if (!(error instanceof ReplicationError)) throw error;
        this.#hangUp(error.message);
      }
    });
  }

  #hangUp(why: string): void {
    const { process } = this.#parts;
    process.world.note(`replication ends: ${why}`, process.name);
    this.#link?.close();
    this.#link = undefined;
    this.#sink = undefined;
    this.thread.after(RETRY_US, 'dial', () => this.#dial());
  }

  #onRecord(record: JournalRecord): void {
    this.#position = { sequence: record.sequence, epoch: record.epoch, chain: 0 };
    const replica = this.#replica;
    replica.apply(record);
    if (replica.differences > 0) throw new Violation('commands differ', replica.reports.join('; '));
    this.#parts.process.boundary('after replica');
  }

  #onReset(position: JournalPosition): void {
    const { disk, archive, settings, onReset } = this.#parts;
    const recovered = this.#shared.anew(() => recoverHistory(disk, archive, settings));
    this.#replica = replicaOf(recovered, settings);
    this.#position = position;
    onReset(position);
  }

  /** Off the trading thread in a real process; here it costs no time. */
  #snapshot(): void {
    const report = this.#snapshots.step();
    if (report !== undefined && report.differences > 0) {
      throw new Violation('commands differ', report.reports.join('; '));
    }
  }
}

/** A replay that goes on from a recovered kernel. */
function replicaOf({ kernel, position }: RecoveredKernel, settings: PairSettings): Replay {
  const replay = new Replay(() => makeKernel(settings), TODAY);
  replay.kernel = kernel;
  replay.sequence = position.sequence;
  replay.epoch = position.epoch;
  return replay;
}
