import type { LeaseKeeper } from '../lease-keeper.js';
import { PlannedHandover } from '../planned-handover.js';
import type { FromLease, RunnerOptions } from './messages.js';

/** Leads a handover, asked here or through the row, from the question to the other side's claim. */
export class HandoverDriver {
  readonly #options: RunnerOptions;
  readonly #keeper: LeaseKeeper;
  readonly #post: (message: FromLease) => void;
  #plan: PlannedHandover | undefined;
  /** Accepted: until when the trading thread may flush before it lets go. */
  #flushUntilMs: number | undefined;
  /** The trading thread's last question. */
  #serial = 0;

  constructor(options: RunnerOptions, keeper: LeaseKeeper, post: (message: FromLease) => void) {
    this.#options = options;
    this.#keeper = keeper;
    this.#post = post;
  }

  /** The trading thread asks. Has it asked before, the other side has its whole time again; what is accepted stays so. */
  ask(nowMs: number, serial: number): void {
    this.#serial = serial;
    if (this.#flushUntilMs !== undefined) return;
    this.#plan = undefined;
    if (this.#keeper.handoverWanted || this.#keeper.askHandover()) return;
    const holder = this.#keeper.view(nowMs).row?.holder ?? 'nobody';
    this.#tellFailed(`this side does not lead, ${holder} does`);
  }

  onReleased(nowMs: number): void {
    this.#plan?.onEngineDead(nowMs);
    this.#plan?.onReleased(nowMs);
  }

  /** To be called at each tick. */
  drive(nowMs: number): void {
    const { acceptWithinMs, node } = this.#options;
    const { phase, row } = this.#keeper.view(nowMs);
    if (this.#plan === undefined) {
      if (!this.#keeper.handoverWanted) return;
      this.#plan = new PlannedHandover(node, this.#options, nowMs);
    }
    if (phase === 'leading' && !this.#keeper.handoverWanted) {
      this.#fail('the question was taken back');
      return;
    }
    if (phase === 'leading' && this.#flushUntilMs !== undefined) {
      if (nowMs >= this.#flushUntilMs) {
        this.#fail(`the lease was not released within ${acceptWithinMs} ms after it was accepted`);
      }
      return;
    }
    const accepted = this.#keeper.handoverAccepted;
    const step = this.#plan.look(nowMs, { phase, row, accepted });
    if (step === 'wait') return;
    if (step === 'let-go') {
      this.#flushUntilMs = nowMs + acceptWithinMs;
      this.#post({ kind: 'handover' });
      return;
    }
    if ('failed' in step) {
      this.#fail(step.failed);
      return;
    }
    this.#end();
    this.#post({ kind: 'handover-done', result: step.done });
  }

  #fail(why: string): void {
    this.#keeper.cancelHandover();
    this.#end();
    this.#tellFailed(why);
  }

  #tellFailed(why: string): void {
    this.#post({ kind: 'handover-failed', serial: this.#serial, why });
  }

  #end(): void {
    this.#plan = undefined;
    this.#flushUntilMs = undefined;
  }
}
