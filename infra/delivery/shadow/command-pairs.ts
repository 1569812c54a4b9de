import { type Config, riskLimits } from '@tradewind/engine/config';
import { EventKind, type Instrument } from '@tradewind/engine/domain';
import {
  BinaryReader,
  BinaryWriter,
  type CommandRecord,
  decodeCommands,
  encodeCommands,
  readEventLog,
} from '@tradewind/engine/journal';
import { Kernel } from '@tradewind/engine/kernel';
import { makeStrategies } from '@tradewind/engine/wiring';

/** One event of a log with what the recording engine did upon it and what this version does. */
export interface CommandPair {
  /** Sequence in the log. */
  readonly sequence: number;
  /** Of the event, microseconds since 1970. */
  readonly tsUs: number;
  readonly recorded: readonly CommandRecord[];
  readonly replayed: readonly CommandRecord[];
  /** Byte for byte, client order ids included. */
  readonly identical: boolean;
}

export interface ReplayNotes {
  /** By index. */
  readonly instruments: Map<number, Instrument>;
  /** Version and configuration digest of the engine that recorded. */
  recordedBy?: { readonly version: string; readonly configDigest: string };
  events: number;
}

/**
 * Puts the events of a log through this version's kernel, as `tradewind replay` does, and yields each event that led to a
 * command on either side. `notes` is filled on the way.
 */
export function* commandPairs(log: string, config: Config, notes: ReplayNotes): Generator<CommandPair> {
  const kernel = new Kernel({
    limits: riskLimits(config),
    strategies: makeStrategies(config),
    staleAfterUs: config.venue.staleAfterMs * 1000,
  });
  const writer = new BinaryWriter(4096);
  for (const { event, sequence, commands } of readEventLog(log)) {
    notes.events++;
    if (event.kind === EventKind.InstrumentDefined)
      notes.instruments.set(event.instrument.index, event.instrument);
    if (event.kind === EventKind.SessionStarted) {
      notes.recordedBy = { version: event.version, configDigest: event.configDigest };
    }
    const list = kernel.apply(event);
    writer.reset();
    if (list.length > 0) encodeCommands(list, writer);
    const before = commands ?? new Uint8Array();
    if (list.length === 0 && before.length === 0) continue;
    yield {
      sequence,
      tsUs: event.tsInit,
      recorded: decode(before),
      replayed: decode(writer.bytes),
      identical: Buffer.compare(writer.bytes, before) === 0,
    };
  }
}

function decode(bytes: Uint8Array): readonly CommandRecord[] {
  return bytes.length === 0 ? [] : decodeCommands(new BinaryReader(bytes));
}
