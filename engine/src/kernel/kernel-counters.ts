import { type BinaryReader, type BinaryWriter, DenialReason, type StateHash } from '../domain/index.js';

/** In the order they are saved in; the denials by reason come after them. */
const FIELDS = [
  'events',
  'bookUpdates',
  'bookUpdatesApplied',
  'quotes',
  'trades',
  'booksInvalidated',
  'booksStale',
  'unknownInstruments',
  'redefinitions',
  'submits',
  'cancels',
  'queries',
  'denials',
  'strategyFaults',
  'strategyRestarts',
  'halts',
] as const satisfies readonly (keyof KernelCounters)[];

/** Reasons from here on are hashed once they occur: hashes from before there were such reasons go on to hold. */
const FIRST_LATE_REASON = DenialReason.JOURNAL_BACKLOG;

/** What the kernel counts, since it was made. Order outcomes are counted by the order manager. */
export class KernelCounters {
  events = 0;
  /** Snapshots and deltas given to a book, and those it took. */
  bookUpdates = 0;
  bookUpdatesApplied = 0;
  quotes = 0;
  trades = 0;
  /** Times a book went from Valid or Stale to Invalid, and from Valid to Stale. */
  booksInvalidated = 0;
  booksStale = 0;
  /** Events naming an instrument nobody defined. */
  unknownInstruments = 0;
  /** Definitions of an instrument that was defined already: its rules were replaced. */
  redefinitions = 0;
  /** Commands given out, by kind. */
  submits = 0;
  cancels = 0;
  queries = 0;
  denials = 0;
  /** Denials by {@link DenialReason}. */
  readonly denialsByReason: Float64Array = new Float64Array(Object.keys(DenialReason).length);
  /** Exceptions thrown by strategies; each ends its strategy. */
  strategyFaults = 0;
  /** Strategies that had faulted and were started afresh by a new session. */
  strategyRestarts = 0;
  /** Times trading went to Halted, by whomever. */
  halts = 0;

  hashInto(hash: StateHash): void {
    hash
      .int(this.events)
      .int(this.bookUpdates)
      .int(this.bookUpdatesApplied)
      .int(this.quotes)
      .int(this.trades);
    hash.int(this.booksInvalidated).int(this.booksStale).int(this.unknownInstruments).int(this.redefinitions);
    hash.int(this.submits).int(this.cancels).int(this.queries).int(this.denials);
    for (let i = 0; i < this.denialsByReason.length; i++) {
      if (i < FIRST_LATE_REASON || this.denialsByReason[i] !== 0) hash.int(this.denialsByReason[i]!);
    }
    hash.int(this.strategyFaults).int(this.halts);
    if (this.strategyRestarts !== 0) hash.int(this.strategyRestarts);
  }

  save(out: BinaryWriter): void {
    for (const field of FIELDS) out.number(this[field]);
    out.u8(this.denialsByReason.length);
    out.numbers(this.denialsByReason, this.denialsByReason.length);
  }

  /** Also what a version with fewer reasons has saved. */
  load(input: BinaryReader): void {
    for (const field of FIELDS) this[field] = input.integer(field, 0);
    const reasons = input.u8();
    if (reasons > this.denialsByReason.length) throw input.malformed(`${reasons} denial reasons`);
    input.numbersInto(this.denialsByReason, reasons);
  }
}
