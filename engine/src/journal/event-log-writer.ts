import { type FileHandle, open, statfs } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { BinaryWriter, type CommandList, type KernelEvent } from '../domain/index.js';
import { encodeCommands } from './command-codec.js';
import { encodeEvent } from './event-codec.js';
import { logHeader, RECORD_HEAD_BYTES, RecordType } from './event-log-format.js';

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
 * Appends events, and the commands they led to, to a new file. `append` only copies into a reused buffer; checksums and
 * writing happen in `flush`, which overlaps with further appends. A log is never written over: an existing file is an error.
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

  /** Adds an event; returns its sequence. */
  append(event: KernelEvent): number {
    const sequence = this.#sequence++;
    if (this.#error !== undefined || this.#closed) return sequence;
    const at = this.#begin(RecordType.Event, sequence);
    encodeEvent(event, this.#filling);
    this.#end(at);
    return sequence;
  }

  /** Adds the commands that the last appended event led to. Nothing is stored for an empty list. */
  appendCommands(commands: CommandList): void {
    if (commands.length === 0 || this.#error !== undefined || this.#closed) return;
    const at = this.#begin(RecordType.Commands, this.#sequence - 1);
    encodeCommands(commands, this.#filling);
    this.#end(at);
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
      // An empty log is a log too.
      const file = await this.#opened();
      await file.sync();
    } finally {
      this.#closed = true;
      await this.#file?.then(
        (file) => file.close(),
        () => {},
      );
    }
  }

  #begin(type: RecordType, sequence: number): number {
    const at = this.#filling.length;
    this.#filling.u32(0);
    this.#filling.u32(0);
    this.#filling.u8(type);
    this.#filling.number(sequence);
    return at;
  }

  #end(at: number): void {
    const { length } = this.#filling;
    this.#filling.setU32(at, length - at - RECORD_HEAD_BYTES);
    if (length < this.#flushBytes || this.#scheduled) return;
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
        sealRecords(batch);
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await file.write(bytes, done, bytes.length - done);
          done += bytesWritten;
          this.#bytesWritten += bytesWritten;
        }
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

  #opened(): Promise<FileHandle> {
    this.#file ??= this.#create();
    return this.#file;
  }

  async #create(): Promise<FileHandle> {
    const file = await open(this.path, 'wx');
    const header = logHeader();
    await file.write(header);
    this.#bytesWritten += header.length;
    return file;
  }
}

/** Fills in the checksum of every record of a batch: here, and not on the trading line. */
function sealRecords(batch: BinaryWriter): void {
  const { bytes } = batch;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const body = at + RECORD_HEAD_BYTES;
    const end = body + view.getUint32(at, true);
    batch.setU32(at + 4, crc32(bytes.subarray(body, end)));
    at = end;
  }
}
