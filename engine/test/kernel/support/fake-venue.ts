import {
  type Command,
  CommandKind,
  ConnectionState,
  DenialReason,
  EventKind,
  type Instrument,
  type KernelEvent,
  LiquiditySide,
  type Order,
  OrderStatus,
  OrderType,
  parseAmount,
  RejectReason,
  Side,
  TimeInForce,
  VenueChannel,
} from '../../../src/domain/index.js';
import { bookUpdate } from './fixtures.js';

/** Numerical Recipes' linear congruential generator: the same numbers everywhere for a seed. */
export class Lcg {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }
}

interface Resting {
  readonly epoch: number;
  readonly sequence: number;
  readonly side: Side;
  readonly price: number;
  readonly quantity: number;
  cum: number;
  status: OrderStatus;
}

function keyOf({ epoch, sequence }: { readonly epoch: number; readonly sequence: number }): string {
  return `${epoch}/${sequence}`;
}

const DEPTH = 5;
const LEVEL_SIZE = 50_000;

/**
 * A venue small enough to be believed: a random walk for a market, and orders that are accepted, refused, filled and
 * canceled with every kind of trouble on the way. What it answers is always consistent with what it did.
 */
export class FakeVenue {
  now: number;
  /** Without trouble every request is carried out and answered. */
  trouble = true;
  readonly #random: Lcg;
  readonly #instrument: Instrument;
  /** By {@link keyOf}. */
  readonly #orders = new Map<string, Resting>();
  readonly #answers: KernelEvent[] = [];
  #mid: number;
  #updateId = 0;
  #tradeId = 0;
  #top: { bid: number; ask: number } | undefined;

  constructor(seed: number, instrument: Instrument, start: number, mid = 10_000_00) {
    this.#random = new Lcg(seed);
    this.#instrument = instrument;
    this.now = start;
    this.#mid = mid;
  }

