import type { BookView } from '../book/index.js';
import {
  type ApprovedOrder,
  type BinaryReader,
  type BinaryWriter,
  BookState,
  type ConnectionState,
  clientOrderIdLimits,
  DenialReason,
  type Instrument,
  JournalState,
  type Order,
  Side,
  type StateHash,
  TradingState,
} from '../domain/index.js';
import {
  comparableFromProduct,
  type Portfolio,
  productAbove,
  productFromComparable,
} from '../portfolio/index.js';
import { KillSwitch } from './kill-switch.js';
import { BPS, checkConnection, checkMarket } from './market-rules.js';
import { isPriced, isTriggered, OpenExposure } from './open-exposure.js';
import { checkNotional, checkRules, checkShape } from './order-rules.js';
import { type InstrumentLimits, type RiskLimits, resolveLimits } from './risk-limits.js';
import { TokenBucket } from './token-bucket.js';

const IDS = clientOrderIdLimits({ kind: 'text', prefix: '' });

/** What the gate must be told of the world for one order; the caller reuses it from order to order. */
export interface RiskView {
  /** Time of the event being handled, microseconds since 1970 (UTC). */
  readonly now: number;
  /** Fencing epoch of this run. */
  readonly epoch: number;
  /** Whether what is decided can be written down. */
  readonly journal: JournalState;
  /** The book of the order's instrument; undefined when there is no such instrument. */
  readonly book: BookView | undefined;
  /** Levels silent for longer than this are stale, microseconds, even before the timer has made the book so. */
  readonly staleAfterUs: number;
  /** The venue's order entry channel and private stream. */
  readonly orders: ConnectionState;
  readonly user: ConnectionState;
}

/**
 * Pre-trade checks. `check` runs, in this order, and answers with the first that fails:
 *
 *  1. instrument, client order id, shape (side, type, time in force)
 *  2. trading state: halted, with the reason it was halted for; journal: failed, behind
 *  3. venue connection: disconnected, reconciling
 *  4. the venue's price and quantity rules, our largest order
 *  5. book invalid, book stale, price collar
 *  6. order value: venue minimum and maximum, our maximum
 *  7. reducing only, position limit, open-order cap, self-trade
 *  8. free balance, capital
 *  9. order rate, last, so that a denied order costs no token
 *
 * A position after the order is the worst case: every open order on that side filled as well. Fills that a venue says there
 * were, of an order that has ended, and has not told, count like open orders until they come.
 *
 * Balances: a venue's `free` already excludes what open orders lock, but not what orders in flight are about to. An order
 * counts as locked once the venue has acknowledged it and a balance arrived after it was sent; until then its need is
 * subtracted from `free`. A balance the venue has not told us is not checked.
 */
export class RiskGate {
  readonly exposure = new OpenExposure();
  readonly killSwitch: KillSwitch;
  readonly #limits: RiskLimits;
  readonly #portfolio: Portfolio;
  readonly #instruments: InstrumentLimits[] = [];
  /** Per instrument: all instruments with the same quote asset, itself included. One list for them all. */
  readonly #peers: number[][] = [];
  readonly #bucket: TokenBucket;
  /** Per balance slot: needed by orders the venue has not locked yet, in units of 10^-8. */
  readonly #reserved: number[] = [];
  #lastSequence = -1;
  #lastEpoch = -1;
  #passed: Order | null = null;

  constructor(limits: RiskLimits, portfolio: Portfolio) {
    this.#limits = limits;
    this.#portfolio = portfolio;
    this.#bucket = new TokenBucket(limits.orderRate.perSecond, limits.orderRate.burst);
    this.killSwitch = new KillSwitch(limits, portfolio);
  }

