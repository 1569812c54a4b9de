import type { BookView } from '../book/index.js';
import type {
  ConnectionState,
  DenialReason,
  Instrument,
  TradingState,
  VenueChannel,
} from '../domain/index.js';
import type { OrderManager } from '../oms/index.js';
import type { Portfolio, PositionView } from '../portfolio/index.js';
import type { KernelCounters } from './kernel-counters.js';

/** What became of a strategy. */
export interface StrategyStatus {
  readonly name: string;
  /** False once it threw, or was stopped with the process. */
  readonly running: boolean;
  /** The message of what it threw; empty while it has not. */
  readonly error: string;
}

/** The kernel's state for people and exporters to read between events. Never to be written to. */
export interface KernelView {
  /** Time of the last event, microseconds since 1970 (UTC). */
  readonly now: number;
  readonly tradingState: TradingState;
  /** Why trading is not active, in words; empty while it is. */
  readonly haltWhy: string;
  readonly haltReason: DenialReason;
  /** No strategy will run again: the process is ending. */
  readonly stopped: boolean;
  readonly instruments: readonly Instrument[];
  readonly strategies: readonly StrategyStatus[];
  readonly portfolio: Portfolio;
  readonly orders: OrderManager;
  readonly counters: KernelCounters;
  book(instrument: number): BookView;
  position(instrument: number): PositionView;
  connection(venue: number, channel: VenueChannel): ConnectionState;
}
