import type { Coverage } from '../coverage.js';
import { type EventSink, JournalError, type Prng } from '../engine.js';
import type { Judge } from '../judge.js';
import type { SimulatedLeaseStore } from '../lease-store.js';
import type { Network } from '../network.js';
import { HostClock, SimulatedProcess } from '../process.js';
import { DiskError, type MountedDisk, SimulatedDisk } from '../simulated-disk.js';
import { MarketFeed } from '../venue/market-feed.js';
import type { SimulatedVenue } from '../venue/simulated-venue.js';
import { Violation } from '../violation.js';
import type { World } from '../world.js';
import { type History, recoverHistory } from './history.js';
import { Leader } from './leader.js';
import { LeaseLoop } from './lease-loop.js';
import type { PairSettings } from './settings.js';
import { forgeTail } from './torn-tail.js';
import { makeExecution } from './venue-client.js';

export type Role = 'down' | 'starting' | 'standby' | 'leader';

/** Everything a node stands among. */
export interface Surroundings {
  readonly world: World;
  readonly network: Network;
  readonly venue: SimulatedVenue;
  readonly lease: SimulatedLeaseStore;
  readonly judge: Judge;
  readonly coverage: Coverage;
  readonly settings: PairSettings;
}

const DISK_BYTES = 64 * 1024 * 1024;
const SYNC_US = 150;
/** Of what was not synced, this much reaches the platter in a power loss, at most and at least. */
const KEEP = [0, 0.3, 0.5, 0.9, 1] as const;

/** One of the pair: a machine with a disk and a clock, and one life of the engine after the other on it. */
export class PairNode {
  readonly name: string;
  readonly disk = new SimulatedDisk();
  readonly host: HostClock;
  /** What a sync takes, microseconds. */
  syncUs = SYNC_US;
  role: Role = 'down';
  /** Lives so far. */
  life = 0;
  takeovers = 0;
  deaths = 0;
  leader: Leader | undefined;
  #process: SimulatedProcess | undefined;
  #lease: LeaseLoop | undefined;
  #history: History | undefined;
  #syncs = 0;
  /** The disk of this node has told that everything up to here is on it for good. */
  durable = 0;
  readonly #at: Surroundings;
  #onDeath: { power: boolean; rebootUs: number; count: () => void } | undefined;
  #stall: (() => void) | undefined;
  /** Its syncs failed once: what its disk promised before counts no more. */
  #untrusted = false;

  constructor(name: string, at: Surroundings) {
    this.name = name;
    this.#at = at;
    const { random } = at.world;
    this.host = new HostClock(at.world, (random.uniform() - 0.5) * 400, (random.uniform() - 0.5) * 2e6);
    this.disk.capacity = DISK_BYTES;
  }

  get isUp(): boolean {
    return this.#process?.alive === true;
  }

  get process(): SimulatedProcess {
    return this.#process!;
  }

  get kernel() {
    return this.leader?.kernel ?? this.#history?.kernel;
  }

  /** Begins its next life. */
  boot(): void {
    const { world, judge } = this.#at;
    if (this.isUp) return;
    this.life++;
    this.role = 'starting';
    const process = new SimulatedProcess(
      `${this.name}#${this.life}`,
      this.host,
      () => this.#died(),
      (error) => this.#failed(error),
    );
    this.#process = process;
    process.trading.after(0, 'boot', () => {
      const history = this.#recover(this.#mount(process));
      this.#history = history;
      this.#standBy();
      process.lease.after(0, 'lease', () => this.#startLease(process));
    });
    void judge;
    void world;
  }

  /** Ends its life; with the power, what was not synced is gone. It boots again after `rebootUs`. */
  die(power: boolean, why: string, rebootUs: number): void {
    if (!this.isUp) return;
    this.#onDeath = { power, rebootUs, count: () => {} };
    this.process.kill(why);
  }

  armDeath(power: boolean, steps: number, rebootUs: number, count: () => void): void {
    if (!this.isUp || this.process.armed) return;
    this.#onDeath = { power, rebootUs, count };
    this.process.arm({ kind: 'kill' }, steps);
  }

  armStall(us: number, steps: number, count: () => void): void {
    if (!this.isUp || this.process.armed) return;
    this.#stall = count;
    this.process.arm({ kind: 'stall', us, onStall: () => this.#stall?.() }, steps);
  }

  disarm(): void {
    if (this.isUp) this.process.disarm();
  }

  freeDisk(): void {
    this.disk.capacity = DISK_BYTES;
  }

  wellDisk(): void {
    this.syncUs = SYNC_US;
  }

  resetReplication(): boolean {
    return false;
  }

  breakBook(): boolean {
    if (this.leader === undefined) return false;
    this.leader.feed.breakBook();
    return true;
  }

  /** Asks the other one to take over. */
  handOver(): boolean {
    return false;
  }

  #mount(process: SimulatedProcess): MountedDisk {
    return this.disk.mount({
      boundary: (what) => process.boundary(what),
      synced: () => {
        this.#syncs++;
      },
    });
  }

  #recover(disk: MountedDisk): History {
    const { coverage, settings, world } = this.#at;
    if (settings.mutation === 'no-torn-tail-rule') forgeTail(this.disk);
    const history = recoverHistory(disk, settings);
    if (history.wasCut) coverage.hit('torn tail cut');
    const { sequence } = history.position;
    world.note(`recovered to record ${sequence}${history.wasCut ? ', a torn tail cut off' : ''}`, this.name);
    if (sequence < this.durable && !this.#untrusted) {
      throw new Violation(
        'synced record lost',
        `${this.name} had synced ${this.durable}, recovered ${sequence}`,
      );
    }
    return history;
  }

  #standBy(): void {
    this.role = 'standby';
  }

