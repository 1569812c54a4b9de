/*
 * The memory: u32 1 while somebody has the folder to himself, u32 how often the history in it was replaced, then an aligned
 * double with one writer, so that a reader sees the old number or the new one.
 */
const Word = { Taken: 0, Serial: 1 } as const;
const SYNCED_AT = 8;
const BYTES = 16;

/**
 * What the threads of one process that have to do with a standby's folder know of each other: the one that writes into it what
 * the leader sends, the one that makes snapshots, and the one that compresses and deletes segments.
 */
export class SharedFolder {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #synced: Float64Array;
  #isMine = false;

  /** Without `memory`: a new one, to be given to the other threads. */
  constructor(memory = new SharedArrayBuffer(BYTES)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, 2);
    this.#synced = new Float64Array(memory, SYNCED_AT, 1);
  }

  /** Changes with each {@link anew}: what was read of the folder under another serial may be of a history that is gone. */
  get serial(): number {
    return Atomics.load(this.#words, Word.Serial);
  }

  /** Sequence of the last durable record; 0 while nothing is known. To be read after {@link serial}. */
  get synced(): number {
    return this.#synced[0]!;
  }

  /** By the writer alone. */
  set synced(sequence: number) {
    this.#synced[0] = sequence;
  }

  /** Does `work` while no other thread is in any of these three; waits for one that is. */
  alone<T>(work: () => T): T {
    if (this.#isMine) return work();
    while (Atomics.compareExchange(this.#words, Word.Taken, 0, 1) !== 0)
      Atomics.wait(this.#words, Word.Taken, 1);
    return this.#during(work);
  }

  /** The same, but undefined at once when another thread is. */
  ifFree<T>(work: () => T): T | undefined {
    if (Atomics.compareExchange(this.#words, Word.Taken, 0, 1) !== 0) return undefined;
    return this.#during(work);
  }

  /**
   * The same for work that may take records out of the history or repair files, whether it gets to its end or throws. It has
   * to tell anew how far it is {@link synced}.
   */
  anew<T>(work: () => T): T {
    return this.alone(() => {
      this.synced = 0;
      try {
        return work();
      } finally {
        // Behind it, and behind what `work` told: whoever reads in the middle finds that the serial has changed.
        Atomics.add(this.#words, Word.Serial, 1);
      }
    });
  }

  #during<T>(work: () => T): T {
    this.#isMine = true;
    try {
      return work();
    } finally {
      this.#isMine = false;
      Atomics.store(this.#words, Word.Taken, 0);
      Atomics.notify(this.#words, Word.Taken);
    }
  }
}
