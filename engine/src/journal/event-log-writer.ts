import { type FileHandle, open, statfs } from 'node:fs/promises';
import { BinaryWriter, type CommandList, EventKind, type KernelEvent } from '../domain/index.js';
import { encodeCommands } from './command-codec.js';
import { crc32c } from './crc32c.js';
import { encodeEvent } from './event-encoder.js';
import {
  beginRecord,
  checksumRecords,
  encodeSegmentHeader,
  endRecord,
  makeFooter,
  RecordType,
} from './segment-format.js';

export interface EventLogOptions {
  /** Buffered bytes that start a write by themselves; default 256 KiB. */
  readonly flushBytes?: number;
  /** Bytes of the disk left to others: writing fails where fewer would be free, as it does on a full disk. Default 0. */
  readonly keepFreeBytes?: number;
  /** Called once when a write failed; from then on nothing more is kept. Without it the next `flush` rejects. */
  readonly onError?: (error: Error) => void;
}

/** Free space is asked for at the first write and whenever so many bytes were written since. */
const SPACE_CHECK_BYTES = 8 * 1024 * 1024;

/**
 * Writes a recording: one segment of any size in a file of any name, without marks, as nothing waits for it to be durable.
 * `append` only copies into a reused buffer; checksums and writing happen in `flush`, which overlaps with further appends. A
 * recording is never written over: an existing file is an error.
 */
export class EventLogWriter {
  readonly path: string;
  readonly #flushBytes: number;
  readonly #keepFreeBytes: number;
  readonly #onError: ((error: Error) => void) | undefined;
  #filling = new BinaryWriter(1 << 16);
  #writing = new BinaryWriter(1 << 16);
  #file: Promise<FileHandle> | undefined;
  #flushed: Promise<void> | undefined;
  #scheduled = false;
  #closed = false;
  #error: Error | undefined;
  #sequence = 0;
  #epoch = 0;
  /** Of what was checksummed so far. */
  #chain = 0;
  #tsFirst = 0;
  #tsLast = 0;
  #bytesWritten = 0;
  #checkSpaceAt = 0;

  constructor(path: string, options: EventLogOptions = {}) {
    this.path = path;
    this.#flushBytes = options.flushBytes ?? 256 * 1024;
    this.#keepFreeBytes = options.keepFreeBytes ?? 0;
    this.#onError = options.onError;
  }

  /** Events appended so far. */
  get events(): number {
    return this.#sequence;
  }

  /** Bytes in the file so far. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** Bytes appended and not yet handed to the file. */
  get bytesPending(): number {
    return this.#filling.length;
  }

  /** Adds an event with the commands it led to; returns its sequence, from 1. */
  append(event: KernelEvent, commands: CommandList): number {
    const sequence = ++this.#sequence;
    if (this.#error !== undefined || this.#closed) return sequence;
    const { tsInit } = event;
    if (event.kind === EventKind.SessionStarted) this.#epoch = event.epoch;
    if (sequence === 1) this.#tsFirst = tsInit;
    this.#tsLast = tsInit;
    const out = this.#filling;
    const at = beginRecord(out, RecordType.Event, sequence, this.#epoch, tsInit);
    encodeEvent(event, out);
    if (commands.length > 0) encodeCommands(commands, out);
    endRecord(out, at);
    if (out.length >= this.#flushBytes && !this.#scheduled) this.#schedule();
    return sequence;
  }

  /** Creates the file now rather than with the first write. Rejects with the file system's error, EEXIST included. */
  async open(): Promise<void> {
    await this.#opened();
  }

  /** Resolves once everything appended before the call is with the operating system. Rejects when it could not be. */
  async flush(): Promise<void> {
    while (this.#filling.length > 0 || this.#flushed !== undefined) {
      this.#flushed ??= this.#write().finally(() => {
        this.#flushed = undefined;
      });
      await this.#flushed;
    }
    if (this.#error !== undefined) throw this.#error;
  }

  /** Flushes, syncs to the device and closes the file. Appends after this are dropped. */
  async close(): Promise<void> {
    if (this.#closed) return;
    try {
      await this.flush();
      // An empty recording is one too.
      const file = await this.#opened();
      const at = { sequence: this.#sequence, epoch: this.#epoch, chain: this.#chain };
      await this.#put(file, makeFooter(at, this.#sequence, this.#tsFirst, this.#tsLast));
      await file.sync();
    } finally {
      this.#closed = true;
      await this.#file?.then(
        (file) => file.close(),
        () => {},
      );
    }
  }

  #schedule(): void {
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      // A failure is kept in #error and told through onError or the next flush.
      this.flush().catch(() => {});
    });
  }

  async #write(): Promise<void> {
    const batch = this.#filling;
    this.#filling = this.#writing;
    this.#writing = batch;
    try {
      if (this.#error === undefined) {
        const file = await this.#opened();
        const { bytes } = batch;
        await this.#checkSpace();
        checksumRecords(bytes);
        this.#chain = chainOf(bytes, this.#chain);
        await this.#put(file, bytes);
      }
    } catch (error) {
      this.#error = error as Error;
      this.#onError?.(this.#error);
    } finally {
      batch.reset();
    }
  }

  async #checkSpace(): Promise<void> {
    if (this.#keepFreeBytes === 0 || this.#bytesWritten < this.#checkSpaceAt) return;
    this.#checkSpaceAt = this.#bytesWritten + SPACE_CHECK_BYTES;
    const { bavail, bsize } = await statfs(this.path);
    if (bavail * bsize < this.#keepFreeBytes) {
      throw new Error(`${bavail * bsize} bytes are free, and ${this.#keepFreeBytes} are kept for others`);
    }
  }

  async #put(file: FileHandle, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done);
      done += bytesWritten;
      this.#bytesWritten += bytesWritten;
    }
  }

  #opened(): Promise<FileHandle> {
    this.#file ??= this.#create();
    return this.#file;
  }

  async #create(): Promise<FileHandle> {
    const file = await open(this.path, 'wx');
    await this.#put(file, encodeSegmentHeader({ firstSequence: 1, epoch: 0, chain: 0 }));
    return file;
  }
}

function chainOf(bytes: Uint8Array, seed: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let chain = seed;
  for (let at = 0; at < bytes.length; at += view.getUint32(at + 4, true)) {
    chain = crc32c(bytes, at, at + 4, chain);
  }
  return chain;
}
