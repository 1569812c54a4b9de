import { DenialReason, EventKind, type EventSink, JournalState } from '../../domain/index.js';
import type { CommandHold } from './command-hold.js';
import type { Durability, JournalPort } from './journal-front.js';

export interface JournalWatchOptions {
  readonly journal: JournalPort;
  readonly durability: Durability;
  /** Unwritten bytes from which new orders are denied. Allowed again at half of it. */
  readonly backlogBytes: number;
  /** Hears of each change, as a `JournalStatus` event. */
  readonly sink: EventSink;
  readonly hold: CommandHold;
}

/**
 * Tells the kernel when the journal falls behind, can not be written, or waits for a standby that is not there, and when it
 * is well again. Commands that wait go out, or are given up.
 */
export class JournalWatch {
  readonly #options: JournalWatchOptions;
  #told: JournalState = JournalState.Ok;

  constructor(options: JournalWatchOptions) {
    this.#options = options;
  }

  /** What the kernel was told last. */
  get state(): JournalState {
    return this.#told;
  }

  /** On the timer and after appends; costs a few loads. `nowUs` on the clock that the hold is given. */
  check(nowUs: number): void {
    const { journal, hold, sink } = this.#options;
    journal.settle();
    const state = this.#judge();
    if (hold.length > 0) {
      hold.release(journal.safe, nowUs);
      if (state === JournalState.Failed) hold.refuse(DenialReason.JOURNAL_FAILED);
    }
    if (state === this.#told) return;
    this.#told = state;
    sink({ kind: EventKind.JournalStatus, tsEvent: 0, tsInit: 0, state });
  }

  #judge(): JournalState {
    const { journal, durability, backlogBytes } = this.#options;
    if (journal.state === JournalState.Failed) return JournalState.Failed;
    if (durability === 'replicated-before-send' && journal.standbys === 0) return JournalState.Backlog;
    const bound = this.#told === JournalState.Ok ? backlogBytes : backlogBytes / 2;
    return journal.backlogBytes > bound ? JournalState.Backlog : JournalState.Ok;
  }
}