  #startLease(process: SimulatedProcess): void {
    const { lease, settings } = this.#at;
    const { timing } = settings;
    this.#lease = new LeaseLoop(
      process,
      lease.client(process, this.name, timing.requestTimeoutMs),
      {
        promote: (epoch) => process.trading.after(0, 'promote', () => this.#promote(epoch)),
        stopLeading: (how, _reason, done) =>
          process.trading.after(0, 'stop leading', () =>
            this.#demote(how, () => process.lease.after(0, 'stopped', done)),
          ),
      },
      this.name,
      timing,
      settings.mutation,
    );
  }

  #promote(epoch: number): void {
    const { network, venue, settings, coverage, world } = this.#at;
    const { process } = this;
    const sender = { node: this.name, life: this.life };
    const gate = this.#lease!;
    coverage.hit('takeover');
    this.takeovers++;
    world.note(`leads under epoch ${epoch}`, process.name);
    this.role = 'leader';
    this.leader = new Leader({
      process,
      disk: this.#mount(process),
      history: this.#history!,
      epoch,
      settings,
      execution: makeExecution(
        process,
        network,
        venue,
        sender,
        () => settings.mutation === 'no-fencing' || gate.open,
      ),
      openFeed: (sink: EventSink) => new MarketFeed(network, venue, this.name, process.trading, sink),
      syncCostUs: () => {
        const cost = this.#syncs * this.syncUs;
        this.#syncs = 0;
        return cost;
      },
      onSynced: (sequence) => {
        this.durable = sequence;
      },
      onEvent: () => {},
    });
    process.lease.after(0, 'ready', () => gate.ready(epoch));
  }

  #demote(how: 'graceful' | 'kill', done: () => void): void {
    const { leader } = this;
    if (leader === undefined) return done();
    this.role = 'starting';
    leader.stop();
    leader.finish(how === 'graceful', () => {
      this.leader = undefined;
      this.#history = this.#recover(this.#mount(this.process));
      this.#standBy();
      done();
    });
  }

  #died(): void {
    const { world, coverage, venue } = this.#at;
    const { power, rebootUs, count } = this.#onDeath ?? { power: false, rebootUs: 100_000, count: () => {} };
    this.#onDeath = undefined;
    count();
    this.deaths++;
    this.role = 'down';
    this.leader?.feed.stop();
    this.leader = undefined;
    this.#history = undefined;
    if (power) {
      const { lost, torn, undone } = this.disk.crash(world.random, pick(world.random));
      if (lost > 0) coverage.hit('unsynced sectors lost');
      if (torn) coverage.hit('torn write');
      if (undone > 0) coverage.hit('names undone');
      world.note(`power lost: ${lost} sectors, ${undone} names`, this.name);
    } else this.disk.kill();
    venue.lost(this.name, power && world.random.chance(0.5));
    world.after(rebootUs, undefined, 'reboot', () => this.boot());
  }

  /** A process that met what it can not go on from ends, and is started again by whoever watches over it. */
  #failed(error: unknown): void {
    const { judge, coverage, settings } = this.#at;
    if (error instanceof Violation) return judge.breach(error.invariant, error.message);
    if (error instanceof DiskError) {
      if (error.code === 'EIO') {
        coverage.hit('sync failed');
        this.#untrusted = true;
      }
      return this.die(false, `after ${error.message}`, 150_000);
    }
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    if (error instanceof JournalError && settings.mutation === undefined) {
      return judge.breach('journal not clean', `${this.name}: ${what}`);
    }
    judge.breach('unexpected error', `${this.name}: ${what}`);
  }
}

function pick(random: Prng): number {
  return KEEP[random.below(KEEP.length)]!;
}
