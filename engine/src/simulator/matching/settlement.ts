import type { Amount } from '../../domain/index.js';
import { Side } from '../../domain/index.js';
import type { Account } from './account.js';
import type { BookOrder } from './book-order.js';
import type { BookSide } from './book-side.js';
import type { Ledger } from './ledger.js';
import { feeOf } from './ledger.js';
import { reachable } from './liquidity.js';
import type { SymbolUnits } from './units.js';

/** What a trade cost each side besides the price. Reused from trade to trade. */
export interface TradeFees {
  buyer: Amount;
  seller: Amount;
}

/**
 * Moves the money of one symbol. A client's order sets funds aside when accepted: a sell its base quantity; a buy its
 * notional at the limit price, an armed market buy at the stop price, a working one what the book asks. Fills pay from
 * that and give back the price improvement; closing gives back the rest. Fees come out of what a side receives.
 */
export class Settlement {
  readonly base: number;
  readonly quote: number;
  readonly #ledger: Ledger;
  readonly #units: SymbolUnits;
  readonly #fees: TradeFees = { buyer: 0n, seller: 0n };

  constructor(ledger: Ledger, units: SymbolUnits, base: string, quote: string) {
    this.#ledger = ledger;
    this.#units = units;
    this.base = ledger.asset(base);
    this.quote = ledger.asset(quote);
  }

  /** What an order must set aside. `opposite` is the side a market order would trade with. */
  required(order: BookOrder, opposite: BookSide): Amount {
    const units = this.#units;
    if (order.side === Side.Sell) {
      const quantity = order.byQuote ? reachable(order, opposite, units).quantity : order.leavesQuantity;
      return units.baseAmount(quantity);
    }
    if (order.byQuote) return order.budget;
    if (order.price > 0) return units.notional(order.price, order.leavesQuantity);
    if (order.armed) return units.notional(order.stopPrice, order.leavesQuantity);
    return reachable(order, opposite, units).cost;
  }

  /** The free balance an order draws on. */
  available(account: Account, side: Side): Amount {
    return this.#ledger.free(account, this.#given(side));
  }

  /** Free and locked base asset. */
  baseHeld(account: Account): Amount {
    return this.#ledger.free(account, this.base) + account.locked[this.base]!;
  }

  reserve(order: BookOrder, amount: Amount): void {
    if (order.owner.internal || amount === 0n) return;
    this.#ledger.lock(order.owner, this.#given(order.side), amount);
    order.locked += amount;
  }

  /** Gives back all that is still set aside. */
  release(order: BookOrder): void {
    this.#giveBack(order, order.locked);
  }

  /** Gives back what was set aside for `quantity` that will not trade. Market orders settle up when they close. */
  releasePart(order: BookOrder, quantity: number): void {
    if (order.owner.internal) return;
    const price = order.armed && order.price === 0 ? order.stopPrice : order.price;
    if (order.side === Side.Sell) this.#giveBack(order, this.#units.baseAmount(quantity));
    else if (price > 0) this.#giveBack(order, this.#units.notional(price, quantity));
  }

  /** Swaps base for quote between two orders and takes the fees. The result is valid until the next call. */
  trade(taker: BookOrder, maker: BookOrder, quantity: number, quote: Amount): TradeFees {
    const buyer = taker.side === Side.Buy ? taker : maker;
    const seller = buyer === taker ? maker : taker;
    const base = this.#units.baseAmount(quantity);
    const ledger = this.#ledger;
    const setAside = buyer.price > 0 ? this.#units.notional(buyer.price, quantity) : quote;
    this.#pay(buyer, this.quote, setAside, quote);
    this.#pay(seller, this.base, base, base);
    const fees = this.#fees;
    fees.buyer = feeOf(base, buyer === taker ? buyer.owner.takerRate : buyer.owner.makerRate);
    fees.seller = feeOf(quote, seller === taker ? seller.owner.takerRate : seller.owner.makerRate);
    ledger.credit(buyer.owner, this.base, base - fees.buyer);
    ledger.credit(seller.owner, this.quote, quote - fees.seller);
    if (fees.buyer !== 0n) ledger.collectFee(this.base, fees.buyer);
    if (fees.seller !== 0n) ledger.collectFee(this.quote, fees.seller);
    return fees;
  }

  #pay(order: BookOrder, asset: number, setAside: Amount, amount: Amount): void {
    if (order.owner.internal) {
      this.#ledger.credit(order.owner, asset, -amount);
      return;
    }
    this.#ledger.spend(order.owner, asset, setAside, amount);
    order.locked -= setAside;
  }

  #giveBack(order: BookOrder, amount: Amount): void {
    if (amount === 0n) return;
    this.#ledger.unlock(order.owner, this.#given(order.side), amount);
    order.locked -= amount;
  }

  #given(side: Side): number {
    return side === Side.Buy ? this.quote : this.base;
  }
}
