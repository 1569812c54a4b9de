import type { BookOrder } from './book-order.js';
import type { MatcherContext } from './matcher.js';
import type { PriceLevel } from './price-level.js';
import type { PreventedMatch } from './types.js';

/**
 * Stops a match between two orders of one account, by the taker's mode. What expires ends EXPIRED_IN_MATCH with its
 * leaves as prevented quantity; DECREMENT takes the smaller leaves off both, and the order left with nothing expires.
 * An iceberg counts with all its leaves. Afterwards the maker, the taker or both have left the match.
 *
 * Source: Binance `faqs/stp_faq.md`.
 */
export function preventSelfTrade(
  context: MatcherContext,
  taker: BookOrder,
  maker: BookOrder,
  level: PriceLevel,
  takerWants: number,
  nowUs: number,
): void {
  const mode = taker.selfTradePrevention;
  let fromTaker = 0;
  let fromMaker = 0;
  if (mode === 'DECREMENT') {
    fromTaker = Math.min(takerWants, maker.leavesQuantity);
    fromMaker = fromTaker;
  } else {
    if (mode !== 'EXPIRE_MAKER') fromTaker = takerWants;
    if (mode !== 'EXPIRE_TAKER') fromMaker = maker.leavesQuantity;
  }
  const match: PreventedMatch = {
    symbol: context.symbol,
    preventedMatchId: context.nextPreventedMatchId(),
    account: taker.account,
    mode,
    takerOrderId: taker.orderId,
    makerOrderId: maker.orderId,
    price: level.price,
    takerPreventedQuantity: fromTaker,
    makerPreventedQuantity: fromMaker,
    timeUs: nowUs,
  };
  taker.owner.history?.prevented(match);
  taker.preventedMatchId = match.preventedMatchId;
  maker.preventedMatchId = match.preventedMatchId;
  if (fromMaker > 0) preventMaker(context, maker, level, fromMaker, match, nowUs);
  if (fromTaker > 0) preventTaker(context, taker, level, fromTaker, match, nowUs);
}

function preventMaker(
  { desk, settlement }: MatcherContext,
  maker: BookOrder,
  level: PriceLevel,
  quantity: number,
  prevention: PreventedMatch,
  nowUs: number,
): void {
  const leaves = maker.leavesQuantity - quantity;
  desk.lower(maker, quantity);
  settlement.releasePart(maker, quantity);
  maker.preventedQuantity += quantity;
  maker.updatedUs = nowUs;
  if (leaves === 0) {
    level.remove(maker);
    maker.leavesQuantity = 0;
    desk.close(maker, 'EXPIRED_IN_MATCH', false, nowUs);
  } else level.reduce(maker, leaves);
  desk.report('TRADE_PREVENTION', maker, nowUs, { prevention });
}

function preventTaker(
  { desk, settlement, units }: MatcherContext,
  taker: BookOrder,
  level: PriceLevel,
  quantity: number,
  prevention: PreventedMatch,
  nowUs: number,
): void {
  taker.preventedQuantity += quantity;
  taker.updatedUs = nowUs;
  let done = prevention.mode !== 'DECREMENT';
  if (taker.byQuote) {
    taker.budget -= units.notional(level.price, quantity);
    done ||= units.affordable(level.price, taker.budget) === 0;
  } else {
    desk.lower(taker, quantity);
    settlement.releasePart(taker, quantity);
    taker.leavesQuantity -= quantity;
    done ||= taker.leavesQuantity === 0;
  }
  if (done) desk.close(taker, 'EXPIRED_IN_MATCH', false, nowUs);
  desk.report('TRADE_PREVENTION', taker, nowUs, { prevention });
}