  /** Resolves the limits for an instrument the portfolio already knows. Throws a RangeError on an unusable limit. */
  define(instrument: Instrument): void {
    const { index } = instrument;
    this.#instruments[index] = resolveLimits(this.#limits, instrument);
    const like = this.#instruments.findIndex((each) => each.instrument.quote === instrument.quote);
    this.#peers[index] = this.#peers[like] ?? [];
    this.#peers[index].push(index);
    this.killSwitch.define(instrument);
    this.exposure.define(index);
    const { balances } = this.#portfolio;
    this.#reserved[balances.baseSlot(index)] ??= 0;
    this.#reserved[balances.quoteSlot(index)] ??= 0;
  }

  /** The venue changed an instrument's rules: what follows from them is resolved anew. */
  redefine(instrument: Instrument): void {
    this.#instruments[instrument.index] = resolveLimits(this.#limits, instrument);
  }

  /** Why `order` may not be sent, or NONE. Changes nothing but the refill of the rate limit. */
  check(order: Order, view: RiskView): DenialReason {
    this.#passed = null;
    const limits = this.#instruments[order.instrument];
    if (limits === undefined || view.book === undefined) return DenialReason.INSTRUMENT_NOT_FOUND;
    let reason = this.#checkId(order, view.epoch);
    if (reason !== DenialReason.NONE) return reason;
    reason = checkShape(order);
    if (reason !== DenialReason.NONE) return reason;
    if (this.killSwitch.state === TradingState.Halted) return this.killSwitch.reason;
    if (view.journal !== JournalState.Ok) {
      return view.journal === JournalState.Failed
        ? DenialReason.JOURNAL_FAILED
        : DenialReason.JOURNAL_BACKLOG;
    }
    reason = checkConnection(view.orders, view.user);
    if (reason !== DenialReason.NONE) return reason;
    reason = checkRules(order, limits);
    if (reason !== DenialReason.NONE) return reason;
    if (view.now - view.book.tsLevels > view.staleAfterUs && view.book.state === BookState.Valid) {
      return DenialReason.BOOK_STALE;
    }
    reason = checkMarket(order, view.book, this.#limits.priceCollarBps);
    if (reason !== DenialReason.NONE) return reason;

    // Each works out what the order may come to by itself: a double handed from one to the other is a heap object.
    reason = this.#checkNotional(order, limits, view.book);
    if (reason !== DenialReason.NONE) return reason;
    reason = this.#checkPosition(order, limits);
    if (reason !== DenialReason.NONE) return reason;
    reason = this.#checkBalance(order, limits, view.book);
    if (reason !== DenialReason.NONE) return reason;
    if (limits.capital !== Number.POSITIVE_INFINITY && this.#exceedsCapital(order, limits, view.book)) {
      return DenialReason.CAPITAL_LIMIT;
    }
    if (!this.#bucket.has(view)) return DenialReason.RATE_LIMIT_EXCEEDED;
    this.#passed = order;
    return DenialReason.NONE;
  }

  /**
   * Marks the order that {@link check} has just passed as sendable, and spends its token. Throws when it was not the
   * last one checked, or did not pass.
   */
  approve(order: Order): ApprovedOrder {
    if (this.#passed !== order)
      throw new Error(`order ${order.epoch}/${order.sequence} has not passed the risk gate`);
    this.#passed = null;
    this.#bucket.take();
    this.#lastEpoch = order.epoch;
    this.#lastSequence = order.sequence;
    return order as ApprovedOrder;
  }

  /** Rebuilds what is open on an instrument: `begin`, `add` for each of its open orders and of those with fills awaited, `end`. */
  beginOpen(instrument: number): void {
    this.exposure.begin(instrument);
  }

  addOpen(order: Order): void {
    const { instrument } = this.#instruments[order.instrument]!;
    this.exposure.add(instrument, order, this.#isLocked(order), this.#worstCost(order));
  }

  /** An ended order with fills that the venue has not told: what they come to may be in no position and no balance yet. */
  addAwaited(order: Order): void {
    const { instrument } = this.#instruments[order.instrument]!;
    this.exposure.addAwaited(instrument, order, this.#isLocked(order), this.#worstCost(order));
  }

  /** Whether the venue's balance, as we were told it, is less what the order needs. */
  #isLocked(order: Order): boolean {
    const { balances } = this.#portfolio;
    const slot =
      order.side === Side.Buy ? balances.quoteSlot(order.instrument) : balances.baseSlot(order.instrument);
    return order.venueOrderId !== '' && order.tsSubmitted <= balances.at(slot).ts;
  }

  /** What a unit of an order without a price may come to. */
  #worstCost(order: Order): number {
    const reference = isTriggered(order.type)
      ? order.triggerPrice
      : this.#portfolio.lastAsk(order.instrument);
    return this.#collared(reference);
  }

  endOpen(instrument: number): void {
    const { balances } = this.#portfolio;
    this.#reserve(balances.baseSlot(instrument));
    this.#reserve(balances.quoteSlot(instrument));
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#lastSequence).int(this.#lastEpoch);
    this.killSwitch.hashInto(hash);
    this.#bucket.hashInto(hash);
    for (let i = 0; i < this.#instruments.length; i++) this.exposure.hashInto(hash, i);
    for (let i = 0; i < this.#reserved.length; i++) hash.int(this.#reserved[i] ?? 0);
  }

  save(out: BinaryWriter): void {
    out.number(this.#lastSequence);
    out.number(this.#lastEpoch);
    this.killSwitch.save(out);
    this.#bucket.save(out);
    for (let i = 0; i < this.#instruments.length; i++) this.exposure.save(out, i);
    for (const instrument of this.#instruments) {
      const { balances } = this.#portfolio;
      out.number(this.#reserved[balances.baseSlot(instrument.instrument.index)]!);
      out.number(this.#reserved[balances.quoteSlot(instrument.instrument.index)]!);
    }
  }

  /** After every instrument was defined, under whatever limits. */
  load(input: BinaryReader): void {
    this.#lastSequence = input.integer('sequence', -1);
    this.#lastEpoch = input.integer('epoch', -1);
    this.killSwitch.load(input);
    this.#bucket.load(input);
    for (let i = 0; i < this.#instruments.length; i++) this.exposure.load(input, i);
    for (let i = 0; i < this.#instruments.length; i++) {
      const { balances } = this.#portfolio;
      this.#reserved[balances.baseSlot(i)] = input.number();
      this.#reserved[balances.quoteSlot(i)] = input.number();
    }
  }

  #checkId(order: Order, epoch: number): DenialReason {
    const { sequence } = order;
    if (
      order.epoch !== epoch ||
      !(epoch >= 0 && epoch <= IDS.epoch) ||
      !Number.isSafeInteger(sequence) ||
      !(sequence >= 0 && sequence <= IDS.sequence)
    ) {
      return DenialReason.INVALID_CLIENT_ORDER_ID;
    }
    return epoch === this.#lastEpoch && sequence <= this.#lastSequence
      ? DenialReason.DUPLICATE_ORDER
      : DenialReason.NONE;
  }

  /** The highest price the order may come to. */
  #worstPrice(order: Order, book: BookView): number {
    if (isPriced(order.type)) return order.price;
    return this.#collared(isTriggered(order.type) ? order.triggerPrice : book.ask);
  }

  #collared(price: number): number {
    return Math.ceil(price * (1 + this.#limits.priceCollarBps / BPS));
  }

  #checkPosition(order: Order, limits: InstrumentLimits): DenialReason {
    const { exposure } = this;
    const { instrument, quantity, side } = order;
    const position = this.#portfolio.position(instrument).quantity;
    const held = side === Side.Buy ? position : -position;
    const after =
      held + quantity + (side === Side.Buy ? exposure.buys(instrument) : exposure.sells(instrument));
    if (this.killSwitch.state === TradingState.Reducing && after > 0)
      return DenialReason.TRADING_STATE_REDUCING;
    if (after > limits.maxPosition) return DenialReason.POSITION_LIMIT;
    const { maxOpenOrders } = this.#limits;
    if (maxOpenOrders > 0 && exposure.count(instrument) >= maxOpenOrders)
      return DenialReason.OPEN_ORDER_LIMIT;
    const limit = isPriced(order.type) ? order.price : 0;
    const crosses =
      side === Side.Buy
        ? meetsSell(limit, exposure.lowestSell(instrument))
        : limit <= exposure.highestBuy(instrument) && exposure.highestBuy(instrument) > 0;
    return crosses ? DenialReason.SELF_TRADE : DenialReason.NONE;
  }

  #checkNotional(order: Order, limits: InstrumentLimits, book: BookView): DenialReason {
    const worst = this.#worstPrice(order, book);
    const most = productAbove(worst, order.quantity);
    const least = (isPriced(order.type) ? order.price : Math.min(worst, book.bid)) * order.quantity;
    return checkNotional(least, most, limits);
  }

  #checkBalance(order: Order, limits: InstrumentLimits, book: BookView): DenialReason {
    const { balances } = this.#portfolio;
    const { instrument } = order;
    let left: number;
    if (order.side === Side.Buy) {
      const most = productAbove(this.#worstPrice(order, book), order.quantity);
      const reserved = this.#reserved[balances.quoteSlot(instrument)]!;
      left = balances.freeQuote(instrument) - productFromComparable(reserved, limits.scale) - most;
    } else {
      const reserved = this.#reserved[balances.baseSlot(instrument)]!;
      const { sizePrecision } = limits.instrument;
      left = balances.freeBase(instrument) - productFromComparable(reserved, sizePrecision) - order.quantity;
    }
    return left < 0 ? DenialReason.NOTIONAL_EXCEEDS_FREE_BALANCE : DenialReason.NONE;
  }

  /**
   * Whether positions in this quote asset, each with all open orders of its worse side filled, would come to more than
   * the capital. An order that does not grow its own instrument's worst case always may pass: it is the way back.
   */
  #exceedsCapital(order: Order, limits: InstrumentLimits, book: BookView): boolean {
    const buys = order.side === Side.Buy ? order.quantity : 0;
    const sells = order.side === Side.Sell ? order.quantity : 0;
    const price = Math.max(this.#worstPrice(order, book), this.#portfolio.lastAsk(order.instrument));
    const before = this.#gross(order.instrument, 0, 0, price);
    const after = this.#gross(order.instrument, buys, sells, price);
    if (after <= before) return false;
    let total = after;
    const peers = this.#peers[order.instrument]!;
    for (let k = 0; k < peers.length; k++) {
      const i = peers[k]!;
      if (i !== order.instrument) total += this.#gross(i, 0, 0, this.#portfolio.lastAsk(i));
    }
    return total > limits.capital;
  }

  /** In units of 10^-8 of the quote asset, rounded up. */
  #gross(instrument: number, moreBuys: number, moreSells: number, price: number): number {
    const { quantity } = this.#portfolio.position(instrument);
    const long = Math.abs(quantity + this.exposure.buys(instrument) + moreBuys);
    const short = Math.abs(quantity - this.exposure.sells(instrument) - moreSells);
    if (long === 0 && short === 0) return 0;
    return comparableFromProduct(
      productAbove(Math.max(long, short), price),
      this.#instruments[instrument]!.scale,
    );
  }

  #reserve(slot: number): void {
    const { balances } = this.#portfolio;
    const instruments = balances.instrumentsOf(slot);
    let sum = 0;
    for (let k = 0; k < instruments.length; k++) {
      const i = instruments[k]!;
      if (balances.quoteSlot(i) === slot) sum += this.exposure.unlockedQuote(i);
      if (balances.baseSlot(i) === slot) sum += this.exposure.unlockedBase(i);
    }
    this.#reserved[slot] = sum;
  }
}

/** Whether a buy at `limit` (0: at any price) could meet our own sell; `lowestSell` is Infinity when there is none. */
function meetsSell(limit: number, lowestSell: number): boolean {
  return lowestSell !== Number.POSITIVE_INFINITY && (limit === 0 || limit >= lowestSell);
}
