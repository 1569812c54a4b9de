import { CommandKind, EventKind } from '@tradewind/engine/domain';
import { benchOrder } from './bench-instrument.mjs';

const TS_US = 1_790_000_000_000_000;

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

/** What else a trading line writes down; each kind is an object of a shape of its own, as where they come from. */
export function orderEvents() {
  const levels = (from) => Float64Array.from({ length: 20 }, (_, i) => from + i);
  const order = { tsEvent: TS_US, tsInit: TS_US, epoch: 1, sequence: 12_345 };
  return {
    accepted: { kind: EventKind.OrderAccepted, ...order, venueOrderId: '9000000123' },
    canceled: { kind: EventKind.OrderCanceled, ...order },
    rejected: { kind: EventKind.CancelRejected, ...order, reason: 1 },
    timer: { kind: EventKind.Timer, tsEvent: TS_US, tsInit: TS_US },
    trade: {
      kind: EventKind.Trade,
      tsEvent: TS_US,
      tsInit: TS_US,
      instrument: 1,
      tradeId: 4e9,
      price: 1e7,
      quantity: 5e9,
      aggressor: 1,
    },
    snapshot: {
      kind: EventKind.BookSnapshot,
      tsEvent: TS_US,
      tsInit: TS_US,
      instrument: 1,
      firstId: 9e9,
      lastId: 9e9,
      bidCount: 20,
      askCount: 20,
      bidPrices: levels(1e7),
      bidSizes: levels(5e9),
      askPrices: levels(1e7),
      askSizes: levels(5e9),
    },
  };
}

/** A new order in place of another: what a market maker's event mostly leads to. */
export function orderCommands() {
  const [old, next] = [benchOrder(TS_US), benchOrder(TS_US)];
  old.venueOrderId = '9000000123';
  const commands = [
    { kind: CommandKind.Cancel, order: old },
    { kind: CommandKind.Submit, order: next },
  ];
  return { length: commands.length, at: (i) => commands[i] };
}
