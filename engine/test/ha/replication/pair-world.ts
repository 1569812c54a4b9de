import { FolderReplicaStore } from '../../../src/ha/replication/replica-store.js';
import { ReplicationError } from '../../../src/ha/replication/replication-error.js';
import { ReplicationSink } from '../../../src/ha/replication/replication-sink.js';
import { ReplicationSource, refusal } from '../../../src/ha/replication/replication-source.js';
import {
  type JournalPosition,
  listSegments,
  makeRecord,
  RecordType,
  readJournal,
  recoverJournal,
  SegmentWriter,
} from '../../../src/journal/index.js';
import { MemoryDisk } from '../../support/memory-disk.js';

const SEGMENT = { segmentBytes: 1_024 };

/** One direction of a connection: bytes on their way. */
class Pipe {
  #bytes: number[] = [];
  get length(): number {
    return this.#bytes.length;
  }
  put(bytes: Uint8Array): void {
    for (const byte of bytes) this.#bytes.push(byte);
  }
  take(count: number): Uint8Array {
    return Uint8Array.from(this.#bytes.splice(0, count));
  }
}

/** What a node has in memory: one of the two. */
interface Leader {
  readonly role: 'leader';
  readonly writer: SegmentWriter;
  readonly epoch: number;
}
interface Standby {
  readonly role: 'standby';
  readonly store: FolderReplicaStore;
}

export class Node {
  readonly disk = new MemoryDisk();
  state: Leader | Standby | undefined;
  /** The replica: a picture of each record it was given. Sequence i + 1 at i; undefined where a snapshot stands for it. */
  replica: (string | undefined)[] = [];
  resets = 0;
}

export const picture = (record: { sequence: number; epoch: number; payload: Uint8Array }) =>
  `${record.sequence}/${record.epoch}/${Buffer.from(record.payload).toString('hex')}`;

export function contents(disk: MemoryDisk): (string | undefined)[] {
  const records: (string | undefined)[] = [];
  for (const record of readJournal(disk)) records[record.sequence - 1] = picture(record);
  return records;
}

/** Two nodes, one connection, and all that can go wrong with them. Time and chance are the caller's. */
export class PairWorld {
  readonly nodes = [new Node(), new Node()] as const;
  leader = 0;
  epoch = 0;
  now = 1;
  source: ReplicationSource | undefined;
  sink: ReplicationSink | undefined;
  toSink = new Pipe();
  toSource = new Pipe();
  errors: string[] = [];
  /** What the leader was told is durable at the standby, on this connection. */
  acked = 0;
  /** Bytes the network takes before it is full. */
  room = Number.POSITIVE_INFINITY;
  #nonce = 0;

  constructor() {
    this.lead(0);
    this.follow(1);
  }

  get leading(): Node {
    return this.nodes[this.leader]!;
  }
  get following(): Node {
    return this.nodes[1 - this.leader]!;
  }
  get writer(): SegmentWriter {
    return (this.leading.state as Leader).writer;
  }
  get store(): FolderReplicaStore {
    return (this.following.state as Standby).store;
  }

  lead(index: number): void {
    const node = this.nodes[index]!;
    const { position } = recoverJournal(node.disk);
    this.leader = index;
    node.state = {
      role: 'leader',
      writer: SegmentWriter.open(node.disk, SEGMENT, this.#stand(node, position)),
      epoch: ++this.epoch,
    };
  }

  follow(index: number): void {
    const node = this.nodes[index]!;
    const { position } = recoverJournal(node.disk);
    node.state = {
      role: 'standby',
      store: new FolderReplicaStore(node.disk, SEGMENT, position),
    };
    this.#rebuild(node);
  }

  /** A journal of which only a snapshot is left continues behind it: here, the file's contents say where that is. */
  #stand(node: Node, position: JournalPosition): JournalPosition {
    const names = node.disk.list().filter((name) => name.startsWith('snapshot-'));
    for (const name of names) {
      const at = JSON.parse(Buffer.from(node.disk.bytes(name)).toString()) as JournalPosition;
      if (at.sequence > position.sequence && listSegments(node.disk).length === 0) return at;
    }
    return position;
  }

  #rebuild(node: Node): void {
    node.replica = contents(node.disk);
    node.resets++;
  }

