import { InstrumentBook } from '../../src/book/index.js';
import {
  EventKind,
  type Instrument,
  type Order,
  type OrderIntent,
  OrderStatus,
  Side,
  TradingState,
} from '../../src/domain/index.js';
import { Position } from '../../src/portfolio/index.js';
import { MarketMaker, type MarketMakingParams, type StrategyContext } from '../../src/strategies/index.js';
import { bookUpdate, instrument, START } from '../kernel/support/fixtures.js';
import { order } from '../risk/support.js';

type MutableOrder = { -readonly [K in keyof Order]: Order[K] };

/** Everything a strategy may touch, under a test's control. Every order is submitted until `deny` is set. */
export class FakeContext implements StrategyContext {
  now = START;
  tradingState: TradingState = TradingState.Active;
  isReady = true;
  /** Whether cancels can be sent. */
  isWired = true;
  deny = false;
  readonly #instrument: Instrument;
  readonly #book = new InstrumentBook();
  readonly #position: Position;
  readonly submitted: MutableOrder[] = [];
  readonly canceled: Order[] = [];
  #updateId = 0;

  constructor(of: Instrument = instrument()) {
    this.#instrument = of;
    this.#position = new Position(of);
    this.setTop(10_000_00, 10_020_00);
  }

  instrument(): Instrument {
    return this.#instrument;
  }
  book(): InstrumentBook {
    return this.#book;
  }
  position(): Position {
    return this.#position;
  }
  ready(): boolean {
    return this.isReady;
  }
  submit(intent: Readonly<OrderIntent>): Order {
    const status = this.deny ? OrderStatus.Denied : OrderStatus.Submitted;
    const placed = order({
      ...intent,
      leavesQuantity: intent.quantity,
      status,
      tsSubmitted: this.now,
    }) as MutableOrder;
    if (!this.deny) this.submitted.push(placed);
    return placed;
  }
  cancel(asked: Order): boolean {
    if (!this.isWired || asked.status === OrderStatus.PendingCancel || asked.status >= OrderStatus.Filled)
      return false;
    (asked as MutableOrder).status = OrderStatus.PendingCancel;
    this.canceled.push(asked);
    return true;
  }

  /** The newest order on a side. */
  last(side: Side): MutableOrder {
    return this.submitted.filter((each) => each.side === side).at(-1)!;
  }

  /** A book of two levels a side, 100 units apart. */
  setTop(bid: number, ask: number, bidSize = 50_000, askSize = 50_000): void {
    const id = ++this.#updateId;
    this.#book.apply(
      bookUpdate(
        EventKind.BookSnapshot,
        this.now,
        0,
        [id, id],
        [
          [bid, bidSize],
          [bid - 100, 50_000],
        ],
        [
          [ask, askSize],
          [ask + 100, 50_000],
        ],
      ),
    );
  }
}

export const PARAMS: MarketMakingParams = {
  symbol: 'BTCUSDT',
  spreadBps: 10,
  minSpreadBps: 0,
  orderSize: '0.01',
  maxInventory: '0.025',
  inventorySkewBps: 10,
  repriceIntervalMs: 100,
  repriceThresholdBps: 1,
  orderTimeoutMs: 5000,
};

/** A market maker that has met its instrument. */
export function maker(
  params: Partial<MarketMakingParams> = {},
  context: FakeContext = new FakeContext(),
): { strategy: MarketMaker; context: FakeContext } {
  const strategy = new MarketMaker({ ...PARAMS, ...params });
  strategy.onInstrument(context, context.instrument());
  return { strategy, context };
}

/** The venue's word on an order reaches the strategy. */
export function tell(
  strategy: MarketMaker,
  context: FakeContext,
  about: MutableOrder,
  status: OrderStatus,
): void {
  about.status = status;
  // The venue's id comes with its first word.
  if (status === OrderStatus.Accepted) about.venueOrderId = `v${about.sequence}`;
  strategy.onOrder(context, about);
}

/** A fill of the whole order: position first, then the strategy, as the kernel does. */
export function fill(strategy: MarketMaker, context: FakeContext, about: MutableOrder): void {
  context.position().fill(about.side === Side.Buy ? Side.Buy : Side.Sell, about.price, about.quantity);
  about.cumQuantity = about.quantity;
  about.leavesQuantity = 0;
  tell(strategy, context, about, OrderStatus.Filled);
}
