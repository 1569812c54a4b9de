import {
  FolderReplicaStore,
  type JournalDisk,
  type JournalPosition,
  listSegments,
  listSnapshots,
  type SharedFolder,
} from '../engine.js';

/** Told before a standby's own records are taken out of its journal. */
export interface TakenBack {
  /** What is after record `sequence` is no part of the history any more; 0: nothing is. */
  onTakeBack(sequence: number): void;
  /** Everything until it returns is part of beginning anew with a snapshot. */
  whileInstalling(work: () => void): void;
}

/** The standby's journal; says what it is about to give up, which a crash in the middle of it may have taken or not. */
export class WatchedReplicaStore extends FolderReplicaStore {
  readonly #disk: JournalDisk;
  readonly #watcher: TakenBack;

  constructor(
    disk: JournalDisk,
    options: { readonly segmentBytes: number; readonly shared: SharedFolder },
    at: JournalPosition,
    watcher: TakenBack,
  ) {
    super(disk, options, at);
    this.#disk = disk;
    this.#watcher = watcher;
  }

  override setAside(sequence: number): void {
    // What begins later and has no snapshot of so early is of no use to anybody.
    const first = listSegments(this.#disk)[0]?.firstSequence ?? 1;
    const isOfUse = first === 1 || listSnapshots(this.#disk).some((at) => at >= first - 1 && at <= sequence);
    this.#watcher.onTakeBack(isOfUse ? sequence : 0);
    super.setAside(sequence);
  }

  override install(name: string, snapshot: Uint8Array, at: JournalPosition): void {
    this.#watcher.onTakeBack(0);
    this.#watcher.whileInstalling(() => super.install(name, snapshot, at));
  }
}
