import { InvalidArgumentError } from 'commander';
import {
  CLIENT_ORDER_ID_FORMATS,
  EventKind,
  formatClientOrderId,
  parseClientOrderId,
} from '../../domain/index.js';
import { describeSegments, type JournalDisk, type JournalRecord, readJournal } from '../../journal/index.js';
import { jsonOf, lineOf, type PlainRecord, RecordView } from './journal-lines.js';
import { LineOutput } from './journal-output.js';

/** A place in a journal: a sequence, or a time in microseconds since 1970. */
export type Place = { readonly sequence: number } | { readonly us: number };

export interface RangeFlags {
  readonly from?: Place;
  readonly to?: Place;
  readonly json?: boolean;
}

export interface GrepFlags extends RangeFlags {
  readonly order?: string;
  readonly instrument?: string;
  readonly kind?: string;
  readonly text?: string;
}

const KINDS = [...Object.keys(EventKind), 'Options', 'Seal'];

/** Parses `--from` and `--to`: a sequence, or an ISO time. */
export function placeOption(text: string): Place {
  if (/^\d{1,15}$/.test(text)) return { sequence: Number(text) };
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new InvalidArgumentError(
      'it must be a sequence such as 1000 or a time such as 2026-11-21T09:30:00Z.',
    );
  }
  return { us: ms * 1000 };
}

/** Parses `--order`: the client order id of any venue, as one without prefix. */
export function orderOption(text: string): string {
  for (const format of Object.values(CLIENT_ORDER_ID_FORMATS)) {
    if (format.kind === 'integer' && !/^\d{10,}$/.test(text)) continue;
    const id = parseClientOrderId(format, text);
    if (id !== undefined) return formatClientOrderId(CLIENT_ORDER_ID_FORMATS.binance, id.epoch, id.sequence);
  }
  throw new InvalidArgumentError('it must be a client order id of ours such as tw1fx3k.');
}

export function kindOption(text: string): string {
  const kind = KINDS.find((name) => name.toLowerCase() === text.toLowerCase());
  if (kind === undefined) throw new InvalidArgumentError(`it must be one of ${KINDS.join(', ')}.`);
  return kind;
}

/** Prints the records of a range. Throws a `JournalError` at the first damage, once all before it was printed. */
export async function printRecords(disk: JournalDisk, flags: GrepFlags): Promise<void> {
  const view = new RecordView();
  const output = new LineOutput();
  const show = flags.json ? jsonOf : lineOf;
  try {
    for (const record of between(disk, flags, view)) {
      const plain = view.read(record);
      if (!matches(plain, flags, view)) continue;
      const line = show(plain);
      if (flags.text !== undefined && !line.toLowerCase().includes(flags.text.toLowerCase())) continue;
      const wait = output.line(line);
      if (wait !== undefined) await wait;
      if (output.isGone) return;
    }
  } finally {
    await output.flush();
  }
}

/** The records of the range; those before it only teach the view their instruments and orders. */
function* between(disk: JournalDisk, { from, to }: RangeFlags, view: RecordView): Generator<JournalRecord> {
  const first = from === undefined ? undefined : sequenceOf(disk, from);
  for (const record of readJournal(disk)) {
    if (to !== undefined && isPast(record, to)) return;
    const isBefore = first !== undefined && record.sequence < first;
    if (isBefore || (from !== undefined && 'us' in from && record.tsInit < from.us)) view.learn(record);
    else yield record;
  }
}

function isPast(record: JournalRecord, to: Place): boolean {
  return 'us' in to ? record.tsInit > to.us : record.sequence > to.sequence;
}

/** Before this one, nothing is in the range. */
function sequenceOf(disk: JournalDisk, from: Place): number {
  if ('sequence' in from) return from.sequence;
  const segment = describeSegments(disk).find(
    ({ tsLast, state }) => state === 'damaged' || tsLast >= from.us,
  );
  return segment?.firstSequence ?? Number.POSITIVE_INFINITY;
}

function matches(record: PlainRecord, flags: GrepFlags, view: RecordView): boolean {
  if (flags.kind !== undefined && record.kind !== flags.kind) return false;
  if (flags.order !== undefined && !record.orders.includes(flags.order)) return false;
  if (flags.instrument === undefined) return true;
  return record.instrument !== undefined && record.instrument === view.indexOf(flags.instrument);
}
