/** A count that only grows: one shared slot, bumped with a plain store. */
export class Counter {
  readonly #slots: Float64Array;
  readonly #slot: number;

  /** Use `MetricRegistry.counter`. */
  constructor(slots: Float64Array, slot: number) {
    this.#slots = slots;
    this.#slot = slot;
  }

  /** Adds `n`, which must not be negative. */
  add(n: number): void {
    this.#slots[this.#slot]! += n;
  }

  get value(): number {
    return this.#slots[this.#slot]!;
  }
}

/** A value that goes up and down: one shared slot, written with a plain store. */
export class Gauge {
  readonly #slots: Float64Array;
  readonly #slot: number;

  /** Use `MetricRegistry.gauge`. */
  constructor(slots: Float64Array, slot: number) {
    this.#slots = slots;
    this.#slot = slot;
  }

  set(value: number): void {
    this.#slots[this.#slot] = value;
  }

  get value(): number {
    return this.#slots[this.#slot]!;
  }
}
