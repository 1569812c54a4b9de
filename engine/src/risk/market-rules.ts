import type { BookView } from '../book/index.js';
import { BookState, ConnectionState, DenialReason, type Order, OrderType, Side } from '../domain/index.js';
import { isPriced } from './open-exposure.js';

export const BPS = 10_000;

/** Whether the venue's order entry and private stream are both up. */
export function checkConnection(orders: ConnectionState, user: ConnectionState): DenialReason {
  if (orders === ConnectionState.Up && user === ConnectionState.Up) return DenialReason.NONE;
  return isDown(orders) || isDown(user) ? DenialReason.VENUE_DISCONNECTED : DenialReason.STREAM_RECONCILING;
}

function isDown(state: ConnectionState): boolean {
  return state === ConnectionState.Down || state === ConnectionState.Connecting;
}

/**
 * Whether the book may be traded on and the order's price lies within `collarBps` of its middle (0: anywhere). Too far
 * on the passive side counts as well: a price typed wrong is wrong either way. A stop's limit price is held against its
 * trigger price; a market order must find its whole quantity within the collar.
 */
export function checkMarket(order: Order, book: BookView, collarBps: number): DenialReason {
  if (book.state === BookState.Stale) return DenialReason.BOOK_STALE;
  if (book.state !== BookState.Valid || book.bid === 0 || book.ask === 0) return DenialReason.BOOK_INVALID;
  if (collarBps === 0) return DenialReason.NONE;
  if (order.type === OrderType.Market) {
    return fillsWithin(order, book, collarBps) ? DenialReason.NONE : DenialReason.PRICE_COLLAR;
  }
  if (!isPriced(order.type)) return DenialReason.NONE;
  const twiceReference = order.type === OrderType.Limit ? book.bid + book.ask : 2 * order.triggerPrice;
  return isWithin(order.price, twiceReference, collarBps) ? DenialReason.NONE : DenialReason.PRICE_COLLAR;
}

function isWithin(price: number, twiceReference: number, bps: number): boolean {
  return Math.abs(2 * price - twiceReference) <= Math.floor((twiceReference * bps) / BPS);
}

function fillsWithin(order: Order, book: BookView, bps: number): boolean {
  const { levels } = book;
  const twiceMid = book.bid + book.ask;
  const buy = order.side === Side.Buy;
  const count = buy ? levels.askCount : levels.bidCount;
  let rest = order.quantity;
  for (let i = 0; i < count; i++) {
    if (!isWithin(buy ? levels.askPrice(i) : levels.bidPrice(i), twiceMid, bps)) return false;
    rest -= buy ? levels.askSize(i) : levels.bidSize(i);
    if (rest <= 0) return true;
  }
  return false;
}
