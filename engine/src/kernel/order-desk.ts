import type { BookView } from '../book/index.js';
import {
  type BinaryReader,
  type BinaryWriter,
  type ConnectionState,
  DenialReason,
  type Instrument,
  JournalState,
  NOBODY,
  type Order,
  type OrderIntent,
  OrderStatus,
  OrderType,
  Side,
  type StateHash,
  TimeInForce,
  VenueChannel,
} from '../domain/index.js';
import type { OrderManager } from '../oms/index.js';
import type { RiskGate, RiskView } from '../risk/index.js';
import type { CommandBuffer } from './command-buffer.js';
import type { ConnectionTable } from './connection-table.js';
import type { EventClock } from './event-clock.js';
import type { InstrumentDesk } from './instrument-desk.js';
import type { KernelCounters } from './kernel-counters.js';
import { RevivedOrders } from './revived-orders.js';

/** Every strategy, in {@link OrderDesk.cancelOpen}. */
export const ALL_STRATEGIES = -1;

/** The one way from a strategy's wish to a command: order manager, risk gate and command list in step. */
export class OrderDesk {
  /** Once true, nothing is ever submitted again. */
  closed = false;
  /** Whether what is decided here can be written down. */
  journal: JournalState = JournalState.Ok;
  readonly #clock: EventClock;
  readonly #orders: OrderManager;
  readonly #gate: RiskGate;
  readonly #connections: ConnectionTable;
  readonly #commands: CommandBuffer;
  readonly #counters: KernelCounters;
  readonly #desks: readonly InstrumentDesk[];
  readonly #view: MutableRiskView;
  readonly #intent: OrderIntent = {
    instrument: 0,
    strategy: 0,
    side: Side.Buy,
    type: OrderType.Limit,
    timeInForce: TimeInForce.GTC,
    postOnly: false,
    quantity: 0,
    price: 0,
    triggerPrice: 0,
  };
  /** Made once: a closure per call would be garbage. */
  readonly #ask = (order: Order): boolean => this.query(order);
  readonly #drop = (order: Order): boolean => this.cancel(order);
  readonly #revived = new RevivedOrders();

  constructor(
    clock: EventClock,
    orders: OrderManager,
    gate: RiskGate,
    connections: ConnectionTable,
    commands: CommandBuffer,
    counters: KernelCounters,
    desks: readonly InstrumentDesk[],
    staleAfterUs: number,
  ) {
    this.#view = new MutableRiskView(staleAfterUs);
    this.#clock = clock;
    this.#orders = orders;
    this.#gate = gate;
    this.#connections = connections;
    this.#commands = commands;
    this.#counters = counters;
    this.#desks = desks;
  }

  /** Creates the order and submits or denies it. `strategy` is who really asks, whatever the intent says. */
  submit(strategy: number, intent: Readonly<OrderIntent>): Order {
    const copy = this.#intent;
    copy.instrument = intent.instrument;
    copy.strategy = strategy;
    copy.side = intent.side;
    copy.type = intent.type;
    copy.timeInForce = intent.timeInForce;
    copy.postOnly = intent.postOnly;
    copy.quantity = intent.quantity;
    copy.price = intent.price;
    copy.triggerPrice = intent.triggerPrice;
    const order = this.#orders.create(copy, this.#clock.now);
    const reason = this.closed ? DenialReason.TRADING_HALTED : this.#check(order);
    if (reason !== DenialReason.NONE) {
      this.#orders.markDenied(order, this.#clock.now);
      this.#commands.deny(order, reason);
      this.#counters.denials++;
      this.#counters.denialsByReason[reason]!++;
      return order;
    }
    const approved = this.#gate.approve(order);
    this.#orders.markSubmitted(order, this.#clock.now);
    this.#gate.addOpen(order);
    this.#gate.endOpen(order.instrument);
    this.#commands.submit(approved);
    this.#counters.submits++;
    return order;
  }

  /** Asks for a cancel. False when the order is closed, a cancel is on its way, or there is no wire to send it on. */
  cancel(order: Order): boolean {
    const desk = this.#desks[order.instrument];
    if (desk === undefined || !this.#connections.canAsk(desk.instrument.venue)) return false;
    if (!this.#orders.requestCancel(order, this.#clock.now)) return false;
    this.#commands.cancel(order);
    this.#counters.cancels++;
    return true;
  }

  /** Asks for a cancel of everything open of one strategy, or of all. */
  cancelOpen(strategy: number): void {
    for (let order = this.#orders.firstOpen(); order !== null; order = this.#orders.nextOpen(order)) {
      if (strategy === ALL_STRATEGIES || order.strategy === strategy) this.cancel(order);
    }
  }

  /**
   * Cancels an open order that nobody counts on: one that was taken for ended and lives, or an earlier leader's. Whoever
   * sent it may have replaced it. Comes again with every {@link cancelRevived} until it has really ended.
   */
  cancelOnRevival(order: Order): void {
    this.#revived.add(order);
    this.cancel(order);
  }

  /** Takes all that `strategy` has open away from it, to be canceled. */
  disown(strategy: number): void {
    for (let order = this.#orders.firstOpen(); order !== null; order = this.#orders.nextOpen(order)) {
      if (order.strategy !== strategy) continue;
      this.#orders.disown(order);
      this.#revived.add(order);
    }
  }

  /** Has every open order that is nobody's canceled from now on. */
  adoptStrays(): void {
    for (let order = this.#orders.firstOpen(); order !== null; order = this.#orders.nextOpen(order)) {
      if (order.strategy === NOBODY) this.#revived.add(order);
    }
  }

  cancelRevived(): void {
    this.#revived.visit(this.#orders, this.#drop);
  }

  /** Tells the risk gate anew what is open on an instrument. */
  refresh(instrument: number): void {
    const gate = this.#gate;
    gate.beginOpen(instrument);
    for (let order = this.#orders.firstOpen(); order !== null; order = this.#orders.nextOpen(order)) {
      if (order.instrument === instrument) gate.addOpen(order);
    }
    for (let order = this.#orders.firstAwaited(); order !== null; order = this.#orders.nextAwaited(order)) {
      if (order.instrument === instrument) gate.addAwaited(order);
    }
    gate.endOpen(instrument);
  }

  hashInto(hash: StateHash): void {
    hash.int(this.closed ? 1 : 0);
    if (this.journal !== JournalState.Ok) hash.int(this.journal);
    this.#revived.hashInto(hash);
  }

  save(out: BinaryWriter): void {
    out.bool(this.closed);
    out.u8(this.journal);
    this.#revived.save(out);
  }

  load(input: BinaryReader): void {
    this.closed = input.bool();
    this.journal = input.member(JournalState, 'journal state');
    this.#revived.load(input);
  }

  /** Asks the venues about every order whose answer is overdue. */
  queryDue(): void {
    this.#orders.due(this.#clock.now, this.#ask);
  }

  /** Asks a venue, back after an outage, about every order with a request in flight: nobody knows what became of it. */
  queryInFlight(venue: number): void {
    for (let order = this.#orders.firstOpen(); order !== null; order = this.#orders.nextOpen(order)) {
      if (this.#desks[order.instrument]!.instrument.venue !== venue) continue;
      const { status } = order;
      if (
        status === OrderStatus.Submitted ||
        status === OrderStatus.PendingCancel ||
        status === OrderStatus.PendingUpdate
      ) {
        this.query(order);
      }
    }
  }

  /** Asks the venue about an order. False when there is no wire to ask on. */
  query(order: Order): boolean {
    if (!this.#connections.canAsk(this.#desks[order.instrument]!.instrument.venue)) return false;
    this.#commands.query(order);
    this.#counters.queries++;
    return true;
  }

  #check(order: Order): DenialReason {
    const desk = this.#desks[order.instrument];
    const view = this.#view;
    view.now = this.#clock.now;
    view.epoch = this.#orders.epoch;
    view.journal = this.journal;
    view.book = desk?.book;
    if (desk !== undefined) this.#lookUp(desk.instrument);
    return this.#gate.check(order, view);
  }

  #lookUp({ venue }: Instrument): void {
    this.#view.orders = this.#connections.get(venue, VenueChannel.Orders);
    this.#view.user = this.#connections.get(venue, VenueChannel.User);
  }
}

class MutableRiskView implements RiskView {
  now = 0;
  epoch = 0;
  journal: JournalState = JournalState.Ok;
  book: BookView | undefined = undefined;
  orders: ConnectionState = 0;
  user: ConnectionState = 0;

  constructor(readonly staleAfterUs: number) {}
}
