import {
  installSnapshot,
  type JournalDisk,
  type JournalPosition,
  readEpochs,
  recoverJournal,
  SegmentWriter,
  setAside,
} from '../../journal/index.js';
import type { EpochStart } from './messages.js';

/** A standby's journal, as what arrives is put into it. Throws the file system's errors. */
export interface ReplicaStore {
  /** After the last record written. */
  readonly position: JournalPosition;
  /** Of the last record on the device. */
  readonly synced: number;
  epochs(): readonly EpochStart[];
  /** Writes whole records that continue the journal. */
  append(records: Uint8Array): void;
  sync(): void;
  /** Takes what is beyond record `sequence` out of the journal, or all where the rest is of no use, and keeps it. */
  setAside(sequence: number): void;
  /** Takes everything out of the journal, puts a snapshot's file beside it, and continues at `at`, which it covers. */
  install(name: string, snapshot: Uint8Array, at: JournalPosition): void;
}

/** The folder of a standby's journal. */
export class FolderReplicaStore implements ReplicaStore {
  readonly #disk: JournalDisk;
  readonly #segmentBytes: number;
  #current: SegmentWriter | undefined;

  /** Continues at `at`, as `recoverJournal` or a snapshot tells it. */
  constructor(disk: JournalDisk, options: { readonly segmentBytes: number }, at: JournalPosition) {
    this.#disk = disk;
    this.#segmentBytes = options.segmentBytes;
    this.#current = SegmentWriter.open(disk, options, at);
  }

  get position(): JournalPosition {
    return this.#writer.position;
  }

  get synced(): number {
    return this.#writer.synced;
  }

  epochs(): readonly EpochStart[] {
    return readEpochs(this.#disk);
  }

  append(records: Uint8Array): void {
    this.#writer.append(records);
  }

  sync(): void {
    this.#writer.sync();
  }

  /** A step toward having the next segment's file ready; see `SegmentWriter.prepareSpare`. */
  prepare(): boolean {
    return this.#writer.prepareSpare();
  }

  setAside(sequence: number): void {
    this.#stop();
    setAside(this.#disk, sequence);
    this.#reopen(recoverJournal(this.#disk).position);
  }

  install(name: string, snapshot: Uint8Array, at: JournalPosition): void {
    this.#stop();
    installSnapshot(this.#disk, name, snapshot, at);
    this.#reopen(at);
  }

  /** Makes what was written durable and closes the segment: a leader's writer can go on from {@link position}. */
  close(): void {
    this.#writer.close();
  }

  /** Until it is opened anew, also when that fails half way: then at the next use, where the folder is found to end. */
  #stop(): void {
    try {
      this.#current?.close();
    } catch {
      // Recovery closes the segment, or says why it can not be.
    }
    this.#current = undefined;
  }

  get #writer(): SegmentWriter {
    if (this.#current === undefined) this.#reopen(recoverJournal(this.#disk).position);
    return this.#current!;
  }

  #reopen(at: JournalPosition): void {
    this.#current = SegmentWriter.open(this.#disk, { segmentBytes: this.#segmentBytes }, at);
  }
}
