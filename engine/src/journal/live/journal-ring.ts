import { BinaryWriter, type CommandList, type KernelEvent } from '../../domain/index.js';
import { encodeCommands } from '../command-codec.js';
import { EVENT_TS_INIT, encodeEvent } from '../event-encoder.js';
import {
  RING_HEADER_BYTES,
  RING_READ,
  RING_RECORD_BYTES,
  RING_TS_INIT,
  RING_WRITTEN,
} from './ring-layout.js';
import { SpillQueue } from './spill-queue.js';

const SPILL_BYTES = 256 * 1024 * 1024;

export interface JournalRingOptions {
  /** Memory of the ring; rounded up to a power of two. */
  readonly bytes: number;
  /** What may wait in this thread's own memory once the ring is full; default 256 MiB. */
  readonly spillBytes?: number | undefined;
  /** Type numbers of the records. */
  readonly eventType: number;
}

/**
 * The trading thread's end of the journal: records into shared memory, for one reader on another thread. Never waits and
 * never leaves one out: what the ring has no room for is kept here, in order, and moves on with later calls. Only when
 * that memory is spent too is the ring {@link broken}, and from then on takes nothing more: a journal has no holes.
 */
export class JournalRing {
  readonly buffer: SharedArrayBuffer;
  readonly #counters: Int32Array;
  readonly #words: Int32Array;
  readonly #record = new BinaryWriter(1 << 16);
  readonly #spill: SpillQueue;
  readonly #eventType: number;
  #written = 0;
  #readSeen = 0;
  #broken = false;

  constructor(options: JournalRingOptions) {
    const bytes = 2 ** Math.ceil(Math.log2(Math.max(64, options.bytes)));
    this.buffer = new SharedArrayBuffer(RING_HEADER_BYTES + bytes);
    this.#counters = new Int32Array(this.buffer, 0, RING_HEADER_BYTES / 4);
    this.#words = new Int32Array(this.buffer, RING_HEADER_BYTES);
    this.#spill = new SpillQueue(options.spillBytes ?? SPILL_BYTES);
    this.#eventType = options.eventType;
  }

  /** Whether a record was lost for want of memory. For good. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Bytes appended and not yet released by the reader, with what is around each record. */
  get pendingBytes(): number {
    const read = Atomics.load(this.#counters, RING_READ);
    return ((this.#written - read) | 0) * 4 + this.#spill.bytes;
  }

  /** Adds an event with the commands it led to. False when the ring is broken. */
  append(event: KernelEvent, commands: CommandList): boolean {
    const record = this.#begin(this.#eventType);
    encodeEvent(event, record);
    // From where it was written, not from the event: see `encodeEvent`.
    record.copyNumber(RING_RECORD_BYTES + EVENT_TS_INIT, RING_TS_INIT);
    if (commands.length > 0) encodeCommands(commands, record);
    return this.#end(record);
  }

  /** Adds a record of any type. False when the ring is broken. */
  appendRaw(type: number, tsInit: number, payload: Uint8Array): boolean {
    const record = this.#begin(type);
    record.setNumber(RING_TS_INIT, tsInit);
    record.raw(payload);
    return this.#end(record);
  }

  /** Moves what waits in this thread's memory into the ring, as far as there is room. */
  settle(): void {
    while (!this.#spill.isEmpty) {
      const words = this.#spill.frontWords;
      if (!this.#hasRoom(words)) return;
      this.#spill.shiftTo(this.#words, this.#written);
      this.#publish(words);
    }
  }

  /** Up to the time, which is still to be set. */
  #begin(type: number): BinaryWriter {
    const record = this.#record;
    record.reset();
    record.u32(0);
    record.u32(type);
    record.number(0);
    return record;
  }

  #end(record: BinaryWriter): boolean {
    if (this.#broken) return false;
    const { length } = record;
    record.setU32(0, length - RING_RECORD_BYTES);
    if (!this.#spill.isEmpty) this.settle();
    const words = (length + 3) >>> 2;
    if (this.#spill.isEmpty && this.#hasRoom(words)) {
      record.copyToRing(this.#words, this.#written);
      this.#publish(words);
      return true;
    }
    // A record larger than the ring could never move on.
    this.#broken = words > this.#words.length || !this.#spill.push(record);
    return !this.#broken;
  }

  #hasRoom(words: number): boolean {
    const room = this.#words.length - words;
    if (((this.#written - this.#readSeen) | 0) <= room) return true;
    this.#readSeen = Atomics.load(this.#counters, RING_READ);
    return ((this.#written - this.#readSeen) | 0) <= room;
  }

  #publish(words: number): void {
    this.#written = (this.#written + words) | 0;
    // The store that hands the record over: everything above is visible before it.
    Atomics.store(this.#counters, RING_WRITTEN, this.#written);
  }
}
