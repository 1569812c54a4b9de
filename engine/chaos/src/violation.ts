/** What a run must never show. */
export type Invariant =
  | 'accepted twice'
  | 'sent after the lease had passed on'
  | 'sent under another epoch'
  | 'sent before its record was safe'
  | 'position limit'
  | 'open order limit'
  | 'order rate'
  | 'order lost'
  | 'fill lost'
  | 'fill counted twice'
  | 'open orders differ'
  | 'foreign order touched'
  | 'position differs'
  | 'balance differs'
  | 'state hash differs'
  | 'commands differ'
  | 'synced record lost'
  | 'journal not clean'
  | 'did not settle'
  | 'unexpected error';

/** One breach: the run ends with it. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: Invariant;

  constructor(invariant: Invariant, detail: string) {
    super(`${invariant}: ${detail}`);
    this.invariant = invariant;
  }
}
