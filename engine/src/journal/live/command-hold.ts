import {
  type ApprovedOrder,
  type CancelCommand,
  type Command,
  CommandKind,
  type CommandList,
  DenialReason,
  EventKind,
  type EventSink,
  type Order,
  type QueryCommand,
  type SubmitCommand,
} from '../../domain/index.js';
import { isClosed } from '../../oms/index.js';
import { type OrderRate, TokenBucket } from '../../risk/index.js';

/**
 * Sends one command, at once. The object is reused: valid during the call. `causeNs`: when what led to it was received, as
 * the hold was told.
 */
export type Dispatch = (command: Command, causeNs: number) => void;

/** A sequence that no order has. */
const NO_ORDER = -1;
/** What was decided on a market of longer ago is not sent any more: whoever decided it is asked again. */
const MAX_HOLD_US = 250_000;

export interface HoldOptions {
  readonly dispatch: Dispatch;
  /** Told of each order that is not going to be sent, so that the kernel closes it. */
  readonly sink: EventSink;
  /** How fast new orders may leave, whenever they were decided. */
  readonly orderRate: OrderRate;
  /** An order that has waited for longer is not sent, microseconds; default 250,000. */
  readonly maxHoldUs?: number | undefined;
}

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
  causeNs: number;
}

/**
 * Keeps orders back until the record of the event they came from is safe. Only submits wait, and what is about an order
 * whose submit waits, behind it: a cancel of an order the venue has, or a question about one, adds no risk, so it goes at
 * once, also while the journal can not be written.
 *
 * What gathered while the journal stood still does not leave in one bunch: risk has counted the orders when they were
 * decided, the venue counts them when they arrive, so they are counted once more when they leave, and wait for that too. One
 * that has waited too long, for whatever, is given up instead: the market it was meant for has moved on.
 *
 * Commands and their lists are the kernel's and reused: what waits is copied to entries of its own, which are reused too.
 * `nowUs` is of a clock that is never set.
 */
export class CommandHold {
  readonly #dispatch: Dispatch;
  readonly #sink: EventSink;
  readonly #rate: TokenBucket;
  /** The time the rate is asked about. */
  readonly #asked = { now: 0 };
  readonly #maxHoldUs: number;
  /** A ring of 2^n entries: those from `#first` to before `#last` wait, oldest first. */
  #entries: Held[] = Array.from({ length: 64 }, emptyEntry);
  #first = 0;
  #last = 0;
  readonly #submit = { kind: CommandKind.Submit } as SubmitCommand;
  readonly #cancel = { kind: CommandKind.Cancel } as CancelCommand;
  readonly #query = { kind: CommandKind.Query } as QueryCommand;

  constructor({ dispatch, sink, orderRate, maxHoldUs = MAX_HOLD_US }: HoldOptions) {
    this.#dispatch = dispatch;
    this.#sink = sink;
    this.#rate = new TokenBucket(orderRate.perSecond, orderRate.burst);
    this.#maxHoldUs = maxHoldUs;
  }

  /** Commands that wait. */
  get length(): number {
    return this.#last - this.#first;
  }

  /**
   * Takes the commands of the event that record `sequence` holds, `safe` being the last safe record: dispatches those
   * that may go, in order, and keeps the others. `causeNs` is given back with each. True when there is something to wait for.
   */
  hold(commands: CommandList, sequence: number, safe: number, nowUs: number, causeNs: number): boolean {
    const { length } = commands;
    if (length === 0) return this.length > 0;
    if (this.length > 0) this.release(safe, nowUs);
    for (let i = 0; i < length; i++) {
      const command = commands.at(i);
      switch (command.kind) {
        case CommandKind.Submit:
          if (sequence <= safe && this.length === 0 && this.#mayLeave(nowUs)) {
            this.#rate.take();
            this.#dispatch(command, causeNs);
          } else this.#keep(command.kind, command.order, command.order, sequence, nowUs, causeNs);
          break;
        case CommandKind.Cancel:
        case CommandKind.Query:
          if (this.#waitsFor(command.order)) {
            this.#keep(command.kind, command.order, undefined, 0, nowUs, causeNs);
          } else this.#dispatch(command, causeNs);
          break;
        case CommandKind.Deny:
          this.#dispatch(command, causeNs);
          break;
      }
    }
    return this.length > 0;
  }

  /** Dispatches what waits for records up to `safe`, as fast as orders may leave, and gives up what waited too long. */
  release(safe: number, nowUs: number): void {
    while (this.#first < this.#last) {
      const held = this.#at(this.#first);
      if (held.kind === CommandKind.Submit) {
        if (!this.#settleSubmit(held, safe, nowUs)) return;
        continue;
      }
      this.#first++;
      const { kind, order, causeNs } = held;
      if (!isSame(held)) continue;
      const command = kind === CommandKind.Cancel ? this.#cancel : this.#query;
      command.order = order;
      this.#dispatch(command, causeNs);
    }
  }

  /**
   * Gives up everything that waits: for each submit the kernel is told that it never reached the wire. For a journal that
   * failed, as an order of then is no order for now.
   */
  refuse(reason: DenialReason): void {
    // What the kernel decides on being told belongs to another record, and may be held anew.
    for (const end = this.#last; this.#first < end; ) {
      const held = this.#at(this.#first);
      this.#first++;
      if (held.kind === CommandKind.Submit && isSame(held) && !isClosed(held.order.status)) {
        this.#refuse(held, reason);
      }
    }
  }

  /** False: it goes on waiting, and everything behind it. */
  #settleSubmit(held: Held, safe: number, nowUs: number): boolean {
    const { order, approved, causeNs } = held;
    // Closed meanwhile, by a proof that it does not exist: it must not come to exist now.
    if (approved === undefined || !isSame(held) || isClosed(order.status)) {
      this.#first++;
      return true;
    }
    const isSafe = held.sequence <= safe;
    const mayLeave = this.#mayLeave(nowUs);
    if (nowUs - held.sinceUs > this.#maxHoldUs) {
      this.#first++;
      this.#forget(order);
      this.#refuse(
        held,
        isSafe && !mayLeave ? DenialReason.RATE_LIMIT_EXCEEDED : DenialReason.JOURNAL_TIMEOUT,
      );
      return true;
    }
    if (!isSafe || !mayLeave) return false;
    this.#first++;
    this.#rate.take();
    this.#submit.order = approved;
    this.#dispatch(this.#submit, causeNs);
    return true;
  }

  #mayLeave(nowUs: number): boolean {
    this.#asked.now = Math.floor(nowUs);
    return this.#rate.has(this.#asked);
  }

  #refuse({ epoch, orderSequence: sequence }: Held, reason: DenialReason): void {
    this.#sink({ kind: EventKind.SendFailed, tsEvent: 0, tsInit: 0, epoch, sequence, submit: true, reason });
  }

  /** What is about an order that the venue will never see has nobody to go to. */
  #forget(order: Order): void {
    for (let i = this.#first; i < this.#last; i++) {
      const held = this.#at(i);
      if (held.order === order) held.orderSequence = NO_ORDER;
    }
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
    causeNs: number,
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
    held.causeNs = causeNs;
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
    causeNs: 0,
  };
}

/** Whether the order object still stands for the order that was held. */
function isSame({ order, epoch, orderSequence }: Held): boolean {
  return order.epoch === epoch && order.sequence === orderSequence;
}
