import type { LeaseRow } from './lease-row.js';

/** The holder's question to the other side, as it stands in the row: asked with a renewal, answered by a write of the other. */
export class HandoverQuestion {
  #wanted = false;
  #stored = false;

  /** It is to be asked, or was. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** It is certainly in the row, so that an answer there is one to this question. */
  get asked(): boolean {
    return this.#wanted && this.#stored;
  }

  ask(): void {
    this.#wanted = true;
    this.#stored = false;
  }

  takeBack(): void {
    this.#wanted = false;
  }

  /** A renewal that carried `handover` is in the row. */
  stored(handover: LeaseRow['handover']): void {
    this.#stored = handover !== undefined;
  }

  /** What others wrote: a request to ask, heeded or not; or that the question is taken back. */
  heed(handover: LeaseRow['handover'], heedsRequests = false): void {
    if (handover === 'requested' && heedsRequests) this.ask();
    else if (handover === undefined && this.#stored) this.takeBack();
  }

  /** What the next renewal carries, over a row with `handover`. */
  next(handover: LeaseRow['handover']): LeaseRow['handover'] {
    if (!this.#wanted) return undefined;
    return this.#stored && handover === 'accepted' ? 'accepted' : 'asked';
  }
}
