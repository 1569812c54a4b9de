import {
  type BinaryReader,
  type BinaryWriter,
  EventKind,
  NOBODY,
  type Order,
  type OrderAdopted,
  type OrderEvent,
  type OrderFilled,
  type OrderIntent,
  type OrderReport,
  OrderStatus,
  type Side,
  type StateHash,
} from '../domain/index.js';
import { FillMemory } from './fill-memory.js';
import type { OpenTotals } from './open-totals.js';
import { adoptOrder } from './order-adoption.js';
import { MutableOrderChange, type OrderChange } from './order-change.js';
import { MutableOrderCounters, type OrderCounters } from './order-counters.js';
import { advance } from './order-machine.js';
import type { OrderRecord } from './order-record.js';
import { ILLEGAL, isClosed, isInFlight, isOpen, OrderTrigger, transition } from './order-state.js';
import { OrderStore, type OrderStoreOptions } from './order-store.js';
import { isReport, provesAcceptance, raisesDoubt, triggerOf } from './order-trigger.js';
import { QuerySchedule, type QueryScheduleOptions } from './query-schedule.js';

export interface OrderManagerOptions extends OrderStoreOptions, QueryScheduleOptions {
  /** Fills remembered for deduplication. Default 65,536. */
  readonly fillMemory?: number;
}

/**
 * The truth about our orders, as far as the venue's messages prove it.
 *
 * After every call `cumQuantity + leavesQuantity = quantity` holds for every order. A fill beyond the quantity raises
 * `cumQuantity` to the quantity and no further; the excess goes to `overfillQuantity` and `cumCost` covers what
 * `cumQuantity` counts. The change still carries the whole fill, because the position did move by all of it.
 *
 * `now` is event time in microseconds. Orders passed in must come from this manager.
 */
export class OrderManager {
  readonly #store: OrderStore;
  readonly #fills: FillMemory;
  readonly #schedule: QuerySchedule;
  readonly #counters = new MutableOrderCounters();
  readonly #change = new MutableOrderChange();
  #epoch = 0;
  #sequence = 0;

  constructor(options: OrderManagerOptions = {}) {
    this.#store = new OrderStore(options);
    this.#fills = new FillMemory(options.fillMemory);
    this.#schedule = new QuerySchedule((slot) => this.#store.at(slot), options);
    this.#store.onEvict = (order) => this.#schedule.drop(order);
  }

  get counters(): OrderCounters {
    return this.#counters;
  }
  get epoch(): number {
    return this.#epoch;
  }
  /** Sequence of the newest order of this epoch; 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }
  get openCount(): number {
    return this.#store.openCount;
  }
  /** Orders the venue owes an answer about. */
  get inFlightCount(): number {
    return this.#schedule.length;
  }

