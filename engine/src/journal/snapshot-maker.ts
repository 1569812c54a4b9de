import { BinaryWriter } from '../domain/index.js';
import type { JournalDisk } from './disk.js';
import { beginReplay } from './kernel-recovery.js';
import type { OptionsRecord } from './record.js';
import type { KernelFactory } from './replay.js';
import type { SharedFolder } from './shared-folder.js';
import { listSnapshots, type Snapshot, type SnapshotFault, writeSnapshot } from './snapshot-file.js';

export interface SnapshotMakerOptions {
  readonly makeKernel: KernelFactory;
  /** What is assumed of records before any told their options. */
  readonly today: OptionsRecord;
  /** Records from one snapshot to the next. */
  readonly every: number;
  /** Of a standby's folder, in which the history may be replaced by another one meanwhile. */
  readonly shared?: SharedFolder | undefined;
}

/** What making a snapshot showed. */
export interface SnapshotReport {
  readonly sequence: number;
  /** Events replayed for it. */
  readonly events: number;
  readonly bytes: number;
  /** Records that came out otherwise than recorded: the engine is not deterministic, a defect to be reported. */
  readonly differences: number;
  readonly reports: readonly string[];
  /** Earlier snapshots that could not be used. */
  readonly faults: readonly SnapshotFault[];
}

/**
 * Makes snapshots from what the journal's own files say: the newest one before, and the records since. The trading thread
 * takes no part, and every record it wrote is replayed and compared.
 */
export class SnapshotMaker {
  readonly #disk: JournalDisk;
  readonly #options: SnapshotMakerOptions;
  #newest: number;
  #serial: number | undefined;

  constructor(disk: JournalDisk, options: SnapshotMakerOptions) {
    this.#disk = disk;
    this.#options = options;
    this.#serial = options.shared?.serial;
    this.#newest = newestOf(disk);
  }

  /** Sequence of the newest snapshot; 0 before the first. */
  get newest(): number {
    return this.#newest;
  }

  /** Whether the history was replaced, or is being replaced, since {@link step} began: what went wrong then means nothing. */
  get wasReplaced(): boolean {
    return this.#options.shared?.alone(() => this.#isOutdated) ?? false;
  }

  /**
   * Makes a snapshot of all records up to `told`, the last durable one (a shared folder knows it itself), when it is time;
   * undefined when it is not, or when the history was replaced meanwhile. Throws what reading the journal and the file system throw: try again later, nothing
   * was lost.
   */
  step(told?: number): SnapshotReport | undefined {
    const { makeKernel, today, every, shared } = this.#options;
    this.#lookAnew();
    // After the serial: what is durable of the very history that is read.
    const synced = told ?? shared?.synced ?? 0;
    if (synced - this.#newest < every) return undefined;
    const faults: SnapshotFault[] = [];
    const { replay, records } = beginReplay(this.#disk, makeKernel, today, faults);
    for (const record of records) {
      replay.apply(record);
      // What comes after may not be whole yet.
      if (record.sequence >= synced) break;
    }
    const out = new BinaryWriter(1 << 16);
    replay.kernel.save(out);
    const { sequence, epoch, checksum, options } = replay;
    const stateHash = replay.kernel.stateHash();
    const snapshot = { sequence, epoch, checksum, options, stateHash, state: out.bytes };
    if (shared === undefined) writeSnapshot(this.#disk, snapshot);
    else if (!shared.alone(() => this.#writeIfStill(snapshot))) return undefined;
    this.#newest = sequence;
    const { events, differences, reports } = replay;
    return { sequence, events, bytes: out.length, differences, reports, faults };
  }

  get #isOutdated(): boolean {
    return this.#serial !== this.#options.shared?.serial;
  }

  #lookAnew(): void {
    if (!this.#isOutdated) return;
    this.#serial = this.#options.shared?.serial;
    this.#newest = newestOf(this.#disk);
  }

  /** False when it is not the history's any more. */
  #writeIfStill(snapshot: Snapshot): boolean {
    if (this.#isOutdated) return false;
    writeSnapshot(this.#disk, snapshot);
    return true;
  }
}

function newestOf(disk: JournalDisk): number {
  return listSnapshots(disk).at(-1) ?? 0;
}
