import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { JournalError, type KernelEvent } from '../domain/index.js';
import { FolderDisk } from './disk.js';
import { damageOf, isDamage, listSegments, readJournal } from './journal-reader.js';
import { isEventLog } from './legacy/event-log-format.js';
import { readLegacyLog } from './legacy/event-log-reader.js';
import { decodeEventRecord, type JournalRecord } from './record.js';
import { isSegment, RecordType } from './segment-format.js';
import { SegmentReader } from './segment-reader.js';

/** One recorded event. Outlives the reading of the next. */
export interface LoggedEvent {
  /** Its record's, from 1; in a file of version 1 it counts events from 0. */
  readonly sequence: number;
  /** Where its record starts in its file. */
  readonly offset: number;
  readonly event: KernelEvent;
  /** The commands it led to as they were encoded (`encodeCommands`), when there were any. */
  readonly commands: Uint8Array | undefined;
}

/**
 * Whether `path` is what {@link readEventLog} reads: a file of `--record` of any version, or a folder with journal segments.
 * Throws the file system's own errors.
 */
export function isEventLogPath(path: string): boolean {
  if (statSync(path).isDirectory()) return listSegments(new FolderDisk(path, { readOnly: true })).length > 0;
  const head = headOf(path);
  return isSegment(head) || isEventLog(head);
}

/**
 * The events of a file of `--record`, or of a journal's folder, in order, read as they are asked for. Throws a
 * `JournalError` with the offset at the first damaged byte; everything yielded before it is good. A file cut off inside a
 * record, as a kill leaves it, gives TW_JOURNAL_TRUNCATED. Other errors are the file system's own.
 */
export function* readEventLog(path: string): Generator<LoggedEvent, void, undefined> {
  if (statSync(path).isDirectory()) {
    for (const record of readJournal(new FolderDisk(path, { readOnly: true }))) yield* eventOf(record);
  } else if (isEventLog(headOf(path))) yield* readLegacyLog(path);
  else yield* readFile(path);
}

function* readFile(path: string): Generator<LoggedEvent, void, undefined> {
  const file = new FolderDisk(dirname(path), { readOnly: true }).open(basename(path));
  try {
    const reader = new SegmentReader(file);
    for (let record = reader.next(); record !== undefined; record = reader.next()) yield* eventOf(record);
    const end = reader.end!;
    if (end.kind !== 'broken') return;
    if (isDamage(file, reader)) throw damageOf(file.name, reader);
    throw new JournalError(end.isCutOff ? 'TW_JOURNAL_TRUNCATED' : 'TW_JOURNAL_CHECKSUM', end.at, end.why);
  } finally {
    file.close();
  }
}

function* eventOf(record: JournalRecord): Generator<LoggedEvent, void, undefined> {
  if (record.type !== RecordType.Event) return;
  const { sequence, offset } = record;
  const { event, commands } = decodeEventRecord(record);
  yield { sequence, offset, event, commands: commands?.slice() };
}

function headOf(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const head = new Uint8Array(16);
    return head.subarray(0, readSync(file, head));
  } finally {
    closeSync(file);
  }
}
