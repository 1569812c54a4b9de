import {
  type BinaryReader,
  type BinaryWriter,
  NOBODY,
  type OrderIntent,
  OrderStatus,
  OrderType,
  Side,
  type StateHash,
  TimeInForce,
} from '../domain/index.js';
import { NO_TOTALS, type OpenTotals, TotalsByInstrument } from './open-totals.js';
import { OrderIndex } from './order-index.js';
import { OrderRecord } from './order-record.js';
import { isClosed, isOpen } from './order-state.js';
import { SlotList } from './slot-list.js';

export interface OrderStoreOptions {
  /** Closed orders kept for late messages; the oldest go first. Default 16,384. */
  readonly closedRetention?: number;
  /** Orders our own risk refused are kept apart, so that a flood of them cannot push out real ones. Default 1,024. */
  readonly deniedRetention?: number;
}

/** What a record holds until it is told better. */
const NO_INTENT: OrderIntent = {
  instrument: 0,
  strategy: NOBODY,
  side: Side.Buy,
  type: OrderType.Limit,
  timeInForce: TimeInForce.GTC,
  postOnly: false,
  quantity: 0,
  price: 0,
  triggerPrice: 0,
};

/**
 * Every order we know, by (epoch, sequence): the open ones, the newest of the closed and denied ones, and of the closed
 * ones those with fills that the venue has not told. Keeps counts and sums of what is open. Records come from a pool and go back to it when retention drops them.
 */
export class OrderStore {
  readonly #closedRetention: number;
  readonly #deniedRetention: number;
  readonly #records: OrderRecord[] = [];
  readonly #free: OrderRecord[] = [];
  readonly #index = new OrderIndex();
  readonly #open = new SlotList();
  readonly #closed = new SlotList();
  readonly #denied = new SlotList();
  /** Of the closed ones those with fills awaited. */
  readonly #awaited = new SlotList();
  readonly #byInstrument = new TotalsByInstrument();
  readonly #byStrategy: TotalsByInstrument[] = [];
  /** Called with each order that retention drops, before its record is reused. */
  onEvict: (order: OrderRecord) => void = () => {};

  constructor(options: OrderStoreOptions = {}) {
    this.#closedRetention = options.closedRetention ?? 16_384;
    this.#deniedRetention = options.deniedRetention ?? 1_024;
  }

  /** Orders open now. */
  get openCount(): number {
    return this.#open.length;
  }
  /** Orders known: open, closed and retained, denied and retained. */
  get size(): number {
    return this.#index.size;
  }

