/** What a request on the WebSocket API is for. */
export const RequestKind = { None: 0, Place: 1, Cancel: 2, Status: 3, Control: 4 } as const;
export type RequestKind = (typeof RequestKind)[keyof typeof RequestKind];

/** Called with true when the response has just been decoded, false when there will be none. */
export type Settle = (answered: boolean) => void;

/** One request waiting for its response. Pooled: valid until {@link InFlightTable.release}. */
export class InFlight {
  readonly slot: number;
  kind: RequestKind = RequestKind.None;
  id = 0;
  /** Number of the connection it went out on. */
  connection = 0;
  epoch = 0;
  sequence = 0;
  instrument = 0;
  weight = 0;
  /** Monotonic, nanoseconds. */
  sentNs = 0;
  deadlineNs = 0;
  settle: Settle | null = null;

  constructor(slot: number) {
    this.slot = slot;
  }
}

/**
 * The requests in flight, found again by the integer id the venue echoes: `id = generation × capacity + slot`. A slot's
 * generation grows with every use, so an answer to a request long given up never matches a later one.
 */
export class InFlightTable {
  readonly #slots: InFlight[];
  readonly #free: Int32Array;
  #freeCount: number;
  #generation = 0;

  constructor(capacity = 8192) {
    this.#slots = Array.from({ length: capacity }, (_, slot) => new InFlight(slot));
    this.#free = Int32Array.from({ length: capacity }, (_, i) => capacity - 1 - i);
    this.#freeCount = capacity;
  }

  get size(): number {
    return this.#slots.length - this.#freeCount;
  }

  /** An entry with a fresh id, or null when the table is full. */
  acquire(kind: RequestKind): InFlight | null {
    if (this.#freeCount === 0) return null;
    const entry = this.#slots[this.#free[--this.#freeCount]!]!;
    entry.kind = kind;
    entry.id = ++this.#generation * this.#slots.length + entry.slot;
    entry.settle = null;
    return entry;
  }

  /** The entry waiting for `id`, or null for an id that is not ours or was given up. */
  find(id: number): InFlight | null {
    const entry = this.#slots[id % this.#slots.length];
    return entry !== undefined && entry.kind !== RequestKind.None && entry.id === id ? entry : null;
  }

  release(entry: InFlight): void {
    if (entry.kind === RequestKind.None) return;
    entry.kind = RequestKind.None;
    entry.settle = null;
    this.#free[this.#freeCount++] = entry.slot;
  }

  /** Visits what is past its deadline or went out on `connection` (-1 = no connection). The visitor releases it. */
  sweep(nowNs: number, connection: number, visit: (entry: InFlight) => void): void {
    if (this.size === 0) return;
    for (const entry of this.#slots) {
      if (entry.kind === RequestKind.None) continue;
      if (entry.connection === connection || nowNs >= entry.deadlineNs) visit(entry);
    }
  }
}
