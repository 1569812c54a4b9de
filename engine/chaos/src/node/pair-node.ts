import {
  type BinanceExecution,
  CLIENT_ORDER_ID_FORMATS,
  type EventSink,
  JournalError,
  type LeaderSeen,
  parseClientOrderId,
  type RecoveredKernel,
} from '../engine.js';
import { HostClock, SimulatedProcess } from '../process.js';
import { DiskError, type MountedDisk } from '../simulated-disk.js';
import { MarketFeed } from '../venue/market-feed.js';
import { Violation } from '../violation.js';
import { recoverHistory } from './history.js';
import { Leader } from './leader.js';
import { LeaseLoop } from './lease-loop.js';
import { NodeFolder } from './node-folder.js';
import { type LinkEnd, type LinkHolder, ReplicaLink } from './replica-link.js';
import { Door } from './replication-server.js';
import { INSTRUMENT } from './settings.js';
import { Standby } from './standby.js';
import type { Surroundings } from './surroundings.js';
import { forgeTail } from './torn-tail.js';
import { makeExecution } from './venue-client.js';

export type Role = 'down' | 'starting' | 'standby' | 'leader';

/** One of the pair: a machine with a disk and a clock, and one life of the engine after the other on it. */
export class PairNode {
  readonly name: string;
  readonly folder: NodeFolder;
  readonly host: HostClock;
  role: Role = 'down';
  /** Lives so far. */
  life = 0;
  takeovers = 0;
  deaths = 0;
  leader: Leader | undefined;
  #process: SimulatedProcess | undefined;
  #lease: LeaseLoop | undefined;
  standby: Standby | undefined;
  /** Of the standby: connected to the venue and silent. */
  #execution: BinanceExecution | undefined;
  /** The epoch of a term that could not begin yet. */
  #promised: number | undefined;
  /** The other one of the pair. */
  peer: PairNode | undefined;
  #link: ReplicaLink | undefined;
  /** Who leads, as the lease said last in this life. */
  #leaderSeen: LeaderSeen | undefined;
  readonly #at: Surroundings;
  #onDeath: { power: boolean; rebootUs: number; count: () => void } | undefined;
  #stall: (() => void) | undefined;
  #armNext: (() => void) | undefined;

  constructor(name: string, at: Surroundings) {
    this.name = name;
    this.#at = at;
    const { random } = at.world;
    this.host = new HostClock(at.world, (random.uniform() - 0.5) * 400, (random.uniform() - 0.5) * 2e6);
    this.folder = new NodeFolder(at.coverage);
  }

  get disk() {
    return this.folder.disk;
  }

  get isUp(): boolean {
    return this.#process?.alive === true;
  }

  get process(): SimulatedProcess {
    return this.#process!;
  }

  get kernel() {
    return this.leader?.kernel ?? this.standby?.kernel;
  }

  /** When the last of its threads goes on, if any stands still. */
  get stalledUntilUs(): number {
    if (!this.isUp) return 0;
    const { trading, journal, lease } = this.process;
    return Math.max(trading.stalledUntilUs, journal.stalledUntilUs, lease.stalledUntilUs);
  }

  /** Of the last record its kernel has applied. */
  get sequence(): number {
    return this.leader?.front.appended ?? this.standby?.position.sequence ?? 0;
  }

  /** Begins its next life. */
  boot(): void {
    if (this.isUp) return;
    this.life++;
    this.#promised = undefined;
    this.#leaderSeen = undefined;
    this.role = 'starting';
    const process = new SimulatedProcess(
      `${this.name}#${this.life}`,
      this.host,
      (why) => this.#died(why),
      (error) => this.#failed(error),
    );
    this.#process = process;
    this.#armNext?.();
    this.#armNext = undefined;
    process.trading.after(0, 'boot', () => {
      this.#standBy(this.#recover(this.folder.mount(process)));
      this.#startLease(process);
    });
  }

  /** Ends its life; with the power, what was not synced is gone. It boots again after `rebootUs`. */
  die(power: boolean, why: string, rebootUs: number): void {
    if (!this.isUp) return;
    this.#onDeath = { power, rebootUs, count: () => {} };
    this.process.kill(why);
  }

  /** It dies at the `steps`-th of the boundaries to come whose name begins with `what`. */
  armDeath(power: boolean, steps: number, rebootUs: number, count: () => void, what = ''): void {
    if (!this.isUp || this.process.armed) return;
    this.#onDeath = { power, rebootUs, count };
    this.process.arm({ kind: 'kill' }, steps, what);
  }