  /** A new Initialized order. It counts nowhere until {@link settle} sees it open. */
  create(epoch: number, sequence: number, intent: Readonly<OrderIntent>, now: number): OrderRecord {
    let order = this.#free.pop();
    if (order === undefined) {
      order = new OrderRecord(this.#records.length);
      this.#records.push(order);
    }
    order.begin(epoch, sequence, intent, now);
    this.#index.add(epoch, sequence, order.slot);
    return order;
  }

  /** The order, or null when it was never ours or retention has dropped it. */
  find(epoch: number, sequence: number): OrderRecord | null {
    const slot = this.#index.get(epoch, sequence);
    return slot < 0 ? null : this.#records[slot]!;
  }

  at(slot: number): OrderRecord {
    return this.#records[slot]!;
  }

  /** To be called after every change of an order: moves it between the lists and brings the totals up to date. */
  settle(order: OrderRecord): void {
    const open = isOpen(order.status);
    const leaves = open ? order.leavesQuantity : -1;
    if (leaves !== order.countedLeaves) {
      if (order.countedLeaves >= 0) this.#count(order, order.countedLeaves, -1);
      if (leaves >= 0) this.#count(order, leaves, 1);
      order.countedLeaves = leaves;
    }
    if (open) {
      this.#open.push(order.slot);
      this.#closed.remove(order.slot);
      this.#denied.remove(order.slot);
    } else if (isClosed(order.status)) {
      this.#open.remove(order.slot);
      this.#retire(order);
    }
    this.#await(order);
  }

  /** An ended order with fills that the venue has not told; null when there is none. */
  firstAwaited(): OrderRecord | null {
    return this.#awaited.head < 0 ? null : this.#records[this.#awaited.head]!;
  }

  /** The next such order; null at the end. */
  nextAwaited(order: OrderRecord): OrderRecord | null {
    const slot = this.#awaited.has(order.slot) ? this.#awaited.after(order.slot) : -1;
    return slot < 0 ? null : this.#records[slot]!;
  }

  /** The oldest open order; null when there is none. */
  firstOpen(): OrderRecord | null {
    return this.#open.head < 0 ? null : this.#records[this.#open.head]!;
  }

  /** The open order after `order`; null at the end. Fetch it before anything that may close `order`. */
  nextOpen(order: OrderRecord): OrderRecord | null {
    const slot = this.#open.has(order.slot) ? this.#open.after(order.slot) : -1;
    return slot < 0 ? null : this.#records[slot]!;
  }

  /** What is open in `instrument`. Live: reads as of now whenever read. */
  totals(instrument: number): OpenTotals {
    return this.#byInstrument.get(instrument);
  }

  /** What `strategy` has open in `instrument`. */
  strategyTotals(strategy: number, instrument: number): OpenTotals {
    return this.#byStrategy[strategy]?.get(instrument) ?? NO_TOTALS;
  }

  hashInto(hash: StateHash): void {
    for (const list of [this.#open, this.#closed, this.#denied]) {
      hash.int(list.length);
      for (let slot = list.head; slot >= 0; slot = list.after(slot)) this.#records[slot]!.hashInto(hash);
    }
  }

  save(out: BinaryWriter): void {
    for (const list of [this.#open, this.#closed, this.#denied]) {
      out.u32(list.length);
      for (let slot = list.head; slot >= 0; slot = list.after(slot)) {
        const order = this.#records[slot]!;
        out.number(order.epoch);
        out.number(order.sequence);
        order.save(out);
      }
    }
  }

  /**
   * Into an empty store. One with less retention keeps the newest. `check` refuses, by throwing, an open order that its
   * caller could not live with.
   */
  load(input: BinaryReader, check: (order: OrderRecord) => void): void {
    for (const list of [this.#open, this.#closed, this.#denied]) {
      const limit = list === this.#closed ? this.#closedRetention : this.#deniedRetention;
      for (let left = input.u32(); left > 0; left--) {
        const epoch = input.integer('epoch', 0);
        const sequence = input.integer('sequence', 0);
        if (this.#index.get(epoch, sequence) >= 0) throw input.malformed(`order ${epoch}/${sequence} twice`);
        const order = this.create(epoch, sequence, NO_INTENT, 0);
        order.load(input);
        if (isOpen(order.status) !== (list === this.#open)) {
          throw input.malformed(`order ${epoch}/${sequence} has status ${order.status} in the wrong list`);
        }
        if (list === this.#open) {
          check(order);
          this.settle(order);
          continue;
        }
        list.push(order.slot);
        this.#await(order);
        this.#trim(list, limit);
      }
    }
  }

  /** Gives every order of strategy `i` to strategy `to[i]`, or to nobody where there is none. */
  reassign(to: readonly number[]): void {
    for (const list of [this.#open, this.#closed, this.#denied]) {
      for (let slot = list.head; slot >= 0; slot = list.after(slot)) {
        const order = this.#records[slot]!;
        this.assign(order, to[order.strategy] ?? NOBODY);
      }
    }
  }

  assign(order: OrderRecord, strategy: number): void {
    const leaves = order.countedLeaves;
    if (leaves >= 0) this.#count(order, leaves, -1);
    order.strategy = strategy;
    if (leaves >= 0) this.#count(order, leaves, 1);
  }

  #count(order: OrderRecord, quantity: number, count: 1 | -1): void {
    const { instrument, strategy, side } = order;
    this.#byInstrument.add(instrument, side, quantity, count);
    if (strategy === NOBODY) return;
    while (this.#byStrategy.length <= strategy) this.#byStrategy.push(new TotalsByInstrument());
    this.#byStrategy[strategy]!.add(instrument, side, quantity, count);
  }

  #retire(order: OrderRecord): void {
    if (this.#closed.has(order.slot) || this.#denied.has(order.slot)) return;
    // A send that failed ends in Denied too, but such an order had been submitted and is kept with the real ones.
    const neverSent = order.status === OrderStatus.Denied && order.tsSubmitted === 0;
    const list = neverSent ? this.#denied : this.#closed;
    list.push(order.slot);
    this.#trim(list, neverSent ? this.#deniedRetention : this.#closedRetention);
  }

  #await(order: OrderRecord): void {
    if (order.awaitedQuantity > 0) this.#awaited.push(order.slot);
    else this.#awaited.remove(order.slot);
  }

  /** Drops the oldest, but none with fills awaited: what they come to would count for nothing any more. */
  #trim(list: SlotList, limit: number): void {
    for (let slot = list.head; list.length > limit && slot >= 0; ) {
      const order = this.#records[slot]!;
      slot = list.after(slot);
      if (order.awaitedQuantity === 0) this.#evict(list, order);
    }
  }

  #evict(list: SlotList, order: OrderRecord): void {
    this.onEvict(order);
    list.remove(order.slot);
    this.#index.remove(order.epoch, order.sequence);
    this.#free.push(order);
  }
}
