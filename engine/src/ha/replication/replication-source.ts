import { JOURNAL_START, type JournalDisk, type JournalPosition, readEpochs } from '../../journal/index.js';
import { lastCommon } from './common-record.js';
import { FrameDecoder } from './frames.js';
import { JournalCursor, segmentStart } from './journal-cursor.js';
import { decodeMessage, encodeMessage, type Hello, MessageKind, type Position } from './messages.js';
import { ReplicationError } from './replication-error.js';
import { isProof, makeProof } from './shared-secret.js';
import { SnapshotSender } from './snapshot-sender.js';

/** The largest message of a sink: its epochs. */
const SINK_FRAME_BYTES = 32 * 1024;
const SLICE_BYTES = 256 * 1024;
/** Bytes on their way in the network's buffers, from which the source reads from disk later rather than sends now. */
const BUFFER_BYTES = 4 * 1024 * 1024;
const HEARTBEAT_US = 50_000;
const SILENCE_US = 3_000_000;

/** Where frames go. */
export interface FrameSink {
  /** Takes over `frame`. */
  write(frame: Uint8Array): void;
  /** Bytes taken and not yet handed to the network. */
  readonly buffered: number;
}

/** A snapshot in the journal's folder. */
export interface SnapshotFile {
  readonly name: string;
  /** Of the last record it covers. */
  readonly sequence: number;
}

export interface ReplicationSourceOptions {
  readonly disk: JournalDisk;
  /** How far the journal is written and synced: its writer. */
  readonly journal: { readonly written: number; readonly synced: number; readonly position: JournalPosition };
  /** Fencing epoch the journal is written in. */
  readonly epoch: number;
  /** Name of this one of the pair, for people. */
  readonly node: string;
  readonly secret: string | undefined;
  /** 32 random bytes, never used before. */
  readonly nonce: Uint8Array;
  readonly output: FrameSink;
  /** The newest valid snapshot, for a sink that needs records which are no longer kept. */
  readonly newestSnapshot: () => SnapshotFile | undefined;
  /** Wall clock, microseconds since 1970. */
  readonly wallUs: () => number;
}

type Stage = 'hello' | 'position' | 'seek' | 'snapshot' | 'stream';

/**
 * The leader's end of one connection to a standby. Bytes of the standby enter, frames leave through `output`; no clock, no
 * socket. Everything comes from disk until the standby has caught up, then straight from the writer; when it falls behind
 * what the network buffers, from disk again, so that a slow standby costs the leader no memory.
 *
 * Methods throw a {@link ReplicationError}: say {@link refusal}, close the connection.
 */
export class ReplicationSource {
  readonly #options: ReplicationSourceOptions;
  readonly #decoder = new FrameDecoder(SINK_FRAME_BYTES);
  #stage: Stage = 'hello';
  #standby = '';
  #sinkNonce = new Uint8Array(0);
  #cursor: JournalCursor | undefined;
  /** The last record that both have, or that the snapshot covers. */
  #common = 0;
  /** Where the journal stands there, when no cursor is needed to tell. */
  #start: JournalPosition = JOURNAL_START;
  #snapshot: SnapshotSender | undefined;
  /** Of the last record handed to the network. */
  #sent = 0;
  #isLive = false;
  #acked = 0;
  #heardUs: number;
  #beatUs = 0;

  constructor(options: ReplicationSourceOptions, nowUs: number) {
    this.#options = options;
    this.#heardUs = nowUs;
  }

  /** Name of the standby; empty before it said so. */
  get standby(): string {
    return this.#standby;
  }

  /** The two agree on a history, and records flow. */
  get isStreaming(): boolean {
    return this.#stage === 'stream';
  }

  /** Records go out as they are written. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Of the last record on the standby's device; 0 before it agreed to a history. */
  get acked(): number {
    return this.#acked;
  }

