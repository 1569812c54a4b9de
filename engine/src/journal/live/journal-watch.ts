import { DenialReason, EventKind, type EventSink, JournalState } from '../../domain/index.js';
import type { CommandHold, Dispatch } from './command-hold.js';
import type { Durability, JournalPort } from './journal-front.js';

const MAX_HOLD_US = 1_000_000;

export interface JournalWatchOptions {
  readonly journal: JournalPort;
  readonly durability: Durability;
  /** Unwritten bytes from which new orders are denied. Allowed again at half of it. */
  readonly backlogBytes: number;
  /** Hears of each change, as a `JournalStatus` event. */
  readonly sink: EventSink;
  readonly hold: CommandHold;
  readonly dispatch: Dispatch;
  /** An order that waits for longer is not sent any more, microseconds; default one second. */
  readonly maxHoldUs?: number | undefined;
}

/**
 * Tells the kernel when the journal falls behind, can not be written, or waits for a standby that is not there, and when it
 * is well again. Commands that wait go out or, when it takes too long, are given up.
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
    const { journal, hold, dispatch, sink } = this.#options;
    journal.settle();
    const state = this.#judge();
    if (hold.length > 0) {
      hold.release(journal.safe, dispatch);
      const isLate = nowUs - hold.sinceUs > (this.#options.maxHoldUs ?? MAX_HOLD_US);
      if (state === JournalState.Failed) hold.refuse(DenialReason.JOURNAL_FAILED, sink);
      else if (isLate) hold.refuse(DenialReason.JOURNAL_BACKLOG, sink);
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
