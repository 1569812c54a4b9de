/** Why a side does not claim the lease, though it could. */
export class Willingness {
  /** Somebody's reason, e.g. a hold by hand. */
  reluctance: string | undefined;
  /** What it guards stands still. */
  stalled = false;
  readonly #host: string;
  #quietUntilMs = Number.NEGATIVE_INFINITY;

  constructor(host: string) {
    this.#host = host;
  }

  /** Not before `untilMs`; never shortens what was said before. */
  quiet(untilMs: number): void {
    this.#quietUntilMs = Math.max(this.#quietUntilMs, untilMs);
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
