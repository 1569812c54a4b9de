import { EventKind } from '../../../src/domain/index.js';
import {
  BinaryWriter,
  encodeEvent,
  encodeOptions,
  type HistoryType,
  JOURNAL_START,
  type JournalDisk,
  type JournalPosition,
  makeRecord,
  type OptionsRecord,
  RecordType,
  SegmentWriter,
} from '../../../src/journal/index.js';
import type { Kernel } from '../../../src/kernel/index.js';
import { type Step, variantKernel } from '../../kernel/support/history.js';

/** The options of a history's variant. */
export function optionsOf(variant: number): OptionsRecord {
  return { version: 'test', config: { variant } };
}

export function kernelOf({ config }: OptionsRecord): Kernel {
  return variantKernel((config as { variant: number }).variant);
}

/** Writes a history as a session would: its options before each start, each event with its commands. */
export class HistoryJournal {
  readonly writer: SegmentWriter;
  #epoch = 0;

  constructor(disk: JournalDisk, at: JournalPosition = JOURNAL_START, segmentBytes = 64 * 1024) {
    this.writer = SegmentWriter.open(disk, { segmentBytes }, at);
    this.#epoch = at.epoch;
  }

  write(steps: readonly Step[]): void {
    const batch = new BinaryWriter(1 << 20);
    let sequence = this.writer.written;
    const add = (type: HistoryType, tsInit: number, payload: (out: BinaryWriter) => void) =>
      batch.raw(makeRecord(type, ++sequence, this.#epoch, tsInit, payload));
    for (const { event, commands, variant } of steps) {
      if (event.kind === EventKind.SessionStarted) {
        this.#epoch = event.epoch;
        add(RecordType.Options, event.tsInit, (out) => out.raw(encodeOptions(optionsOf(variant))));
      }
      add(RecordType.Event, event.tsInit, (out) => {
        encodeEvent(event, out);
        out.raw(commands);
      });
    }
    this.writer.append(batch.bytes);
    this.writer.sync();
  }

  seal(stateHash: string): void {
    this.writer.close({ stateHash, tsInit: 0 });
  }
}
