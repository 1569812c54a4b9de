import type { LeaseSlots } from './lease-slots.js';
import { monotonicMs } from './monotonic.js';

/**
 * Asked on the trading thread right before anything is sent: may this process send at this instant? The lease thread moves
 * the deadline on with each renewal; nothing has to run for the gate to close. A process that was stopped, or stood in a
 * long garbage collection, finds it closed when it wakes.
 *
 * What no gate can close is the distance between the question and the venue: bytes already handed to the kernel. The
 * venue's own limit on a request's age (Binance: `recvWindow`) should be less than `expireAfterMs - selfFenceMs`.
 */
export class SendGate {
  readonly #slots: LeaseSlots;
  #armed = false;

  constructor(slots: LeaseSlots) {
    this.#slots = slots;
  }

  /** One clock read, one shared load; no allocation. */
  open(): boolean {
    return this.#armed && monotonicMs() < this.#slots.deadlineMs;
  }

  /** The trading thread's own half: false keeps the gate closed whatever the lease says. For {@link Leadership}. */
  arm(armed: boolean): void {
    this.#armed = armed;
  }
}
