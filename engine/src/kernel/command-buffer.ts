import {
  type ApprovedOrder,
  type CancelCommand,
  type Command,
  CommandKind,
  type CommandList,
  type DenialReason,
  type DenyCommand,
  type Order,
  type QueryCommand,
  type SubmitCommand,
} from '../domain/index.js';

/** Command objects of one kind, reused from event to event. */
class Pool<T> {
  readonly #items: T[] = [];
  #used = 0;

  /** The next free object; undefined when {@link add} must bring one. */
  take(): T | undefined {
    return this.#used < this.#items.length ? this.#items[this.#used++] : undefined;
  }

  add(item: T): T {
    this.#used = this.#items.push(item);
    return item;
  }

  reset(): void {
    this.#used = 0;
  }
}

/** The command list that the kernel fills for each event. Grows to the largest list seen, then allocates no more. */
export class CommandBuffer implements CommandList {
  readonly #commands: Command[] = [];
  readonly #submits = new Pool<SubmitCommand>();
  readonly #cancels = new Pool<CancelCommand>();
  readonly #queries = new Pool<QueryCommand>();
  readonly #denials = new Pool<DenyCommand>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Throws a RangeError outside the list. */
  at(index: number): Command {
    if (!(index >= 0 && index < this.#length)) throw new RangeError(`no command ${index} of ${this.#length}`);
    return this.#commands[index]!;
  }

  /** Empties the list; its commands may be overwritten from now on. */
  reset(): void {
    this.#length = 0;
    this.#submits.reset();
    this.#cancels.reset();
    this.#queries.reset();
    this.#denials.reset();
  }

  submit(order: ApprovedOrder): void {
    const command = this.#submits.take() ?? this.#submits.add({ kind: CommandKind.Submit, order });
    command.order = order;
    this.#push(command);
  }

  cancel(order: Order): void {
    const command = this.#cancels.take() ?? this.#cancels.add({ kind: CommandKind.Cancel, order });
    command.order = order;
    this.#push(command);
  }

  query(order: Order): void {
    const command = this.#queries.take() ?? this.#queries.add({ kind: CommandKind.Query, order });
    command.order = order;
    this.#push(command);
  }

  deny(intent: Order, reason: DenialReason): void {
    const command = this.#denials.take() ?? this.#denials.add({ kind: CommandKind.Deny, intent, reason });
    command.intent = intent;
    command.reason = reason;
    this.#push(command);
  }

  #push(command: Command): void {
    this.#commands[this.#length++] = command;
  }
}
