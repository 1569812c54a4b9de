import { BinaryReader, BinaryWriter, JournalError } from '../domain/index.js';
import { crc32c } from './crc32c.js';
import type { JournalDisk } from './disk.js';

/** A kernel's state after one record of the history, and what recovery needs to go on from there. */
export interface Snapshot {
  /** Of the last record in the state. */
  readonly sequence: number;
  readonly epoch: number;
  /** Checksum of that record: a journal that holds another one there is of another history. */
  readonly checksum: number;
  readonly stateHash: string;
  /** Payload of the Options record the state was made under; empty when there was none. */
  readonly options: Uint8Array;
  /** What `Kernel.save` wrote. */
  readonly state: Uint8Array;
}

/** A snapshot that could not be used. */
export interface SnapshotFault {
  readonly name: string;
  readonly why: string;
}

/*
 * The file, little-endian: 0 magic, 8 u32 layout version, 12 u32 CRC-32C of all that follows, 16 f64 sequence, 24 u32 epoch,
 * 28 u32 checksum of the record, text of the state hash, u32 length and bytes of the options, u32 length and bytes of the state.
 */
const MAGIC = 'TWSNAP\r\n';
const LAYOUT_VERSION = 1;
const HEAD_BYTES = 16;
/** Snapshots kept: the newest may be damaged, or of records that are. */
export const SNAPSHOTS_KEPT = 3;

const NAME = /^(\d{16})\.snapshot$/;

/** `0000000000250000.snapshot` */
export function snapshotName(sequence: number): string {
  return `${String(sequence).padStart(16, '0')}.snapshot`;
}

/** Sequences of the snapshots in a journal's folder, oldest first. */
export function listSnapshots(disk: JournalDisk): number[] {
  return disk
    .list()
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** The file's bytes. */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const { options, state } = snapshot;
  const out = new BinaryWriter(state.length + options.length + 128);
  for (let i = 0; i < MAGIC.length; i++) out.u8(MAGIC.charCodeAt(i));
  out.u32(LAYOUT_VERSION);
  out.u32(0);
  out.number(snapshot.sequence);
  out.u32(snapshot.epoch);
  out.u32(snapshot.checksum);
  out.text(snapshot.stateHash);
  out.u32(options.length);
  out.raw(options);
  out.u32(state.length);
  out.raw(state);
  out.setU32(12, crc32c(out.bytes, HEAD_BYTES));
  return out.bytes;
}

/** Throws a `JournalError` on anything else than a whole snapshot of this layout. `file` is named in it. */
export function decodeSnapshot(bytes: Uint8Array, file: string): Snapshot {
  const fail = (code: JournalError['code'], offset: number, what: string) =>
    new JournalError(code, offset, what, file);
  for (let i = 0; i < MAGIC.length; i++) {
    if (bytes[i] !== MAGIC.charCodeAt(i)) throw fail('TW_JOURNAL_MALFORMED', i, 'not a snapshot');
  }
  if (bytes.length < HEAD_BYTES) throw fail('TW_JOURNAL_TRUNCATED', bytes.length, 'the snapshot is cut off');
  const head = new BinaryReader(bytes.subarray(MAGIC.length));
  const version = head.u32();
  if (version !== LAYOUT_VERSION) {
    throw fail('TW_JOURNAL_VERSION', 8, `snapshot layout ${version}, this reads ${LAYOUT_VERSION}`);
  }
  if (head.u32() !== crc32c(bytes, HEAD_BYTES)) {
    throw fail('TW_JOURNAL_CHECKSUM', 12, 'the snapshot does not match its checksum');
  }
  const input = new BinaryReader(bytes.subarray(HEAD_BYTES), HEAD_BYTES);
  const snapshot: Snapshot = {
    sequence: input.integer('sequence', 0),
    epoch: input.u32(),
    checksum: input.u32(),
    stateHash: input.text(),
    options: input.raw(input.u32()),
    state: input.raw(input.u32()),
  };
  input.end();
  return snapshot;
}

/** Makes the snapshot durable, then forgets all but the newest {@link SNAPSHOTS_KEPT}. Throws the file system's errors. */
export function writeSnapshot(disk: JournalDisk, snapshot: Snapshot): void {
  const name = snapshotName(snapshot.sequence);
  const made = `${name}.new`;
  for (const left of disk.list()) if (left.endsWith('.snapshot.new')) disk.remove(left);
  const file = disk.create(made);
  try {
    file.write(encodeSnapshot(snapshot), 0);
    file.sync();
  } finally {
    file.close();
  }
  disk.rename(made, name);
  disk.syncFolder();
  const old = listSnapshots(disk).slice(0, -SNAPSHOTS_KEPT);
  for (const sequence of old) disk.remove(snapshotName(sequence));
}

/** Throws a `JournalError`, or the file system's. */
export function readSnapshot(disk: JournalDisk, sequence: number): Snapshot {
  const name = snapshotName(sequence);
  const file = disk.open(name);
  try {
    const bytes = new Uint8Array(file.size);
    const snapshot = decodeSnapshot(bytes.subarray(0, file.read(bytes, 0)), name);
    if (snapshot.sequence === sequence) return snapshot;
    throw new JournalError('TW_JOURNAL_MALFORMED', HEAD_BYTES, `it is that of ${snapshot.sequence}`, name);
  } finally {
    file.close();
  }
}

/** The oldest sequence whose record recovery may read, for `deleteOldSegments`: that of the oldest snapshot; 1 without any. */
export function neededByRecovery(disk: JournalDisk): number {
  return Math.max(1, listSnapshots(disk)[0] ?? 1);
}
