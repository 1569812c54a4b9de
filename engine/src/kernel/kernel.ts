import {
  type BinaryReader,
  type BinaryWriter,
  type CommandList,
  EventKind,
  type KernelEvent,
  StateHash,
} from '../domain/index.js';
import { type KernelOptions, KernelParts } from './kernel-parts.js';
import { loadKernel, saveKernel } from './kernel-snapshot.js';
import { type KernelView, viewOf } from './kernel-view.js';
import { MarketEvents } from './market-events.js';
import { OrderEvents } from './order-events.js';
import { SessionEvents } from './session-events.js';

/**
 * The engine's state, and `apply`, the only way to change it.
 *
 * For each event: the room it concerns takes it in, then the portfolio, then risk (which may halt trading), then the
 * strategies, and last the kernel's own duty to cancel what must not stay open. A halt or a stop does not rely on the
 * strategies: everything open is cancelled here, and again on the timer until the venue says that nothing is left.
 */
export class Kernel {
  /** The state, to read between events. */
  readonly view: KernelView;
  readonly #parts: KernelParts;
  readonly #market: MarketEvents;
  readonly #session: SessionEvents;
  readonly #orders: OrderEvents;

  constructor(options: KernelOptions) {
    this.#parts = new KernelParts(options);
    this.#market = new MarketEvents(this.#parts);
    this.#session = new SessionEvents(this.#parts, this.#market);
    this.#orders = new OrderEvents(this.#parts);
    this.view = viewOf(this.#parts);
  }

  /**
   * Takes in one event. The list, and the commands in it, are valid until the next call. Throws a RangeError only on
   * what no run may continue from: a lower fencing epoch, an instrument out of order or counted otherwise than before, a
   * limit that is no number.
   */
  apply(event: KernelEvent): CommandList {
    const { commands, clock, counters } = this.#parts;
    commands.reset();
    // Time never goes back, whatever a producer's clock did.
    if (event.tsInit > clock.now) clock.now = event.tsInit;
    counters.events++;
    this.#route(event);
    this.#settle();
    return commands;
  }

  /** Sixteen hexadecimal digits over everything that can influence a later decision. */
  stateHash(): string {
    const hash = new StateHash();
    this.#parts.hashInto(hash);
    return hash.digest();
  }

  /**
   * Writes the whole state but the options, between two events: a kernel that loads it under the same options goes on as
   * this one would, command for command.
   */
  save(out: BinaryWriter): void {
    saveKernel(this.#parts, out);
  }

  /**
   * Takes over what {@link save} wrote; only for a new kernel, of whatever options. Strategies are known by name and format:
   * one that is new begins afresh with the next session, and orders of one that is gone are canceled. Throws a
   * `JournalError` on other bytes and a RangeError on a limit that is no number; the kernel is of no use then.
   */
  load(input: BinaryReader): void {
    if (this.#parts.counters.events !== 0)
      throw new Error('a kernel that has seen events can not load a state');
    loadKernel(this.#parts, input);
  }

  #route(event: KernelEvent): void {
    switch (event.kind) {
      case EventKind.BookSnapshot:
      case EventKind.BookDelta:
        this.#market.onBookUpdate(event);
        break;
      case EventKind.Quote:
        this.#market.onQuote(event);
        break;
      case EventKind.Trade:
        this.#market.onTrade(event);
        break;
      case EventKind.BookStatus:
        this.#market.onBookStatus(event);
        break;
      case EventKind.Timer:
        this.#session.onTimer();
        break;
      case EventKind.Connection:
        this.#session.onConnection(event);
        break;
      case EventKind.Balance:
        this.#session.onBalance(event);
        break;
      case EventKind.SessionStarted:
        this.#session.onStarted(event);
        break;
      case EventKind.InstrumentDefined:
        this.#session.onInstrument(event.instrument);
        break;
      case EventKind.TradingStateSet:
        this.#session.onTradingState(event);
        break;
      case EventKind.StrategiesStopped:
        this.#session.onStop();
        break;
      case EventKind.JournalStatus:
        this.#parts.desk.journal = event.state;
        break;
      case EventKind.BalanceTransfer:
        this.#parts.portfolio.drift.onTransfer(event);
        break;
      case EventKind.Reconciled:
        this.#parts.portfolio.drift.onReconciled(event, this.#parts.portfolio.balances);
        break;
      case EventKind.OrderAdopted:
      case EventKind.OrderAccepted:
      case EventKind.OrderRejected:
      case EventKind.OrderFilled:
      case EventKind.OrderCanceled:
      case EventKind.OrderExpired:
      case EventKind.OrderTriggered:
      case EventKind.CancelRejected:
      case EventKind.OrderReport:
      case EventKind.OrderNotFound:
      case EventKind.OutcomeUnknown:
      case EventKind.SendFailed:
        this.#orders.onOrderEvent(event);
        break;
      default:
        event satisfies never;
    }
  }

  /** After every event: a halt that came with it cancels everything. */
  #settle(): void {
    const parts = this.#parts;
    const { isHalted } = parts;
    if (isHalted === parts.wasHalted) return;
    parts.wasHalted = isHalted;
    if (!isHalted) return;
    parts.counters.halts++;
    parts.sweep();
  }
}
