import type { Config } from '../config/index.js';
import { EventKind } from '../domain/index.js';
import {
  BinaryWriter,
  encodeCommands,
  JournalError,
  type LoggedEvent,
  readEventLog,
} from '../journal/index.js';
import { makeKernel } from './make-kernel.js';

/** What replaying a session's event log through a fresh kernel showed. */
export interface LogReplayReport {
  readonly events: number;
  readonly commandLists: number;
  /** Sequence of the first event whose commands differ from the recorded ones; undefined when none does. */
  readonly firstDifference: number | undefined;
  /** Recorded and present digests and versions, when they are not the same: the engine is not the one that recorded. */
  readonly warnings: readonly string[];
  readonly stateHash: string;
}

/** Replays the log at `path` and compares each event's commands with the recorded ones, byte for byte. */
export function replayEventLog(
  path: string,
  config: Config,
  digest: string,
  version: string,
): LogReplayReport {
  const kernel = makeKernel(config);
  const writer = new BinaryWriter(4096);
  const warnings: string[] = [];
  let events = 0;
  let commandLists = 0;
  let firstDifference: number | undefined;
  for (const { event, sequence, commands } of eventsOf(path)) {
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
function* eventsOf(path: string): Generator<LoggedEvent, void, undefined> {
  let good = 0;
  try {
    for (const logged of readEventLog(path)) {
      good++;
      yield logged;
    }
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    const what = {
      TW_JOURNAL_TRUNCATED: 'the session was killed while it was being written, or the copy is not complete',
      TW_JOURNAL_CHECKSUM: 'the file was changed or is damaged: restore it',
      TW_JOURNAL_MALFORMED: 'the file was changed or is damaged: restore it',
      TW_JOURNAL_VERSION: 'replay it with the version that recorded it',
      TW_JOURNAL_DAMAGED: 'the file was changed or is damaged: restore it',
    }[error.code];
    throw new Error(`${path}: ${error.message}; ${good} events before that are good; ${what}`);
  }
}
