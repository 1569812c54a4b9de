import {
  type BinaryWriter,
  type BookUpdate,
  type CancelRejected,
  EventKind,
  encodeInstrument,
  type KernelEvent,
  type OrderAccepted,
  type OrderCanceled,
  type OrderEvent,
  type OrderFilled,
  type Quote,
  type Timer,
  type Trade,
} from '../domain/index.js';

/** Where in the bytes of an event its tsInit is. */
export const EVENT_TS_INIT = 9;

/**
 * Appends an event: kind (one byte), tsEvent, tsInit, then its own fields in the order of their declaration. Fixed-width
 * numbers, so that a book update is stored about as fast as it can be copied.
 *
 * Kinds that come by the thousand each have a function of their own, and hand doubles over in slots: a double read from
 * objects of many shapes in one place is a new heap object each time, and so is one given to a function that is not inlined.
 */
export function encodeEvent(event: KernelEvent, out: BinaryWriter): void {
  switch (event.kind) {
    case EventKind.Quote:
      encodeQuote(event, out);
      break;
    case EventKind.BookSnapshot:
    case EventKind.BookDelta:
      encodeBookUpdate(event, out);
      break;
    case EventKind.Trade:
      encodeTrade(event, out);
      break;
    case EventKind.Timer:
      encodeTimer(event, out);
      break;
    case EventKind.OrderAccepted:
      encodeAccepted(event, out);
      break;
    case EventKind.OrderCanceled:
      encodeCanceled(event, out);
      break;
    case EventKind.CancelRejected:
      encodeCancelRejected(event, out);
      break;
    case EventKind.OrderFilled:
      encodeFilled(event, out);
      break;
    default:
      out.u8(event.kind);
      out.number(event.tsEvent);
      out.number(event.tsInit);
      encodeRare(event, out);
      break;
  }
}

function encodeQuote(event: Quote, out: BinaryWriter): void {
  const { slots } = out;
  slots[0] = event.tsEvent;
  slots[1] = event.tsInit;
  out.u8(event.kind);
  out.fromSlots(2);
  out.u32(event.instrument);
  slots[0] = event.updateId;
  slots[1] = event.bid;
  slots[2] = event.bidSize;
  slots[3] = event.ask;
  slots[4] = event.askSize;
  out.fromSlots(5);
}

function encodeBookUpdate(event: BookUpdate, out: BinaryWriter): void {
  const { slots } = out;
  const { bidCount, askCount } = event;
  slots[0] = event.tsEvent;
  slots[1] = event.tsInit;
  out.u8(event.kind);
  out.fromSlots(2);
  out.u32(event.instrument);
  slots[0] = event.firstId;
  slots[1] = event.lastId;
  out.fromSlots(2);
  out.u32(bidCount);
  out.u32(askCount);
  out.numbers(event.bidPrices, bidCount);
  out.numbers(event.bidSizes, bidCount);
  out.numbers(event.askPrices, askCount);
  out.numbers(event.askSizes, askCount);
}

function encodeTrade(event: Trade, out: BinaryWriter): void {
  const { slots } = out;
  slots[0] = event.tsEvent;
  slots[1] = event.tsInit;
  out.u8(event.kind);
  out.fromSlots(2);
  out.u32(event.instrument);
  slots[0] = event.tradeId;
  slots[1] = event.price;
  slots[2] = event.quantity;
  out.fromSlots(3);
  out.u8(event.aggressor);
}

function encodeTimer(event: Timer, out: BinaryWriter): void {
  const { slots } = out;
  slots[0] = event.tsEvent;
  slots[1] = event.tsInit;
  out.u8(event.kind);
  out.fromSlots(2);
}

function encodeAccepted(event: OrderAccepted, out: BinaryWriter): void {
  const { slots } = out;
  slots[0] = event.tsEvent;
  slots[1] = event.tsInit;
  slots[2] = event.epoch;
  slots[3] = event.sequence;
  out.u8(event.kind);
  out.fromSlots(4);
  out.text(event.venueOrderId);
}

