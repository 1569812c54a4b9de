/** Why a side does not claim the lease, though it could. */
export class Willingness {
  /** Somebody's reason, e.g. a hold by hand. */
  reluctance: string | undefined;
  /** What it guards stands still. */
  stalled = false;
  readonly #host: string;
  #quietUntilMs = Number.NEGATIVE_INFINITY;
  #untilTaken = false;

  constructor(host: string) {
    this.#host = host;
  }

  /**
   * Not before `untilMs`; never shortens what was said before. With `untilTaken` it ends sooner, once the other side
   * has it: should that one die, this one is needed.
   */
  quiet(untilMs: number, untilTaken = false): void {
    if (untilMs < this.#quietUntilMs) return;
    this.#quietUntilMs = untilMs;
    this.#untilTaken = untilTaken;
  }

  /** The other side holds the lease. */
  taken(): void {
    if (this.#untilTaken) this.#quietUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** The reason, undefined when it would claim. `fenced` is who is cut off by the row. */
  unwilling(nowMs: number, fenced: string | undefined): string | undefined {
    if (this.reluctance !== undefined) return this.reluctance;
    if (this.stalled) return 'stalled';
    if (fenced === this.#host) return 'fenced';
    if (nowMs >= this.#quietUntilMs) return undefined;
    return Number.isFinite(this.#quietUntilMs)
      ? `quiet for ${Math.ceil(this.#quietUntilMs - nowMs)} ms more`
      : 'stopping';
  }
}
