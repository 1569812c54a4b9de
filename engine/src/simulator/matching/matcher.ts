import { Side } from '../../domain/index.js';
import type { BookOrder } from './book-order.js';
import type { OrderBook } from './order-book.js';
import type { OrderDesk } from './order-desk.js';
import type { PriceLevel } from './price-level.js';
import { preventSelfTrade } from './self-trade.js';
import type { Settlement } from './settlement.js';
import type { TradeTape } from './trade-tape.js';
import type { ExchangeFill } from './types.js';
import type { SymbolUnits } from './units.js';

/** What a matcher works on: one symbol. */
export interface MatcherContext {
  readonly symbol: number;
  readonly base: string;
  readonly quote: string;
  readonly units: SymbolUnits;
  readonly book: OrderBook;
  readonly desk: OrderDesk;
  readonly settlement: Settlement;
  readonly tape: TradeTape;
  /** Ids of matches self-trade prevention stopped, from 1. */
  nextPreventedMatchId(): number;
}

/** Price-time priority: the best price first, at one price the order that came first. */
export class Matcher {
  readonly #context: MatcherContext;

  constructor(context: MatcherContext) {
    this.#context = context;
  }

  /**
   * Trades `taker` with the other side until it is done or nothing left there is within its price. The taker's own
   * fills are added to `fills`. May close the taker (filled, or ended by self-trade prevention).
   */
  match(taker: BookOrder, nowUs: number, fills: ExchangeFill[]): void {
    const { book } = this.#context;
    const side = book.opposite(taker.side);
    while (taker.open) {
      const level = side.best;
      if (level === null || !side.crosses(level, taker.price)) return;
      const exhausted = this.#matchLevel(taker, level, nowUs, fills);
      book.settle(side, level);
      if (exhausted) return;
    }
  }

  /** True when the taker wants no more of this price or any worse one. */
  #matchLevel(taker: BookOrder, level: PriceLevel, nowUs: number, fills: ExchangeFill[]): boolean {
    const { units } = this.#context;
    while (taker.open) {
      const maker = level.head;
      if (maker === null) return false;
      const most = taker.byQuote ? units.affordable(level.price, taker.budget) : taker.leavesQuantity;
      if (most === 0) return true;
      if (taker.selfTradePrevention !== 'NONE' && maker.account === taker.account) {
        preventSelfTrade(this.#context, taker, maker, level, most, nowUs);
        continue;
      }
      const quantity = Math.min(most, maker.displayed, taker.byQuote ? this.#funded(taker) : most);
      if (quantity === 0) return true;
      this.#trade(taker, maker, level, quantity, nowUs, fills);
    }
    return true;
  }

  /** A sale sized by its proceeds never sells more than was set aside for it. */
  #funded(taker: BookOrder): number {
    if (taker.side === Side.Buy || taker.owner.internal) return Number.MAX_SAFE_INTEGER;
    return this.#context.units.wholeSteps(taker.locked);
  }

  #trade(
    taker: BookOrder,
    maker: BookOrder,
    level: PriceLevel,
    quantity: number,
    nowUs: number,
    fills: ExchangeFill[],
  ): void {
    const { units, desk, settlement, tape } = this.#context;
    const { price } = level;
    const quote = units.notional(price, quantity);
    const fees = settlement.trade(taker, maker, quantity, quote);
    this.#advance(taker, quantity, quote, nowUs);
    this.#advance(maker, quantity, quote, nowUs);
    if (taker.byQuote) {
      taker.quantity = taker.cumQuantity;
      taker.budget -= quote;
    } else taker.leavesQuantity -= quantity;
    level.fill(maker, quantity);
    const tradeId = tape.record(taker, maker, price, quantity, quote, nowUs);
    const buyerTakes = taker.side === Side.Buy;
    if (this.#complete(taker, level)) desk.close(taker, 'FILLED', false, nowUs);
    if (maker.leavesQuantity === 0) desk.close(maker, 'FILLED', false, nowUs);
    if (!taker.owner.internal) {
      const fee = buyerTakes ? fees.buyer : fees.seller;
      fills.push(this.#report(taker, false, tradeId, price, quantity, quote, fee, nowUs));
    }
    if (!maker.owner.internal) {
      const fee = buyerTakes ? fees.seller : fees.buyer;
      this.#report(maker, true, tradeId, price, quantity, quote, fee, nowUs);
    }
  }

  /** Whether nothing is left to trade; sized by quote: what is left of the money buys nothing at the next price. */
  #complete(taker: BookOrder, level: PriceLevel): boolean {
    if (!taker.byQuote) return taker.leavesQuantity === 0;
    const next = level.head === null ? this.#context.book.opposite(taker.side).at(1) : level;
    return next !== undefined && this.#context.units.affordable(next.price, taker.budget) === 0;
  }

  #advance(order: BookOrder, quantity: number, quote: bigint, nowUs: number): void {
    order.cumQuantity += quantity;
    order.cumQuote += quote;
    order.status = 'PARTIALLY_FILLED';
    order.updatedUs = nowUs;
    this.#context.desk.lower(order, quantity);
  }

  #report(
    order: BookOrder,
    maker: boolean,
    tradeId: number,
    price: number,
    quantity: number,
    quote: bigint,
    fee: bigint,
    nowUs: number,
  ): ExchangeFill {
    const { symbol, base, desk } = this.#context;
    const fill: ExchangeFill = {
      account: order.account,
      symbol,
      tradeId,
      orderId: order.orderId,
      side: order.side,
      price,
      quantity,
      quote,
      fee,
      feeAsset: order.side === Side.Buy ? base : this.#context.quote,
      maker,
      timeUs: nowUs,
    };
    order.owner.history?.filled(fill);
    desk.report('TRADE', order, nowUs, { fill });
    return fill;
  }
}
