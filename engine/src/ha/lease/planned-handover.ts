import type { KeeperPhase } from './keeper-types.js';
import { type LeaseRow, NOBODY } from './lease-row.js';

export interface HandoverLimits {
  /** The other side must accept within this time. */
  readonly acceptWithinMs: number;
  /** It must claim within this time; then this host may claim again. */
  readonly handoverQuietMs: number;
}

/** What the agent sees of the lease at one tick. */
export interface HandoverLook {
  readonly phase: KeeperPhase;
  readonly row: LeaseRow | undefined;
  /** The other side has said that it is willing. */
  readonly accepted: boolean;
}

/** What came of a look: nothing yet, stop the engine and let go, done, or failed and why. */
export type HandoverStep =
  | 'wait'
  | 'let-go'
  | { readonly done: Readonly<Record<string, unknown>> }
  | { readonly failed: string };

/** One planned handover from the question to the other side's claim, with the times it took. Pure. */
export class PlannedHandover {
  readonly #limits: HandoverLimits;
  readonly #host: string;
  readonly #askedAtMs: number;
  #acceptedAtMs: number | undefined;
  #stoppedAtMs: number | undefined;
  #releasedAtMs: number | undefined;

  constructor(host: string, limits: HandoverLimits, nowMs: number) {
    this.#host = host;
    this.#limits = limits;
    this.#askedAtMs = nowMs;
  }

  onEngineDead(nowMs: number): void {
    this.#stoppedAtMs ??= nowMs;
  }

  onReleased(nowMs: number): void {
    this.#releasedAtMs = nowMs;
  }

  look(nowMs: number, { phase, row, accepted }: HandoverLook): HandoverStep {
    const { acceptWithinMs, handoverQuietMs } = this.#limits;
    if (this.#acceptedAtMs === undefined) {
      if (phase !== 'leading') return { failed: 'the lease was lost before the other side answered' };
      if (accepted) {
        this.#acceptedAtMs = nowMs;
        return 'let-go';
      }
      if (nowMs - this.#askedAtMs <= acceptWithinMs) return 'wait';
      return {
        failed: `nobody accepted within ${acceptWithinMs} ms: is the other agent running, not on hold and not fenced?`,
      };
    }
    if (phase === 'yielding') return 'wait';
    if (this.#releasedAtMs === undefined) return { failed: 'the lease was lost before it could be released' };
    if (row !== undefined && row.holder !== NOBODY && row.holder !== this.#host) {
      return { done: { to: row.holder, epoch: row.epoch, ...this.#times(nowMs, this.#releasedAtMs) } };
    }
    if (nowMs - this.#releasedAtMs <= handoverQuietMs) return 'wait';
    return { failed: 'the other side accepted but did not claim the lease; this host claims it again' };
  }

  #times(nowMs: number, releasedAtMs: number): Record<string, number> {
    const acceptedAtMs = this.#acceptedAtMs!;
    return {
      acceptedMs: Math.round(acceptedAtMs - this.#askedAtMs),
      stoppedMs: Math.round((this.#stoppedAtMs ?? releasedAtMs) - acceptedAtMs),
      releasedMs: Math.round(releasedAtMs - acceptedAtMs),
      takenMs: Math.round(nowMs - releasedAtMs),
    };
  }
}