  armStall(us: number, steps: number, count: () => void): void {
    if (!this.isUp || this.process.armed) return;
    this.#stall = count;
    this.process.arm({ kind: 'stall', us, onStall: () => this.#stall?.() }, steps);
  }

  /** Its machine is gone for good; another one of that name comes with an empty disk. */
  replace(rebootUs: number): void {
    this.die(true, 'replaced', rebootUs);
    this.folder.wipe();
  }

  /** The same in its next life: what it does then is not done in any other. */
  armNextDeath(power: boolean, steps: number, rebootUs: number, what: string): void {
    this.#armNext = () => this.armDeath(power, steps, rebootUs, () => {}, what);
  }

  disarm(): void {
    this.#armNext = undefined;
    if (this.isUp) this.process.disarm();
  }

  /** Resets the connection on which it follows the other one. False when there is none. */
  resetReplication(): boolean {
    if (this.#link?.alive !== true) return false;
    this.#link.reset();
    return true;
  }

  breakBook(): boolean {
    if (this.leader === undefined) return false;
    this.leader.feed.breakBook();
    return true;
  }

  /** Asks the other one to take over. */
  handOver(): boolean {
    if (this.leader === undefined || !this.isUp) return false;
    this.process.trading.after(0, 'hand over', () => this.#lease!.askHandover());
    return true;
  }

  /** The node it followed is gone. */
  linkLost(silent: boolean): void {
    this.#link?.lost(1, silent, this.#at.world.nowUs);
  }

  #recover(disk: MountedDisk): RecoveredKernel {
    const { coverage, settings, world } = this.#at;
    if (settings.mutation === 'no-torn-tail-rule') forgeTail(this.disk);
    const history = recoverHistory(disk, this.folder.archive, settings);
    const { cut, snapshotSequence, position } = history;
    if (cut !== undefined) coverage.hit('torn tail cut');
    world.note(
      `recovered to record ${position.sequence} from ${snapshotSequence}${cut === undefined ? '' : `, cut ${cut.bytes} bytes`}`,
      this.name,
    );
    this.folder.onRecovered(snapshotSequence > 0, disk);
    const { durable } = this.folder;
    if (position.sequence < durable) {
      throw new Violation(
        'synced record lost',
        `${this.name} had synced record ${durable} and recovered ${position.sequence}`,
      );
    }
    return history;
  }

  #standBy(history: RecoveredKernel): void {
    const { settings, coverage, world, network, venue } = this.#at;
    const { process } = this;
    this.role = 'standby';
    // As the real one, it has logged on before it leads.
    const sender = { node: this.name, life: this.life };
    const maySend = () => settings.mutation === 'no-fencing' || this.#lease!.maySend();
    this.#execution = makeExecution(process, network, venue, sender, maySend, (id) => this.#checkOrder(id));
    world.promised();
    this.#execution.prepare([INSTRUMENT]);
    this.standby = new Standby({
      ...{ process, history, settings, name: this.name },
      disk: this.folder.mount(process),
      choreDisk: this.folder.choreDisk(process),
      archive: this.folder.archive,
      dial: (holder) => this.#dial(holder),
      onSynced: (sequence) => this.folder.onSynced(sequence),
      takenBack: this.folder,
      onReset: (position) => {
        coverage.hit('came back with another history');
        world.note(`takes back records after ${position.sequence}`, process.name);
      },
      leaseAgeMs: () => this.#lease!.ageMs(),
      will: (why) => this.#lease!.will(why),
    });
    if (this.#leaderSeen !== undefined) this.standby.follow(this.#leaderSeen);
  }

  /** Connects to the other one, if that leads and can be reached. */
  #dial(holder: LinkHolder): LinkEnd | undefined {
    const { network, world } = this.#at;
    const { peer } = this;
    const server = peer?.leader?.replication;
    if (peer === undefined || server === undefined || network.cutUntil(this.name, peer.name) > world.nowUs) {
      return undefined;
    }
    const door = new Door(server);
    const link = new ReplicaLink(network, { name: this.name, holder }, { name: peer.name, holder: door });
    this.#link = link;
    const { process } = peer;
    process.journal.after(0, 'accept', () => {
      if (peer.leader?.replication === server) door.open(link.end(1, door));
    });
    return link.end(0, holder);
  }

  #startLease(process: SimulatedProcess): void {
    const { lease, settings } = this.#at;
    const { timing } = settings;
    const store = lease.client(process, this.name, timing.requestTimeoutMs);
    this.#lease = new LeaseLoop(
      process,
      store,
      {
        promote: (epoch) => this.#promote(epoch),
        fenced: () => {
          this.#promised = undefined;
          this.#demote();
        },
        handover: () => this.#handOver(),
        letGo: () => this.#demote(),
        leads: (leader) => {
          this.#leaderSeen = leader;
          this.standby?.follow(leader);
        },
      },
      this.name,
      timing,
      settings.mutation,
    );
  }

