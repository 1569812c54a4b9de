import { statSync } from 'node:fs';
import type { Config } from '../config/index.js';
import { EventKind } from '../domain/index.js';
import {
  BinaryWriter,
  encodeCommands,
  FolderDisk,
  JournalError,
  listSnapshots,
  Replay,
  readEventLog,
  readJournal,
  readSnapshot,
} from '../journal/index.js';
import { optionsOf } from './history.js';
import { makeKernel } from './make-kernel.js';

/** What replaying a recorded session, or a journal, through a fresh kernel showed. */
export interface LogReplayReport {
  readonly events: number;
  readonly commandLists: number;
  /** Sequence of the first record whose commands differ from the recorded ones; undefined when none does. */
  readonly firstDifference: number | undefined;
  /** Recorded and present digests and versions, when they are not the same: the engine is not the one that recorded. */
  readonly warnings: readonly string[];
  readonly stateHash: string;
}

/**
 * Replays the file or the journal's folder at `path` and compares each event's commands with the recorded ones, byte for
 * byte. A file is replayed under `config`, a journal under the settings it was recorded with.
 */
export function replayEventLog(
  path: string,
  config: Config,
  digest: string,
  version: string,
): LogReplayReport {
  return statSync(path).isDirectory()
    ? replayFolder(path, config, version)
    : replayFile(path, config, digest, version);
}

/** From the first record if it is still there, else from the oldest snapshot. */
function replayFolder(path: string, config: Config, version: string): LogReplayReport {
  const disk = new FolderDisk(path, { readOnly: true });
  const replay = new Replay(
    ({ config: recorded }) => makeKernel(recorded as Config),
    optionsOf(config, version),
  );
  const warnings: string[] = [];
  let firstDifference: number | undefined;
  const records = guarded(path, readJournal(disk));
  for (let step = records.next(); !step.done; step = records.next()) {
    const record = step.value;
    if (replay.sequence === 0 && record.sequence > 1) {
      const [oldest] = listSnapshots(disk);
      if (oldest === undefined || oldest + 1 < record.sequence) {
        throw new Error(
          `${path}: begins with record ${record.sequence}, and no snapshot tells what was before it`,
        );
      }
      replay.begin(readSnapshot(disk, oldest));
      warnings.push(`replayed from the snapshot of record ${oldest}: what was before it is deleted`);
    }
    if (record.sequence <= replay.sequence) continue;
    const { differences } = replay;
    replay.apply(record);
    if (replay.differences > differences) firstDifference ??= record.sequence;
  }
  const { events, withCommands, kernel, reports } = replay;
  return {
    events,
    commandLists: withCommands,
    firstDifference,
    warnings: [...warnings, ...reports],
    stateHash: kernel.stateHash(),
  };
}

function replayFile(path: string, config: Config, digest: string, version: string): LogReplayReport {
  const kernel = makeKernel(config);
  const writer = new BinaryWriter(4096);
  const warnings: string[] = [];
  let events = 0;
  let commandLists = 0;
  let firstDifference: number | undefined;
  for (const { event, sequence, commands } of guarded(path, readEventLog(path))) {
    events++;
    if (event.kind === EventKind.SessionStarted) {
      const compare = (what: string, recorded: string, present: string) => {
        if (recorded !== present) warnings.push(`${what} was ${recorded} when recorded, is ${present}`);
      };
      compare('version', event.version, version);
      compare('configuration digest', event.configDigest, digest);
    }
    const list = kernel.apply(event);
    writer.reset();
    if (list.length > 0) encodeCommands(list, writer);
    if (list.length > 0) commandLists++;
    if (firstDifference === undefined && Buffer.compare(writer.bytes, commands ?? new Uint8Array()) !== 0) {
      firstDifference = sequence;
    }
  }
  return { events, commandLists, firstDifference, warnings, stateHash: kernel.stateHash() };
}

/** Damage is told with the file's name and what can be done about it. */
function* guarded<T>(path: string, records: Iterable<T>): Generator<T, void, undefined> {
  let good = 0;
  try {
    for (const record of records) {
      good++;
      yield record;
    }
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    const what = {
      TW_JOURNAL_TRUNCATED: 'the session was killed while it was being written, or the copy is not complete',
      TW_JOURNAL_CHECKSUM: 'the file was changed or is damaged: restore it',
      TW_JOURNAL_MALFORMED: 'the file was changed or is damaged: restore it',
      TW_JOURNAL_VERSION: 'replay it with the version that recorded it',
      TW_JOURNAL_DAMAGED: 'everything after that is not to be trusted',
    }[error.code];
    throw new Error(`${path}: ${error.message}; ${good} events before that are good; ${what}`);
  }
}