  /** Orders that live here, whatever the client believes. */
  get open(): Resting[] {
    return [...this.#orders.values()].filter(({ status }) => status < OrderStatus.Filled);
  }

  get pending(): number {
    return this.#answers.length;
  }

  /** What happens next: an answer to a request, or something in the market. */
  next(): KernelEvent {
    this.now += this.#random.below(20_000);
    if (this.#answers.length > 0 && this.#random.chance(0.5)) return this.answer()!;
    const what = this.#random.next();
    if (what < 0.1) return { kind: EventKind.Timer, ...this.#stamp() };
    if (this.trouble && what < 0.11) return this.#breakSomething();
    if (what < 0.13) {
      const free = parseAmount(String(50_000 + this.#random.below(1000)));
      return { kind: EventKind.Balance, ...this.#stamp(), venue: 0, asset: 'USDT', free, locked: 0n };
    }
    if (what < 0.4) return this.#trade();
    return this.#market();
  }

  /** The next answer waiting, if any. */
  answer(): KernelEvent | undefined {
    const event = this.#answers.shift();
    if (event !== undefined) event.tsInit = this.now;
    return event;
  }

  /** Connections back up, and a fresh book. */
  recover(): KernelEvent[] {
    const up = ConnectionState.Up;
    return [
      ...Object.values(VenueChannel).map(
        (channel): KernelEvent => ({
          kind: EventKind.Connection,
          ...this.#stamp(),
          venue: 0,
          channel,
          state: up,
        }),
      ),
      this.#snapshot(),
    ];
  }

  /** An order that an earlier leader sent without anybody's knowledge, as it is found when the store is compared. */
  stray(epoch: number, sequence: number): KernelEvent {
    const side = this.#random.chance(0.5) ? Side.Buy : Side.Sell;
    const price = this.#mid + (side === Side.Buy ? -500 : 500);
    const quantity = 1 + this.#random.below(2000);
    const id = { epoch, sequence };
    const status = OrderStatus.Accepted;
    this.#orders.set(keyOf(id), { ...id, side, price, quantity, cum: 0, status });
    return {
      kind: EventKind.OrderAdopted,
      ...this.#stamp(),
      ...id,
      instrument: this.#instrument.index,
      side,
      type: OrderType.Limit,
      timeInForce: TimeInForce.GTC,
      postOnly: true,
      quantity,
      price,
      triggerPrice: 0,
      venueOrderId: `v${epoch}-${sequence}`,
    };
  }

  handle(command: Command): void {
    if (command.kind === CommandKind.Submit) this.#submit(command.order);
    else if (command.kind === CommandKind.Cancel) this.#cancel(command.order);
    else if (command.kind === CommandKind.Query) this.#query(command.order);
  }

  #submit(order: Order): void {
    const { epoch, sequence, side, quantity } = order;
    const price = order.price || this.#mid;
    const id = { ...this.#stamp(), epoch, sequence };
    const luck = this.trouble ? this.#random.next() : 0;
    if (luck > 0.96) {
      const reason = DenialReason.SUBMIT_FAILED;
      this.#answers.push({ kind: EventKind.SendFailed, ...id, submit: true, reason });
      return;
    }
    if (luck > 0.9) {
      const reason = RejectReason.POST_ONLY_WOULD_TAKE;
      this.#answers.push({ kind: EventKind.OrderRejected, ...id, reason, text: 'would take' });
      return;
    }
    const status = OrderStatus.Accepted;
    this.#orders.set(keyOf(order), { epoch, sequence, side, price, quantity, cum: 0, status });
    if (luck > 0.85) this.#answers.push({ kind: EventKind.OutcomeUnknown, ...id });
    else this.#answers.push({ kind: EventKind.OrderAccepted, ...id, venueOrderId: `v${sequence}` });
  }

  #cancel(order: Order): void {
    const { epoch, sequence } = order;
    const id = { ...this.#stamp(), epoch, sequence };
    const resting = this.#orders.get(keyOf(order));
    const luck = this.trouble ? this.#random.next() : 0;
    if (luck > 0.95) {
      const reason = DenialReason.SUBMIT_FAILED;
      this.#answers.push({ kind: EventKind.SendFailed, ...id, submit: false, reason });
    } else if (resting === undefined || resting.status >= OrderStatus.Filled) {
      this.#answers.push({ kind: EventKind.CancelRejected, ...id, reason: RejectReason.UNKNOWN_ORDER });
    } else if (luck > 0.9) {
      this.#answers.push({ kind: EventKind.CancelRejected, ...id, reason: RejectReason.RATE_LIMITED });
    } else {
      resting.status = OrderStatus.Canceled;
      // A lost answer: the client has to ask.
      if (luck < 0.85) this.#answers.push({ kind: EventKind.OrderCanceled, ...id });
    }
  }

  #query(order: Order): void {
    const { epoch, sequence } = order;
    const id = { ...this.#stamp(), epoch, sequence };
    const resting = this.#orders.get(keyOf(order));
    if (resting === undefined) {
      this.#answers.push({ kind: EventKind.OrderNotFound, ...id, definitive: true });
      return;
    }
    const { status, cum } = resting;
    const venueOrderId = `v${sequence}`;
    this.#answers.push({ kind: EventKind.OrderReport, ...id, venueOrderId, status, cumQuantity: cum });
  }

  #trade(): KernelEvent {
    const { open } = this;
    const hit =
      open.length > 0 && this.#random.chance(0.4) ? open[this.#random.below(open.length)] : undefined;
    if (hit !== undefined) this.#fill(hit);
    const aggressor = this.#random.chance(0.5) ? Side.Buy : Side.Sell;
    return {
      kind: EventKind.Trade,
      ...this.#stamp(),
      instrument: this.#instrument.index,
      tradeId: ++this.#tradeId,
      price: this.#mid,
      quantity: 100 + this.#random.below(1000),
      aggressor,
    };
  }

  #fill(resting: Resting): void {
    const left = resting.quantity - resting.cum;
    const quantity = this.#random.chance(0.5) ? left : 1 + this.#random.below(left);
    resting.cum += quantity;
    resting.status = resting.cum === resting.quantity ? OrderStatus.Filled : OrderStatus.PartiallyFilled;
    const { epoch, sequence, price } = resting;
    const fill: KernelEvent = {
      kind: EventKind.OrderFilled,
      ...this.#stamp(),
      epoch,
      sequence,
      tradeId: `t${++this.#tradeId}`,
      price,
      quantity,
      liquidity: LiquiditySide.Maker,
      feeAsset: this.#random.chance(0.8) ? 'USDT' : 'BNB',
      fee: BigInt(price) * BigInt(quantity) * 10n ** 7n,
    };
    this.#answers.push(fill);
    if (this.trouble && this.#random.chance(0.1)) this.#answers.push({ ...fill });
  }

  #breakSomething(): KernelEvent {
    const what = this.#random.below(4);
    const stamp = this.#stamp();
    const { index } = this.#instrument;
    if (what === 0) {
      this.#top = undefined;
      return { kind: EventKind.BookStatus, ...stamp, instrument: index, fault: 1 };
    }
    const channel = what === 1 ? VenueChannel.Orders : VenueChannel.User;
    const states = [
      ConnectionState.Down,
      ConnectionState.Reconciling,
      ConnectionState.Up,
      ConnectionState.Up,
    ];
    const state = states[this.#random.below(states.length)]!;
    return { kind: EventKind.Connection, ...stamp, venue: 0, channel, state };
  }

  #market(): KernelEvent {
    const move =
      this.#random.below(21) - 10 + (this.#random.chance(0.02) ? this.#random.below(4001) - 2000 : 0);
    this.#mid = Math.max(9_000_00, this.#mid + move);
    if (this.#top === undefined || this.#random.chance(0.02)) return this.#snapshot();
    const { bid, ask } = this.#newTop();
    const old = this.#top;
    this.#top = { bid, ask };
    const id = ++this.#updateId;
    const changes = (oldBest: number, best: number, step: number) => {
      const levels = new Map<number, number>();
      for (let i = 0; i < DEPTH; i++) levels.set(oldBest + i * step, 0);
      for (let i = 0; i < DEPTH; i++) levels.set(best + i * step, LEVEL_SIZE + i);
      return [...levels];
    };
    const bids = changes(old.bid, bid, -7);
    const asks = changes(old.ask, ask, 7);
    return bookUpdate(EventKind.BookDelta, this.now, this.#instrument.index, [id, id], bids, asks);
  }

  #snapshot(): KernelEvent {
    this.#top = this.#newTop();
    const id = ++this.#updateId;
    const side = (best: number, step: number) =>
      Array.from({ length: DEPTH }, (_, i) => [best + i * step, LEVEL_SIZE + i] as const);
    return bookUpdate(
      EventKind.BookSnapshot,
      this.now,
      this.#instrument.index,
      [id, id],
      side(this.#top.bid, -7),
      side(this.#top.ask, 7),
    );
  }

  #newTop(): { bid: number; ask: number } {
    const half = 1 + this.#random.below(1500);
    return { bid: this.#mid - half, ask: this.#mid + half };
  }

  #stamp(): { tsEvent: number; tsInit: number } {
    return { tsEvent: this.now, tsInit: this.now };
  }
}
