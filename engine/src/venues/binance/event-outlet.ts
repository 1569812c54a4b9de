import {
  type BalanceTransfer,
  type ConnectionState,
  EventKind,
  type EventSink,
  type KernelEvent,
  type OrderEvent,
  OrderStatus,
  VenueChannel,
} from '../../domain/index.js';
import type { ExecutionMetrics } from './execution-metrics.js';
import type { OrderRegistry } from './order-registry.js';
import { surfacing } from './surfacing-sink.js';

/** Most events held back; more than this means reconciliation cannot keep up and starts again. */
const MAX_HELD = 100_000;

/**
 * The one way out for private events. Each fill passes once; the registry learns from what passes. While the venue is
 * being asked for the truth, live events are held and follow after it.
 */
export class EventOutlet {
  readonly #venue: number;
  readonly #registry: OrderRegistry;
  readonly #metrics: ExecutionMetrics;
  readonly #channels = new Map<VenueChannel, ConnectionState>();
  #sink: EventSink = () => {};
  #held: KernelEvent[] = [];
  #holding = false;
  /** Venue time of the newest balance told, by asset: what was held may be older than the account as it was asked for. */
  readonly #balanceUs = new Map<string, number>();
  #deferred: KernelEvent[] = [];
  #moves = 0;

  constructor(venue: number, registry: OrderRegistry, metrics: ExecutionMetrics) {
    this.#venue = venue;
    this.#registry = registry;
    this.#metrics = metrics;
  }

  set sink(sink: EventSink) {
    this.#sink = surfacing(sink);
  }

  get holding(): boolean {
    return this.#holding;
  }

  /** Grows with everything passed on that changes what the account holds of an asset: fills and transfers. */
  get moves(): number {
    return this.#moves;
  }

  /** What is being held, oldest first. */
  get held(): readonly KernelEvent[] {
    return this.#held;
  }

  /** Live events are held from now on. */
  hold(): void {
    this.#holding = true;
  }

  /** Passes on what was held, in order, and lets live events through again. */
  release(): void {
    this.#holding = false;
    const held = this.#held;
    this.#held = [];
    for (const event of held) if (!this.#outdated(event)) this.pass(event);
  }

  /** Passes on held transfers that, by the venue's clock, are in balances of `untilUs` already. */
  releaseTransfers(untilUs: number): void {
    const due = (event: KernelEvent): event is BalanceTransfer =>
      event.kind === EventKind.BalanceTransfer && event.tsEvent <= untilUs;
    const transfers = this.#held.filter(due);
    if (transfers.length === 0) return;
    this.#held = this.#held.filter((event) => !due(event));
    for (const transfer of transfers) this.pass(transfer);
  }

  /** A live event. False when too many are held: the caller must reconcile anew. */
  live(event: KernelEvent): boolean {
    if (!this.#holding) {
      if (!this.#outdated(event)) this.pass(event);
      return true;
    }
    if (this.#held.length >= MAX_HELD) return false;
    this.#held.push(event);
    return true;
  }

  /** To the sink now, whatever is being held. */
  pass(event: KernelEvent): void {
    if (event.kind === EventKind.BalanceTransfer) this.#moves++;
    else if (event.kind >= EventKind.OrderAccepted && event.kind <= EventKind.OrderAdopted) {
      if (!this.#learn(event as OrderEvent)) return;
    } else if (event.kind === EventKind.Balance && event.tsEvent > (this.#balanceUs.get(event.asset) ?? 0)) {
      this.#balanceUs.set(event.asset, event.tsEvent);
    }
    this.#sink(event);
  }

  /** A balance from before the one told last: a connection that lags behind, or a time before a loss. */
  #outdated(event: KernelEvent): boolean {
    return event.kind === EventKind.Balance && event.tsEvent < (this.#balanceUs.get(event.asset) ?? 0);
  }

  /**
   * For events born inside a call of the kernel's own: it must have returned before the next event is applied. Not in a
   * microtask, where a strategy that answers each refusal with another order would keep sockets from being read.
   */
  defer(event: KernelEvent): void {
    this.#deferred.push(event);
    if (this.#deferred.length > 1) return;
    setImmediate(() => {
      const events = this.#deferred;
      this.#deferred = [];
      for (const each of events) this.pass(each);
    });
  }

  /** Orders travel only while the private stream tells what becomes of them, so the two channels go together. */
  channels(state: ConnectionState): void {
    this.#channel(VenueChannel.User, state);
    this.#channel(VenueChannel.Orders, state);
  }

  /** Tells a channel's state when it changed. */
  #channel(channel: VenueChannel, state: ConnectionState): void {
    if (this.#channels.get(channel) === state) return;
    this.#channels.set(channel, state);
    this.#sink({ kind: EventKind.Connection, tsEvent: 0, tsInit: 0, venue: this.#venue, channel, state });
  }

  /** Keeps the registry in step; false for a fill that has passed before. */
  #learn(event: OrderEvent): boolean {
    if (event.kind === EventKind.OrderAdopted) {
      const adopted = this.#registry.remember(event.epoch, event.sequence, event.instrument);
      adopted.quantity = event.quantity;
      adopted.venueOrderId = Number(event.venueOrderId);
      adopted.cancelSent = true;
      return true;
    }
    const entry = this.#registry.find(event.epoch, event.sequence);
    if (entry === undefined) return true;
    switch (event.kind) {
      case EventKind.OrderFilled:
        if (!this.#registry.noteTrade(entry.instrument, Number(event.tradeId), entry)) return false;
        this.#moves++;
        entry.cumQuantity += event.quantity;
        if (entry.quantity > 0 && entry.cumQuantity >= entry.quantity) this.#registry.close(entry);
        return true;
      case EventKind.OrderAccepted:
        if (entry.venueOrderId === 0) entry.venueOrderId = Number(event.venueOrderId);
        return true;
      case EventKind.OrderReport:
        if (entry.venueOrderId === 0) entry.venueOrderId = Number(event.venueOrderId);
        entry.reported = Math.max(entry.reported, event.cumQuantity);
        if (!isTerminal(event.status)) this.#registry.reopen(entry);
        else this.#registry.close(entry, event.status === OrderStatus.Rejected ? -1 : event.status);
        return true;
      case EventKind.OrderRejected:
        this.#registry.close(entry);
        return true;
      case EventKind.OrderCanceled:
        this.#registry.close(entry, OrderStatus.Canceled);
        return true;
      case EventKind.OrderExpired:
        this.#registry.close(entry, OrderStatus.Expired);
        return true;
      case EventKind.SendFailed:
        if (event.submit) this.#registry.close(entry);
        return true;
      case EventKind.OrderNotFound:
        if (event.definitive) this.#registry.close(entry);
        return true;
      case EventKind.OutcomeUnknown:
        this.#metrics.unknownOutcomes.add(1);
        return true;
      default:
        return true;
    }
  }
}

function isTerminal(status: OrderStatus): boolean {
  return (
    status === OrderStatus.Filled ||
    status === OrderStatus.Canceled ||
    status === OrderStatus.Expired ||
    status === OrderStatus.Rejected
  );
}
