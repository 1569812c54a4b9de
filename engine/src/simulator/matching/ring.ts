/** The latest `capacity` items; the oldest makes room. */
export class Ring<T> {
  readonly #items: T[] = [];
  readonly #capacity: number;
  #oldest = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Adds an item and returns the one it pushed out. */
  push(item: T): T | undefined {
    if (this.#capacity === 0) return item;
    if (this.#items.length < this.#capacity) {
      this.#items.push(item);
      return undefined;
    }
    const evicted = this.#items[this.#oldest];
    this.#items[this.#oldest] = item;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
    return evicted;
  }

  /** `index` 0 is the oldest. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#items.length) return undefined;
    return this.#items[(this.#oldest + index) % this.#items.length];
  }

  /** The newest `limit` items, oldest first. */
  latest(limit: number): T[] {
    const count = Math.max(0, Math.min(limit, this.#items.length));
    const result: T[] = [];
    for (let i = this.#items.length - count; i < this.#items.length; i++) result.push(this.at(i)!);
    return result;
  }

  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.#items.length; i++) yield this.at(i)!;
  }
}
