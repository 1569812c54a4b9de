import {
  type Balance,
  BookFault,
  BookState,
  type BookUpdate,
  type CommandList,
  type Connection,
  ConnectionState,
  EventKind,
  type Instrument,
  type KernelEvent,
  type OrderEvent,
  StateHash,
  TradingState,
  type TradingStateSet,
  VenueChannel,
} from '../domain/index.js';
import { OrderManager, type OrderManagerOptions } from '../oms/index.js';
import { Portfolio } from '../portfolio/index.js';
import { RiskGate, type RiskLimits } from '../risk/index.js';
import type { Strategy } from '../strategies/index.js';
import { CommandBuffer } from './command-buffer.js';
import { ConnectionTable } from './connection-table.js';
import { EventClock } from './event-clock.js';
import { InstrumentDesk } from './instrument-desk.js';
import { KernelCounters } from './kernel-counters.js';
import type { KernelView } from './kernel-view.js';
import { ALL_STRATEGIES, OrderDesk } from './order-desk.js';
import { type HostServices, StrategyHost } from './strategy-host.js';

export interface KernelOptions {
  readonly limits: RiskLimits;
  readonly strategies: readonly Strategy[];
  /** A book silent for longer than this is stale, microseconds. */
  readonly staleAfterUs: number;
  /** How long an answer from a venue may be overdue before it is asked, microseconds. Default 2,000,000. */
  readonly queryAfterUs?: number;
  /** Sizes of the order manager; the defaults suit. */
  readonly orders?: Omit<OrderManagerOptions, 'queryAfterUs'>;
}

