import {
  type ApprovedOrder,
  type CancelCommand,
  type Command,
  CommandKind,
  type CommandList,
  type DenialReason,
  EventKind,
  type EventSink,
  type Order,
  type QueryCommand,
  type SubmitCommand,
} from '../../domain/index.js';
import { isClosed } from '../../oms/index.js';

/** Sends one command, at once. The object is reused: valid during the call. */
export type Dispatch = (command: Command) => void;

/** A command that waits. Reused. */
interface Held {
  kind: typeof CommandKind.Submit | typeof CommandKind.Cancel | typeof CommandKind.Query;
  order: Order;
  /** The same, of a submit: only the risk room says that an order may be sent. */
  approved: ApprovedOrder | undefined;
  /** Of the order when it was held: an order object may come to stand for another order. */
  epoch: number;
  orderSequence: number;
  /** Of the record that has to be safe. */
  sequence: number;
  /** When it was held, microseconds. */
  sinceUs: number;
}

/**
 * Keeps orders back until the record of the event they came from is safe. Only submits wait, and what is about an order
 * whose submit waits, behind it: a cancel of an order the venue has, or a question about one, adds no risk, so it goes at
 * once, also while the journal can not be written.
 *
 * Commands and their lists are the kernel's and reused: what waits is copied to entries of its own, which are reused too.
 */
export class CommandHold {
  /** A ring of 2^n entries: those from `#first` to before `#last` wait, oldest first. */
  #entries: Held[] = Array.from({ length: 64 }, emptyEntry);
  #first = 0;
  #last = 0;
  readonly #submit = { kind: CommandKind.Submit } as SubmitCommand;
  readonly #cancel = { kind: CommandKind.Cancel } as CancelCommand;
  readonly #query = { kind: CommandKind.Query } as QueryCommand;
  #withdrawn = 0;

  /** Commands that wait. */
  get length(): number {
    return this.#last - this.#first;
  }

  /** When the oldest of them was held, microseconds; Infinity when there is none. */
  get sinceUs(): number {
    return this.length === 0 ? Number.POSITIVE_INFINITY : this.#at(this.#first).sinceUs;
  }

  /** Submits that were not sent because their order was closed while they waited. */
  get withdrawn(): number {
    return this.#withdrawn;
  }

  /**
   * Takes the commands of the event that record `sequence` holds, `safe` being the last safe record: dispatches those
   * that may go, in order, and keeps the others. True when there is something to wait for.
   */
  hold(commands: CommandList, sequence: number, safe: number, nowUs: number, dispatch: Dispatch): boolean {
    const { length } = commands;
    if (length === 0) return this.length > 0;
    if (this.length > 0) this.release(safe, dispatch);
    for (let i = 0; i < length; i++) {
      const command = commands.at(i);
      switch (command.kind) {
        case CommandKind.Submit:
          if (sequence <= safe && this.length === 0) dispatch(command);
          else this.#keep(command.kind, command.order, command.order, sequence, nowUs);
          break;
        case CommandKind.Cancel:
        case CommandKind.Query:
          if (this.#waitsFor(command.order)) this.#keep(command.kind, command.order, undefined, 0, nowUs);
          else dispatch(command);
          break;
        case CommandKind.Deny:
          dispatch(command);
          break;
      }
    }
    return this.length > 0;
  }

  /** Dispatches what waits for records up to `safe`. */
  release(safe: number, dispatch: Dispatch): void {
    while (this.#first < this.#last) {
      const held = this.#at(this.#first);
      if (held.sequence > safe) return;
      this.#first++;
      const { kind, order, approved } = held;
      const isSame = order.epoch === held.epoch && order.sequence === held.orderSequence;
      switch (kind) {
        case CommandKind.Submit:
          // Closed meanwhile, by a proof that it does not exist: it must not come to exist now.
          if (approved === undefined || !isSame || isClosed(order.status)) {
            this.#withdrawn++;
            break;
          }
          this.#submit.order = approved;
          dispatch(this.#submit);
          break;
        case CommandKind.Cancel:
          if (!isSame) break;
          this.#cancel.order = order;
          dispatch(this.#cancel);
          break;
        case CommandKind.Query:
          if (!isSame) break;
          this.#query.order = order;
          dispatch(this.#query);
          break;
      }
    }
  }

  /**
   * Gives up everything that waits: for each submit `sink` is told that it never reached the wire, so that the kernel
   * closes the order. For a journal that failed or takes too long, as an order of then is no order for now, and for a leader
   * that no longer leads. Returns how many orders that were.
   */
  refuse(reason: DenialReason, sink: EventSink): number {
    let refused = 0;
    // What the kernel decides on being told belongs to another record, and may be held anew.
    for (const end = this.#last; this.#first < end; ) {
      const { kind, order, epoch, orderSequence } = this.#at(this.#first);
      this.#first++;
      if (kind !== CommandKind.Submit) continue;
      if (order.epoch !== epoch || order.sequence !== orderSequence || isClosed(order.status)) continue;
      refused++;
      sink({
        kind: EventKind.SendFailed,
        tsEvent: 0,
        tsInit: 0,
        epoch,
        sequence: orderSequence,
        submit: true,
        reason,
      });
    }
    return refused;
  }

  #waitsFor(order: Order): boolean {
    for (let i = this.#first; i < this.#last; i++) {
      const held = this.#at(i);
      if (held.order === order && held.kind === CommandKind.Submit) return true;
    }
    return false;
  }

  #keep(
    kind: Held['kind'],
    order: Order,
    approved: ApprovedOrder | undefined,
    sequence: number,
    nowUs: number,
  ): void {
    if (this.length === this.#entries.length) this.#grow();
    const held = this.#at(this.#last++);
    held.kind = kind;
    held.order = order;
    held.approved = approved;
    held.epoch = order.epoch;
    held.orderSequence = order.sequence;
    held.sequence = sequence;
    held.sinceUs = nowUs;
  }

  #at(index: number): Held {
    return this.#entries[index & (this.#entries.length - 1)]!;
  }

  #grow(): void {
    const waiting: Held[] = [];
    for (let i = this.#first; i < this.#last; i++) waiting.push(this.#at(i));
    const spare = Array.from({ length: waiting.length }, emptyEntry);
    this.#entries = [...waiting, ...spare];
    this.#last = waiting.length;
    this.#first = 0;
  }
}

function emptyEntry(): Held {
  return {
    kind: CommandKind.Query,
    order: {} as Order,
    approved: undefined,
    epoch: 0,
    orderSequence: 0,
    sequence: 0,
    sinceUs: 0,
  };
}
