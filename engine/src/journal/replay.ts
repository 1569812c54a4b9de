import { BinaryReader, BinaryWriter } from '../domain/index.js';
import type { Kernel } from '../kernel/index.js';
import { encodeCommands } from './command-codec.js';
import {
  decodeOptions,
  decodeOptionsRecord,
  decodeSealRecord,
  encodeOptions,
  type JournalRecord,
  type OptionsRecord,
} from './record.js';
import { RecordReader } from './record-reader.js';
import { RecordType } from './segment-format.js';
import type { Snapshot } from './snapshot-file.js';

/** A kernel without history of the options in a journal; throws what is wrong with them. */
export type KernelFactory = (options: OptionsRecord) => Kernel;

/** Reports kept: one defect may differ in every record. */
const MAX_REPORTS = 20;
const NOTHING = new Uint8Array(0);

/**
 * Applies the records of a journal to a kernel of the options they were recorded under, and compares the commands with the
 * recorded ones. A difference is a defect, or software that decides otherwise by now; it is counted and told, and the
 * kernel's own state goes on: what really happened, the venues will say.
 */
export class Replay {
  kernel: Kernel;
  /** Of the last record applied; 0 before the first. */
  sequence = 0;
  epoch = 0;
  checksum = 0;
  /** Events applied. */
  events = 0;
  /** Of these, the ones that led to commands, now or when recorded. */
  withCommands = 0;
  /** Records that came out otherwise. */
  differences = 0;
  /** The first of them in words, and whatever else a person should know. */
  readonly reports: string[] = [];
  readonly #make: KernelFactory;
  readonly #today: OptionsRecord;
  #options: Uint8Array = NOTHING;
  readonly #reader = new RecordReader();
  readonly #writer = new BinaryWriter(4096);

  /** Until the journal tells its options, `today`'s are assumed. */
  constructor(make: KernelFactory, today: OptionsRecord) {
    this.#make = make;
    this.#today = today;
    this.kernel = make(today);
  }

  /** Payload of the Options record in force; empty before there was one. */
  get options(): Uint8Array {
    return this.#options;
  }

  /** Begins from a snapshot. Throws what `Kernel.load` throws; then this replay is of no use. */
  begin(snapshot: Snapshot): void {
    const options = decodeOptions(snapshot.options);
    this.kernel = options === undefined ? this.#make(this.#today) : this.#makeKernel(options);
    const input = new BinaryReader(snapshot.state);
    this.kernel.load(input);
    input.end();
    this.sequence = snapshot.sequence;
    this.epoch = snapshot.epoch;
    this.checksum = snapshot.checksum;
    this.#options = snapshot.options.slice();
    const hash = this.kernel.stateHash();
    if (hash !== snapshot.stateHash) {
      this.#report(`the snapshot's state has hash ${hash}, not ${snapshot.stateHash}`);
    }
  }

  /** The next record of the history. */
  apply(record: JournalRecord): void {
    switch (record.type) {
      case RecordType.Event:
        this.#applyEvent(record);
        break;
      case RecordType.Options:
        this.#applyOptions(record);
        break;
      case RecordType.Seal: {
        const { stateHash } = decodeSealRecord(record);
        const hash = this.kernel.stateHash();
        if (hash !== stateHash) this.#differs(record, `sealed with state ${stateHash}, replayed to ${hash}`);
        break;
      }
    }
    this.sequence = record.sequence;
    this.epoch = record.epoch;
    this.checksum = record.checksum;
  }

  /** A kernel of today's options with the state reached. */
  finish(): Kernel {
    return equal(encodeOptions(this.#today), this.#options)
      ? this.kernel
      : carry(this.kernel, this.#make(this.#today));
  }

  #applyEvent(record: JournalRecord): void {
    const event = this.#reader.read(record);
    this.events++;
    const writer = this.#writer;
    writer.reset();
    try {
      const commands = this.kernel.apply(event);
      if (commands.length > 0) encodeCommands(commands, writer);
    } catch (error) {
      this.#differs(record, `it is refused: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    const { commandBytes } = this.#reader;
    if (writer.length === 0 && commandBytes === 0) return;
    this.withCommands++;
    if (writer.length !== commandBytes || !equal(writer.bytes, this.#reader.commands(record))) {
      this.#differs(record, 'it leads to other commands');
    }
  }

  #applyOptions(record: JournalRecord): void {
    const { payload } = record;
    if (equal(payload, this.#options)) return;
    this.#options = payload.slice();
    this.kernel = carry(this.kernel, this.#makeKernel(decodeOptionsRecord(record)));
  }

  /** Options of an old version may be none by now: then today's have to do. */
  #makeKernel(options: OptionsRecord): Kernel {
    try {
      return this.#make(options);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#report(`recorded options of version ${options.version} can not be used (today's are): ${why}`);
      return this.#make(this.#today);
    }
  }

  #differs({ sequence, type }: JournalRecord, what: string): void {
    this.differences++;
    this.#report(`record ${sequence}${type === RecordType.Event ? '' : ' (seal)'}: ${what}`);
  }

  #report(what: string): void {
    if (this.reports.length < MAX_REPORTS) this.reports.push(what);
  }
}

/** Gives `to`, which is new, the state of `from`. */
export function carry(from: Kernel, to: Kernel): Kernel {
  const out = new BinaryWriter(1 << 20);
  from.save(out);
  to.load(new BinaryReader(out.bytes));
  return to;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
