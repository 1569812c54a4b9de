/** What a role ends by. */
export type Turn =
  /** The lease is this side's. */
  | { readonly kind: 'lead'; readonly epoch: number }
  | { readonly kind: 'fenced'; readonly why: string }
  /** The venue has orders of ours of a later leader. */
  | { readonly kind: 'superseded'; readonly epoch: number }
  /** The other side accepts the lease. */
  | { readonly kind: 'hand-over' }
  /** The other side was asked and does not accept it, or not in time. */
  | { readonly kind: 'kept' }
  /** Another could lead better. */
  | { readonly kind: 'ailing'; readonly why: string }
  /** This side can not stand by. */
  | { readonly kind: 'unfit'; readonly error: Error }
  /** The process ends. */
  | { readonly kind: 'end' };

type OfKind<K extends Turn['kind']> = Extract<Turn, { readonly kind: K }>;

/**
 * What happens to a process of a pair, in order, for the role it has at the moment: one reader at a time. The end is never
 * forgotten: a role that has no use for it leaves it to the next one.
 */
export class RoleTurns {
  readonly #turns: Turn[] = [];
  #isOver = false;
  #onTurn: (() => void) | undefined;

  push(turn: Turn): void {
    this.#turns.push(turn);
    this.#onTurn?.();
  }

  /** Waits for a turn of one of `kinds`; what else happened until then has no meaning for the present role. */
  async next<K extends Turn['kind']>(...kinds: readonly K[]): Promise<OfKind<K>> {
    const isWanted = (turn: Turn): turn is OfKind<K> => (kinds as readonly string[]).includes(turn.kind);
    const end: Turn = { kind: 'end' };
    for (;;) {
      if (this.#isOver && isWanted(end)) return end;
      const turn = this.#turns.shift();
      if (turn === undefined) {
        await new Promise<void>((resolve) => {
          this.#onTurn = resolve;
        });
        this.#onTurn = undefined;
      } else {
        this.#isOver ||= turn.kind === 'end';
        if (isWanted(turn)) return turn;
      }
    }
  }
}
