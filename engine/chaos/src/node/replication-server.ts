import {
  type JournalDisk,
  listSnapshots,
  ReplicationError,
  ReplicationSource,
  refusal,
  type SegmentWriter,
  snapshotName,
} from '../engine.js';
import type { SimulatedProcess } from '../process.js';
import type { LinkEnd, LinkHolder } from './replica-link.js';

const NONCE_BYTES = 32;
/** Slices of one turn, after which the writer has its own. */
const SLICES = 16;

/** A standby's connection that the journal's thread has not got to yet: what arrives waits, as in the system's buffers. */
export class Door implements LinkHolder {
  readonly thread;
  readonly #server: ReplicationServer;
  /** Undefined once it is open. */
  #waiting: (() => void)[] | undefined = [];

  constructor(server: ReplicationServer) {
    this.#server = server;
    this.thread = server.thread;
  }

  /** The server takes the connection, and what has come on it. */
  open(link: LinkEnd): void {
    this.#server.accept(link);
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const arrive of waiting) arrive();
  }

  onBytes(bytes: Uint8Array): void {
    if (this.#waiting === undefined) this.#server.onBytes(bytes);
    else this.#waiting.push(() => this.#server.onBytes(bytes));
  }

  onClose(why: string): void {
    if (this.#waiting === undefined) this.#server.onClose(why);
    else this.#waiting.push(() => this.#server.onClose(why));
  }
}

/** The leader's side of replication, on the journal's thread: one standby at a time. */
export class ReplicationServer implements LinkHolder {
  readonly thread;
  readonly #process: SimulatedProcess;
  readonly #disk: JournalDisk;
  readonly #writer: SegmentWriter;
  readonly #epoch: number;
  readonly #name: string;
  #source: ReplicationSource | undefined;
  #link: LinkEnd | undefined;
  #acked = 0;
  #nonce = 0;

  constructor(
    process: SimulatedProcess,
    disk: JournalDisk,
    writer: SegmentWriter,
    epoch: number,
    name: string,
  ) {
    this.thread = process.journal;
    this.#process = process;
    this.#disk = disk;
    this.#writer = writer;
    this.#epoch = epoch;
    this.#name = name;
  }

  /** Of the last record on the standby's device. */
  get acked(): number {
    this.#acked = Math.max(this.#acked, this.#source?.isStreaming === true ? this.#source.acked : 0);
    return this.#acked;
  }

  get standbys(): number {
    return this.#source?.isStreaming === true ? 1 : 0;
  }

  accept(link: LinkEnd): void {
    this.#hangUp('another connection');
    this.#link = link;
    const nonce = new Uint8Array(NONCE_BYTES);
    new DataView(nonce.buffer).setUint32(0, ++this.#nonce);
    this.#source = new ReplicationSource(
      {
        disk: this.#disk,
        journal: this.#writer,
        epoch: this.#epoch,
        node: this.#name,
        secret: undefined,
        nonce,
        output: { write: (frame) => link.send(frame), buffered: 0 },
        newestSnapshot: () => {
          const sequence = listSnapshots(this.#disk).at(-1);
          return sequence === undefined ? undefined : { name: snapshotName(sequence), sequence };
        },
        wallUs: () => this.#process.clock.nowUs(),
      },
      this.#nowUs,
    );
  }

  onWritten(bytes: Uint8Array, first: number, last: number): void {
    this.#guarded((source) => source.onWritten(bytes, first, last));
  }

  /** To be called after each step of the writer. */
  step(): void {
    for (let slice = 0; slice < SLICES; slice++) {
      let more = false;
      this.#guarded((source) => {
        more = source.step(this.#nowUs);
      });
      if (!more) return;
    }
  }

  onBytes(bytes: Uint8Array): void {
    this.#guarded((source) => source.receive(bytes, this.#nowUs));
  }

  onClose(why: string): void {
    this.#hangUp(why);
  }

  close(): void {
    this.#hangUp('closed');
  }

  get #nowUs(): number {
    return this.#process.monotonicNs() / 1000;
  }

  #guarded(work: (source: ReplicationSource) => void): void {
    const source = this.#source;
    if (source === undefined) return;
    try {
      work(source);
    } catch (error) {
      if (!(error instanceof ReplicationError)) throw error;
      this.#link?.send(refusal(error));
      this.#hangUp(error.message);
    }
  }

  #hangUp(why: string): void {
    if (this.#source === undefined) return;
    this.#process.world.note(`standby gone: ${why}`, this.#process.name);
    this.#source.close();
    this.#source = undefined;
    this.#link?.close();
    this.#link = undefined;
  }
}
