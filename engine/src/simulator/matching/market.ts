import type { StateHash } from '../../domain/index.js';
import { OrderType, TimeInForce } from '../../domain/index.js';
import type { Account } from './account.js';
import { BookOrder, isMarket, isStop } from './book-order.js';
import type { ExchangeError } from './errors.js';
import { filterFailure, invalid, refusal } from './errors.js';
import { checkFilters, inRange } from './filters.js';
import type { Ledger } from './ledger.js';
import { reachable } from './liquidity.js';
import { Matcher } from './matcher.js';
import { OrderBook } from './order-book.js';
import { OrderDesk } from './order-desk.js';
import type { Publisher } from './publisher.js';
import { Settlement } from './settlement.js';
import type { SymbolSpec, SymbolStatus } from './symbol.js';
import { TradeTape } from './trade-tape.js';
import { Triggers, waitsForRise } from './triggers.js';
import type { AmendRequest, ExchangeFill, ExchangeOrderStatus, PlaceRequest } from './types.js';
import { SymbolUnits } from './units.js';

/** What all markets of an exchange share. */
export interface MarketOptions {
  readonly ledger: Ledger;
  readonly publisher: Publisher;
  readonly lastTradeId: number;
  readonly lastUpdateId: number;
  readonly retainedTrades: number;
  nextOrderId(): number;
}

/** One symbol: its book, its stops, its tape, and the life of each of its orders. */
export class Market {
  readonly spec: SymbolSpec;
  readonly book: OrderBook;
  readonly tape: TradeTape;
  status: SymbolStatus = 'trading';
  readonly #units: SymbolUnits;
  readonly #triggers = new Triggers();
  readonly #settlement: Settlement;
  readonly #desk: OrderDesk;
  readonly #matcher: Matcher;
  readonly #nextOrderId: () => number;
  #lastPreventedMatchId = 0;
  /** What the order checked last must set aside; of clients' orders only. */
  #required = 0n;

