import {
  type Command,
  CommandKind,
  type CommandList,
  type EventSink,
  type KernelEvent,
} from '../domain/index.js';
import { CommandHold, type Durability, type JournalPort, JournalWatch } from '../journal/index.js';
import type { Kernel } from '../kernel/index.js';
import type { Clock } from '../telemetry/index.js';
import type { ExecutionPort } from '../venues/index.js';

/** Something that sees each event with the commands it led to: the recorder, the metrics, the log. */
export interface EngineObserver {
  /** After the kernel has applied `event` and before its commands are sent. Must copy what it keeps. */
  onEvent(event: KernelEvent, commands: CommandList): void;
}

/** An observer that times what is sent, from when its cause was received. */
export interface CommandTimer extends EngineObserver {
  /**
   * When the cause of the event just heard of was received, nanoseconds; 0: there is nothing to time. Before a command is
   * sent the engine sets it back to what it was for the event that led to the command, which may be an earlier one.
   */
  causeNs: number;
}

/** Hears of every event before the kernel does, to fill orders against public data (simulated execution). */
export interface MarketEventListener {
  onMarketEvent(event: KernelEvent): void;
}

/** Where events are kept, and what orders wait for. */
export interface EngineJournal {
  readonly port: JournalPort;
  readonly durability: Durability;
  /** Unwritten bytes from which new orders are denied. */
  readonly backlogBytes: number;
  /** An order that has waited for longer is not sent, microseconds; default 250,000. */
  readonly maxHoldUs?: number;
}

/**
 * The straight line: takes events from connectors, stamps them, applies them to the kernel and hands the commands to the
 * execution port, all before returning. Events that the execution port raises while commands are being sent wait in a
 * queue until the kernel is free: the kernel is never re-entered.
 */
export class Engine {
  readonly #kernel: Kernel;
  readonly #clock: Clock;
  readonly #observers: readonly EngineObserver[];
  readonly #timer: CommandTimer | undefined;
  #journal: JournalPort | undefined;
  readonly #hold: CommandHold;
  readonly #waits: boolean;
  readonly #watch: JournalWatch | undefined;
  #execution: ExecutionPort | undefined;
  #market: MarketEventListener | undefined;
  /** There is a journal that must not be added to any more. */
  #isUnrecorded = false;
  #busy = false;
  #closed = false;
  readonly #waiting: KernelEvent[] = [];

  constructor(kernel: Kernel, clock: Clock, observers: readonly EngineObserver[], journal?: EngineJournal) {
    this.#kernel = kernel;
    this.#clock = clock;
    this.#observers = observers;
    this.#timer = observers.find(isTimer);
    this.#journal = journal?.port;
    this.#waits = journal !== undefined && journal.durability !== 'async';
    this.#hold = new CommandHold({
      dispatch: (command, causeNs) => this.#dispatch(command, causeNs),
      sink: this.sink,
      orderRate: kernel.view.orderRate,
      maxHoldUs: journal?.maxHoldUs,
    });
    if (journal === undefined) return;
    const { port, durability, backlogBytes } = journal;
    this.#watch = new JournalWatch({
      ...{ journal: port, durability, backlogBytes, sink: this.sink, hold: this.#hold },
    });
  }

  /** Where the commands go. Set once, before the first event that could lead to one. */
  connect(execution: ExecutionPort, market?: MarketEventListener): void {
    this.#execution = execution;
    this.#market = market;
  }

  /** From now on events are ignored: what the session comes to is settled, and what was recorded of it is all there is. */
  close(): void {
    this.#closed = true;
  }

  /** The one way in. Events raised during a call are copies of nothing: their producers must not reuse them. */
  readonly sink: EventSink = (event) => {
    if (this.#closed) return;
    if (this.#busy) {
      this.#waiting.push(event);
      return;
    }
    this.#busy = true;
    try {
      // What an earlier event that threw has left behind comes first.
      this.#drain();
      this.#process(event);
      this.#drain();
    } finally {
      this.#busy = false;
    }
  };

  /** The journal got further: what waited for that is sent. To be called from outside of any event. */
  release(): void {
    if (this.#hold.length > 0) this.#aside(this.#releaseHeld);
  }

  /** A few times a second and more: tells the kernel how the journal does. */
  checkJournal(): void {
    if (this.#watch !== undefined) this.#aside(this.#checkWatch);
  }

  readonly #releaseHeld = (): void => this.#hold.release(this.#journal?.safe ?? 0, this.#monotonicUs());
  readonly #checkWatch = (): void => this.#watch?.check(this.#monotonicUs());

  #monotonicUs(): number {
    return this.#clock.nanos() / 1000;
  }

  /** Does something that may raise events, which wait until it is done. */
  #aside(work: () => void): void {
    if (this.#closed || this.#busy) return;
    this.#busy = true;
    try {
      work();
      this.#drain();
    } finally {
      this.#busy = false;
    }
  }

  #drain(): void {
    while (this.#waiting.length > 0) this.#process(this.#waiting.shift()!);
  }

  #process(event: KernelEvent): void {
    event.tsInit = this.#clock.nowUs();
    // What rests in a simulated market meets the event before a strategy can act on it: no look-ahead.
    this.#market?.onMarketEvent(event);
    const commands = this.#apply(event);
    const sequence = this.#journal?.append(event, commands) ?? 0;
    try {
      for (let i = 0; i < this.#observers.length; i++) this.#observers[i]!.onEvent(event, commands);
    } finally {
      // The kernel counts on its commands being sent, whatever happened to those who only look on.
      const causeNs = this.#timer?.causeNs ?? 0;
      if (this.#waits || this.#isUnrecorded) this.#dispatchWhenSafe(commands, sequence, causeNs);
      else for (let i = 0; i < commands.length; i++) this.#dispatch(commands.at(i), causeNs);
    }
  }

  #apply(event: KernelEvent): CommandList {
    try {
      return this.#kernel.apply(event);
    } catch (error) {
      // The kernel is not what the journal's events lead to any more: a replay must not try the same, nor go on from it.
      this.#isUnrecorded = this.#journal !== undefined || this.#isUnrecorded;
      this.#journal = undefined;
      throw error;
    }
  }

  #dispatchWhenSafe(commands: CommandList, sequence: number, causeNs: number): void {
    const journal = this.#journal;
    if (journal === undefined) {
      // Ending, without a journal to tell of new orders: what takes risk away still goes.
      for (let i = 0; i < commands.length; i++)
        if (commands.at(i).kind !== CommandKind.Submit) this.#dispatch(commands.at(i), causeNs);
      return;
    }
    const waits = this.#hold.hold(commands, sequence, journal.safe, this.#monotonicUs(), causeNs);
    if (waits) journal.want(sequence);
  }

  #dispatch(command: Command, causeNs: number): void {
    const execution = this.#execution;
    if (execution === undefined) throw new Error('engine: a command before an execution port was connected');
    if (this.#timer !== undefined) this.#timer.causeNs = causeNs;
    switch (command.kind) {
      case CommandKind.Submit:
        execution.submit(command.order);
        break;
      case CommandKind.Cancel:
        execution.cancel(command.order);
        break;
      case CommandKind.Query:
        execution.query(command.order);
        break;
      case CommandKind.Deny:
        break;
    }
  }
}

function isTimer(observer: EngineObserver): observer is CommandTimer {
  return 'causeNs' in observer;
}
