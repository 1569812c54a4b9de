/// <reference lib="es2024.sharedmemory" />
import type { JournalState } from '../../domain/index.js';

/**
 * What the journal's thread and the trading thread tell each other, in shared memory. Sequences are stored as their lower
 * 32 bits, which can be read without tearing and without making a bigint: a reader that looks at least once in 2^31
 * records knows the rest.
 */
const Word = {
  /** Sequence of the last record with the operating system, on the device, on the standby's device. */
  Written: 0,
  Synced: 1,
  Acked: 2,
  State: 3,
  /** Standbys that are connected and agree with this journal. */
  Standbys: 4,
  /** 1 while the journal's thread sleeps. */
  Sleeping: 5,
  /** Rung by the trading thread to wake the journal's. */
  Wake: 16,
  /** Sequence of the last record that commands wait for. */
  Wanted: 17,
  /** Rung by the journal's thread when a sequence advanced while {@link Word.Listening}. */
  Bell: 32,
  /** 1 while the trading thread wants to hear of progress. */
  Listening: 33,
} as const;
type SequenceWord = typeof Word.Written | typeof Word.Synced | typeof Word.Acked | typeof Word.Wanted;

const WORD_BYTES = 256;
/** Then doubles for the metrics: the standby's lag. */
const Lag = { Bytes: 0, Us: 1 } as const;

/** One sequence in shared memory, by whoever reads it. */
class SequenceView {
  readonly #words: Int32Array;
  readonly #at: SequenceWord;
  #last: number;

  constructor(words: Int32Array, at: SequenceWord, start: number) {
    this.#words = words;
    this.#at = at;
    this.#last = start;
  }

  get value(): number {
    this.#last += (Atomics.load(this.#words, this.#at) - (this.#last | 0)) | 0;
    return this.#last;
  }
}

/** The memory, made by the trading thread. `start`: the sequence the journal continues after. */
export function makeSignals(start: number): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(WORD_BYTES + 16);
  const words = new Int32Array(buffer, 0, WORD_BYTES / 4);
  words[Word.Written] = start | 0;
  words[Word.Synced] = start | 0;
  words[Word.Acked] = start | 0;
  words[Word.Wanted] = start | 0;
  return buffer;
}

/** The trading thread's view. */
export class TradingSignals {
  readonly #words: Int32Array;
  readonly #lag: Float64Array;
  readonly #written: SequenceView;
  readonly #synced: SequenceView;
  readonly #acked: SequenceView;

  constructor(buffer: SharedArrayBuffer, start: number) {
    this.#words = new Int32Array(buffer, 0, WORD_BYTES / 4);
    this.#lag = new Float64Array(buffer, WORD_BYTES);
    this.#written = new SequenceView(this.#words, Word.Written, start);
    this.#synced = new SequenceView(this.#words, Word.Synced, start);
    this.#acked = new SequenceView(this.#words, Word.Acked, start);
  }

  get written(): number {
    return this.#written.value;
  }
  get synced(): number {
    return this.#synced.value;
  }
  get acked(): number {
    return this.#acked.value;
  }
  get state(): JournalState {
    return Atomics.load(this.#words, Word.State) as JournalState;
  }
  get standbys(): number {
    return Atomics.load(this.#words, Word.Standbys);
  }
  /** Bytes of records the standby does not have yet. */
  get lagBytes(): number {
    return this.#lag[Lag.Bytes]!;
  }
  /** For how long the oldest record that the standby does not have yet has been written, microseconds. */
  get lagUs(): number {
    return this.#lag[Lag.Us]!;
  }

  /** Commands wait for `sequence`: it is to be made safe at once. */
  want(sequence: number): void {
    Atomics.store(this.#words, Word.Wanted, sequence | 0);
  }

  /** Wakes the journal's thread if it sleeps. Only then it costs more than a load: some 20 microseconds. */
  wake(): void {
    if (Atomics.load(this.#words, Word.Sleeping) === 0) return;
    Atomics.add(this.#words, Word.Wake, 1);
    Atomics.notify(this.#words, Word.Wake);
  }

  /** Ends a wait for what will not come any more. */
  hush(): void {
    Atomics.add(this.#words, Word.Bell, 1);
    Atomics.notify(this.#words, Word.Bell);
  }

  /** Resolves when something was published; at once when `isNews` says, once the other thread can know, that it was. */
  async heard(isNews: () => boolean): Promise<void> {
    const seen = Atomics.load(this.#words, Word.Bell);
    Atomics.store(this.#words, Word.Listening, 1);
    if (isNews()) return;
    const heard = Atomics.waitAsync(this.#words, Word.Bell, seen);
    if (heard.async) await heard.value;
  }
}

/** The journal thread's view. */
export class PumpSignals {
  readonly #words: Int32Array;
  readonly #lag: Float64Array;
  readonly #wanted: SequenceView;
  #changed = false;

  constructor(buffer: SharedArrayBuffer, start: number) {
    this.#words = new Int32Array(buffer, 0, WORD_BYTES / 4);
    this.#lag = new Float64Array(buffer, WORD_BYTES);
    this.#wanted = new SequenceView(this.#words, Word.Wanted, start);
  }

  /** Sequence of the last record that commands wait for. */
  get wanted(): number {
    return this.#wanted.value;
  }

  publishWritten(sequence: number): void {
    this.#publish(Word.Written, sequence | 0);
  }
  publishSynced(sequence: number): void {
    this.#publish(Word.Synced, sequence | 0);
  }
  publishAcked(sequence: number): void {
    this.#publish(Word.Acked, sequence | 0);
  }
  publishState(state: JournalState): void {
    this.#publish(Word.State, state);
  }
  publishStandbys(count: number): void {
    this.#publish(Word.Standbys, count);
  }
  publishLag(bytes: number, us: number): void {
    this.#lag[Lag.Bytes] = bytes;
    this.#lag[Lag.Us] = us;
  }

  /** Tells the trading thread of what was published since the last call, if it listens. */
  ring(): void {
    if (!this.#changed) return;
    this.#changed = false;
    if (Atomics.exchange(this.#words, Word.Listening, 0) === 0) return;
    Atomics.add(this.#words, Word.Bell, 1);
    Atomics.notify(this.#words, Word.Bell);
  }

  /**
   * Sleeps until woken, for at most `ms`; not at all when `isIdle` says, once the trading thread can know of the sleep,
   * that there is something to do after all.
   */
  async sleep(ms: number, isIdle: () => boolean): Promise<void> {
    const seen = Atomics.load(this.#words, Word.Wake);
    Atomics.store(this.#words, Word.Sleeping, 1);
    if (isIdle()) {
      const woken = Atomics.waitAsync(this.#words, Word.Wake, seen, ms);
      if (woken.async) await woken.value;
    }
    Atomics.store(this.#words, Word.Sleeping, 0);
  }

  #publish(at: number, value: number): void {
    if (Atomics.exchange(this.#words, at, value) !== value) this.#changed = true;
  }
}