  write(count: number, random: () => number): void {
    const { writer, epoch } = this.leading.state as Leader;
    for (let i = 0; i < count; i++) {
      const sequence = writer.written + 1;
      const size = Math.floor(random() * 120);
      const bytes = makeRecord(RecordType.Event, sequence, epoch, sequence, (out) => {
        for (let k = 0; k < size; k++) out.u8(Math.floor(random() * 256));
      });
      writer.append(bytes);
      this.source?.onWritten(bytes, sequence, sequence);
    }
  }

  connect(): void {
    this.disconnect();
    this.toSink = new Pipe();
    this.toSource = new Pipe();
    this.acked = 0;
    const { writer, epoch } = this.leading.state as Leader;
    const { toSink, toSource } = this;
    const world = this;
    const nonce = () => new Uint8Array(32).fill(++this.#nonce);
    const { disk } = this.leading;
    this.source = new ReplicationSource(
      {
        disk,
        journal: writer,
        epoch,
        node: 'leader',
        secret: 'secret',
        nonce: nonce(),
        output: {
          write: (frame) => toSink.put(frame),
          get buffered() {
            return toSink.length > world.room ? Number.POSITIVE_INFINITY : 0;
          },
        },
        newestSnapshot: () => {
          const name = disk.list().findLast((found) => found.startsWith('snapshot-'));
          return name === undefined ? undefined : { name, sequence: Number(name.slice(9)) };
        },
        wallUs: () => this.now,
      },
      this.now,
    );
    const node = this.following;
    this.sink = new ReplicationSink(
      {
        store: this.store,
        node: 'standby',
        secret: 'secret',
        nonce: nonce(),
        send: (frame) => toSource.put(frame),
        listener: {
          onRecord: (record) => {
            if (node.replica.length !== record.sequence - 1)
              throw new Error(`replica: gap before ${record.sequence}`);
            node.replica.push(picture(record));
          },
          onReset: (position) => {
            this.#rebuild(node);
            node.replica.length = position.sequence;
          },
        },
      },
      this.now,
    );
  }

  disconnect(): void {
    this.source?.close();
    this.source = undefined;
    this.sink = undefined;
  }

  /** Moves up to so many bytes each way, then lets both sides act. */
  turn(down: number, up: number): void {
    this.now += 1_000;
    try {
      this.source?.step(this.now);
      const downBytes = this.toSink.take(down);
      if (this.sink !== undefined && downBytes.length > 0) this.sink.receive(downBytes, this.now);
      this.sink?.commit();
      const upBytes = this.toSource.take(up);
      if (this.source !== undefined && upBytes.length > 0) this.source.receive(upBytes, this.now);
      this.acked = Math.max(this.acked, this.source?.acked ?? 0);
    } catch (error) {
      if (!(error instanceof ReplicationError)) throw error;
      this.errors.push(error.code);
      refusal(error);
      this.disconnect();
    }
  }

  /** Loses the power of one node; it comes back in the same role, a leader in a new epoch. */
  crash(index: number, random: () => number): void {
    const { disk } = this.nodes[index]!;
    this.disconnect();
    disk.crash(random);
    if (index === this.leader) this.lead(index);
    else this.follow(index);
  }

  /** The standby takes over from a leader that is killed and comes back as standby, with whatever it had written. */
  failOver(): void {
    const old = this.leader;
    this.disconnect();
    for (const { disk } of this.nodes) disk.kill();
    this.lead(1 - old);
    this.follow(old);
  }

  /** The leader keeps a snapshot and deletes every segment before the one that is open. */
  retain(): void {
    const { disk } = this.leading;
    const { writer } = this;
    if (writer.written === 0) return;
    writer.rotate();
    const name = `snapshot-${String(writer.written).padStart(12, '0')}`;
    for (const found of disk.list())
      if (found.startsWith('snapshot-') || found.endsWith('.twj')) disk.remove(found);
    disk.put(name, Buffer.from(JSON.stringify(writer.position)));
  }

  settle(): void {
    this.room = Number.POSITIVE_INFINITY;
    this.connect();
    for (let i = 0; i < 400; i++) this.turn(1 << 20, 1 << 20);
  }
}
