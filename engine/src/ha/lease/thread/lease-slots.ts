import type { KeeperPhase } from '../keeper-types.js';

const SLOT = { deadline: 0, phase: 1, epoch: 2, seenAt: 3, beats: 4, storeFailures: 5 } as const;
const SLOTS = 8;

/** Numbers of the phases in shared memory and in metrics. */
export const PHASES: readonly KeeperPhase[] = ['securing', 'observing', 'leading', 'yielding'];

/**
 * What the lease thread and the trading thread know of each other, in shared memory. Each slot is one aligned double with
 * one writer, so that a reader sees the old number or the new one. Times are {@link monotonicMs}.
 */
export class LeaseSlots {
  readonly buffer: SharedArrayBuffer;
  readonly #slots: Float64Array;

  constructor(buffer = new SharedArrayBuffer(SLOTS * Float64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#slots = new Float64Array(buffer);
  }

  /** New slots: nothing is permitted, nothing was seen. */
  static fresh(): LeaseSlots {
    const slots = new LeaseSlots();
    slots.deadlineMs = Number.NEGATIVE_INFINITY;
    slots.seenAtMs = Number.NEGATIVE_INFINITY;
    return slots;
  }

  /** Until when this process may send; -Infinity when it may not. Written by the lease thread, as all but the beats. */
  get deadlineMs(): number {
    return this.#slots[SLOT.deadline]!;
  }

  set deadlineMs(value: number) {
    this.#slots[SLOT.deadline] = value;
  }

  get phase(): KeeperPhase {
    return PHASES[this.#slots[SLOT.phase]!]!;
  }

  set phase(value: KeeperPhase) {
    this.#slots[SLOT.phase] = PHASES.indexOf(value);
  }

  /** Of the row as last seen, whoever holds it. */
  get epoch(): number {
    return this.#slots[SLOT.epoch]!;
  }

  set epoch(value: number) {
    this.#slots[SLOT.epoch] = value;
  }

  /** When the row's present version was first seen. */
  get seenAtMs(): number {
    return this.#slots[SLOT.seenAt]!;
  }

  set seenAtMs(value: number) {
    this.#slots[SLOT.seenAt] = value;
  }

  /** Heartbeats of the trading thread, the only slot it writes. */
  get beats(): number {
    return this.#slots[SLOT.beats]!;
  }

  beat(): void {
    this.#slots[SLOT.beats]! += 1;
  }

  /** Reads that failed and writes of unknown fate. */
  get storeFailures(): number {
    return this.#slots[SLOT.storeFailures]!;
  }

  countStoreFailure(): void {
    this.#slots[SLOT.storeFailures]! += 1;
  }
}
