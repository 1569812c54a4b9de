import { SimulatedExecution, type SimulatedExecutionOptions } from '../../src/backtest/index.js';
import {
  type ApprovedOrder,
  type BookUpdate,
  defineInstrument,
  EventKind,
  type Instrument,
  type KernelEvent,
  type Order,
  type OrderFilled,
  OrderStatus,
  OrderType,
  parseAmount,
  Side,
  StateHash,
  TimeInForce,
} from '../../src/domain/index.js';

/** Prices in cents, sizes in thousandths, so that tests read in small integers. */
export const INSTRUMENT: Instrument = defineInstrument(0, 0, {
  venueName: 'BINANCE',
  symbol: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  pricePrecision: 2,
  sizePrecision: 3,
  priceIncrement: 1,
  sizeIncrement: 1,
  minPrice: 1,
  maxPrice: 1_000_000,
  minQuantity: 1,
  maxQuantity: 100_000,
  minNotional: parseAmount('0.01'),
  maxNotional: 0n,
});

export type Level = readonly [price: number, size: number];

export interface Ask {
  side?: Side;
  type?: OrderType;
  timeInForce?: TimeInForce;
  postOnly?: boolean;
  quantity: number;
  price?: number;
  triggerPrice?: number;
}

/** A simulated execution with a hand on everything that goes in, and a record of everything that comes out. */
export class Market {
  readonly execution: SimulatedExecution;
  readonly events: KernelEvent[] = [];
  now = 1_000_000;
  #updateId = 0;
  #sequence = 0;
  #tradeId = 0;

  constructor(options: Partial<SimulatedExecutionOptions> = {}) {
    this.execution = new SimulatedExecution({ balances: { BTC: '100', USDT: '100000' }, ...options });
  }

  async start(): Promise<this> {
    this.execution.advance(this.now);
    await this.execution.start([INSTRUMENT], (event) => this.events.push(event));
    return this;
  }

  snapshot(bids: readonly Level[], asks: readonly Level[], at = this.now): void {
    this.#book(EventKind.BookSnapshot, bids, asks, at);
  }

  delta(bids: readonly Level[], asks: readonly Level[], at = this.now): void {
    this.#book(EventKind.BookDelta, bids, asks, at);
  }

  quote(bid: Level, ask: Level, at = this.now): void {
    this.now = at;
    this.execution.onMarketEvent({
      kind: EventKind.Quote,
      tsEvent: at,
      tsInit: at,
      instrument: 0,
      updateId: ++this.#updateId,
      bid: bid[0],
      bidSize: bid[1],
      ask: ask[0],
      askSize: ask[1],
    });
  }

  trade(price: number, quantity: number, aggressor: Side, at = this.now): void {
    this.now = at;
    const tradeId = ++this.#tradeId;
    const times = { tsEvent: at, tsInit: at };
    this.execution.onMarketEvent({
      kind: EventKind.Trade,
      ...times,
      instrument: 0,
      tradeId,
      price,
      quantity,
      aggressor,
    });
  }

  /** Lets time pass; 100 ms without an argument: every request and report arrives. */
  pass(us = 100_000): void {
    this.now += us;
    this.execution.advance(this.now);
  }

  submit(ask: Ask): Order {
    const order = orderOf(++this.#sequence, this.now, ask);
    this.execution.submit(order as ApprovedOrder);
    return order;
  }

  /** Submits and waits for the order to be at work. */
  place(ask: Ask): Order {
    const order = this.submit(ask);
    this.pass();
    return order;
  }

  /** Names of what was told about `order`, in order. */
  told(order: Order): KernelEvent[] {
    return this.events.filter((event) => 'sequence' in event && event.sequence === order.sequence);
  }

  kinds(order: Order): EventKind[] {
    return this.told(order).map(({ kind }) => kind);
  }

  fills(order: Order): OrderFilled[] {
    return this.told(order).filter((event): event is OrderFilled => event.kind === EventKind.OrderFilled);
  }

  filled(order: Order): number {
    return this.fills(order).reduce((sum, { quantity }) => sum + quantity, 0);
  }

  balance(asset: string): { free: bigint; locked: bigint } {
    const last = this.events.findLast((event) => event.kind === EventKind.Balance && event.asset === asset);
    if (last?.kind !== EventKind.Balance) throw new Error(`no balance of ${asset}`);
    return { free: last.free, locked: last.locked };
  }

  hash(): string {
    const hash = new StateHash();
    this.execution.hashInto(hash);
    return hash.digest();
  }

  #book(kind: BookUpdate['kind'], bids: readonly Level[], asks: readonly Level[], at: number): void {
    this.now = at;
    const id = ++this.#updateId;
    this.execution.onMarketEvent(bookUpdate(kind, id, bids, asks, at));
  }
}

export function bookUpdate(
  kind: BookUpdate['kind'],
  id: number,
  bids: readonly Level[],
  asks: readonly Level[],
  at: number,
): BookUpdate {
  return {
    kind,
    tsEvent: at,
    tsInit: at,
    instrument: 0,
    firstId: id,
    lastId: id,
    bidCount: bids.length,
    askCount: asks.length,
    bidPrices: Float64Array.from(bids, ([price]) => price),
    bidSizes: Float64Array.from(bids, ([, size]) => size),
    askPrices: Float64Array.from(asks, ([price]) => price),
    askSizes: Float64Array.from(asks, ([, size]) => size),
  };
}

export function orderOf(sequence: number, now: number, ask: Ask): Order {
  return {
    instrument: 0,
    strategy: 0,
    side: ask.side ?? Side.Buy,
    type: ask.type ?? OrderType.Limit,
    timeInForce: ask.timeInForce ?? TimeInForce.GTC,
    postOnly: ask.postOnly ?? false,
    quantity: ask.quantity,
    price: ask.price ?? 0,
    triggerPrice: ask.triggerPrice ?? 0,
    epoch: 1,
    sequence,
    status: OrderStatus.Submitted,
    cumQuantity: 0,
    leavesQuantity: ask.quantity,
    awaitedQuantity: 0,
    cumCost: 0n,
    venueOrderId: '',
    tsSubmitted: now,
    tsLast: now,
  };
}

/** A started market with a book of three levels a side. */
export async function open(options: ConstructorParameters<typeof Market>[0] = {}): Promise<Market> {
  const market = await new Market(options).start();
  market.snapshot(
    [
      [9_900, 50],
      [9_890, 80],
      [9_800, 500],
    ],
    [
      [10_000, 30],
      [10_010, 40],
      [10_100, 500],
    ],
  );
  return market;
}
