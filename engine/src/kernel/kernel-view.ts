import type { BookView } from '../book/index.js';
import type {
  ConnectionState,
  DenialReason,
  Instrument,
  JournalState,
  TradingState,
  VenueChannel,
} from '../domain/index.js';
import type { OrderManager } from '../oms/index.js';
import type { Portfolio, PositionView } from '../portfolio/index.js';
import type { OrderRate } from '../risk/index.js';
import type { KernelCounters } from './kernel-counters.js';
import type { KernelParts } from './kernel-parts.js';

/** What became of a strategy. */
export interface StrategyStatus {
  readonly name: string;
  /** False once it threw, or was stopped with the process; true again with the next session. */
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
  /** Whether the journal keeps up; new orders are denied while it does not. */
  readonly journal: JournalState;
  /** How fast new orders may be sent. */
  readonly orderRate: OrderRate;
  /** No strategy will run again in this session: the process is ending. */
  readonly stopped: boolean;
  readonly instruments: readonly Instrument[];
  readonly strategies: readonly StrategyStatus[];
  readonly portfolio: Portfolio;
  readonly orders: OrderManager;
  readonly counters: KernelCounters;
  book(instrument: number): BookView;
  position(instrument: number): PositionView;
  connection(venue: number, channel: VenueChannel): ConnectionState;
  /**
   * Index of the instrument with this id (`BTCUSDT.BINANCE`), -1 when it is not known: a session that goes on from a
   * journal defines a known instrument again under its index, and a new one under `instruments.length`.
   */
  instrumentIndex(id: string): number;
}

/** Live: reads as of now whenever read. */
export function viewOf(parts: KernelParts): KernelView {
  return {
    get now() {
      return parts.clock.now;
    },
    get tradingState() {
      return parts.gate.killSwitch.state;
    },
    get haltWhy() {
      return parts.gate.killSwitch.why;
    },
    get haltReason() {
      return parts.gate.killSwitch.reason;
    },
    get journal() {
      return parts.desk.journal;
    },
    get stopped() {
      return parts.desk.closed;
    },
    orderRate: parts.orderRate,
    instruments: parts.instruments,
    strategies: parts.hosts,
    portfolio: parts.portfolio,
    orders: parts.orders,
    counters: parts.counters,
    book: (index) => parts.at(index).book,
    position: (index) => parts.portfolio.position(parts.at(index).instrument.index),
    connection: (venue, channel) => parts.connections.get(venue, channel),
    instrumentIndex: (id) => parts.instruments.findIndex((instrument) => instrument.id === id),
  };
}
