import { BinaryReader, JournalError, type KernelEvent } from '../domain/index.js';
import { decodeEvent } from './event-codec.js';
import { type HistoryType, RECORD_HEAD_BYTES, RecordType } from './segment-format.js';

/** One record of the history as it was read. Its bytes are a view that is valid until the next record is asked for. */
export class JournalRecord {
  readonly type: HistoryType;
  readonly sequence: number;
  readonly epoch: number;
  /** Microseconds since 1970. */
  readonly tsInit: number;
  /** Name of the segment's file. */
  readonly segment: string;
  /** Where the record begins in the segment, uncompressed. */
  readonly offset: number;
  readonly #window: Uint8Array;
  readonly #view: DataView;
  readonly #at: number;
  readonly #length: number;

  constructor(
    window: Uint8Array,
    view: DataView,
    at: number,
    length: number,
    segment: string,
    offset: number,
  ) {
    this.type = window[at + 28] as HistoryType;
    this.sequence = view.getFloat64(at + 8, true);
    this.epoch = view.getUint32(at + 24, true);
    this.tsInit = view.getFloat64(at + 16, true);
    this.segment = segment;
    this.offset = offset;
    this.#window = window;
    this.#view = view;
    this.#at = at;
    this.#length = length;
  }

  /** The whole record, framed: what `SegmentWriter.append` takes. */
  get bytes(): Uint8Array {
    return this.#window.subarray(this.#at, this.#at + this.#length);
  }

  /** Over everything else in it; stands for the record. */
  get checksum(): number {
    return this.#view.getUint32(this.#at, true);
  }

  /** The memory that holds the record, and where its payload begins and ends there: for those who read millions. */
  get view(): DataView {
    return this.#view;
  }
  get payloadAt(): number {
    return this.#at + RECORD_HEAD_BYTES;
  }
  get payloadEnd(): number {
    return this.#at + this.#length;
  }

  get payload(): Uint8Array {
    return this.#window.subarray(this.#at + RECORD_HEAD_BYTES, this.#at + this.#length);
  }

  /** Reads the payload; offsets in its errors are those in the segment. */
  reader(): BinaryReader {
    return new BinaryReader(this.payload, this.offset + RECORD_HEAD_BYTES);
  }
}

/** What an Event record holds. */
export interface EventRecord {
  readonly event: KernelEvent;
  /** The commands it led to as they were encoded (`encodeCommands`), a view like the record's; undefined for none. */
  readonly commands: Uint8Array | undefined;
}

/** Decodes an Event record. Throws a `JournalError` that names the segment when it is none, or its payload is no event. */
export function decodeEventRecord(record: JournalRecord): EventRecord {
  expectType(record, RecordType.Event);
  const { payload } = record;
  return named(record, () => {
    const input = new BinaryReader(payload, record.offset + RECORD_HEAD_BYTES);
    const event = decodeEvent(input);
    const { left } = input;
    return { event, commands: left === 0 ? undefined : payload.subarray(payload.length - left) };
  });
}

/** The settings a session ran under. */
export interface OptionsRecord {
  /** Of the software. */
  readonly version: string;
  /** The resolved configuration, as JSON gives it. */
  readonly config: unknown;
}

/** Decodes an Options record. Throws a `JournalError` that names the segment. */
export function decodeOptionsRecord(record: JournalRecord): OptionsRecord {
  expectType(record, RecordType.Options);
  const options = decodeOptions(record.payload);
  if (options === undefined) throw malformed(record, 'no options');
  return options;
}

/** The options in the payload of an Options record; undefined when there are none in it. */
export function decodeOptions(payload: Uint8Array): OptionsRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return undefined;
  }
  const { version, config } = (value ?? {}) as Partial<OptionsRecord>;
  return typeof version === 'string' && config !== undefined ? { version, config } : undefined;
}

/** Payload of an Options record. */
export function encodeOptions(options: OptionsRecord): Uint8Array {
  return Buffer.from(JSON.stringify({ version: options.version, config: options.config }), 'utf8');
}

/** Decodes a Seal record to the state hash in it. Throws a `JournalError` that names the segment. */
export function decodeSealRecord(record: JournalRecord): { readonly stateHash: string } {
  expectType(record, RecordType.Seal);
  return named(record, () => {
    const input = record.reader();
    if (input.number() !== record.sequence) throw malformed(record, 'a seal of another sequence');
    const stateHash = input.text();
    input.end();
    return { stateHash };
  });
}

function expectType(record: JournalRecord, type: HistoryType): void {
  if (record.type !== type) throw malformed(record, `a record of type ${record.type}, not ${type}`);
}

function malformed(record: JournalRecord, what: string): JournalError {
  return new JournalError('TW_JOURNAL_MALFORMED', record.offset, what, record.segment);
}

/** A record whose checksum is right and whose payload is not was written so: another version, or no Tradewind at all. */
function named<T>(record: JournalRecord, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof JournalError) || error.file !== undefined) throw error;
    throw new JournalError(
      error.code,
      error.offset,
      `record ${record.sequence}: ${error.reason}`,
      record.segment,
    );
  }
}
