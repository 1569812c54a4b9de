import type { Coverage, FaultClass } from '../coverage.js';
import { type Prng, segmentName } from '../engine.js';
import type { SimulatedProcess } from '../process.js';
import { type MountedDisk, SimulatedDisk } from '../simulated-disk.js';
import { Archive } from './archive.js';
import { ChoreDisk } from './chore-disk.js';
import type { TakenBack } from './replica-store.js';

const DISK_BYTES = 64 * 1024 * 1024;
const SYNC_US = 150;
/** Of what was not synced, this much reaches the platter in a power loss. */
const KEPT = [0, 0.3, 0.5, 0.9, 1] as const;
const FIRST_SEGMENT = segmentName(1);
const INSTALLING = 'installing';
/** What a crash in the middle of it counts as. */
const TASKS: readonly (readonly [task: string, counted: FaultClass])[] = [
  ['compressing', 'ended while compressing'],
  ['deleting', 'ended while deleting segments'],
  [INSTALLING, 'ended while installing a snapshot'],
];

/** The folder of a node's journal, over all its lives: the disk it is on, and what must still be there. */
export class NodeFolder implements TakenBack {
  readonly disk = new SimulatedDisk();
  /** What retention has taken from it. */
  readonly archive = new Archive();
  /** What a sync takes, microseconds. */
  syncUs = SYNC_US;
  /** The disk has told that everything up to this record is on it for good. */
  durable = 0;
  readonly #coverage: Coverage;
  #syncs = 0;
  /** What present calls of the disk are for, where a crash is of interest. */
  #task = '';

  constructor(coverage: Coverage) {
    this.#coverage = coverage;
    this.disk.capacity = DISK_BYTES;
  }

  mount(process: SimulatedProcess): MountedDisk {
    return this.#mounted(process, () => this.#task);
  }

  /** For those who keep the folder small. */
  choreDisk(process: SimulatedProcess): ChoreDisk {
    let task = '';
    const coverage = this.#coverage;
    return new ChoreDisk(
      this.#mounted(process, () => task),
      {
        onTask: (name) => {
          task = `${name} `;
        },
        onCompressed: () => coverage.hit('segment compressed'),
        onLeftover: () => coverage.hit('half-compressed segment found'),
        onDelete: (name, bytes) => {
          coverage.hit('old segment deleted');
          this.archive.keep(name, bytes);
        },
      },
    );
  }

  /** What the syncs since the last call have cost, microseconds. */
  takeSyncUs(): number {
    const us = this.#syncs * this.syncUs;
    this.#syncs = 0;
    return us;
  }

  onSynced(sequence: number): void {
    this.durable = Math.max(this.durable, sequence);
  }

  onTakeBack(sequence: number): void {
    this.durable = Math.min(this.durable, sequence);
    this.archive.takeBack(sequence);
  }

  whileInstalling(work: () => void): void {
    this.#coverage.hit('began anew with a snapshot');
    this.#task = `${INSTALLING} `;
    work();
    this.#task = '';
  }

  /** Recovery came to its end. */
  onRecovered(fromSnapshot: boolean, disk: MountedDisk): void {
    const [first] = disk.list().filter((name) => /^\d+\.twj/.test(name));
    if (fromSnapshot && first !== undefined && !first.startsWith(FIRST_SEGMENT)) {
      this.#coverage.hit('recovered without its first records');
    }
  }

  /** The process died, of `why`. */
  onDied(why: string): void {
    for (const [task, counted] of TASKS) if (why.startsWith(task)) this.#coverage.hit(counted);
    this.#task = '';
  }

  /** What was not synced is gone, or some of it. Says how much. */
  losePower(random: Prng): string {
    const { lost, torn, undone } = this.disk.crash(random, KEPT[random.below(KEPT.length)]!);
    if (lost > 0) this.#coverage.hit('unsynced sectors lost');
    if (torn) this.#coverage.hit('torn write');
    if (undone > 0) this.#coverage.hit('names undone');
    return `${lost} sectors, ${undone} names`;
  }

  /** Another disk in place of this one. */
  wipe(): void {
    this.disk.wipe();
    this.onTakeBack(0);
  }

  free(): void {
    this.disk.capacity = DISK_BYTES;
  }

  well(): void {
    this.syncUs = SYNC_US;
  }

  #mounted(process: SimulatedProcess, task: () => string): MountedDisk {
    return this.disk.mount({
      boundary: (what) => process.boundary(task() + what),
      synced: () => {
        this.#syncs++;
      },
    });
  }
}
