import type {
  ApprovedOrder,
  BookFault,
  EventSink,
  Instrument,
  InstrumentSpec,
  Order,
  Side,
} from '../domain/index.js';

/** One of our orders as the venue lists it among the open ones. */
export interface VenueOpenOrder {
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  /** False: not one of ours; never to be cancelled by us. */
  readonly own: boolean;
}

/** Public market data of one venue. Everything it learns goes to the sink as events, on the caller's thread. */
export interface MarketDataPort {
  /** Instruments by venue symbol; rejects with a clear error naming a symbol the venue does not trade. */
  loadInstruments(symbols: readonly string[]): Promise<InstrumentSpec[]>;
  /** Connects and keeps the books in step until `stop`; resolves once the first connection is up. */
  start(instruments: readonly Instrument[], sink: EventSink): Promise<void>;
  /**
   * The book built from this port's events turned out broken in a way only its reader can see (crossed, top mismatch):
   * tells BookStatus and rebuilds it. Nothing happens when a rebuild is already under way.
   */
  resync?(instrument: number, fault: BookFault): void;
  stop(): Promise<void>;
}

/** What a takeover or a restart knows already: the venue is asked for the rest. */
export interface ResumeState {
  /** The fencing epoch this process sends under. An order of ours under a higher one means that we have been superseded. */
  readonly epoch: number;
  /** Orders that may be open, or that have ended with a fill missing, as far as the journal goes. Copied before `start` returns. */
  readonly openOrders: readonly Order[];
  /**
   * By instrument index: every trade of ours up to and including this one has been told, as the last `Reconciled` said;
   * fills are asked for from the next one on. Empty: no comparison was ever completed, so no order was ever sent.
   */
  readonly lastTradeIds: readonly string[];
  /**
   * Whether the kernel still knows the order, open or closed. Asked again whenever an order shows up that the connector
   * does not know: what the kernel knows needs no adoption.
   */
  knows(epoch: number, sequence: number): boolean;
  /** Whether the kernel has booked the fill already, as far back as it remembers: then it need not be told. */
  knowsFill(instrument: number, side: Side, tradeId: string): boolean;
}

/**
 * Order entry and the private stream of one venue. `submit`, `cancel` and `query` return at once and never throw: what
 * became of the request arrives at the sink as an event (accepted, rejected, outcome unknown, send failed ...).
 */
export interface ExecutionPort {
  /**
   * Before `start`, which says what the instruments are by then: connects and logs on as far as that is safe for a process that may not send,
   * and keeps it up, so that `start` takes less time. Nothing is told and no order leaves. `stop` ends it too.
   */
  prepare?(instruments: readonly Instrument[]): void;
  /**
   * Whether every session that orders and the private stream are to have is logged on now, prepared or started: a fallback
   * does not count. Absent where there are none.
   */
  readonly connected?: boolean;
  /**
   * Logs on, subscribes to the private stream, reconciles, and keeps doing so across reconnects until `stop`. With
   * `resume`, what happened while nobody listened is told first. Without, this is the first start ever: history begins now.
   */
  start(instruments: readonly Instrument[], sink: EventSink, resume?: ResumeState): Promise<void>;
  submit(order: ApprovedOrder): void;
  cancel(order: Order): void;
  query(order: Order): void;
  /** The venue's own list of what is open for the account, for verification at shutdown. */
  openOrders(): Promise<VenueOpenOrder[]>;
  /** Cancels one open order found at the venue that this process may not know. */
  cancelOpen(order: VenueOpenOrder): Promise<void>;
  stop(): Promise<void>;
}

/** What `tradewind venue check` prints. */
export interface VenueCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface Venue {
  readonly name: string;
  readonly marketData: MarketDataPort;
  /** Absent without credentials. */
  readonly execution?: ExecutionPort;
  /** Connectivity, clock offset, permissions, latency: each as it was seen. */
  check(): Promise<VenueCheck[]>;
}
