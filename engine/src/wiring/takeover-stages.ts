/** What a takeover does one after the other, once the lease is claimed. */
export const TAKEOVER_STAGES = ['history', 'journal', 'session', 'venue'] as const;
/**
 * `history`: what was received is applied and closed. `journal`: it can be written. `session`: the gate is open. `venue`:
 * connected, compared, and new orders are allowed.
 */
export type TakeoverStage = (typeof TAKEOVER_STAGES)[number];

/** Where the time of a takeover goes. */
export class TakeoverStages {
  readonly #nowMs: () => number;
  readonly #beganMs: number;
  #lastMs: number;
  readonly #ms: Partial<Record<`${TakeoverStage}Ms` | 'totalMs', number>> = {};

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#beganMs = nowMs();
    this.#lastMs = this.#beganMs;
  }

  /** The stage that was under way is over. */
  done(stage: TakeoverStage): void {
    const now = this.#nowMs();
    this.#ms[`${stage}Ms`] = round(now - this.#lastMs);
    this.#ms.totalMs = round(now - this.#beganMs);
    this.#lastMs = now;
  }

  /** Of the stages that are over, and since the lease was claimed, milliseconds. */
  get ms(): Readonly<Partial<Record<`${TakeoverStage}Ms` | 'totalMs', number>>> {
    return this.#ms;
  }
}

/** To a tenth: less is noise. */
function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
