import { Prng } from './engine.js';

/** Thrown through a process's own code where the plan kills it: nothing it does afterwards reaches the outside. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** Whoever events belong to: what is due for one that has died never happens, and waits while it is stopped. */
export interface Owner {
  readonly name: string;
  readonly alive: boolean;
  /** True time until which it does nothing, microseconds. */
  readonly stalledUntilUs: number;
  /** Called when an event of this owner throws. */
  onThrow(error: unknown): void;
}

interface Entry {
  atUs: number;
  tie: number;
  serial: number;
  owner: Owner | undefined;
  label: string;
  action: (() => void) | undefined;
}

/** A scheduled event, to be called off. */
export interface Pending {
  cancel(): void;
}

/** Where the steps go with `--trace`. */
export type Tracer = (atUs: number, who: string, what: string) => void;

/**
 * The only clock and the only source of randomness of a run. Events happen one after another in the order of their time;
 * of two at one time, chance decides. Promises that an event resolved run before the next event does.
 */
export class World {
  /** True time, microseconds since the run began. */
  nowUs = 0;
  /** Events that have happened. */
  steps = 0;
  readonly random: Prng;
  readonly trace: Tracer | undefined;
  /** Whose event is happening: what it schedules with the global timers belongs to it. */
  current: Owner | undefined;
  #heap: Entry[] = [];
  #serial = 0;
  #dirty = false;
  #ended = false;

  constructor(seed: number, trace?: Tracer) {
    this.random = new Prng(seed);
    this.trace = trace;
  }

  /** Does `action` in `delayUs` (at least 0) on behalf of `owner`; undefined: of the world itself. */
  after(delayUs: number, owner: Owner | undefined, label: string, action: () => void): Pending {
    return this.at(this.nowUs + Math.max(0, Math.round(delayUs)), owner, label, action);
  }

  at(atUs: number, owner: Owner | undefined, label: string, action: () => void): Pending {
    const serial = ++this.#serial;
    const time = Math.max(this.nowUs, Math.round(atUs));
    const entry: Entry = { atUs: time, tie: this.random.bits(), serial, owner, label, action };
    this.#push(entry);
    return {
      cancel: () => {
        entry.action = undefined;
      },
    };
  }

  /** Something that a promise may hang on has happened in this event: let promises run before the next. */
  promised(): void {
    this.#dirty = true;
  }

  note(what: string, who = this.current?.name ?? 'world'): void {
    this.trace?.(this.nowUs, who, what);
  }

  /** Ends the run after the present event. */
  end(): void {
    this.#ended = true;
  }

  /** Runs until `untilUs`, or until there is nothing left to happen, or {@link end}. */
  async run(untilUs: number): Promise<void> {
    while (!this.#ended && this.#heap.length > 0 && this.#heap[0]!.atUs <= untilUs) {
      const entry = this.#pop();
      const { owner, action } = entry;
      if (action === undefined) continue;
      if (owner !== undefined) {
        if (!owner.alive) continue;
        if (owner.stalledUntilUs > entry.atUs) {
          entry.atUs = owner.stalledUntilUs;
          this.#push(entry);
          continue;
        }
      }
      this.nowUs = entry.atUs;
      this.steps++;
      this.current = owner;
      try {
        action();
      } catch (error) {
        if (owner === undefined) throw error;
        owner.onThrow(error);
      }
      if (this.#dirty) {
        this.#dirty = false;
        await drained();
      }
      this.current = undefined;
    }
    if (!this.#ended) this.nowUs = Math.max(this.nowUs, untilUs);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (before(heap[up]!, entry)) break;
      heap[at] = heap[up]!;
      at = up;
    }
    heap[at] = entry;
  }

  #pop(): Entry {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    const length = heap.length;
    if (length === 0) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= length) break;
      if (down + 1 < length && before(heap[down + 1]!, heap[down]!)) down++;
      if (before(last, heap[down]!)) break;
      heap[at] = heap[down]!;
      at = down;
    }
    heap[at] = last;
    return first;
  }
}

/** What was stopped goes on in the order it was due in; else chance decides between events of one time. */
function before(a: Entry, b: Entry): boolean {
  if (a.atUs !== b.atUs) return a.atUs < b.atUs;
  return a.tie !== b.tie ? a.tie < b.tie : a.serial < b.serial;
}

/** Taken before anything replaces the global one. */
const realImmediate = setImmediate;

/** All promises that can go on have. */
function drained(): Promise<void> {
  return new Promise((resolve) => {
    realImmediate(resolve);
  });
}