  /** Bytes arrived from the standby. */
  receive(bytes: Uint8Array, nowUs: number): void {
    this.#heardUs = nowUs;
    this.#decoder.push(bytes, (body) => {
      const message = decodeMessage(body);
      if (message.kind === MessageKind.Hello && this.#stage === 'hello') this.#onHello(message);
      else if (message.kind === MessageKind.Position && this.#stage === 'position') this.#onPosition(message);
      else if (message.kind === MessageKind.Ack && this.#stage === 'stream') this.#onAck(message.synced);
      else if (message.kind === MessageKind.Ack && this.#stage === 'snapshot') return;
      else if (message.kind === MessageKind.Refuse) {
        throw new ReplicationError('TW_REPLICATION_REFUSED', `the standby says: ${message.why}`);
      } else throw new ReplicationError('TW_REPLICATION_PROTOCOL', `message ${message.kind} out of turn`);
    });
  }

  /** Records `first` to `last` were written; `bytes` are copied. */
  onWritten(bytes: Uint8Array, first: number, last: number): void {
    if (!this.#isLive || first !== this.#sent + 1) return;
    if (this.#options.output.buffered + bytes.length > BUFFER_BYTES) {
      this.#isLive = false;
      return;
    }
    this.#send(bytes, last);
  }

  /** Does a slice of what there is to do; true when there is more, for which the network has room. */
  step(nowUs: number): boolean {
    // While the source looks for the place to begin at, the standby has nothing to say.
    if (this.#stage === 'seek') this.#heardUs = nowUs;
    if (nowUs - this.#heardUs > SILENCE_US) {
      throw new ReplicationError('TW_REPLICATION_SILENT', 'nothing was heard of the standby');
    }
    if (this.#stage === 'hello' || this.#stage === 'position') return false;
    this.#beat(nowUs);
    switch (this.#stage) {
      case 'seek':
        return this.#reading(() => this.#seek());
      case 'snapshot':
        return this.#reading(() => this.#sendSnapshot());
      case 'stream':
        return !this.#isLive && this.#reading(() => this.#catchUp());
    }
  }

  /** Gives up what it holds. */
  close(): void {
    this.#cursor?.close();
    this.#snapshot?.close();
    this.#isLive = false;
  }

  #onHello(hello: Hello): void {
    const { secret, nonce, node, epoch, output } = this.#options;
    if (hello.hasSecret !== (secret !== undefined)) {
      throw new ReplicationError('TW_REPLICATION_SECRET', 'only one of the two has a secret (ha.secret)');
    }
    this.#standby = hello.node;
    this.#sinkNonce = Uint8Array.from(hello.nonce);
    this.#stage = 'position';
    output.write(
      encodeMessage({
        kind: MessageKind.Welcome,
        node,
        hasSecret: hello.hasSecret,
        nonce,
        proof: makeProof(secret, 'leader', hello.nonce, nonce),
        epoch,
      }),
    );
  }

  #onPosition(theirs: Position): void {
    const { secret, nonce } = this.#options;
    if (!isProof(theirs.proof, makeProof(secret, 'standby', this.#sinkNonce, nonce))) {
      throw new ReplicationError('TW_REPLICATION_SECRET', 'the standby does not know the secret (ha.secret)');
    }
    this.#reading(() => this.#plan(theirs));
  }

  /** Finds what the two share. */
  #plan(theirs: Position): boolean {
    const { disk, journal } = this.#options;
    this.#stage = 'seek';
    const { position } = journal;
    if (theirs.sequence === position.sequence && theirs.chain === position.chain) {
      this.#common = position.sequence;
      this.#start = position;
      return true;
    }
    const ours = { epochs: readEpochs(disk), last: journal.written };
    this.#common = lastCommon(ours, { epochs: theirs.epochs, last: theirs.sequence });
    let start = segmentStart(disk, this.#common);
    if (ours.epochs[0]?.firstSequence === theirs.sequence + 1) {
      // Nothing to compare, but the chain tells: theirs ends just where ours begins.
      const begin = segmentStart(disk, theirs.sequence);
      if (begin?.chain === theirs.chain) {
        this.#common = theirs.sequence;
        start = begin;
      }
    }
    if (start !== undefined) this.#cursor = new JournalCursor(disk, start);
    else if (ours.last > 0) this.#planSnapshot();
    return true;
  }

  #planSnapshot(): void {
    const { disk, journal, newestSnapshot } = this.#options;
    const snapshot = newestSnapshot();
    const start = snapshot && segmentStart(disk, snapshot.sequence);
    if (snapshot === undefined || (start === undefined && snapshot.sequence !== journal.written)) {
      throw new ReplicationError(
        'TW_REPLICATION_HISTORY',
        'the standby needs records that are no longer kept, and there is no snapshot of later: copy the journal to it',
      );
    }
    this.#common = snapshot.sequence;
    if (start === undefined) this.#start = journal.position;
    else this.#cursor = new JournalCursor(disk, start);
    this.#snapshot = new SnapshotSender(disk, snapshot.name);
  }

  /** Reads on to the last common record, whose chain proves it. */
  #seek(): boolean {
    const cursor = this.#cursor;
    if (cursor !== undefined && !cursor.seek(this.#common, SLICE_BYTES)) return true;
    const { sequence, epoch, chain } = cursor?.position ?? this.#start;
    const hasSnapshot = this.#snapshot !== undefined;
    this.#options.output.write(
      encodeMessage({ kind: MessageKind.Begin, sequence, epoch, chain, hasSnapshot }),
    );
    this.#sent = sequence;
    this.#stage = hasSnapshot ? 'snapshot' : 'stream';
    return true;
  }

  #sendSnapshot(): boolean {
    if (!this.#hasRoom()) return false;
    const part = this.#snapshot!.next();
    if (part === undefined) {
      this.#snapshot!.close();
      // A number that is closed twice may be another file's by then: the journal's.
      this.#snapshot = undefined;
      this.#stage = 'stream';
    } else this.#options.output.write(encodeMessage(part));
    return true;
  }

  #catchUp(): boolean {
    if (!this.#hasRoom()) return false;
    const { disk, journal } = this.#options;
    if (this.#cursor === undefined) {
      if (this.#sent === journal.written) {
        this.#isLive = true;
        return false;
      }
      const start = segmentStart(disk, this.#sent);
      if (start === undefined) throw new RangeError(`record ${this.#sent + 1} is no longer kept`);
      this.#cursor = new JournalCursor(disk, start);
    }
    if (!this.#cursor.seek(this.#sent, SLICE_BYTES)) return true;
    const bytes = this.#cursor.read(SLICE_BYTES);
    if (bytes !== undefined) {
      this.#send(bytes, this.#cursor.position.sequence);
      return true;
    }
    // It came to the end of what is written, and the writer can not have gone on meanwhile: same thread.
    this.#cursor.close();
    this.#cursor = undefined;
    return true;
  }

  #send(bytes: Uint8Array, last: number): void {
    this.#options.output.write(encodeMessage({ kind: MessageKind.Records, bytes }));
    this.#sent = last;
  }

  #onAck(synced: number): void {
    if (synced > this.#sent || synced < this.#acked) {
      throw new ReplicationError(
        'TW_REPLICATION_PROTOCOL',
        `record ${synced} acknowledged, ${this.#sent} sent`,
      );
    }
    this.#acked = synced;
  }

  #beat(nowUs: number): void {
    if (nowUs - this.#beatUs < HEARTBEAT_US) return;
    this.#beatUs = nowUs;
    const { journal, output, wallUs } = this.#options;
    const { written, synced } = journal;
    output.write(encodeMessage({ kind: MessageKind.Heartbeat, written, synced, wallUs: wallUs() }));
  }

  #hasRoom(): boolean {
    return this.#options.output.buffered < BUFFER_BYTES / 2;
  }

  /** What goes wrong with reading the journal ends this connection, nothing else. */
  #reading(read: () => boolean): boolean {
    try {
      return read();
    } catch (error) {
      if (error instanceof ReplicationError) throw error;
      throw new ReplicationError(
        'TW_REPLICATION_JOURNAL',
        `reading the journal: ${(error as Error).message}`,
      );
    }
  }
}

/** The last frame on a connection that `error` ends. */
export function refusal(error: ReplicationError): Uint8Array {
  return encodeMessage({ kind: MessageKind.Refuse, why: error.message });
}
