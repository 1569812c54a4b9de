import {
  crc32c,
  isHistory,
  JournalRecord,
  MAX_RECORD_BYTES,
  RECORD_HEAD_BYTES,
  type RecordType,
  typeWord,
} from '../../journal/index.js';
import { ReplicationError } from './replication-error.js';

/** The largest body of a frame with records: a slice and one record more. */
export const RECORDS_FRAME_BYTES = MAX_RECORD_BYTES + 1024 * 1024;

/** Where records come from that no segment holds yet. */
const STREAM = 'replication';

/**
 * The records in `bytes`, each held to what a journal asks of the one after `sequence` and `epoch`. Throws a
 * {@link ReplicationError} unless they are whole, undamaged and in order.
 */
export function checkRecords(bytes: Uint8Array, sequence: number, epoch: number): JournalRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: JournalRecord[] = [];
  let next = sequence + 1;
  let latest = epoch;
  for (let at = 0; at < bytes.length; next++) {
    const left = bytes.length - at;
    const length = left < RECORD_HEAD_BYTES ? 0 : view.getUint32(at + 4, true);
    if (length < RECORD_HEAD_BYTES || length > left || length > MAX_RECORD_BYTES) {
      throw wrong(`record ${next} is cut off`);
    }
    if (crc32c(bytes, at + 4, at + length) !== view.getUint32(at, true)) {
      throw wrong(`record ${next} does not match its checksum`);
    }
    const type = bytes[at + 28] as RecordType;
    if (!isHistory(type) || view.getUint32(at + 28, true) !== typeWord(type))
      throw wrong(`no record: ${next}`);
    const record = new JournalRecord(bytes, view, at, length, STREAM, at);
    if (record.sequence !== next) throw wrong(`record ${record.sequence} came where ${next} belongs`);
    if (record.epoch < latest) throw wrong(`record ${next} of epoch ${record.epoch} follows epoch ${latest}`);
    latest = record.epoch;
    records.push(record);
    at += length;
  }
  return records;
}

function wrong(what: string): ReplicationError {
  return new ReplicationError('TW_REPLICATION_PROTOCOL', what);
}
