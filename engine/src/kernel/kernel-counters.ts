import { DenialReason, type StateHash } from '../domain/index.js';

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
  /** Definitions of an instrument that was defined already: ignored. */
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
    for (const count of this.denialsByReason) hash.int(count);
    hash.int(this.strategyFaults).int(this.halts);
  }
}
