import type { BookView } from '../book/index.js';
import type {
  BinaryReader,
  BinaryWriter,
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

/** Where a strategy finds again what it held by reference when it was saved. */
export interface StrategyMemory {
  instrument(index: number): Instrument;
  /** The order, or null when it is not known any more. */
  order(epoch: number, sequence: number): Order | null;
}

/**
 * A trading strategy: deterministic, and driven by events alone. It keeps its state in plain fields, reads no clock,
 * draws no random number and awaits nothing; the lint rule holds it to that.
 */
export interface Strategy {
  readonly name: string;
  /** Venue symbols it trades; it hears of these instruments alone. */
  readonly symbols: readonly string[];
  /** Version of what {@link save} writes: state of another version is not loaded, and the strategy starts afresh. */
  readonly format: number;
  /**
   * For each instrument, before anything else about it; again whenever the venue's rules for it are told anew, as at the
   * start of each session.
   */
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
  /** The process is ending: cancel what is open. The last call of a session; the kernel denies whatever comes after it. */
  onStop(context: StrategyContext): void;
  /**
   * A new session goes on from this state, maybe in another process: channels are down and books invalid until they come
   * back, instruments are told anew, and its open orders still rest at their venues. Only for a strategy that was running:
   * one that was stopped, or threw, begins afresh instead, and what it left open is canceled.
   */
  onRestart?(context: StrategyContext): void;
  hashInto(hash: StateHash): void;
  /** Writes everything that {@link hashInto} covers, and whatever else decides what it will do. */
  save(out: BinaryWriter): void;
  /**
   * Replaces its state with what a strategy of the same name and format has saved, maybe under other parameters. What it
   * throws makes it start afresh.
   */
  load(input: BinaryReader, memory: StrategyMemory): void;
}
