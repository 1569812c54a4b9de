import {
  type Command,
  CommandKind,
  type CommandList,
  type EventSink,
  type KernelEvent,
} from '../domain/index.js';
import type { Kernel } from '../kernel/index.js';
import type { Clock } from '../telemetry/index.js';
import type { ExecutionPort } from '../venues/index.js';

/** Something that sees each event with the commands it led to: the recorder, the metrics, the log. */
export interface EngineObserver {
  /** After the kernel has applied `event` and before its commands are sent. Must copy what it keeps. */
  onEvent(event: KernelEvent, commands: CommandList): void;
}

/** Hears of every event before the kernel does, to fill orders against public data (simulated execution). */
export interface MarketEventListener {
  onMarketEvent(event: KernelEvent): void;
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
  #execution: ExecutionPort | undefined;
  #market: MarketEventListener | undefined;
  #busy = false;
  #closed = false;
  readonly #waiting: KernelEvent[] = [];

  constructor(kernel: Kernel, clock: Clock, observers: readonly EngineObserver[]) {
    this.#kernel = kernel;
    this.#clock = clock;
    this.#observers = observers;
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
      while (this.#waiting.length > 0) this.#process(this.#waiting.shift()!);
      this.#process(event);
      while (this.#waiting.length > 0) this.#process(this.#waiting.shift()!);
    } finally {
      this.#busy = false;
    }
  };

  #process(event: KernelEvent): void {
    event.tsInit = this.#clock.nowUs();
    // What rests in a simulated market meets the event before a strategy can act on it: no look-ahead.
    this.#market?.onMarketEvent(event);
    const commands = this.#kernel.apply(event);
    try {
      for (let i = 0; i < this.#observers.length; i++) this.#observers[i]!.onEvent(event, commands);
    } finally {
      // The kernel counts on its commands being sent, whatever happened to those who only look on.
      for (let i = 0; i < commands.length; i++) this.#dispatch(commands.at(i));
    }
  }

  #dispatch(command: Command): void {
    const execution = this.#execution;
    if (execution === undefined) throw new Error('engine: a command before an execution port was connected');
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