/** Cancels that failed are tried again this often while trading is halted or the process is ending. */
const SWEEP_US = 500_000;

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
  readonly #clock = new EventClock();
  readonly #portfolio = new Portfolio();
  readonly #orders: OrderManager;
  readonly #gate: RiskGate;
  readonly #connections = new ConnectionTable();
  readonly #commands = new CommandBuffer();
  readonly #counters = new KernelCounters();
  readonly #instruments: Instrument[] = [];
  readonly #desks: InstrumentDesk[] = [];
  readonly #hosts: StrategyHost[];
  readonly #desk: OrderDesk;
  readonly #staleAfterUs: number;
  #swept = 0;
  #wasHalted = false;

  constructor(options: KernelOptions) {
    const { limits, strategies, staleAfterUs, queryAfterUs = 2_000_000 } = options;
    this.#staleAfterUs = staleAfterUs;
    this.#orders = new OrderManager({ ...options.orders, queryAfterUs });
    this.#gate = new RiskGate(limits, this.#portfolio);
    this.#desk = new OrderDesk(
      this.#clock,
      this.#orders,
      this.#gate,
      this.#connections,
      this.#commands,
      this.#counters,
      this.#desks,
    );
    const services = this.#services();
    this.#hosts = strategies.map(
      (strategy, index) => new StrategyHost(index, strategy, services, this.#clock),
    );
    this.view = this.#makeView();
  }

  /**
   * Takes in one event. The list, and the commands in it, are valid until the next call. Throws a RangeError only on
   * what no run may continue from: a lower fencing epoch, an instrument out of order, a limit that is no number.
   */
  apply(event: KernelEvent): CommandList {
    this.#commands.reset();
    // Time never goes back, whatever a producer's clock did.
    if (event.tsInit > this.#clock.now) this.#clock.now = event.tsInit;
    this.#counters.events++;
    this.#route(event);
    this.#settle();
    return this.#commands;
  }

  /** Sixteen hexadecimal digits over everything that can influence a later decision. */
  stateHash(): string {
    const hash = new StateHash();
    hash
      .int(this.#clock.now)
      .int(this.#swept)
      .int(this.#wasHalted ? 1 : 0);
    this.#desk.hashInto(hash);
    for (const desk of this.#desks) desk.hashInto(hash);
    this.#portfolio.hashInto(hash);
    this.#gate.hashInto(hash);
    this.#orders.hashInto(hash);
    this.#connections.hashInto(hash);
    for (const host of this.#hosts) host.hashInto(hash);
    this.#counters.hashInto(hash);
    return hash.digest();
  }

  #route(event: KernelEvent): void {
    switch (event.kind) {
      case EventKind.BookSnapshot:
      case EventKind.BookDelta:
        this.#onBookUpdate(event);
        break;
      case EventKind.Quote: {
        this.#counters.quotes++;
        const desk = this.#find(event.instrument);
        if (desk === undefined) break;
        const before = desk.book.state;
        if (desk.book.applyQuote(event)) this.#onBookChanged(desk, before);
        break;
      }
      case EventKind.Trade: {
        this.#counters.trades++;
        const desk = this.#find(event.instrument);
        if (desk === undefined) break;
        for (let i = 0; i < desk.hosts.length; i++) desk.hosts[i]!.onTrade(event);
        break;
      }
      case EventKind.BookStatus: {
        const desk = this.#find(event.instrument);
        if (desk !== undefined) this.#setBookStatus(desk, event.fault);
        break;
      }
      case EventKind.Timer:
        this.#onTimer();
        break;
      case EventKind.Connection:
        this.#onConnection(event);
        break;
      case EventKind.Balance:
        this.#onBalance(event);
        break;
      case EventKind.SessionStarted:
        this.#orders.startSession(event.epoch);
        this.#portfolio.rollDay(this.#clock.now);
        break;
      case EventKind.InstrumentDefined:
        this.#onInstrument(event.instrument);
        break;
      case EventKind.TradingStateSet:
        this.#onTradingState(event);
        break;
      case EventKind.StrategiesStopped:
        this.#onStop();
        break;
      case EventKind.BalanceTransfer:
      case EventKind.Reconciled:
      case EventKind.JournalStatus:
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
        this.#onOrderEvent(event);
        break;
      default:
        event satisfies never;
    }
  }

  #onBookUpdate(event: BookUpdate): void {
    this.#counters.bookUpdates++;
    const desk = this.#find(event.instrument);
    if (desk === undefined) return;
    const before = desk.book.state;
    if (!desk.book.apply(event)) return;
    this.#counters.bookUpdatesApplied++;
    this.#onBookChanged(desk, before);
  }

  #onBookChanged(desk: InstrumentDesk, before: BookState): void {
    const { book, hosts } = desk;
    const { index } = desk.instrument;
    if (book.state === BookState.Invalid && before !== BookState.Invalid) this.#counters.booksInvalidated++;
    if (desk.takeMark()) {
      this.#portfolio.mark(index, book.bid, book.ask);
      this.#gate.killSwitch.onMark(this.#clock.now, index, book.bid, book.ask);
    }
    for (let i = 0; i < hosts.length; i++) hosts[i]!.onBook(index);
  }

  #onTimer(): void {
    this.#portfolio.rollDay(this.#clock.now);
    for (let i = 0; i < this.#desks.length; i++) {
      const desk = this.#desks[i]!;
      if (!desk.book.checkStale(this.#clock.now, this.#staleAfterUs)) continue;
      this.#counters.booksStale++;
      for (let k = 0; k < desk.hosts.length; k++) desk.hosts[k]!.onBook(i);
    }
    this.#desk.queryDue();
    for (let i = 0; i < this.#hosts.length; i++) this.#hosts[i]!.onTimer();
    if (this.#clock.now - this.#swept >= SWEEP_US) this.#sweep();
  }

  #setBookStatus(desk: InstrumentDesk, fault: BookFault): void {
    const before = desk.book.state;
    if (desk.book.setStatus(fault)) this.#onBookChanged(desk, before);
  }

  /**
   * Nothing is assumed about orders when a channel goes down; when it is back, what was in flight is asked about. Books
   * are of the past as soon as their venue's market data is down, whether or not the connector says so of each.
   */
  #onConnection(event: Connection): void {
    const { venue, channel, state } = event;
    if (!this.#connections.set(venue, channel, state)) return;
    if (channel === VenueChannel.MarketData) {
      if (state === ConnectionState.Down) this.#disconnectBooks(venue);
      return;
    }
    if (state !== ConnectionState.Up || !this.#connections.canSubmit(venue)) return;
    this.#desk.queryInFlight(venue);
    this.#sweep();
  }

  #disconnectBooks(venue: number): void {
    for (let i = 0; i < this.#desks.length; i++) {
      const desk = this.#desks[i]!;
      if (desk.instrument.venue === venue) this.#setBookStatus(desk, BookFault.DISCONNECTED);
    }
  }

  #onBalance(event: Balance): void {
    const { balances } = this.#portfolio;
    const slot = balances.set(event.venue, event.asset, event.free, event.locked, this.#clock.now);
    const instruments = balances.instrumentsOf(slot);
    for (let i = 0; i < instruments.length; i++) this.#desk.refresh(instruments[i]!);
  }

  #onInstrument(instrument: Instrument): void {
    const { index } = instrument;
    if (index < this.#desks.length) {
      this.#counters.redefinitions++;
      return;
    }
    if (index !== this.#desks.length) {
      throw new RangeError(`instrument ${instrument.id}: index must be ${this.#desks.length}, was ${index}`);
    }
    this.#portfolio.define(instrument);
    this.#gate.define(instrument);
    this.#portfolio.rollDay(this.#clock.now);
    const desk = new InstrumentDesk(instrument);
    this.#instruments.push(instrument);
    this.#desks.push(desk);
    for (const host of this.#hosts) {
      if (!host.wants(instrument)) continue;
      desk.hosts.push(host);
      host.onInstrument(instrument);
    }
  }

  #onTradingState(event: TradingStateSet): void {
    this.#gate.killSwitch.set(event.state, event.why);
    for (let i = 0; i < this.#hosts.length; i++) this.#hosts[i]!.onTimer();
  }

  #onStop(): void {
    for (let i = 0; i < this.#hosts.length; i++) this.#hosts[i]!.stop();
    this.#desk.closed = true;
    this.#sweep();
  }

  #onOrderEvent(event: OrderEvent): void {
    const change = this.#orders.apply(event, this.#clock.now);
    const { order, reopened } = change;
    if (order === null || !change.applied) return;
    const { instrument } = order;
    const isFill = event.kind === EventKind.OrderFilled && change.fillQuantity > 0;
    if (isFill) {
      this.#portfolio.rollDay(this.#clock.now);
      this.#portfolio.onFill(
        this.#instruments[instrument]!,
        order.side,
        event.price,
        change.fillQuantity,
        event.feeAsset,
        event.fee,
      );
    }
    this.#desk.refresh(instrument);
    if (isFill) this.#gate.killSwitch.onEquity(instrument);
    const host = this.#hosts[order.strategy]!;
    if (isFill) host.onFill(order, event);
    host.onOrder(order);
    if (reopened) this.#desk.cancelOnRevival(order);
  }

  /** After every event: a halt that came with it cancels everything. */
  #settle(): void {
    const isHalted = this.#gate.killSwitch.state === TradingState.Halted;
    if (isHalted === this.#wasHalted) return;
    this.#wasHalted = isHalted;
    if (!isHalted) return;
    this.#counters.halts++;
    this.#sweep();
  }

  /** Cancels what must not stay open: everything when halted or stopping, else what nobody counts on any more. */
  #sweep(): void {
    this.#swept = this.#clock.now;
    if (this.#desk.closed || this.#gate.killSwitch.state === TradingState.Halted) {
      this.#desk.cancelOpen(ALL_STRATEGIES);
      return;
    }
    this.#desk.cancelRevived();
    for (let i = 0; i < this.#hosts.length; i++) if (!this.#hosts[i]!.running) this.#desk.cancelOpen(i);
  }

  #find(instrument: number): InstrumentDesk | undefined {
    const desk = this.#desks[instrument];
    if (desk === undefined) this.#counters.unknownInstruments++;
    return desk;
  }

  #at(instrument: number): InstrumentDesk {
    const desk = this.#desks[instrument];
    if (desk === undefined) throw new RangeError(`no instrument ${instrument}`);
    return desk;
  }

  #services(): HostServices {
    const kernel = this;
    return {
      get tradingState() {
        return kernel.#gate.killSwitch.state;
      },
      instrument: (index) => kernel.#at(index).instrument,
      book: (index) => kernel.#at(index).book,
      position: (index) => kernel.#portfolio.position(kernel.#at(index).instrument.index),
      ready: (index) => kernel.#connections.canSubmit(kernel.#at(index).instrument.venue),
      submit: (strategy, intent) => kernel.#desk.submit(strategy, intent),
      cancel: (order) => kernel.#desk.cancel(order),
      onFault: (strategy) => {
        kernel.#counters.strategyFaults++;
        kernel.#desk.cancelOpen(strategy);
      },
    };
  }

  #makeView(): KernelView {
    const kernel = this;
    return {
      get now() {
        return kernel.#clock.now;
      },
      get tradingState() {
        return kernel.#gate.killSwitch.state;
      },
      get haltWhy() {
        return kernel.#gate.killSwitch.why;
      },
      get haltReason() {
        return kernel.#gate.killSwitch.reason;
      },
      get stopped() {
        return kernel.#desk.closed;
      },
      instruments: this.#instruments,
      strategies: this.#hosts,
      portfolio: this.#portfolio,
      orders: this.#orders,
      counters: this.#counters,
      book: (index) => kernel.#at(index).book,
      position: (index) => kernel.#portfolio.position(kernel.#at(index).instrument.index),
      connection: (venue, channel) => kernel.#connections.get(venue, channel),
    };
  }
}
