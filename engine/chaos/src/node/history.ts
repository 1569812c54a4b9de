import {
  BinaryWriter,
  decodeEventRecord,
  EventKind,
  encodeCommands,
  type JournalDisk,
  type JournalPosition,
  type Kernel,
  RecordType,
  readJournal,
  recoverJournal,
} from '../engine.js';
import { Violation } from '../violation.js';
import { makeKernel, type PairSettings } from './settings.js';

/** What a node knows after reading its own disk. */
export interface History {
  readonly kernel: Kernel;
  readonly position: JournalPosition;
  /** As the last `Reconciled` said; empty before the first. */
  readonly lastTradeIds: readonly string[];
  /** A torn tail was cut off. */
  readonly wasCut: boolean;
}

/** Makes the journal whole and brings a kernel up to its end. */
export function recoverHistory(disk: JournalDisk, settings: PairSettings): History {
  const recovery = recoverJournal(disk);
  const kernel = makeKernel(settings);
  const { lastTradeIds } = replay(disk, kernel);
  return { kernel, position: recovery.position, lastTradeIds, wasCut: recovery.cut !== undefined };
}

/** What replaying came to. */
export interface Replayed {
  readonly lastTradeIds: readonly string[];
  readonly events: number;
  /** Of the last record read. */
  readonly sequence: number;
}

/**
 * Applies every record from `from` on and compares the commands with those recorded: the same state must decide the same.
 * Throws a Violation where it does not.
 */
export function replay(disk: JournalDisk, kernel: Kernel, from = 1): Replayed {
  const writer = new BinaryWriter(4096);
  let lastTradeIds: readonly string[] = [];
  let events = 0;
  let sequence = from - 1;
  for (const record of readJournal(disk, { from })) {
    sequence = record.sequence;
    if (record.type !== RecordType.Event) continue;
    const { event, commands } = decodeEventRecord(record);
    const list = kernel.apply(event);
    writer.reset();
    if (list.length > 0) encodeCommands(list, writer);
    if (Buffer.compare(writer.bytes, commands ?? new Uint8Array()) !== 0) {
      throw new Violation('commands differ', `replay of record ${record.sequence} decides something else`);
    }
    if (event.kind === EventKind.Reconciled) ({ lastTradeIds } = event);
    events++;
  }
  return { lastTradeIds, events, sequence };
}