  /**
   * A run begins under fencing epoch `epoch`: sequences start again at 1. Orders of earlier runs stay. The same epoch
   * goes on where it was, so that an id is never used twice; a lower one throws a RangeError: we have been fenced off.
   */
  startSession(epoch: number): void {
    if (!Number.isSafeInteger(epoch) || epoch < this.#epoch) {
      throw new RangeError(`fencing epoch must be an integer of at least ${this.#epoch}, was ${epoch}`);
    }
    if (epoch > this.#epoch) this.#sequence = 0;
    this.#epoch = epoch;
  }

  /** Somebody else asks the venue from now on: what it has been asked, and how often, counts for nothing. */
  askAnew(now: number): void {
    this.#schedule.startOver(now);
  }

  /** A new order, Initialized: known by its id, counted nowhere until it is submitted or denied. */
  create(intent: Readonly<OrderIntent>, now: number): Order {
    return this.#store.create(this.#epoch, ++this.#sequence, intent, now);
  }

  /** It goes to the venue with this event's commands. False when it is not Initialized. */
  markSubmitted(order: Order, now: number): boolean {
    const record = order as OrderRecord;
    if (transition(record.status, OrderTrigger.Submit) === ILLEGAL) return false;
    record.status = OrderStatus.Submitted;
    record.beneath = OrderStatus.Submitted;
    record.tsSubmitted = now;
    record.tsLast = now;
    this.#counters.submitted++;
    this.#schedule.restart(record, now);
    this.#store.settle(record);
    return true;
  }

  /** Risk refused it. False when it is not Initialized. */
  markDenied(order: Order, now: number): boolean {
    const record = order as OrderRecord;
    if (transition(record.status, OrderTrigger.Deny) === ILLEGAL) return false;
    record.status = OrderStatus.Denied;
    record.tsLast = now;
    this.#counters.denied++;
    this.#store.settle(record);
    return true;
  }

  /** We ask for a cancel. False when the order is not open or a cancel is on its way already. */
  requestCancel(order: Order, now: number): boolean {
    const record = order as OrderRecord;
    if (transition(record.status, OrderTrigger.RequestCancel) === ILLEGAL) return false;
    record.status = OrderStatus.PendingCancel;
    record.tsLast = now;
    this.#schedule.restart(record, now);
    this.#store.settle(record);
    return true;
  }

  /** Takes what the venue (or our sender) told about an order. The result is reused by the next call. */
  apply(event: OrderEvent, now: number): OrderChange {
    const order = this.#store.find(event.epoch, event.sequence);
    const change = this.#change;
    change.reset(order);
    if (event.kind === EventKind.OrderAdopted) return this.#adopt(order, event, now);
    if (order === null) {
      change.unknown = true;
      this.#counters.unknown++;
      return change;
    }
    const wasMissing = order.fillsMissing;
    const trigger = triggerOf(order, event);
    const sound = trigger !== ILLEGAL && this.#take(order, event);
    if (change.duplicate) return change;

    const moved = sound ? advance(order, trigger) : ILLEGAL;
    if (moved === ILLEGAL) change.illegal = true;
    else if (moved) change.applied = true;
    if (change.applied) order.tsLast = now;
    if (sound) this.#settleDoubt(order, trigger, moved);
    if (change.illegal) {
      this.#counters.illegal++;
      order.inDoubt = order.status !== OrderStatus.Initialized;
    }
    change.fillsMissing = order.fillsMissing;
    change.awaits = order.fillsMissing && !wasMissing;
    if (change.awaits) this.#counters.fillsMissing++;
    if (moved !== ILLEGAL) this.#count(order, trigger as OrderTrigger);
    this.#plan(order, trigger, now);
    this.#store.settle(order);
    return change;
  }

  /**
   * Visits the orders whose answer is overdue at `now` and counts them as asked; they come again after a growing pause.
   * A visitor that could not ask (no connection) returns false: the order stays due. Do not apply events in it.
   */
  due(now: number, visitor: (order: Order) => unknown): number {
    const count = this.#schedule.due(now, visitor);
    this.#counters.queries += count;
    return count;
  }

  /** The order, or null when it was never ours or retention has dropped it. */
  find(epoch: number, sequence: number): Order | null {
    return this.#store.find(epoch, sequence);
  }

  /** Whether the fill has been booked, as far back as fills are remembered. */
  knowsFill(instrument: number, side: Side, tradeId: string): boolean {
    return this.#fills.has(instrument, side, tradeId);
  }

  /** The open order submitted first; null when none is open. */
  firstOpen(): Order | null {
    return this.#store.firstOpen();
  }

  /** The open order after `order`; null at the end. Cancel requests do not disturb the walk. */
  nextOpen(order: Order): Order | null {
    return this.#store.nextOpen(order as OrderRecord);
  }

  /** An ended order with fills that the venue has not told (`awaitedQuantity`); null when there is none. */
  firstAwaited(): Order | null {
    return this.#store.firstAwaited();
  }

  /** The next such order; null at the end. */
  nextAwaited(order: Order): Order | null {
    return this.#store.nextAwaited(order as OrderRecord);
  }

  /** What is open in `instrument`. */
  totals(instrument: number): OpenTotals {
    return this.#store.totals(instrument);
  }

  /** What `strategy` has open in `instrument`. */
  strategyTotals(strategy: number, instrument: number): OpenTotals {
    return this.#store.strategyTotals(strategy, instrument);
  }

  /** From now on no strategy counts on the order; whoever calls this sees to its end. */
  disown(order: Order): void {
    this.#store.assign(order as OrderRecord, NOBODY);
  }

  /** Gives every order of strategy `i` to strategy `to[i]`, or to nobody where there is none: strategies were configured anew. */
  reassign(to: readonly number[]): void {
    this.#store.reassign(to);
  }

  save(out: BinaryWriter): void {
    out.number(this.#epoch);
    out.number(this.#sequence);
    this.#store.save(out);
    this.#schedule.save(out);
    this.#fills.save(out);
    this.#counters.save(out);
  }

  /** Into a new manager, of any sizes. Throws a `JournalError`; `instruments` and `strategies` are how many there are. */
  load(input: BinaryReader, instruments: number, strategies: number): void {
    this.#epoch = input.integer('epoch', 0);
    this.#sequence = input.integer('sequence', 0);
    this.#store.load(input, (order) => {
      const { instrument, strategy, quantity, cumQuantity, leavesQuantity } = order;
      const isSound =
        isIndex(instrument, instruments) &&
        (strategy === NOBODY || isIndex(strategy, strategies)) &&
        Number.isSafeInteger(quantity) &&
        cumQuantity >= 0 &&
        leavesQuantity >= 0 &&
        cumQuantity + leavesQuantity === quantity;
      if (!isSound) throw input.malformed(`open order ${order.epoch}/${order.sequence}`);
    });
    this.#schedule.load(input, (epoch, sequence) => this.#store.find(epoch, sequence));
    this.#fills.load(input);
    this.#counters.load(input);
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#epoch).int(this.#sequence);
    this.#store.hashInto(hash);
    this.#schedule.hashInto(hash);
    this.#fills.hashInto(hash);
    this.#counters.hashInto(hash);
  }

  /** A known order learns nothing but its venue order id: its fills and its state follow as for any order. */
  #adopt(known: OrderRecord | null, event: OrderAdopted, now: number): OrderChange {
    const change = this.#change;
    if (known !== null) {
      if (known.venueOrderId === '' && event.venueOrderId !== '') {
        known.venueOrderId = event.venueOrderId;
        known.tsLast = now;
        change.applied = true;
      }
      return change;
    }
    const order = adoptOrder(this.#store, event, this.#epoch, now);
    if (order === null) {
      change.unknown = true;
      change.illegal = true;
      this.#counters.unknown++;
      this.#counters.illegal++;
      return change;
    }
    // An id of this epoch, from before this store knew of it: it must not be given out again.
    if (order.epoch === this.#epoch) this.#sequence = Math.max(this.#sequence, order.sequence);
    change.reset(order);
    change.applied = true;
    change.adopted = true;
    this.#counters.adopted++;
    return change;
  }

  /** Brings what the event says beside the status into the order. False: it makes no sense. */
  #take(order: OrderRecord, event: OrderEvent): boolean {
    if (event.kind === EventKind.OrderFilled) return this.#takeFill(order, event);
    if (event.kind === EventKind.OrderReport && !this.#takeReported(order, event)) return false;
    if (event.kind === EventKind.OrderReport || event.kind === EventKind.OrderAccepted) {
      if (order.venueOrderId === '' && event.venueOrderId !== '') {
        order.venueOrderId = event.venueOrderId;
        this.#change.applied = true;
      }
    }
    return true;
  }

  #takeFill(order: OrderRecord, fill: OrderFilled): boolean {
    const { price, quantity, tradeId } = fill;
    if (!isPositive(quantity) || !isPositive(price) || tradeId === '') return false;
    const change = this.#change;
    if (!this.#fills.add(order.instrument, order.side, tradeId)) {
      change.duplicate = true;
      this.#counters.duplicates++;
      return false;
    }
    const counted = Math.min(quantity, order.leavesQuantity);
    order.cumQuantity += counted;
    order.leavesQuantity -= counted;
    order.cumCost += BigInt(price) * BigInt(counted);
    change.applied = true;
    change.fillQuantity = quantity;
    this.#counters.fills++;
    if (counted < quantity) {
      order.overfillQuantity += quantity - counted;
      change.overfillQuantity = quantity - counted;
      change.illegal = true;
      this.#counters.overfills++;
    }
    return true;
  }

  /** Fills are never invented from a report: it only says how many there should be. */
  #takeReported(order: OrderRecord, report: OrderReport): boolean {
    const { cumQuantity } = report;
    if (!Number.isSafeInteger(cumQuantity) || cumQuantity < 0 || cumQuantity > order.quantity) return false;
    const reported = report.status === OrderStatus.Filled ? order.quantity : cumQuantity;
    if (reported > order.reportedQuantity) {
      order.reportedQuantity = reported;
      if (order.fillsMissing) this.#change.applied = true;
    }
    return true;
  }

