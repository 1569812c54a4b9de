import type { Telemetry } from '../telemetry/index.js';

/** What a standby knows of its ability to take over. */
export interface StandbyFitness {
  /** Why it would not take over; undefined when it would. */
  readonly unwilling: string | undefined;
  readonly instruments: number;
  /** Books of its own that could be traded on now. */
  readonly books: number;
}

/**
 * What `/ready` says of a standby: it would take over if it had to, with good books. So whoever updates one of a pair after
 * the other waits for the same answer from either; which of the two leads is told by `tradewind_ha_role`.
 */
export class StandbyReadiness {
  readonly #venue: ReturnType<Telemetry['readiness']>;
  readonly #books: ReturnType<Telemetry['readiness']>;

  constructor(telemetry: Pick<Telemetry, 'readiness'>) {
    // The same flags as a leader's: what one role left does not speak for the next.
    this.#venue = telemetry.readiness('venue');
    this.#books = telemetry.readiness('books');
  }

  /** Off the line, a few times a second. */
  check({ unwilling, instruments, books }: StandbyFitness): void {
    if (unwilling === undefined) this.#venue.ready();
    else this.#venue.notReady(`standby: ${unwilling}`);
    if (instruments > 0 && books === instruments) this.#books.ready();
    else this.#books.notReady(`standby: ${books} of ${instruments} books are good`);
  }
}
