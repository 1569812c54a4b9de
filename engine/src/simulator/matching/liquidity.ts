import type { Amount } from '../../domain/index.js';
import { TimeInForce } from '../../domain/index.js';
import type { BookOrder } from './book-order.js';
import type { BookSide } from './book-side.js';
import type { SymbolUnits } from './units.js';

/** What a taker would get from the book as it stands. */
export interface Liquidity {
  quantity: number;
  cost: Amount;
}

/**
 * What `taker` would trade with this side, its self-trade prevention mode respected: exact, but for DECREMENT against
 * one's own order at a price where others keep icebergs, whose later slices queue behind it: there an upper bound.
 * For a fill-or-kill order the quantity is always exact: meeting an own order ends it, unless makers expire.
 */
export function reachable(taker: BookOrder, side: BookSide, units: SymbolUnits): Liquidity {
  const result: Liquidity = { quantity: 0, cost: 0n };
  const { account } = taker;
  let mode = taker.selfTradePrevention;
  if (mode === 'DECREMENT' && taker.timeInForce === TimeInForce.FOK) mode = 'EXPIRE_TAKER';
  let left = taker.leavesQuantity;
  let budget = taker.budget;
  for (let i = 0; i < side.count; i++) {
    const level = side.at(i)!;
    if (!side.crosses(level, taker.price)) break;
    const { price } = level;
    const wanted = () => (taker.byQuote ? units.affordable(price, budget) : left);
    const drop = (quantity: number) => {
      left -= quantity;
      budget -= units.notional(price, quantity);
    };
    const take = (available: number) => {
      const quantity = Math.min(available, wanted());
      result.quantity += quantity;
      result.cost += units.notional(price, quantity);
      drop(quantity);
    };
    const own = mode === 'NONE' ? null : firstOwn(level.head, account);
    if (own === null) take(level.total + level.reserve);
    else if (mode === 'EXPIRE_TAKER' || mode === 'EXPIRE_BOTH') {
      // Only what queues ahead of our own order, and of icebergs only the slice they show now.
      let ahead = 0;
      for (let maker = level.head; maker !== own; maker = maker!.next) ahead += maker!.displayed;
      take(ahead);
      break;
    } else {
      for (let maker = level.head; maker !== null; maker = maker.next) {
        if (maker.account !== account) take(maker.leavesQuantity);
        else if (mode === 'DECREMENT') drop(Math.min(maker.leavesQuantity, wanted()));
      }
    }
    if (wanted() === 0) break;
  }
  return result;
}

function firstOwn(head: BookOrder | null, account: number): BookOrder | null {
  for (let maker = head; maker !== null; maker = maker.next) {
    if (maker.account === account) return maker;
  }
  return null;
}