  #settleDoubt(order: OrderRecord, trigger: OrderTrigger, moved: boolean | typeof ILLEGAL): void {
    if (moved === ILLEGAL) return;
    // Newer evidence, or the venue's own account, settles old doubts; then come the new ones.
    if (moved || isReport(trigger) || trigger === OrderTrigger.NotFoundDefinitive) order.inDoubt = false;
    const { previous } = this.#change;
    if (isClosed(previous) && isOpen(order.status)) {
      this.#change.reopened = true;
      if (!isReport(trigger)) order.inDoubt = true;
    }
    if (raisesDoubt(trigger) && isOpen(order.status)) order.inDoubt = true;
  }

  /** Decides whether and when the venue is to be asked. */
  #plan(order: OrderRecord, trigger: OrderTrigger | typeof ILLEGAL, now: number): void {
    if (!order.inDoubt && !order.fillsMissing && !isInFlight(order.status)) this.#schedule.drop(order);
    else if (order.inDoubt && trigger !== OrderTrigger.NotFound) this.#schedule.hurry(order, now);
    else this.#schedule.keep(order, now);
  }

  #count(order: OrderRecord, trigger: OrderTrigger): void {
    const counters = this.#counters;
    const change = this.#change;
    if (!order.acked && provesAcceptance(trigger)) {
      order.acked = true;
      counters.acked++;
    }
    if (change.reopened) counters.reopened++;
    const { status } = order;
    if (status === change.previous) return;
    change.closed = isClosed(status) && !isClosed(change.previous);
    if (status === OrderStatus.Filled) counters.filled++;
    else if (status === OrderStatus.Canceled) counters.canceled++;
    else if (status === OrderStatus.Rejected) counters.rejected++;
    else if (status === OrderStatus.Expired) counters.expired++;
    else if (status === OrderStatus.Denied) counters.denied++;
  }
}

function isIndex(value: number, count: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < count;
}

function isPositive(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
