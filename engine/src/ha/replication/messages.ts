import { BinaryReader, BinaryWriter, JournalError } from '../../domain/index.js';
import { CODEC_VERSION, LAYOUT_VERSION } from '../../journal/index.js';
import { makeFrame } from './frames.js';
import { ReplicationError } from './replication-error.js';

/**
 * What leader (source) and standby (sink) say to each other, in order:
 *
 *     sink    Hello      who it is, a nonce
 *     source  Welcome    who it is, its epoch, a nonce, proof of the secret
 *     sink    Position   proof of the secret, the epochs of its journal and where it ends
 *     source  Begin      the last record both have, or that of the snapshot which follows
 *     source  Snapshot   a part of it
 *     source  Records    framed as in the journal, from there on; Heartbeat now and then
 *     sink    Ack        up to where it has everything on its device
 *     both    Refuse     why the connection ends
 */
export const MessageKind = {
  Hello: 1,
  Welcome: 2,
  Position: 3,
  Begin: 4,
  Snapshot: 5,
  Records: 6,
  Heartbeat: 7,
  Ack: 8,
  Refuse: 9,
} as const;
export type MessageKind = (typeof MessageKind)[keyof typeof MessageKind];

export const PROTOCOL_VERSION = 1;
export const NONCE_BYTES = 32;
export const PROOF_BYTES = 32;
const MAGIC = 0x54_57_52_50;

/** Epochs of which a sink tells: the latest. Earlier ones are needed only by those who share nothing later. */
export const MAX_EPOCHS = 1_024;

/** Since which sequence an epoch wrote. */
export interface EpochStart {
  readonly epoch: number;
  readonly firstSequence: number;
}

export interface Hello {
  readonly kind: typeof MessageKind.Hello;
  readonly node: string;
  readonly hasSecret: boolean;
  readonly nonce: Uint8Array;
}
export interface Welcome {
  readonly kind: typeof MessageKind.Welcome;
  readonly node: string;
  readonly hasSecret: boolean;
  readonly nonce: Uint8Array;
  readonly proof: Uint8Array;
  /** Fencing epoch the source writes in. */
  readonly epoch: number;
}
export interface Position {
  readonly kind: typeof MessageKind.Position;
  readonly proof: Uint8Array;
  /** Of the last record; 0: none. */
  readonly sequence: number;
  readonly chain: number;
  readonly epochs: readonly EpochStart[];
}
export interface Begin {
  readonly kind: typeof MessageKind.Begin;
  /** Where the source's journal stands at the last record both have, or at the snapshot. */
  readonly sequence: number;
  readonly epoch: number;
  readonly chain: number;
  readonly hasSnapshot: boolean;
}
export interface SnapshotPart {
  readonly kind: typeof MessageKind.Snapshot;
  readonly name: string;
  /** Of the whole. */
  readonly size: number;
  readonly offset: number;
  /** A view: valid while the frame is. */
  readonly bytes: Uint8Array;
}
export interface Records {
  readonly kind: typeof MessageKind.Records;
  /** Whole records. A view: valid while the frame is. */
  readonly bytes: Uint8Array;
}
export interface Heartbeat {
  readonly kind: typeof MessageKind.Heartbeat;
  readonly written: number;
  readonly synced: number;
  /** The source's wall clock, microseconds since 1970. To be shown, never to decide by. */
  readonly wallUs: number;
}
export interface Ack {
  readonly kind: typeof MessageKind.Ack;
  readonly synced: number;
}
export interface Refuse {
  readonly kind: typeof MessageKind.Refuse;
  readonly why: string;
}
export type Message = Hello | Welcome | Position | Begin | SnapshotPart | Records | Heartbeat | Ack | Refuse;

