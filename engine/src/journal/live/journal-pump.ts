import { JournalState } from '../../domain/index.js';
import type { JournalDisk } from '../disk.js';
import { frameRecord, RECORD_HEAD_BYTES, type RecordType } from '../segment-format.js';
import type { SegmentWriter } from '../segment-writer.js';
import type { PumpSignals } from './journal-signals.js';
import type { JournalRingReader, RingRecord } from './ring-reader.js';

/** Bytes written at once; a record that is larger by itself is written by itself. */
const BATCH_BYTES = 256 * 1024;
/** Batches of one step, after which others on the thread have their turn. */
const BATCHES_PER_STEP = 8;
const RETRY_FIRST_US = 10_000;
const RETRY_LAST_US = 1_000_000;
/** Free space is asked for whenever so many bytes were written. */
const SPACE_CHECK_BYTES = 8 * 1024 * 1024;

/** Who is told of what the pump did: replication. */
export interface PumpListener {
  /** Records `first` to `last`, framed, are with the operating system. `bytes` are valid during the call. */
  onWritten(bytes: Uint8Array, first: number, last: number, nowUs: number): void;
}

export interface JournalPumpOptions {
  readonly ring: JournalRingReader;
  readonly writer: SegmentWriter;
  readonly disk: Pick<JournalDisk, 'freeBytes'>;
  readonly signals: PumpSignals;
  /** Fencing epoch of every record. */
  readonly epoch: number;
  /** Records of this long are made durable together, microseconds. A record that commands wait for does not wait itself. */
  readonly commitIntervalUs: number;
  readonly segmentBytes: number;
  /** Bytes of the disk left to others: writing fails where fewer would be free, as it does on a full disk. */
  readonly keepFreeBytes: number;
  readonly listener?: PumpListener | undefined;
  /** Called with each new failure, and with undefined when the journal is well again. */
  readonly onFailure?: ((error: Error | undefined) => void) | undefined;
}

/**
 * From the ring to the disk: frames what the trading thread appended, writes it in batches, syncs by the commit interval,
 * and publishes how far it got. It has no clock and no thread of its own.
 *
 * A write that fails is tried again, later and later, from memory that stays as it is: nothing is lost and nothing
 * overtakes. A sync that fails is final, since no one knows what such a device kept: the journal stays failed until the
 * process is started anew, and recovery finds out.
 */
export class JournalPump {
  readonly #ring: JournalRingReader;
  readonly #writer: SegmentWriter;
  readonly #options: JournalPumpOptions;
  readonly #signals: PumpSignals;
  #batch = new Uint8Array(BATCH_BYTES);
  #view = new DataView(this.#batch.buffer);
  #batchBytes = 0;
  /** What of the batch is written. */
  #batchDone = 0;
  /** Sequence of the last record framed. */
  #framed: number;
  #unsyncedSinceUs = 0;
  #error: Error | undefined;
  #retryAtUs = 0;
  #retryUs = RETRY_FIRST_US;
  #uncheckedBytes = SPACE_CHECK_BYTES;
  /** The segment behind which the next one is ready. */
  #spareBehind: string | undefined;
  #spareAtUs = 0;

  constructor(options: JournalPumpOptions) {
    this.#options = options;
    this.#ring = options.ring;
    this.#writer = options.writer;
    this.#signals = options.signals;
    this.#framed = options.writer.written;
  }

  /** Why nothing can be written at the moment. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Whether everything appended so far is durable. */
  get isDrained(): boolean {
    return this.#ring.isEmpty && this.#batchBytes === 0 && this.#writer.synced === this.#framed;
  }

