import {
  type BinaryReader,
  BookFault,
  type BookUpdate,
  ConnectionState,
  DenialReason,
  decodeInstrument,
  EventKind,
  type Instrument,
  JournalState,
  type KernelEvent,
  LiquiditySide,
  type OrderEvent,
  OrderStatus,
  OrderType,
  RejectReason,
  Side,
  TimeInForce,
  TradingState,
  VenueChannel,
} from '../domain/index.js';

/** Raised by one whenever the bytes of any event or command change; a reader refuses other versions. */
export const CODEC_VERSION = 1;

/** Reads one event. Throws a `JournalError` on bytes that are none. */
export function decodeEvent(input: BinaryReader): KernelEvent {
  const kind = input.member(EventKind, 'event kind');
  const tsEvent = input.number();
  const tsInit = input.number();
  switch (kind) {
    case EventKind.Timer:
    case EventKind.StrategiesStopped:
      return { kind, tsEvent, tsInit };
    case EventKind.BookSnapshot:
    case EventKind.BookDelta:
      return decodeBookUpdate(kind, tsEvent, tsInit, input);
    case EventKind.Quote:
      return {
        kind,
        tsEvent,
        tsInit,
        instrument: input.u32(),
        updateId: input.number(),
        bid: input.number(),
        bidSize: input.number(),
        ask: input.number(),
        askSize: input.number(),
      };
    case EventKind.Trade:
      return {
        kind,
        tsEvent,
        tsInit,
        instrument: input.u32(),
        tradeId: input.number(),
        price: input.number(),
        quantity: input.number(),
        aggressor: input.member(Side, 'side'),
      };
    case EventKind.SessionStarted:
      return {
        kind,
        tsEvent,
        tsInit,
        epoch: input.number(),
        version: input.text(),
        configDigest: input.text(),
      };
    case EventKind.InstrumentDefined: {
      const instrument: Instrument = decodeInstrument(input);
      return { kind, tsEvent, tsInit, instrument };
    }
    case EventKind.BookStatus:
      return { kind, tsEvent, tsInit, instrument: input.u32(), fault: input.member(BookFault, 'book fault') };
    case EventKind.Connection:
      return {
        kind,
        tsEvent,
        tsInit,
        venue: input.u32(),
        channel: input.member(VenueChannel, 'channel'),
        state: input.member(ConnectionState, 'connection state'),
      };
    case EventKind.Balance:
      return {
        kind,
        tsEvent,
        tsInit,
        venue: input.u32(),
        asset: input.text(),
        free: input.big(),
        locked: input.big(),
      };
    case EventKind.BalanceTransfer:
      return { kind, tsEvent, tsInit, venue: input.u32(), asset: input.text(), amount: input.big() };
    case EventKind.Reconciled:
      return { kind, tsEvent, tsInit, venue: input.u32(), lastTradeIds: texts(input) };
    case EventKind.JournalStatus:
      return { kind, tsEvent, tsInit, state: input.member(JournalState, 'journal state') };
    case EventKind.TradingStateSet:
      return {
        kind,
        tsEvent,
        tsInit,
        state: input.member(TradingState, 'trading state'),
        who: input.text(),
        why: input.text(),
      };
    default:
      return decodeOrderEvent(kind, tsEvent, tsInit, input);
  }
}

/** Each takes four bytes at least: a count beyond what is left ends in an error before it costs memory. */
function texts(input: BinaryReader): string[] {
  const list: string[] = [];
  for (let left = input.u32(); left > 0; left--) list.push(input.text());
  return list;
}

function decodeBookUpdate(
  kind: BookUpdate['kind'],
  tsEvent: number,
  tsInit: number,
  input: BinaryReader,
): BookUpdate {
  const instrument = input.u32();
  const firstId = input.number();
  const lastId = input.number();
  const bidCount = input.u32();
  const askCount = input.u32();
  return {
    kind,
    tsEvent,
    tsInit,
    instrument,
    firstId,
    lastId,
    bidCount,
    askCount,
    bidPrices: input.numbers(bidCount),
    bidSizes: input.numbers(bidCount),
    askPrices: input.numbers(askCount),
    askSizes: input.numbers(askCount),
  };
}

function decodeOrderEvent(
  kind: OrderEvent['kind'],
  tsEvent: number,
  tsInit: number,
  input: BinaryReader,
): OrderEvent {
  const base = { tsEvent, tsInit, epoch: input.number(), sequence: input.number() };
  switch (kind) {
    case EventKind.OrderAccepted:
      return { kind, ...base, venueOrderId: input.text() };
    case EventKind.OrderRejected:
      return { kind, ...base, reason: input.member(RejectReason, 'reject reason'), text: input.text() };
    case EventKind.OrderFilled:
      return {
        kind,
        ...base,
        tradeId: input.text(),
        price: input.number(),
        quantity: input.number(),
        liquidity: input.member(LiquiditySide, 'liquidity side'),
        feeAsset: input.text(),
        fee: input.big(),
      };
    case EventKind.OrderExpired:
      return { kind, ...base, reason: input.member(RejectReason, 'reject reason') };
    case EventKind.CancelRejected:
      return { kind, ...base, reason: input.member(RejectReason, 'reject reason') };
    case EventKind.OrderReport:
      return {
        kind,
        ...base,
        venueOrderId: input.text(),
        status: input.member(OrderStatus, 'order status'),
        cumQuantity: input.number(),
      };
    case EventKind.OrderNotFound:
      return { kind, ...base, definitive: input.bool() };
    case EventKind.SendFailed:
      return { kind, ...base, submit: input.bool(), reason: input.member(DenialReason, 'denial reason') };
    case EventKind.OrderAdopted:
      return {
        kind,
        ...base,
        instrument: input.u32(),
        side: input.member(Side, 'side'),
        type: input.member(OrderType, 'order type'),
        timeInForce: input.member(TimeInForce, 'time in force'),
        postOnly: input.bool(),
        quantity: input.number(),
        price: input.number(),
        triggerPrice: input.number(),
        venueOrderId: input.text(),
      };
    case EventKind.OrderCanceled:
    case EventKind.OrderTriggered:
    case EventKind.OutcomeUnknown:
      return { kind, ...base };
    default:
      return kind satisfies never;
  }
}
