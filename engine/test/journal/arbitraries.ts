import fc from 'fast-check';
import {
  BookFault,
  ConnectionState,
  DenialReason,
  defineInstrument,
  EventKind,
  JournalState,
  type KernelEvent,
  LiquiditySide,
  OrderStatus,
  OrderType,
  RejectReason,
  Side,
  TimeInForce,
  TradingState,
  VenueChannel,
} from '../../src/domain/index.js';

const of = <T>(vocabulary: Readonly<Record<string, T>>) => fc.constantFrom(...Object.values(vocabulary));
const int = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -0, Number.NaN, 0.5, 2 ** 53, -1));
const index = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 200 }), fc.constant('\ud800'));
const big = fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n });
const base = { tsEvent: int, tsInit: int };
const orderBase = { ...base, epoch: int, sequence: int };

const instrument = fc
  .record({
    index,
    venue: index,
    venueName: text,
    symbol: text,
    base: text,
    quote: text,
    pricePrecision: fc.integer({ min: 0, max: 9 }),
    sizePrecision: fc.integer({ min: 0, max: 9 }),
    priceIncrement: fc.integer({ min: 1 }),
    sizeIncrement: fc.integer({ min: 1 }),
    minPrice: fc.maxSafeNat(),
    maxPrice: fc.maxSafeNat(),
    minQuantity: fc.maxSafeNat(),
    maxQuantity: fc.maxSafeNat(),
    minNotional: fc.bigInt({ min: 0n, max: 2n ** 200n }),
    maxNotional: fc.bigInt({ min: 0n, max: 2n ** 200n }),
  })
  .map(({ index: at, venue, ...spec }) =>
    defineInstrument(at, venue, {
      ...spec,
      maxPrice: Math.max(spec.minPrice, spec.maxPrice),
      maxQuantity: Math.max(spec.minQuantity, spec.maxQuantity),
      maxNotional: spec.maxNotional + spec.minNotional,
    }),
  );

const levels = fc.array(fc.tuple(int, int), { maxLength: 30 });
const bookUpdate = (kind: typeof EventKind.BookSnapshot | typeof EventKind.BookDelta) =>
  fc
    .record({ ...base, instrument: index, firstId: int, lastId: int, bids: levels, asks: levels })
    .map(({ bids, asks, ...rest }) => ({
      kind,
      ...rest,
      bidCount: bids.length,
      askCount: asks.length,
      bidPrices: Float64Array.from(bids, ([price]) => price),
      bidSizes: Float64Array.from(bids, ([, size]) => size),
      askPrices: Float64Array.from(asks, ([price]) => price),
      askSizes: Float64Array.from(asks, ([, size]) => size),
    }));

/** An arbitrary event of each kind. A kind added to the domain does not compile until it is here. */
const BY_KIND: { readonly [K in keyof typeof EventKind]: fc.Arbitrary<KernelEvent> } = {
  SessionStarted: fc.record({
    kind: fc.constant(EventKind.SessionStarted),
    ...base,
    epoch: int,
    version: text,
    configDigest: text,
  }),
  InstrumentDefined: fc.record({ kind: fc.constant(EventKind.InstrumentDefined), ...base, instrument }),
  Timer: fc.record({ kind: fc.constant(EventKind.Timer), ...base }),
  BookSnapshot: bookUpdate(EventKind.BookSnapshot),
  BookDelta: bookUpdate(EventKind.BookDelta),
  Quote: fc.record({
    kind: fc.constant(EventKind.Quote),
    ...base,
    instrument: index,
    updateId: int,
    bid: int,
    bidSize: int,
    ask: int,
    askSize: int,
  }),
  Trade: fc.record({
    kind: fc.constant(EventKind.Trade),
    ...base,
    instrument: index,
    tradeId: int,
    price: int,
    quantity: int,
    aggressor: of(Side),
  }),
  BookStatus: fc.record({
    kind: fc.constant(EventKind.BookStatus),
    ...base,
    instrument: index,
    fault: of(BookFault),
  }),
  Connection: fc.record({
    kind: fc.constant(EventKind.Connection),
    ...base,
    venue: index,
    channel: of(VenueChannel),
    state: of(ConnectionState),
  }),
  Balance: fc.record({
    kind: fc.constant(EventKind.Balance),
    ...base,
    venue: index,
    asset: text,
    free: big,
    locked: big,
  }),
  BalanceTransfer: fc.record({
    kind: fc.constant(EventKind.BalanceTransfer),
    ...base,
    venue: index,
    asset: text,
    amount: big,
  }),
  Reconciled: fc.record({
    kind: fc.constant(EventKind.Reconciled),
    ...base,
    venue: index,
    lastTradeIds: fc.array(text, { maxLength: 4 }),
  }),
  OrderAccepted: fc.record({
    kind: fc.constant(EventKind.OrderAccepted),
    ...orderBase,
    venueOrderId: text,
  }),
  OrderRejected: fc.record({
    kind: fc.constant(EventKind.OrderRejected),
    ...orderBase,
    reason: of(RejectReason),
    text,
  }),
  OrderFilled: fc.record({
    kind: fc.constant(EventKind.OrderFilled),
    ...orderBase,
    tradeId: text,
    price: int,
    quantity: int,
    liquidity: of(LiquiditySide),
    feeAsset: text,
    fee: big,
  }),
  OrderCanceled: fc.record({ kind: fc.constant(EventKind.OrderCanceled), ...orderBase }),
  OrderExpired: fc.record({
    kind: fc.constant(EventKind.OrderExpired),
    ...orderBase,
    reason: of(RejectReason),
  }),
  OrderTriggered: fc.record({ kind: fc.constant(EventKind.OrderTriggered), ...orderBase }),
  CancelRejected: fc.record({
    kind: fc.constant(EventKind.CancelRejected),
    ...orderBase,
    reason: of(RejectReason),
  }),
  OrderReport: fc.record({
    kind: fc.constant(EventKind.OrderReport),
    ...orderBase,
    venueOrderId: text,
    status: of(OrderStatus),
    cumQuantity: int,
  }),
  OrderNotFound: fc.record({
    kind: fc.constant(EventKind.OrderNotFound),
    ...orderBase,
    definitive: fc.boolean(),
  }),
  OutcomeUnknown: fc.record({ kind: fc.constant(EventKind.OutcomeUnknown), ...orderBase }),
  SendFailed: fc.record({
    kind: fc.constant(EventKind.SendFailed),
    ...orderBase,
    submit: fc.boolean(),
    reason: of(DenialReason),
  }),
  OrderAdopted: fc.record({
    kind: fc.constant(EventKind.OrderAdopted),
    ...orderBase,
    instrument: index,
    side: of(Side),
    type: of(OrderType),
    timeInForce: of(TimeInForce),
    postOnly: fc.boolean(),
    quantity: int,
    price: int,
    triggerPrice: int,
    venueOrderId: text,
  }),
  JournalStatus: fc.record({
    kind: fc.constant(EventKind.JournalStatus),
    ...base,
    state: of(JournalState),
  }),
  TradingStateSet: fc.record({
    kind: fc.constant(EventKind.TradingStateSet),
    ...base,
    state: of(TradingState),
    who: text,
    why: text,
  }),
  StrategiesStopped: fc.record({ kind: fc.constant(EventKind.StrategiesStopped), ...base }),
};

export const EVENT_NAMES = Object.keys(BY_KIND) as (keyof typeof EventKind)[];
export const eventOf = (name: keyof typeof EventKind) => BY_KIND[name];
export const anyEvent = fc.oneof(...Object.values(BY_KIND));