/** A message as a frame. */
export function encodeMessage(message: Message): Uint8Array {
  const out = new BinaryWriter(128);
  out.u8(message.kind);
  switch (message.kind) {
    case MessageKind.Hello:
      writeVersions(out);
      out.text(message.node);
      out.bool(message.hasSecret);
      out.raw(message.nonce);
      break;
    case MessageKind.Welcome:
      writeVersions(out);
      out.text(message.node);
      out.bool(message.hasSecret);
      out.raw(message.nonce);
      out.raw(message.proof);
      out.u32(message.epoch);
      break;
    case MessageKind.Position:
      out.raw(message.proof);
      out.number(message.sequence);
      out.u32(message.chain);
      out.u32(message.epochs.length);
      for (const { epoch, firstSequence } of message.epochs) {
        out.u32(epoch);
        out.number(firstSequence);
      }
      break;
    case MessageKind.Begin:
      out.number(message.sequence);
      out.u32(message.epoch);
      out.u32(message.chain);
      out.bool(message.hasSnapshot);
      break;
    case MessageKind.Snapshot:
      out.text(message.name);
      out.number(message.size);
      out.number(message.offset);
      return makeFrame(out.bytes, message.bytes);
    case MessageKind.Records:
      return makeFrame(out.bytes, message.bytes);
    case MessageKind.Heartbeat:
      out.number(message.written);
      out.number(message.synced);
      out.number(message.wallUs);
      break;
    case MessageKind.Ack:
      out.number(message.synced);
      break;
    case MessageKind.Refuse:
      out.text(message.why);
      break;
    default:
      message satisfies never;
  }
  return makeFrame(out.bytes);
}

/** Reads the body of a frame. Throws a {@link ReplicationError} for anything else than a message of this version. */
export function decodeMessage(body: Uint8Array): Message {
  try {
    return read(new BinaryReader(body));
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    throw new ReplicationError('TW_REPLICATION_PROTOCOL', `no message: ${error.reason}`);
  }
}

function read(input: BinaryReader): Message {
  const message = readKind(input, input.member(MessageKind, 'message'));
  input.end();
  return message;
}

function readKind(input: BinaryReader, kind: MessageKind): Message {
  switch (kind) {
    case MessageKind.Hello:
      checkVersions(input);
      return { kind, node: input.text(), hasSecret: input.bool(), nonce: copy(input, NONCE_BYTES) };
    case MessageKind.Welcome:
      checkVersions(input);
      return {
        kind,
        node: input.text(),
        hasSecret: input.bool(),
        nonce: copy(input, NONCE_BYTES),
        proof: copy(input, PROOF_BYTES),
        epoch: input.u32(),
      };
    case MessageKind.Position:
      return {
        kind,
        proof: copy(input, PROOF_BYTES),
        sequence: input.integer('sequence', 0),
        chain: input.u32(),
        epochs: readEpochs(input),
      };
    case MessageKind.Begin:
      return {
        kind,
        sequence: input.integer('sequence', 0),
        epoch: input.u32(),
        chain: input.u32(),
        hasSnapshot: input.bool(),
      };
    case MessageKind.Snapshot:
      return {
        kind,
        name: input.text(),
        size: input.integer('size', 0),
        offset: input.integer('offset', 0),
        bytes: input.raw(input.left),
      };
    case MessageKind.Records:
      return { kind, bytes: input.raw(input.left) };
    case MessageKind.Heartbeat:
      return {
        kind,
        written: input.integer('written', 0),
        synced: input.integer('synced', 0),
        wallUs: input.number(),
      };
    case MessageKind.Ack:
      return { kind, synced: input.integer('synced', 0) };
    case MessageKind.Refuse:
      return { kind, why: input.text() };
    default:
      return kind satisfies never;
  }
}

function readEpochs(input: BinaryReader): EpochStart[] {
  const count = input.u32();
  if (count > MAX_EPOCHS) throw input.malformed(`${count} epochs`);
  const epochs: EpochStart[] = [];
  for (let i = 0; i < count; i++) {
    const before = epochs.at(-1);
    const epoch = input.u32();
    const firstSequence = input.integer('first sequence', (before?.firstSequence ?? 0) + 1);
    if (before !== undefined && epoch <= before.epoch) {
      throw input.malformed(`epoch ${epoch} after ${before?.epoch}`);
    }
    epochs.push({ epoch, firstSequence });
  }
  return epochs;
}

function copy(input: BinaryReader, bytes: number): Uint8Array {
  return Uint8Array.from(input.raw(bytes));
}

function writeVersions(out: BinaryWriter): void {
  out.u32(MAGIC);
  out.u32(PROTOCOL_VERSION);
  out.u32(LAYOUT_VERSION);
  out.u32(CODEC_VERSION);
}

function checkVersions(input: BinaryReader): void {
  if (input.u32() !== MAGIC) throw input.malformed('not a Tradewind engine');
  const theirs = [input.u32(), input.u32(), input.u32()].join('.');
  const ours = [PROTOCOL_VERSION, LAYOUT_VERSION, CODEC_VERSION].join('.');
  if (theirs === ours) return;
  throw new ReplicationError(
    'TW_REPLICATION_VERSION',
    `the other side speaks version ${theirs}, this one ${ours}: run the same release on both`,
  );
}
