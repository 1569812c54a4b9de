import { InstrumentBook } from '../../src/book/index.js';
import {
  ConnectionState,
  EventKind,
  type Instrument,
  JournalState,
  type Order,
  OrderStatus,
  OrderType,
  Side,
  TimeInForce,
} from '../../src/domain/index.js';
import { Portfolio } from '../../src/portfolio/index.js';
import { RiskGate, type RiskLimits, type RiskView } from '../../src/risk/index.js';
import { bookUpdate, instrument, openLimits, START } from '../kernel/support/fixtures.js';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

let sequence = 0;

/** A limit buy of 0.01 at 10,000.00, inside every rule; `changes` make it something else. */
export function order(changes: Partial<Order> = {}): Order {
  const quantity = changes.quantity ?? 1000;
  return {
    instrument: 0,
    strategy: 0,
    side: Side.Buy,
    type: OrderType.Limit,
    timeInForce: TimeInForce.GTC,
    postOnly: false,
    quantity,
    price: 10_000_00,
    triggerPrice: 0,
    epoch: 7,
    sequence: ++sequence,
    status: OrderStatus.Initialized,
    cumQuantity: 0,
    leavesQuantity: quantity,
    awaitedQuantity: 0,
    cumCost: 0n,
    venueOrderId: '',
    tsSubmitted: START,
    tsLast: START,
    ...changes,
  };
}

export interface Bench {
  readonly gate: RiskGate;
  readonly portfolio: Portfolio;
  readonly book: InstrumentBook;
  readonly view: Mutable<RiskView>;
  open(...orders: Order[]): void;
}

/** A gate over instruments with a valid book of 9,999.00 × 10,001.00 on the first. */
export function bench(limits: Partial<RiskLimits> = {}, instruments: Instrument[] = [instrument()]): Bench {
  const portfolio = new Portfolio();
  const gate = new RiskGate({ ...openLimits, ...limits }, portfolio);
  for (const each of instruments) {
    portfolio.define(each);
    gate.define(each);
  }
  const book = new InstrumentBook();
  const levels = (from: number, step: number) =>
    Array.from({ length: 5 }, (_, i) => [from + i * step, 2_00000] as const);
  book.apply(
    bookUpdate(EventKind.BookSnapshot, START, 0, [1, 10], levels(9_999_00, -100), levels(10_001_00, 100)),
  );
  for (const { index } of instruments) portfolio.mark(index, book.bid, book.ask);
  const view = {
    now: START,
    epoch: 7,
    journal: JournalState.Ok,
    book,
    staleAfterUs: 1_000_000,
    orders: ConnectionState.Up,
    user: ConnectionState.Up,
  };
  const open = (...orders: Order[]) => {
    for (const { index } of instruments) {
      gate.beginOpen(index);
      for (const each of orders) if (each.instrument === index) gate.addOpen(each);
      gate.endOpen(index);
    }
  };
  return { gate, portfolio, book, view, open };
}
