/** Something that happens at a time. */
export interface Timed {
  readonly dueUs: number;
  /** Breaks ties between lines: the lower was scheduled earlier. */
  readonly sequence: number;
}

/**
 * One direction of a connection: what is put in comes out in the same order, never before its time. Delays may vary, but
 * nothing overtakes: it comes no earlier than what was put in before it.
 */
export class RequestLine<T extends Timed> {
  #items: T[] = [];
  #head = 0;
  #lastDueUs = 0;

  /** The time at which something put in now with `dueUs` will come out. */
  dueNoEarlier(dueUs: number): number {
    this.#lastDueUs = Math.max(this.#lastDueUs, dueUs);
    return this.#lastDueUs;
  }

  /** `item.dueUs` must come from {@link dueNoEarlier}. */
  put(item: T): void {
    this.#items.push(item);
  }

  /** The next to come out. */
  get next(): T | undefined {
    return this.#items[this.#head];
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  take(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head++;
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
