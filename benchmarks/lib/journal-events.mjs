import { EventKind } from '@tradewind/engine/domain';

/** One event of each size that a journal mostly holds. */
export function journalEvents() {
  const levels = (from) => Float64Array.from({ length: 64 }, (_, i) => from + i);
  const ts = { tsEvent: 1_790_000_000_000_000, tsInit: 1_790_000_000_000_000 };
  return {
    quote: {
      kind: EventKind.Quote,
      ...ts,
      instrument: 1,
      updateId: 9e9,
      bid: 1e7,
      bidSize: 5,
      ask: 1e7 + 1,
      askSize: 7,
    },
    'book delta of 20 levels': {
      kind: EventKind.BookDelta,
      ...ts,
      instrument: 1,
      firstId: 9e9,
      lastId: 9e9 + 4,
      bidCount: 10,
      askCount: 10,
      bidPrices: levels(1e7),
      bidSizes: levels(5),
      askPrices: levels(1e7),
      askSizes: levels(5),
    },
    fill: {
      kind: EventKind.OrderFilled,
      ...ts,
      epoch: 1,
      sequence: 12_345,
      tradeId: '3141592653',
      price: 1e7,
      quantity: 5,
      liquidity: 0,
      feeAsset: 'BNB',
      fee: 75_000n,
    },
  };
}
