import { BinaryWriter } from '../domain/index.js';
import type { JournalDisk } from './disk.js';
import { beginReplay } from './kernel-recovery.js';
import type { OptionsRecord } from './record.js';
import type { KernelFactory } from './replay.js';
import { listSnapshots, type SnapshotFault, writeSnapshot } from './snapshot-file.js';

export interface SnapshotMakerOptions {
  readonly makeKernel: KernelFactory;
  /** What is assumed of records before any told their options. */
  readonly today: OptionsRecord;
  /** Records from one snapshot to the next. */
  readonly every: number;
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

  constructor(disk: JournalDisk, options: SnapshotMakerOptions) {
    this.#disk = disk;
    this.#options = options;
    this.#newest = listSnapshots(disk).at(-1) ?? 0;
  }

  /** Sequence of the newest snapshot; 0 before the first. */
  get newest(): number {
    return this.#newest;
  }

  /**
   * Makes a snapshot of all records up to `synced`, the last durable one, when it is time; undefined when it is not. Throws
   * what reading the journal and the file system throw: try again later, nothing was lost.
   */
  step(synced: number): SnapshotReport | undefined {
    const { makeKernel, today, every } = this.#options;
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
    writeSnapshot(this.#disk, { sequence, epoch, checksum, options, stateHash, state: out.bytes });
    this.#newest = sequence;
    const { events, differences, reports } = replay;
    return { sequence, events, bytes: out.length, differences, reports, faults };
  }
}
