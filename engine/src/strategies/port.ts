import type { BookView } from '../book/index.js';
import type {
  Instrument,
  Order,
  OrderFilled,
  OrderIntent,
  StateHash,
  Trade,
  TradingState,
} from '../domain/index.js';
import type { PositionView } from '../portfolio/index.js';

/** What a strategy sees of the world, and all it can do to it. Valid only during the call it was passed to. */
export interface StrategyContext {
  /** Time of the event being handled, microseconds since 1970 (UTC). The only clock a strategy has. */
  readonly now: number;
  readonly tradingState: TradingState;
  instrument(index: number): Instrument;
  book(instrument: number): BookView;
  position(instrument: number): PositionView;
  /** Whether the instrument's venue can take orders now: its order channel and private stream are both up. */
  ready(instrument: number): boolean;
  /**
   * Asks for an order; `intent` is copied, and its `strategy` set to the caller's own. The returned order is Submitted,
   * or Denied when risk refused it: that is the only word of it, `onOrder` is not called. Its fields go on changing as
   * the venue answers. Drop the reference once it is closed: the object will serve other orders.
   */
  submit(intent: Readonly<OrderIntent>): Order;
  /** Asks for a cancel. False when the order is closed, a cancel is already on its way, or the venue cannot be reached. */
  cancel(order: Order): boolean;
}

/**
 * A trading strategy: deterministic, and driven by events alone. It keeps its state in plain fields, reads no clock,
 * draws no random number and awaits nothing; the lint rule holds it to that.
 */
export interface Strategy {
  readonly name: string;
  /** Venue symbols it trades; it hears of these instruments alone. */
  readonly symbols: readonly string[];
  /** Once for each instrument, before anything else about it. */
  onInstrument(context: StrategyContext, instrument: Instrument): void;
  /** The book (or its top) changed, or its integrity state did: look at `book.state` first. */
  onBook(context: StrategyContext, instrument: number): void;
  onTrade?(context: StrategyContext, trade: Trade): void;
  /**
   * Any change of one of its orders that did not come from its own call. An order it was told had ended may come back to
   * life here, when the venue had it after all: it is not to be planned with, the kernel cancels it until it has ended.
   */
  onOrder(context: StrategyContext, order: Order): void;
  onFill?(context: StrategyContext, order: Order, fill: OrderFilled): void;
  /** On every timer event, and when the trading state was set. */
  onTimer(context: StrategyContext): void;
  /** The process is ending: cancel what is open. The last call; the kernel denies whatever is submitted after it. */
  onStop(context: StrategyContext): void;
  hashInto(hash: StateHash): void;
}