function encodeCanceled(event: OrderCanceled, out: BinaryWriter): void {
  const { slots } = out;
  slots[0] = event.tsEvent;
  slots[1] = event.tsInit;
  slots[2] = event.epoch;
  slots[3] = event.sequence;
  out.u8(event.kind);
  out.fromSlots(4);
}

function encodeCancelRejected(event: CancelRejected, out: BinaryWriter): void {
  const { slots } = out;
  slots[0] = event.tsEvent;
  slots[1] = event.tsInit;
  slots[2] = event.epoch;
  slots[3] = event.sequence;
  out.u8(event.kind);
  out.fromSlots(4);
  out.u8(event.reason);
}

function encodeFilled(event: OrderFilled, out: BinaryWriter): void {
  const { slots } = out;
  slots[0] = event.tsEvent;
  slots[1] = event.tsInit;
  slots[2] = event.epoch;
  slots[3] = event.sequence;
  out.u8(event.kind);
  out.fromSlots(4);
  out.text(event.tradeId);
  slots[0] = event.price;
  slots[1] = event.quantity;
  out.fromSlots(2);
  out.u8(event.liquidity);
  out.text(event.feeAsset);
  out.big(event.fee);
}

type Frequent =
  | BookUpdate
  | Quote
  | Trade
  | Timer
  | OrderAccepted
  | OrderCanceled
  | OrderFilled
  | CancelRejected;

/** What follows the times of any other event. */
function encodeRare(event: Exclude<KernelEvent, Frequent>, out: BinaryWriter): void {
  switch (event.kind) {
    case EventKind.StrategiesStopped:
      break;
    case EventKind.SessionStarted:
      out.number(event.epoch);
      out.text(event.version);
      out.text(event.configDigest);
      break;
    case EventKind.InstrumentDefined:
      encodeInstrument(event.instrument, out);
      break;
    case EventKind.BookStatus:
      out.u32(event.instrument);
      out.u8(event.fault);
      break;
    case EventKind.Connection:
      out.u32(event.venue);
      out.u8(event.channel);
      out.u8(event.state);
      break;
    case EventKind.Balance:
      out.u32(event.venue);
      out.text(event.asset);
      out.big(event.free);
      out.big(event.locked);
      break;
    case EventKind.BalanceTransfer:
      out.u32(event.venue);
      out.text(event.asset);
      out.big(event.amount);
      break;
    case EventKind.Reconciled:
      out.u32(event.venue);
      out.u32(event.lastTradeIds.length);
      for (const id of event.lastTradeIds) out.text(id);
      break;
    case EventKind.JournalStatus:
      out.u8(event.state);
      break;
    case EventKind.TradingStateSet:
      out.u8(event.state);
      out.text(event.who);
      out.text(event.why);
      break;
    default:
      encodeOrderEvent(event, out);
      break;
  }
}

function encodeOrderEvent(event: Exclude<OrderEvent, Frequent>, out: BinaryWriter): void {
  out.number(event.epoch);
  out.number(event.sequence);
  switch (event.kind) {
    case EventKind.OrderRejected:
      out.u8(event.reason);
      out.text(event.text);
      break;
    case EventKind.OrderExpired:
      out.u8(event.reason);
      break;
    case EventKind.OrderReport:
      out.text(event.venueOrderId);
      out.u8(event.status);
      out.number(event.cumQuantity);
      break;
    case EventKind.OrderNotFound:
      out.bool(event.definitive);
      break;
    case EventKind.SendFailed:
      out.bool(event.submit);
      out.u8(event.reason);
      break;
    case EventKind.OrderAdopted:
      out.u32(event.instrument);
      out.u8(event.side);
      out.u8(event.type);
      out.u8(event.timeInForce);
      out.bool(event.postOnly);
      out.number(event.quantity);
      out.number(event.price);
      out.number(event.triggerPrice);
      out.text(event.venueOrderId);
      break;
    case EventKind.OrderTriggered:
    case EventKind.OutcomeUnknown:
      break;
    default:
      event satisfies never;
  }
}