  /**
   * Does what can be done at `nowUs` (monotonic) and returns for how many microseconds nothing else has to be, if nothing
   * is appended: 0 asks for another call soon, Infinity for none.
   */
  step(nowUs: number): number {
    if (nowUs < this.#retryAtUs) return this.#retryAtUs - nowUs;
    let isMore = false;
    let wait = 0;
    let failure: Error | undefined;
    try {
      isMore = this.#write(nowUs);
    } catch (error) {
      failure = error as Error;
    }
    // What is written is made durable whatever became of the rest.
    try {
      wait = this.#sync(nowUs);
    } catch (error) {
      failure ??= error as Error;
    }
    this.#signals.publishWritten(this.#writer.written);
    this.#signals.publishSynced(this.#writer.synced);
    if (failure !== undefined) this.#failed(failure, nowUs);
    else if (this.#error !== undefined) this.#recovered();
    this.#signals.ring();
    if (failure !== undefined) return this.#retryAtUs - nowUs;
    if (isMore) return 0;
    return wait === Number.POSITIVE_INFINITY ? this.#idle(nowUs) : wait;
  }

  /** Syncs what is written and closes the segment. Call it once {@link isDrained}. */
  close(): void {
    this.#writer.close();
  }

  /** True when there is more to write than one step takes. */
  #write(nowUs: number): boolean {
    for (let batches = 0; batches < BATCHES_PER_STEP; batches++) {
      if (this.#batchBytes === 0) this.#fill();
      if (this.#batchBytes === 0) return false;
      this.#checkSpace();
      this.#flush(nowUs);
    }
    return !this.#ring.isEmpty;
  }

  /** Frames records until the batch is full. */
  #fill(): void {
    while (this.#batchBytes < BATCH_BYTES / 2) {
      const record = this.#ring.take();
      if (record === undefined) return;
      this.#frame(record);
    }
  }

  #frame(record: RingRecord): void {
    const at = this.#batchBytes;
    const { length } = record.payload;
    const end = at + RECORD_HEAD_BYTES + length;
    if (end > this.#batch.length) this.#grow(end);
    this.#batch.set(record.payload, at + RECORD_HEAD_BYTES);
    frameRecord(
      this.#batch,
      this.#view,
      at,
      end - at,
      record.type as RecordType,
      ++this.#framed,
      this.#options.epoch,
      record.tsInit,
    );
    this.#batchBytes = end;
  }

  #flush(nowUs: number): void {
    const { listener } = this.#options;
    const before = this.#writer.written;
    const bytes = this.#batch.subarray(this.#batchDone, this.#batchBytes);
    let done = 0;
    try {
      this.#writer.append(bytes);
      done = bytes.length;
    } catch (error) {
      // Part of it may be written, where a segment ended in the middle.
      done = this.#bytesUpTo(bytes, this.#writer.written);
      throw error;
    } finally {
      const last = this.#writer.written;
      if (last > before) {
        if (this.#unsyncedSinceUs === 0) this.#unsyncedSinceUs = Math.max(1, nowUs);
        this.#uncheckedBytes += done;
        this.#batchDone += done;
        listener?.onWritten(bytes.subarray(0, done), before + 1, last, nowUs);
      }
      if (this.#batchDone === this.#batchBytes) {
        this.#batchBytes = 0;
        this.#batchDone = 0;
        this.#ring.release();
      }
    }
  }

  /** Returns when the next sync is due. */
  #sync(nowUs: number): number {
    const writer = this.#writer;
    if (writer.synced === writer.written) {
      this.#unsyncedSinceUs = 0;
      return Number.POSITIVE_INFINITY;
    }
    const due = this.#unsyncedSinceUs + this.#options.commitIntervalUs;
    if (nowUs < due && this.#signals.wanted <= writer.synced) return due - nowUs;
    // Before the sync: who only waits for the write need not wait for the device.
    this.#signals.publishWritten(writer.written);
    writer.sync();
    this.#unsyncedSinceUs = 0;
    return Number.POSITIVE_INFINITY;
  }

  /**
   * Prepares the file of the next segment while there is nothing better to do. Where that fails, the segment in use still
   * has room; when it has not, the write will say so.
   */
  #idle(nowUs: number): number {
    const { disk, keepFreeBytes, segmentBytes } = this.#options;
    const { segment } = this.#writer;
    if (this.#spareBehind === segment) return Number.POSITIVE_INFINITY;
    if (nowUs < this.#spareAtUs) return this.#spareAtUs - nowUs;
    try {
      if (disk.freeBytes() >= keepFreeBytes + segmentBytes) {
        if (this.#writer.prepareSpare()) this.#spareBehind = segment;
        return 0;
      }
    } catch {
      // As with too little room.
    }
    this.#spareAtUs = nowUs + RETRY_LAST_US;
    return RETRY_LAST_US;
  }

  #checkSpace(): void {
    if (this.#uncheckedBytes < SPACE_CHECK_BYTES && this.#error === undefined) return;
    const { disk, keepFreeBytes } = this.#options;
    const free = keepFreeBytes > 0 ? disk.freeBytes() : 0;
    if (free < keepFreeBytes) {
      throw new Error(
        `${free} bytes are free on the journal's disk, and ${keepFreeBytes} are kept for others`,
      );
    }
    this.#uncheckedBytes = 0;
  }

  #failed(error: Error, nowUs: number): void {
    const isNew = this.#error === undefined || this.#error.message !== error.message;
    this.#error = error;
    this.#retryAtUs = nowUs + this.#retryUs;
    this.#retryUs = Math.min(this.#retryUs * 2, RETRY_LAST_US);
    this.#signals.publishState(JournalState.Failed);
    if (isNew) this.#options.onFailure?.(error);
  }

  #recovered(): void {
    this.#error = undefined;
    this.#retryUs = RETRY_FIRST_US;
    this.#signals.publishState(JournalState.Ok);
    this.#options.onFailure?.(undefined);
  }

  #bytesUpTo(bytes: Uint8Array, sequence: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (at < bytes.length && view.getFloat64(at + 8, true) <= sequence) at += view.getUint32(at + 4, true);
    return at;
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.#batch.length * 2));
    grown.set(this.#batch.subarray(0, this.#batchBytes));
    this.#batch = grown;
    this.#view = new DataView(grown.buffer);
  }
}