  constructor(symbol: number, spec: SymbolSpec, options: MarketOptions) {
    const { ledger, publisher } = options;
    this.spec = spec;
    this.#units = new SymbolUnits(spec);
    this.book = new OrderBook(symbol, options.lastUpdateId, publisher);
    this.tape = new TradeTape(symbol, this.#units, this.#triggers, publisher, options);
    this.#settlement = new Settlement(ledger, this.#units, spec.base, spec.quote);
    this.#desk = new OrderDesk(this.#settlement, publisher);
    this.#nextOrderId = options.nextOrderId;
    this.#matcher = new Matcher({
      symbol,
      base: spec.base,
      quote: spec.quote,
      units: this.#units,
      book: this.book,
      desk: this.#desk,
      settlement: this.#settlement,
      tape: this.tape,
      nextPreventedMatchId: () => ++this.#lastPreventedMatchId,
    });
  }

  /** Why an order would be refused now, or undefined. The request's shape was checked. */
  check(request: PlaceRequest, owner: Account, nowUs: number): ExchangeError | undefined {
    return this.#refuse(new BookOrder(request, owner, nowUs), owner, nowUs);
  }

  /** Accepts and works an order; the taker's fills are added to `fills`. */
  place(
    request: PlaceRequest,
    owner: Account,
    nowUs: number,
    fills: ExchangeFill[],
  ): BookOrder | ExchangeError {
    const order = new BookOrder(request, owner, nowUs);
    const error = this.#refuse(order, owner, nowUs);
    if (error !== undefined) return error;
    order.accept(this.#nextOrderId());
    const stop = isStop(order.type);
    this.#settlement.reserve(order, this.#required);
    if (!stop) order.workingUs = nowUs;
    this.#desk.open(order);
    this.#desk.report('NEW', order, nowUs);
    if (stop) this.#triggers.arm(order);
    else this.#work(order, nowUs, fills);
    this.#workFired(nowUs);
    this.book.publishBest(nowUs);
    return order;
  }

  /** Ends an open order at its owner's wish. */
  cancel(order: BookOrder, nowUs: number, cancelClientOrderId?: string): void {
    this.#end(order, 'CANCELED', nowUs);
    this.#desk.report('CANCELED', order, nowUs, {
      clientOrderId: cancelClientOrderId ?? order.clientOrderId,
      originalClientOrderId: order.clientOrderId,
    });
    this.book.publishBest(nowUs);
  }

  amend(order: BookOrder, request: AmendRequest, nowUs: number): ExchangeError | undefined {
    const { newQuantity, newClientOrderId } = request;
    const { lot, maxAmends } = this.spec.filters;
    if (!Number.isSafeInteger(newQuantity) || newQuantity <= 0)
      return invalid('newQuantity must be positive');
    if (newQuantity === order.quantity) return refusal('AMEND_NO_CHANGE');
    const leaves = newQuantity - order.cumQuantity - order.preventedQuantity;
    if (newQuantity > order.quantity || leaves <= 0) return refusal('AMEND_NOT_LOWER');
    if (!order.owner.internal) {
      if (!inRange(newQuantity, lot)) return filterFailure('LOT_SIZE');
      if (maxAmends !== undefined && order.amends >= maxAmends) return filterFailure('MAX_NUM_ORDER_AMENDS');
    }
    const original = order.clientOrderId;
    if (newClientOrderId !== undefined && newClientOrderId !== original) {
      if (newClientOrderId === '') return invalid('newClientOrderId must not be empty');
      if (order.owner.inUse(newClientOrderId)) return refusal('DUPLICATE_ORDER');
      order.owner.rename(order, newClientOrderId);
    }
    const less = order.quantity - newQuantity;
    this.#desk.lower(order, less);
    this.#settlement.releasePart(order, less);
    order.quantity = newQuantity;
    order.amends++;
    order.updatedUs = nowUs;
    if (order.level === null) order.leavesQuantity = leaves;
    else this.book.reduce(order, leaves);
    this.#desk.report('REPLACED', order, nowUs, { originalClientOrderId: original });
    this.book.publishBest(nowUs);
    return undefined;
  }

  hashInto(hash: StateHash): void {
    hash.text(this.status);
    this.book.hashInto(hash);
    this.#triggers.hashInto(hash);
    this.tape.hashInto(hash);
  }

  #refuse(order: BookOrder, owner: Account, nowUs: number): ExchangeError | undefined {
    if (this.status !== 'trading') return refusal('MARKET_CLOSED');
    if (order.clientOrderId !== '' && owner.inUse(order.clientOrderId)) {
      return refusal('DUPLICATE_ORDER');
    }
    if (!owner.internal) {
      const failed = checkFilters(order, {
        filters: this.spec.filters,
        units: this.#units,
        counts: owner.counts[order.symbol]!,
        baseHeld: this.#settlement.baseHeld(owner),
        averagePrice: () => this.tape.averagePrice(nowUs),
      });
      if (failed !== undefined) return failed;
    }
    if (isStop(order.type) && this.#wouldTrigger(order)) return refusal('WOULD_TRIGGER');
    const opposite = this.book.opposite(order.side);
    if (order.postOnly && opposite.best !== null && opposite.crosses(opposite.best, order.price)) {
      return refusal('WOULD_TAKE');
    }
    order.armed = isStop(order.type);
    if (owner.internal) return undefined;
    this.#required = this.#settlement.required(order, opposite);
    return this.#required > this.#settlement.available(owner, order.side)
      ? refusal('INSUFFICIENT_BALANCE')
      : undefined;
  }

  #wouldTrigger(order: BookOrder): boolean {
    const last = this.tape.lastPrice;
    if (last === 0) return false;
    return waitsForRise(order.type, order.side) ? last >= order.stopPrice : last <= order.stopPrice;
  }

  /** Matches a working order and does with the rest what its type and time in force say. */
  #work(order: BookOrder, nowUs: number, fills: ExchangeFill[]): void {
    const opposite = this.book.opposite(order.side);
    const fok = order.timeInForce === TimeInForce.FOK;
    if (fok && reachable(order, opposite, this.#units).quantity < order.quantity) {
      this.#expire(order, nowUs);
      return;
    }
    this.#matcher.match(order, nowUs, fills);
    if (!order.open) return;
    if (order.byQuote) this.#endByQuote(order, nowUs);
    else if (isMarket(order.type) || order.timeInForce !== TimeInForce.GTC) this.#expire(order, nowUs);
    else this.book.add(order);
  }

  /** Sized by quote: filled when the rest of the money buys less than one step at the best price. */
  #endByQuote(order: BookOrder, nowUs: number): void {
    const best = this.book.opposite(order.side).best;
    const done =
      best !== null && order.cumQuantity > 0 && this.#units.affordable(best.price, order.budget) === 0;
    this.#desk.close(order, done ? 'FILLED' : 'EXPIRED', false, nowUs);
    if (!done) this.#desk.report('EXPIRED', order, nowUs);
  }

  /** Sets the stops to work that the trades so far fired, which may trade and fire more. */
  #workFired(nowUs: number): void {
    const { fired } = this.tape;
    if (fired.length === 0) return;
    for (let i = 0; i < fired.length; i++) {
      const order = fired[i]!;
      this.#desk.triggered(order);
      order.workingUs = nowUs;
      order.updatedUs = nowUs;
      this.#desk.report('NEW', order, nowUs);
      if (this.#fund(order)) this.#work(order, nowUs, []);
      else this.#expire(order, nowUs);
    }
    fired.length = 0;
  }

  /** A market buy set funds aside at its stop price; the book may ask more. */
  #fund(order: BookOrder): boolean {
    if (order.owner.internal || order.price > 0 || order.type === OrderType.Market) return true;
    this.#settlement.release(order);
    const required = this.#settlement.required(order, this.book.opposite(order.side));
    if (required > this.#settlement.available(order.owner, order.side)) return false;
    this.#settlement.reserve(order, required);
    return true;
  }

  #expire(order: BookOrder, nowUs: number): void {
    this.#end(order, 'EXPIRED', nowUs);
    this.#desk.report('EXPIRED', order, nowUs);
  }

  #end(order: BookOrder, status: ExchangeOrderStatus, nowUs: number): void {
    const { armed } = order;
    if (armed) this.#triggers.disarm(order);
    if (order.level !== null) this.book.remove(order);
    this.#desk.close(order, status, armed, nowUs);
  }
}
