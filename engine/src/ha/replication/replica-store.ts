import {
  installSnapshot,
  type JournalDisk,
  type JournalPosition,
  readEpochs,
  recoverJournal,
  SegmentWriter,
  SharedFolder,
  setAside,
} from '../../journal/index.js';
import type { EpochStart } from './messages.js';
import { ReplicationError } from './replication-error.js';

/** Free space is asked for whenever so many bytes were written. */
const SPACE_CHECK_BYTES = 8 * 1024 * 1024;
const PROBE_NAME = 'room.partial';
const PROBE_BYTES = 64 * 1024;

/**
 * A standby's journal, as what arrives is put into it. Throws the file system's errors, and a ReplicationError when the
 * disk is full: what was written until then is kept, and {@link ReplicaStore.position} tells how much that is.
 */
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

export interface ReplicaStoreOptions {
  readonly segmentBytes: number;
  /** Bytes of the disk left to others: fewer count as a full disk. Default 0. */
  readonly keepFreeBytes?: number;
  /** With other threads that keep it; default: nobody else has to do with it. */
  readonly shared?: SharedFolder;
}

/** The folder of a standby's journal. */
export class FolderReplicaStore implements ReplicaStore {
  readonly #disk: JournalDisk;
  readonly #options: ReplicaStoreOptions;
  readonly #shared: SharedFolder;
  #uncheckedBytes = SPACE_CHECK_BYTES;
  #full: string | undefined;
  #current: SegmentWriter | undefined;

  /** Continues at `at`, as `recoverJournal` or a snapshot tells it. */
  constructor(disk: JournalDisk, options: ReplicaStoreOptions, at: JournalPosition) {
    this.#disk = disk;
    this.#options = options;
    this.#shared = options.shared ?? new SharedFolder();
    this.#reopen(at);
  }

  get position(): JournalPosition {
    return this.#writer.position;
  }

  get synced(): number {
    return this.#writer.synced;
  }

  epochs(): readonly EpochStart[] {
    return this.#shared.alone(() => readEpochs(this.#disk));
  }

  /** Why nothing can be written, since the disk was found full. */
  get full(): string | undefined {
    return this.#full;
  }

  /** The sync that failed: nobody knows what is on the device, and nothing more is written in this process. */
  get failure(): Error | undefined {
    return this.#current?.failure;
  }

  /** Lets go of the folder until the next use, so that it can be recovered from. */
  release(): void {
    this.#stop();
  }

  /** Whether a disk that was found full has room again: {@link full} is undefined then. */
  lookForRoom(): void {
    if (this.#full === undefined) return;
    // Some more than what is kept, or it would be full again at once.
    if (this.#disk.freeBytes() < this.#keepFreeBytes + SPACE_CHECK_BYTES) return;
    try {
      // A quota is only found out by writing.
      tryToWrite(this.#disk);
      this.#full = undefined;
    } catch (error) {
      this.#full = (error as Error).message;
    }
  }

  append(records: Uint8Array): void {
    const writer = this.#writer;
    this.#uncheckedBytes += records.length;
    if (this.#uncheckedBytes >= SPACE_CHECK_BYTES) this.#needRoom(0);
    try {
      writer.append(records);
    } catch (error) {
      throw isFull(error) ? this.#tooFull((error as Error).message) : error;
    }
  }

  sync(): void {
    this.#writer.sync();
    this.#shared.synced = this.#writer.synced;
  }

  /** A step toward having the next segment's file ready, while there is room; see `SegmentWriter.prepareSpare`. */
  prepare(): boolean {
    if (this.#disk.freeBytes() < this.#keepFreeBytes + this.#options.segmentBytes) return false;
    return this.#writer.prepareSpare();
  }

  setAside(sequence: number): void {
    this.#shared.anew(() => {
      this.#stop();
      setAside(this.#disk, sequence);
      this.#reopen(recoverJournal(this.#disk).position);
    });
  }

  install(name: string, snapshot: Uint8Array, at: JournalPosition): void {
    this.#needRoom(snapshot.length);
    this.#shared.anew(() => {
      this.#stop();
      installSnapshot(this.#disk, name, snapshot, at);
      this.#reopen(at);
    });
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
    if (this.#current === undefined) {
      this.#shared.anew(() => this.#reopen(recoverJournal(this.#disk).position));
    }
    return this.#current!;
  }

  #reopen(at: JournalPosition): void {
    this.#current = SegmentWriter.open(this.#disk, this.#options, at);
    this.#shared.synced = at.sequence;
  }

  get #keepFreeBytes(): number {
    return this.#options.keepFreeBytes ?? 0;
  }

  #needRoom(bytes: number): void {
    const kept = this.#keepFreeBytes;
    if (kept > 0 && this.#disk.freeBytes() - bytes < kept)
      throw this.#tooFull(`fewer than ${kept} bytes are free`);
    this.#uncheckedBytes = 0;
  }

  #tooFull(why: string): ReplicationError {
    this.#full = why;
    this.#uncheckedBytes = SPACE_CHECK_BYTES;
    return new ReplicationError('TW_REPLICATION_FULL', `the standby's disk is full: ${why}`);
  }
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function tryToWrite(disk: JournalDisk): void {
  if (disk.list().includes(PROBE_NAME)) disk.remove(PROBE_NAME);
  const file = disk.create(PROBE_NAME);
  try {
    file.write(new Uint8Array(PROBE_BYTES), 0);
    file.sync();
  } finally {
    file.close();
    disk.remove(PROBE_NAME);
  }
}
