import { EventKind } from '../../../src/domain/index.js';
import {
  BinaryWriter,
  encodeEvent,
  type JournalDisk,
  type JournalRecord,
  makeRecord,
  RecordType,
  readJournal,
  SegmentReader,
} from '../../../src/journal/index.js';

/** A record as a test makes it: `size` bytes of payload that follow from sequence and salt. */
export function makeFiller(sequence: number, epoch: number, size: number, salt = 0): Uint8Array {
  return makeRecord(RecordType.Event, sequence, epoch, 1_000_000 + sequence, (out) => {
    for (let i = 0; i < size; i++) out.u8((sequence * 31 + salt * 7 + i) & 255);
  }).slice();
}

/** A real event: a Timer at `tsInit`. */
export function makeTimer(sequence: number, epoch: number, tsInit: number): Uint8Array {
  return makeRecord(RecordType.Event, sequence, epoch, tsInit, (out) => {
    encodeEvent({ kind: EventKind.Timer, tsEvent: tsInit, tsInit }, out);
  }).slice();
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new BinaryWriter();
  for (const part of parts) out.raw(part);
  return out.bytes.slice();
}

/** Every record's bytes in hexadecimal, which compares faster, and the error that ended it. */
export function readAll(disk: JournalDisk, from?: number): { records: string[]; error: unknown } {
  const records: string[] = [];
  try {
    const options = from === undefined ? {} : { from };
    for (const record of readJournal(disk, options)) records.push(hex(record.bytes));
    return { records, error: undefined };
  } catch (error) {
    return { records, error };
  }
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}

/** Where each record of a segment begins, and the reader at its end. */
export function scan(disk: JournalDisk, name: string): { offsets: number[]; reader: SegmentReader } {
  const file = disk.open(name);
  try {
    const reader = new SegmentReader(file);
    const offsets: number[] = [];
    for (let record: JournalRecord | undefined = reader.next(); record; record = reader.next()) {
      offsets.push(record.offset);
    }
    return { offsets, reader };
  } finally {
    file.close();
  }
}

/** A seeded generator of numbers from 0 up to 1. */
export function mulberry(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
