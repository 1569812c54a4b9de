import { type BookUpdate, EventKind, type Quote, Side, type Trade } from '../../domain/index.js';

/** Events with nothing in them, for their owner to fill again and again. */

export function emptyUpdate(kind: BookUpdate['kind']): BookUpdate {
  const none = new Float64Array(0);
  return {
    kind,
    tsEvent: 0,
    tsInit: 0,
    instrument: 0,
    firstId: 0,
    lastId: 0,
    bidCount: 0,
    askCount: 0,
    bidPrices: none,
    bidSizes: none,
    askPrices: none,
    askSizes: none,
  };
}

export function emptyQuote(): Quote {
  return {
    kind: EventKind.Quote,
    tsEvent: 0,
    tsInit: 0,
    instrument: 0,
    updateId: 0,
    bid: 0,
    bidSize: 0,
    ask: 0,
    askSize: 0,
  };
}

export function emptyTrade(): Trade {
  return {
    kind: EventKind.Trade,
    tsEvent: 0,
    tsInit: 0,
    instrument: 0,
    tradeId: 0,
    price: 0,
    quantity: 0,
    aggressor: Side.Buy,
  };
}
