import type { Clock } from './engine.js';
import { Killed, type Owner, type World } from './world.js';

/** A host's clocks: a rate that is a little wrong, and a wall clock that somebody may set. */
export class HostClock {
  readonly #world: World;
  /** Parts per million it runs too fast. */
  readonly ppm: number;
  readonly #bootNs: number;
  #wallOffsetUs: number;

  constructor(world: World, ppm: number, wallOffsetUs: number) {
    this.#world = world;
    this.ppm = ppm;
    this.#bootNs = world.random.below(1e9) * 1000;
    this.#wallOffsetUs = wallOffsetUs;
  }

  /** Nanoseconds of its monotonic clock at true time `trueUs`. */
  monotonicNs(trueUs: number): number {
    return this.#bootNs + Math.round(trueUs * 1000 * (1 + this.ppm / 1e6));
  }

  wallUs(trueUs: number): number {
    return START_UNIX_US + Math.round(trueUs * (1 + this.ppm / 1e6)) + this.#wallOffsetUs;
  }

  /** Somebody sets the wall clock; the monotonic one does not care. */
  jump(byUs: number): void {
    this.#wallOffsetUs += byUs;
  }

  /** True microseconds in which this clock counts `localMs` milliseconds. */
  trueUs(localMs: number): number {
    return (localMs * 1000) / (1 + this.ppm / 1e6);
  }

  get world(): World {
    return this.#world;
  }
}

/** 2026-11-21T00:00:00Z: where true time begins. */
export const START_UNIX_US = 1_795_219_200_000_000;

/** One thread of a process. */
export class Thread implements Owner {
  readonly process: SimulatedProcess;
  readonly role: string;
  #stalledUntilUs = 0;

  constructor(process: SimulatedProcess, role: string) {
    this.process = process;
    this.role = role;
  }

  get name(): string {
    return `${this.process.name}.${this.role}`;
  }
  get alive(): boolean {
    return this.process.alive;
  }
  get stalledUntilUs(): number {
    return this.#stalledUntilUs;
  }
  /** True time as this thread lives it: ahead of the world's after a stop in the middle of a step. */
  get nowUs(): number {
    return Math.max(this.process.world.nowUs, this.#stalledUntilUs);
  }

  onThrow(error: unknown): void {
    this.process.onThrow(this, error);
  }

  /** It does nothing for this long: garbage collection, or a scheduler that looks elsewhere. */
  stall(us: number): void {
    this.#stalledUntilUs = this.nowUs + Math.round(us);
  }

  after(us: number, label: string, action: () => void) {
    return this.process.world.at(this.nowUs + Math.max(0, us), this, label, action);
  }
}

/** What the plan does to a process at one of its step boundaries. */
export type BoundaryAct =
  | { readonly kind: 'kill' }
  | { readonly kind: 'stall'; readonly us: number; readonly onStall: () => void };

/** One life of a node: it ends with a crash and never comes back; the next life is another process. */
export class SimulatedProcess {
  readonly world: World;
  readonly name: string;
  readonly host: HostClock;
  readonly trading: Thread;
  readonly journal: Thread;
  readonly lease: Thread;
  /** The clock the engine is given: the wall clock at its start, advanced by the monotonic one. */
  readonly clock: Clock;
  #alive = true;
  #armed: { act: BoundaryAct; in: number; what: string } | undefined;
  readonly #onDeath: (why: string) => void;
  readonly #onFailure: (error: unknown) => void;

  constructor(
    name: string,
    host: HostClock,
    onDeath: (why: string) => void,
    onFailure: (error: unknown) => void,
  ) {
    this.world = host.world;
    this.name = name;
    this.host = host;
    this.#onDeath = onDeath;
    this.#onFailure = onFailure;
    this.trading = new Thread(this, 'trading');
    this.journal = new Thread(this, 'journal');
    this.lease = new Thread(this, 'lease');
    const startUs = host.wallUs(this.world.nowUs);
    const startNs = host.monotonicNs(this.world.nowUs);
    this.clock = {
      nowUs: () => startUs + Math.round((this.monotonicNs() - startNs) / 1000),
      nanos: () => this.monotonicNs(),
    };
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** The thread whose event is happening; the trading thread when it is none of ours. */
  get thread(): Thread {
    const { current } = this.world;
    return current instanceof Thread && current.process === this ? current : this.trading;
  }

  /** True time as whoever runs lives it. */
  get nowUs(): number {
    return this.thread.nowUs;
  }

  monotonicNs(): number {
    return this.host.monotonicNs(this.nowUs);
  }

  monotonicMs(): number {
    return this.monotonicNs() / 1e6;
  }

  /** All threads stand still: SIGSTOP, a frozen virtual machine. */
  stop(us: number): void {
    for (const thread of [this.trading, this.journal, this.lease]) thread.stall(us);
  }

  /** At its `steps`-th boundary from now whose name begins with `what` this happens to it. */
  arm(act: BoundaryAct, steps: number, what = ''): void {
    this.#armed = { act, in: Math.max(1, steps), what };
  }

  disarm(): void {
    this.#armed = undefined;
  }

  get armed(): boolean {
    return this.#armed !== undefined;
  }

  /** Called around everything that leaves a trace outside: where a crash or a stop can fall. */
  boundary(what: string): void {
    if (!this.#alive) throw new Killed(this.name);
    if (this.#armed === undefined || !what.startsWith(this.#armed.what) || --this.#armed.in > 0) return;
    const { act } = this.#armed;
    this.#armed = undefined;
    if (act.kind === 'stall') {
      this.world.note(`stands still ${Math.round(act.us / 1000)} ms ${what}`, this.name);
      act.onStall();
      this.stop(act.us);
      return;
    }
    this.kill(what);
    throw new Killed(this.name);
  }

  kill(why: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.world.note(`dies ${why}`, this.name);
    this.#onDeath(why);
  }

  onThrow(thread: Thread, error: unknown): void {
    if (error instanceof Killed || !this.#alive) return;
    this.world.note(`${thread.role}: ${String(error)}`, this.name);
    this.#onFailure(error);
  }
}
