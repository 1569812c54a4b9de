import { describe, expect, it } from '@jest/globals';
import {
  BookFault,
  ConnectionState,
  DenialReason,
  JournalState,
  nameOf,
  type Order,
  OrderStatus,
  OrderType,
  parseAmount,
  Side,
  TimeInForce,
  TradingState,
} from '../../src/domain/index.js';
import type { RiskLimits } from '../../src/risk/index.js';
import { instrument, START } from '../kernel/support/fixtures.js';
import { type Bench, bench, order } from './support.js';

interface Case {
  readonly reason: keyof typeof DenialReason;
  readonly title: string;
  readonly limits?: Partial<RiskLimits>;
  readonly order?: Partial<Order>;
  readonly world?: (bench: Bench) => void;
}

const halted = (b: Bench) => b.gate.killSwitch.halt(DenialReason.TRADING_HALTED, 'test');
const reducing = (b: Bench) => b.gate.killSwitch.set(TradingState.Reducing, 'test');
const hold = (side: Side, quantity: number) => (b: Bench) =>
  b.portfolio.onFill(instrument(), side, 10_000_00, quantity, 'USDT', 0n);
const limit = { type: OrderType.Limit } as const;

const CASES: readonly Case[] = [
  { reason: 'NONE', title: 'an ordinary order' },
  { reason: 'INSTRUMENT_NOT_FOUND', title: 'an index nobody defined', order: { instrument: 9 } },
  { reason: 'INSTRUMENT_NOT_FOUND', title: 'no index at all', order: { instrument: Number.NaN } },
  { reason: 'INVALID_CLIENT_ORDER_ID', title: 'another epoch', order: { epoch: 6 } },
  { reason: 'INVALID_CLIENT_ORDER_ID', title: 'a sequence past the format', order: { sequence: 32 ** 9 } },
  { reason: 'INVALID_CLIENT_ORDER_ID', title: 'a fractional sequence', order: { sequence: 1.5 } },
  {
    reason: 'DUPLICATE_ORDER',
    title: 'a sequence approved before',
    order: { sequence: 0 },
    world: ({ gate, view }) => {
      const first = order();
      gate.check(first, view);
      gate.approve(first);
    },
  },
  { reason: 'INVALID_ORDER_SIDE', title: 'a third side', order: { side: 2 as Side } },
  { reason: 'UNSUPPORTED_ORDER_TYPE', title: 'an unknown type', order: { type: 6 as OrderType } },
  { reason: 'UNSUPPORTED_ORDER_TYPE', title: 'a fractional type', order: { type: 0.5 as OrderType } },
  {
    reason: 'UNSUPPORTED_ORDER_TYPE',
    title: 'a post-only market order',
    order: { type: OrderType.Market, postOnly: true },
  },
  { reason: 'UNSUPPORTED_TIME_IN_FORCE', title: 'an unknown one', order: { timeInForce: 3 as TimeInForce } },
  {
    reason: 'UNSUPPORTED_TIME_IN_FORCE',
    title: 'post-only and IOC',
    order: { postOnly: true, timeInForce: TimeInForce.IOC },
  },
  { reason: 'TRADING_HALTED', title: 'halted', world: halted },
  {
    reason: 'VENUE_DISCONNECTED',
    title: 'orders down',
    world: (b) => (b.view.orders = ConnectionState.Down),
  },
  {
    reason: 'VENUE_DISCONNECTED',
    title: 'user stream connecting, orders reconciling',
    world: (b) => {
      b.view.orders = ConnectionState.Reconciling;
      b.view.user = ConnectionState.Connecting;
    },
  },
  {
    reason: 'STREAM_RECONCILING',
    title: 'user stream reconciling',
    world: (b) => (b.view.user = ConnectionState.Reconciling),
  },
  { reason: 'PRICE_NOT_POSITIVE', title: 'zero', order: { price: 0 } },
  { reason: 'PRICE_NOT_POSITIVE', title: 'a fraction of a unit', order: { price: 0.5 } },
  { reason: 'PRICE_NOT_POSITIVE', title: 'no number', order: { price: Number.NaN } },
  { reason: 'PRICE_NOT_ON_INCREMENT', title: 'between two ticks', order: { price: 10_000_03 } },
  { reason: 'PRICE_BELOW_MINIMUM', title: 'below', order: { price: 5 } },
  { reason: 'PRICE_EXCEEDS_MAXIMUM', title: 'above', order: { price: 100_000_005 } },
  { reason: 'TRIGGER_PRICE_INVALID', title: 'a stop without trigger', order: { type: OrderType.StopMarket } },
  {
    reason: 'TRIGGER_PRICE_INVALID',
    title: 'off the increment',
    order: { type: OrderType.StopLimit, triggerPrice: 10_000_03 },
  },
  { reason: 'QUANTITY_NOT_ON_INCREMENT', title: 'between two lots', order: { quantity: 1003 } },
  { reason: 'QUANTITY_NOT_ON_INCREMENT', title: 'no number', order: { quantity: Number.NaN } },
  { reason: 'QUANTITY_BELOW_MINIMUM', title: 'zero', order: { quantity: 0 } },
  { reason: 'QUANTITY_BELOW_MINIMUM', title: 'negative', order: { quantity: -1000 } },
  { reason: 'QUANTITY_BELOW_MINIMUM', title: 'below the venue minimum', order: { quantity: 5 } },
  { reason: 'QUANTITY_EXCEEDS_MAXIMUM', title: 'above the venue maximum', order: { quantity: 900_000_005 } },
  {
    reason: 'QUANTITY_EXCEEDS_MAXIMUM',
    title: 'above ours, finer decimals cut off',
    limits: { maxOrderQuantity: '0.00999999' },
  },
  {
    reason: 'BOOK_INVALID',
    title: 'a broken book',
    world: (b) => void b.book.setStatus(BookFault.SEQUENCE_GAP),
  },
  { reason: 'BOOK_INVALID', title: 'a syncing book', world: (b) => void b.book.setStatus(BookFault.NONE) },
  { reason: 'BOOK_INVALID', title: 'no bids', world: (b) => (b.book.bid = 0) },
  { reason: 'BOOK_STALE', title: 'a silent book', world: (b) => void b.book.checkStale(START + 10, 5) },
  {
    reason: 'BOOK_STALE',
    title: 'a book gone silent since the last timer',
    world: (b) => void Object.assign(b.view, { now: START + 1_000_001 }),
  },
  {
    reason: 'PRICE_COLLAR',
    title: 'a buy too high',
    limits: { priceCollarBps: 100 },
    order: { price: 10_100_05 },
  },
  {
    reason: 'PRICE_COLLAR',
    title: 'a buy too low',
    limits: { priceCollarBps: 100 },
    order: { price: 9_899_95 },
  },
  { reason: 'NONE', title: 'at the collar', limits: { priceCollarBps: 100 }, order: { price: 10_100_00 } },
  {
    reason: 'PRICE_COLLAR',
    title: 'a stop-limit far from its trigger',
    limits: { priceCollarBps: 100 },
    order: { type: OrderType.StopLimit, triggerPrice: 12_000_00, price: 12_200_00 },
  },
  {
    reason: 'NONE',
    title: 'a stop-limit near its trigger',
    limits: { priceCollarBps: 100 },
    order: { type: OrderType.StopLimit, triggerPrice: 12_000_00, price: 12_100_00 },
  },
  {
    reason: 'PRICE_COLLAR',
    title: 'a market order deeper than the book within the collar',
    limits: { priceCollarBps: 2 },
    order: { type: OrderType.Market, quantity: 4_00005 },
  },
  {
    reason: 'NONE',
    title: 'a market order the collar holds',
    limits: { priceCollarBps: 2 },
    order: { type: OrderType.Market, quantity: 4_00000 },
  },
  { reason: 'NOTIONAL_BELOW_MINIMUM', title: 'under five', order: { quantity: 45 } },
  { reason: 'NONE', title: 'exactly five', order: { quantity: 50 } },
  { reason: 'NOTIONAL_EXCEEDS_MAXIMUM', title: 'past the venue', order: { quantity: 900_00005 } },
  {
    reason: 'NOTIONAL_EXCEEDS_MAX_PER_ORDER',
    title: 'past ours by the last unit',
    limits: { maxOrderNotional: parseAmount('100') - 1n },
  },
  { reason: 'NONE', title: 'exactly ours', limits: { maxOrderNotional: parseAmount('100') } },
  { reason: 'TRADING_STATE_REDUCING', title: 'flat', world: reducing },
  {
    reason: 'TRADING_STATE_REDUCING',
    title: 'through zero',
    order: { quantity: 1005 },
    world: (b) => {
      hold(Side.Sell, 1000)(b);
      reducing(b);
    },
  },
  {
    reason: 'TRADING_STATE_REDUCING',
    title: 'through zero together with an open order',
    world: (b) => {
      hold(Side.Sell, 1000)(b);
      b.open(order({ price: 9_000_00, quantity: 5, ...limit }));
      reducing(b);
    },
  },
  {
    reason: 'NONE',
    title: 'reducing to flat',
    world: (b) => {
      hold(Side.Sell, 1000)(b);
      reducing(b);
    },
  },
  {
    reason: 'POSITION_LIMIT',
    title: 'position, open buys and this one',
    limits: { maxPosition: { BTCUSDT: '0.03' } },
    world: (b) => {
      hold(Side.Buy, 1000)(b);
      b.open(order({ price: 9_000_00, quantity: 1005 }));
    },
  },
  {
    reason: 'NONE',
    title: 'exactly at the position limit, open sells not counted',
    limits: { maxPosition: { BTCUSDT: '0.03' } },
    world: (b) => {
      hold(Side.Buy, 1000)(b);
      b.open(order({ price: 9_000_00 }), order({ side: Side.Sell, price: 11_000_00 }));
    },
  },
  {
    reason: 'NONE',
    title: 'past the limit, but on the way back',
    limits: { maxPosition: { BTCUSDT: '0.01' } },
    order: { side: Side.Sell },
    world: hold(Side.Buy, 5000),
  },
  {
    reason: 'OPEN_ORDER_LIMIT',
    title: 'one open already',
    limits: { maxOpenOrders: 1 },
    world: (b) => b.open(order({ price: 9_000_00 })),
  },
  {
    reason: 'SELF_TRADE',
    title: 'a buy at our own sell',
    world: (b) => b.open(order({ side: Side.Sell, price: 10_000_00 })),
  },
  {
    reason: 'SELF_TRADE',
    title: 'a market sell into our own buy',
    order: { side: Side.Sell, type: OrderType.Market },
    world: (b) => b.open(order({ price: 9_000_00 })),
  },
  {
    reason: 'NONE',
    title: 'a buy below our own sell',
    world: (b) => b.open(order({ side: Side.Sell, price: 10_000_05 })),
  },
  {
    reason: 'NOTIONAL_EXCEEDS_FREE_BALANCE',
    title: 'a buy without quote',
    world: (b) => void b.portfolio.balances.set(0, 'USDT', parseAmount('100') - 1n, 0n, START),
  },
  {
    reason: 'NONE',
    title: 'a buy with exactly the quote',
    world: (b) => void b.portfolio.balances.set(0, 'USDT', parseAmount('100'), 0n, START),
  },
  {
    reason: 'NOTIONAL_EXCEEDS_FREE_BALANCE',
    title: 'a sell without base',
    order: { side: Side.Sell },
    world: (b) => void b.portfolio.balances.set(0, 'BTC', parseAmount('0.00999'), 0n, START),
  },
  {
    reason: 'NOTIONAL_EXCEEDS_FREE_BALANCE',
    title: 'a buy whose quote an order in flight will lock',
    world: (b) => {
      b.portfolio.balances.set(0, 'USDT', parseAmount('199.99'), 0n, START - 1);
      b.open(order({ price: 10_000_00, status: OrderStatus.Submitted }));
    },
  },
  {
    reason: 'NOTIONAL_EXCEEDS_FREE_BALANCE',
    title: 'the same, acknowledged, before the venue told the new balance',
    world: (b) => {
      b.portfolio.balances.set(0, 'USDT', parseAmount('199.99'), 0n, START - 1);
      b.open(order({ status: OrderStatus.Accepted, venueOrderId: '1' }));
    },
  },
  {
    reason: 'NONE',
    title: 'the same once the venue has locked it',
    world: (b) => {
      b.portfolio.balances.set(0, 'USDT', parseAmount('100'), parseAmount('100'), START + 1);
      b.open(order({ status: OrderStatus.Accepted, venueOrderId: '1' }));
    },
  },
  { reason: 'CAPITAL_LIMIT', title: 'this order alone', limits: { capital: parseAmount('100') } },
  {
    reason: 'CAPITAL_LIMIT',
    title: 'with the position',
    limits: { capital: parseAmount('300') },
    world: hold(Side.Buy, 2000),
  },
  {
    reason: 'NONE',
    title: 'past the capital, but on the way back',
    limits: { capital: parseAmount('100') },
    order: { side: Side.Sell },
    world: hold(Side.Buy, 5000),
  },
  {
    reason: 'RATE_LIMIT_EXCEEDED',
    title: 'the burst spent',
    limits: { orderRate: { perSecond: 1, burst: 1 } },
    world: ({ gate, view }) => {
      const first = order({ sequence: 1 });
      gate.check(first, view);
      gate.approve(first);
    },
  },
  {
    reason: 'DAILY_LOSS_LIMIT',
    title: 'halted by the daily loss',
    limits: { maxDailyLoss: parseAmount('10') },
    world: (b) => {
      hold(Side.Buy, 1_00000)(b);
      b.portfolio.mark(0, 9_990_00, 9_991_00);
      b.gate.killSwitch.onMark(START, 0, 9_990_00, 9_991_00);
    },
  },
  {
    reason: 'JOURNAL_BACKLOG',
    title: 'journal behind',
    world: (b) => {
      b.view.journal = JournalState.Backlog;
    },
  },
  {
    reason: 'JOURNAL_FAILED',
    title: 'journal failed',
    world: (b) => {
      b.view.journal = JournalState.Failed;
    },
  },
  {
    reason: 'DRAWDOWN_LIMIT',
    title: 'halted by the drawdown',
    limits: { maxDrawdown: parseAmount('10'), maxDailyLoss: parseAmount('1000') },
    world: (b) => {
      hold(Side.Buy, 1_00000)(b);
      b.portfolio.mark(0, 10_100_00, 10_101_00);
      b.portfolio.mark(0, 10_090_00, 10_091_00);
      b.gate.killSwitch.onMark(START, 0, 10_090_00, 10_091_00);
    },
  },
  {
    reason: 'TRADING_HALTED',
    title: 'halted by the circuit breaker',
    limits: { circuitBreakerBps: 50, circuitBreakerWindowMs: 1000 },
    world: (b) => {
      b.gate.killSwitch.onMark(START, 0, 9_999_00, 10_001_00);
      b.gate.killSwitch.onMark(START + 900_000, 0, 10_049_00, 10_051_00);
    },
  },
];

/** Increments of 5 so that "off the increment" can be told from "below the minimum". */
const traded = () => [instrument(0, { priceIncrement: 5, sizeIncrement: 5, minPrice: 10, minQuantity: 10 })];

describe('RiskGate.check', () => {
  it.each(CASES.map((each) => [each.reason, each.title, each] as const))(
    '%s: %s',
    (_reason, _title, each) => {
      const world = bench(each.limits, traded());
      each.world?.(world);
      const reason = world.gate.check(order(each.order), world.view);
      expect(nameOf(DenialReason, reason)).toBe(each.reason);
    },
  );

  it('reaches every reason but those the connectors give', () => {
    const elsewhere = ['VENUE_RATE_BUDGET', 'SUBMIT_FAILED', 'NOT_LEADER', 'JOURNAL_TIMEOUT'];
    const reached = new Set<string>([...CASES.map(({ reason }) => reason), ...elsewhere]);
    expect(Object.keys(DenialReason).filter((name) => !reached.has(name))).toEqual([]);
  });
});
