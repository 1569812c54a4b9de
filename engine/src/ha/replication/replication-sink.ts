import type { JournalPosition, JournalRecord } from '../../journal/index.js';
import { FrameDecoder } from './frames.js';
import {
  type Begin,
  decodeMessage,
  encodeMessage,
  MAX_EPOCHS,
  MessageKind,
  type SnapshotPart,
  type Welcome,
} from './messages.js';
import { checkRecords, RECORDS_FRAME_BYTES } from './record-check.js';
import type { ReplicaStore } from './replica-store.js';
import { ReplicationError } from './replication-error.js';
import { isProof, makeProof } from './shared-secret.js';

/** Before the source has shown who it is. */
const GREETING_BYTES = 4 * 1024;
/** A snapshot is put together in memory. */
const MAX_SNAPSHOT_BYTES = 2 ** 31;
const SILENCE_US = 3_000_000;
/** What a snapshot's file may be called: nothing that leaves the folder. */
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Who hears of what arrives: the replica of the kernel. Called before the record is durable here. */
export interface ReplicaListener {
  /** The next record. Valid during the call. */
  onRecord(record: JournalRecord): void;
  /**
   * What the replica has applied is not the history any more: it is to be rebuilt from the folder, which now ends at
   * `position`, before the next record comes.
   */
  onReset(position: JournalPosition): void;
  /** The two agree; records follow. */
  onStreaming?(): void;
}

export interface ReplicationSinkOptions {
  readonly store: ReplicaStore;
  readonly node: string;
  readonly secret: string | undefined;
  /** 32 random bytes, never used before. */
  readonly nonce: Uint8Array;
  /** Takes over frames for the source. */
  readonly send: (frame: Uint8Array) => void;
  readonly listener: ReplicaListener;
}

type Stage = 'hello' | 'position' | 'snapshot' | 'stream';

/**
 * The standby's end of one connection to the leader. Bytes of the leader enter, frames leave through `send`; no clock, no
 * socket. Records are checked, written and handed on as they arrive, and acknowledged once they are durable: call
 * {@link commit} when a burst of bytes has been taken.
 *
 * Methods throw a {@link ReplicationError}, and the file system's errors: close the connection.
 */
export class ReplicationSink {
  readonly #options: ReplicationSinkOptions;
  readonly #decoder = new FrameDecoder(GREETING_BYTES);
  #stage: Stage = 'hello';
  #leader = '';
  #epoch = 0;
  #at: JournalPosition = { sequence: 0, epoch: 0, chain: 0 };
  #snapshot: { name: string; bytes: Uint8Array; filled: number } | undefined;
  #acked = -1;
  #ackDue = false;
  #heardUs: number;
  #leaderWritten = 0;
  #leaderSynced = 0;
  #leaderWallUs = 0;

  /** Sends the first frame. */
  constructor(options: ReplicationSinkOptions, nowUs: number) {
    this.#options = options;
    this.#heardUs = nowUs;
    const { node, nonce, secret } = options;
    options.send(encodeMessage({ kind: MessageKind.Hello, node, hasSecret: secret !== undefined, nonce }));
  }

  /** Name of the leader; empty before it said so. */
  get leader(): string {
    return this.#leader;
  }

  /** Fencing epoch the leader writes in; 0 before it said so. */
  get leaderEpoch(): number {
    return this.#epoch;
  }

  get isStreaming(): boolean {
    return this.#stage === 'stream';
  }

