/** What must never happen. */
export type Check =
  /** The venue accepted an order that the survivor does not know. */
  | 'order lost'
  /** One client order id was accepted twice. */
  | 'order duplicated'
  /** Something was sent under an epoch after a later one had begun to trade. */
  | 'two leaders'
  /** A trade of ours that the survivor did not book. */
  | 'fill lost'
  /** A position that is not the sum of the venue's trades although every one of them was told. */
  | 'fill booked twice'
  /** More than the limits allow was at risk, open or sent. */
  | 'limit breached'
  /** At the end venue and store do not say the same. */
  | 'disagreement'
  /** A journal is damaged, or does not lead to the state it says. */
  | 'journal';

export interface Violation {
  readonly check: Check;
  /** When at the venue, microseconds since 1970; 0: found at the end. */
  readonly us: number;
  readonly detail: string;
}

/** Reads a venue's ledger from its first entry to its last and finds what must not be in it. */
export interface Judge {
  accept(entry: import('./ledger.js').LedgerEntry): void;
  readonly violations: readonly Violation[];
}