  #promote(epoch: number): void {
    const { network, venue, settings, coverage, world } = this.#at;
    const { process, standby } = this;
    const execution = this.#execution;
    if (standby === undefined || execution === undefined) {
      // Still ending the term before: as soon as it stands by again.
      this.#promised = epoch;
      return;
    }
    this.#promised = undefined;
    const history = standby.stop();
    this.standby = undefined;
    this.#execution = undefined;
    const gate = this.#lease!;
    coverage.hit('takeover');
    this.takeovers++;
    world.note(`leads under epoch ${epoch} from record ${history.position.sequence}`, process.name);
    this.role = 'leader';
    // What following has cost so far is no cost of leading.
    this.folder.takeSyncUs();
    gate.promoted(epoch);
    gate.trading(epoch);
    const leader = new Leader({
      ...{ process, history, epoch, settings, name: this.name },
      disk: this.folder.mount(process),
      choreDisk: this.folder.choreDisk(process),
      execution,
      openFeed: (sink: EventSink) => new MarketFeed(network, venue, this.name, process.trading, sink),
      syncCostUs: () => this.folder.takeSyncUs(),
      onSynced: (sequence) => this.folder.onSynced(sequence),
      onEvent: () => {},
      // A full disk may have room again; what a device that failed to sync has kept, only a new start finds out.
      onJournalFailure: (error) => {
        if ((error as { code?: string }).code === 'EIO') {
          process.trading.after(0, 'end', () => this.#failed(error));
        }
      },
    });
    // It may have died as it began, where a promise swallowed the end of it.
    if (process.alive) this.leader = leader;
  }

  /** An order leaves: under this term's epoch, and not before what its durability mode asks for. */
  #checkOrder(clientOrderId: string): void {
    const { judge, settings } = this.#at;
    const { leader } = this;
    const id = parseClientOrderId(CLIENT_ORDER_ID_FORMATS.binance, clientOrderId);
    if (leader === undefined || id?.epoch !== leader.epoch) {
      judge.breach('sent under another epoch', `${clientOrderId} by ${this.name}, epoch ${leader?.epoch}`);
      return;
    }
    if (settings.durability === 'async') return;
    const { synced, acked } = leader.front;
    const safe = settings.durability === 'fsync-before-send' ? synced : Math.min(synced, acked);
    const record = leader.intents.get(`${id.epoch}x${id.sequence}`) ?? Number.POSITIVE_INFINITY;
    if (record > safe) {
      judge.breach(
        'sent before its record was safe',
        `${clientOrderId} of record ${record}, safe up to ${safe}`,
      );
    }
  }

  /** Leads no more: ends its term and begins again from what its own disk says. */
  #demote(): void {
    const { leader } = this;
    if (leader === undefined) return;
    this.role = 'starting';
    leader.stop();
    leader.finish(() => {
      if (this.leader !== leader) return;
      this.leader = undefined;
      this.#standBy(this.#recover(this.folder.mount(this.process)));
      if (this.#promised !== undefined) this.#promote(this.#promised);
    });
  }

  /** The other one is there: the last record goes to it, then the lease. */
  #handOver(): void {
    const { leader } = this;
    if (leader === undefined) return;
    this.#lease!.stopSending();
    leader.stop();
    leader.flush(() => this.#lease!.release('handover'));
  }

  #died(why: string): void {
    const { world, venue } = this.#at;
    this.folder.onDied(why);
    const { power, rebootUs, count } = this.#onDeath ?? { power: false, rebootUs: 100_000, count: () => {} };
    this.#onDeath = undefined;
    count();
    this.deaths++;
    this.role = 'down';
    this.leader?.feed.stop();
    this.leader = undefined;
    this.standby = undefined;
    if (power) {
      world.note(`power lost: ${this.folder.losePower(world.random)}`, this.name);
    } else this.disk.kill();
    const silent = power && world.random.chance(0.5);
    venue.lost(this.name, silent);
    this.#link?.lost(0, silent, world.nowUs);
    this.peer?.linkLost(silent);
    this.#link = undefined;
    world.after(rebootUs, undefined, 'reboot', () => this.boot());
  }

  /** A process that met what it can not go on from ends, and is started again by whoever watches over it. */
  #failed(error: unknown): void {
    const { judge, coverage, settings } = this.#at;
    if (error instanceof Violation) return void judge.breach(error.invariant, error.message);
    if (error instanceof DiskError) {
      if (error.code === 'EIO') coverage.hit('sync failed');
      return void this.die(false, `after ${error.message}`, 150_000);
    }
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (error instanceof JournalError && settings.mutation === undefined) {
      return void judge.breach('journal not clean', `${this.name}: ${what}`);
    }
    judge.breach('unexpected error', `${this.name}: ${what}`);
  }
}