  /** Of the last record the leader told of. */
  get leaderWritten(): number {
    return Math.max(this.#leaderWritten, this.#at.sequence);
  }

  get leaderSynced(): number {
    return this.#leaderSynced;
  }

  /** The leader's wall clock when it was last heard, microseconds since 1970; 0 before that. */
  get leaderWallUs(): number {
    return this.#leaderWallUs;
  }

  /** Records the leader has told of that are not here. */
  get lagRecords(): number {
    return this.leaderWritten - this.#at.sequence;
  }

  /** For how long nothing was heard, microseconds. */
  silentUs(nowUs: number): number {
    return nowUs - this.#heardUs;
  }

  /** Bytes arrived from the leader. */
  receive(bytes: Uint8Array, nowUs: number): void {
    this.#heardUs = nowUs;
    this.#decoder.push(bytes, (body) => {
      const message = decodeMessage(body);
      if (message.kind === MessageKind.Welcome && this.#stage === 'hello') this.#onWelcome(message);
      else if (message.kind === MessageKind.Begin && this.#stage === 'position') this.#onBegin(message);
      else if (message.kind === MessageKind.Snapshot && this.#stage === 'snapshot') this.#onSnapshot(message);
      else if (message.kind === MessageKind.Records && this.#stage === 'stream')
        this.#onRecords(message.bytes);
      else if (message.kind === MessageKind.Heartbeat && this.#stage !== 'hello') {
        this.#leaderWritten = message.written;
        this.#leaderSynced = message.synced;
        this.#leaderWallUs = message.wallUs;
        this.#ackDue = true;
      } else if (message.kind === MessageKind.Refuse) {
        throw new ReplicationError('TW_REPLICATION_REFUSED', `the leader says: ${message.why}`);
      } else throw new ReplicationError('TW_REPLICATION_PROTOCOL', `message ${message.kind} out of turn`);
    });
  }

  /** Makes what arrived durable and acknowledges it. */
  commit(): void {
    if (this.#stage === 'snapshot' && this.#ackDue) this.#ack(0);
    if (this.#stage !== 'stream') return;
    const { store } = this.#options;
    if (store.synced < store.position.sequence) store.sync();
    if (store.synced > this.#acked || this.#ackDue) this.#ack(store.synced);
  }

  /** Throws when the leader has been silent for too long. */
  check(nowUs: number): void {
    if (this.silentUs(nowUs) <= SILENCE_US) return;
    throw new ReplicationError('TW_REPLICATION_SILENT', 'nothing was heard of the leader');
  }

  #onWelcome(welcome: Welcome): void {
    const { secret, nonce, store, send } = this.#options;
    const proof = makeProof(secret, 'leader', nonce, welcome.nonce);
    if (welcome.hasSecret !== (secret !== undefined) || !isProof(welcome.proof, proof)) {
      throw new ReplicationError('TW_REPLICATION_SECRET', 'the leader does not know the secret (ha.secret)');
    }
    const { sequence, chain, epoch } = store.position;
    const epochs = store.epochs().slice(-MAX_EPOCHS);
    const latest = Math.max(epoch, epochs.at(-1)?.epoch ?? 0);
    if (welcome.epoch < latest) {
      throw new ReplicationError(
        'TW_REPLICATION_HISTORY',
        `the leader writes in epoch ${welcome.epoch}, and this journal is of epoch ${latest} already: it leads no more`,
      );
    }
    this.#leader = welcome.node;
    this.#epoch = welcome.epoch;
    this.#stage = 'position';
    this.#decoder.limit = RECORDS_FRAME_BYTES;
    send(
      encodeMessage({
        kind: MessageKind.Position,
        proof: makeProof(secret, 'standby', nonce, welcome.nonce),
        sequence,
        chain,
        epochs,
      }),
    );
  }

  #onBegin({ sequence, epoch, chain, hasSnapshot }: Begin): void {
    this.#at = { sequence, epoch, chain };
    if (hasSnapshot) {
      this.#stage = 'snapshot';
      return;
    }
    const { store, listener } = this.#options;
    const { position } = store;
    if (sequence > position.sequence) {
      throw new ReplicationError(
        'TW_REPLICATION_PROTOCOL',
        `the leader begins after record ${sequence}, and the last one here is ${position.sequence}`,
      );
    }
    if (sequence < position.sequence) {
      store.setAside(sequence);
      listener.onReset(store.position);
    }
    if (store.position.sequence !== sequence || store.position.chain !== chain) {
      throw new ReplicationError(
        'TW_REPLICATION_HISTORY',
        `record ${sequence} is not the same on both sides, though epoch and sequence are: verify both journals`,
      );
    }
    this.#stream();
  }

  #onSnapshot({ name, size, offset, bytes }: SnapshotPart): void {
    if (!FILE_NAME.test(name) || size > MAX_SNAPSHOT_BYTES) {
      throw new ReplicationError(
        'TW_REPLICATION_PROTOCOL',
        `a snapshot of ${size} bytes named ${JSON.stringify(name)}`,
      );
    }
    this.#snapshot ??= { name, bytes: new Uint8Array(0), filled: 0 };
    const snapshot = this.#snapshot;
    const end = offset + bytes.length;
    if (
      snapshot.name !== name ||
      offset !== snapshot.filled ||
      end > size ||
      (bytes.length === 0 && size > 0)
    ) {
      throw new ReplicationError(
        'TW_REPLICATION_PROTOCOL',
        `part ${offset} of snapshot ${name} is out of turn`,
      );
    }
    if (end > snapshot.bytes.length) {
      const grown = new Uint8Array(Math.min(size, Math.max(end, snapshot.bytes.length * 2)));
      grown.set(snapshot.bytes);
      snapshot.bytes = grown;
    }
    snapshot.bytes.set(bytes, offset);
    snapshot.filled = end;
    this.#ackDue = true;
    if (end < size) return;
    const { store, listener } = this.#options;
    store.install(name, snapshot.bytes, this.#at);
    this.#snapshot = undefined;
    listener.onReset(this.#at);
    this.#stream();
  }

  #stream(): void {
    this.#stage = 'stream';
    this.#options.listener.onStreaming?.();
  }

  #onRecords(bytes: Uint8Array): void {
    const { store, listener } = this.#options;
    const records = checkRecords(bytes, this.#at.sequence, this.#at.epoch);
    if (records.length === 0) return;
    try {
      store.append(bytes);
    } finally {
      // A full disk may have taken some of them: the replica follows the journal, whatever becomes of the connection.
      this.#at = store.position;
      for (const record of records) if (record.sequence <= this.#at.sequence) listener.onRecord(record);
    }
  }

  #ack(synced: number): void {
    this.#acked = synced;
    this.#ackDue = false;
    this.#options.send(encodeMessage({ kind: MessageKind.Ack, synced }));
  }
}
