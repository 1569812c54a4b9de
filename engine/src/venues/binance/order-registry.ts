import type { Order, OrderStatus } from '../../domain/index.js';

/** What the connector itself must remember of an order, to find it again at the venue. */
export interface KnownOrder {
  epoch: number;
  sequence: number;
  instrument: number;
  /** 0 until the venue has told us. */
  venueOrderId: number;
  /** Venue time at which it was last sent, milliseconds. */
  sentMs: number;
  /** Ordered, in size units; 0 when this process did not send it. */
  quantity: number;
  /** Sum of the fills passed on, in size units. */
  cumQuantity: number;
  /** The most that the venue said was filled, in size units: above `cumQuantity` while a fill is missing. */
  reported: number;
  /** A cancel went out: the venue may have renamed the order (see `CANCEL_SUFFIX`). */
  cancelSent: boolean;
  closed: boolean;
  /** What the venue said that it ended by; -1 while it is open, and where no more is known than that it was refused or lost. */
  ended: OrderStatus | -1;
}

const CLOSED_KEPT = 8192;
const TRADES_KEPT = 16_384;

/** Whose side of a trade: an order of ours, or null for one that is not. */
export type TradeOwner = KnownOrder | null;

/**
 * The orders this process sent (or was told of) and the trades it passed on. Closed orders are kept for a while, because
 * late fills refer to them. Keyed by integers.
 */
export class OrderRegistry {
  readonly #epochs = new Map<number, Map<number, KnownOrder>>();
  readonly #closed: KnownOrder[] = [];
  #closedAt = 0;
  /** Per instrument, by trade id: whose side was passed on (or is not ours to pass on). */
  readonly #trades: Map<number, TradeOwner>[] = [];
  /** The other side of trades that have both sides in this account. */
  readonly #pairs: Map<number, TradeOwner>[] = [];
  /** Per instrument: every own trade below this id has been fetched from the venue's list. 0 = never looked. */
  readonly verifiedTrade: number[] = [];
  /** Per instrument: every own trade up to this id was told before this process took over: never to be told again. */
  readonly #told: number[] = [];
  #lastEpoch = -1;
  #last: Map<number, KnownOrder> = new Map();
  #openCount = 0;

  /** Orders not known to be closed. */
  get openCount(): number {
    return this.#openCount;
  }

  find(epoch: number, sequence: number): KnownOrder | undefined {
    return this.#epoch(epoch).get(sequence);
  }

  /** The order's entry, made when there is none. */
  remember(epoch: number, sequence: number, instrument: number): KnownOrder {
    const orders = this.#epoch(epoch);
    const known = orders.get(sequence);
    if (known !== undefined) return known;
    return this.keep(this.blank(epoch, sequence, instrument));
  }

  /** An entry that nobody finds until it is given to {@link keep}. */
  blank(epoch: number, sequence: number, instrument: number): KnownOrder {
    return { ...BLANK, epoch, sequence, instrument };
  }

  /** Takes in an entry; the order's own, when it has one already, goes before it. Returns the one that is in. */
  keep(entry: KnownOrder): KnownOrder {
    const orders = this.#epoch(entry.epoch);
    const known = orders.get(entry.sequence);
    if (known !== undefined) return known;
    orders.set(entry.sequence, entry);
    this.#openCount++;
    return entry;
  }

  /** The order ended. Its entry stays findable until enough others have ended after it. */
  close(entry: KnownOrder, ended: OrderStatus | -1 = -1): void {
    if (entry.ended === -1) entry.ended = ended;
    if (entry.closed) return;
    entry.closed = true;
    this.#openCount--;
    this.#passAwaited();
    const evicted = this.#closed[this.#closedAt];
    this.#closed[this.#closedAt] = entry;
    this.#closedAt = (this.#closedAt + 1) % CLOSED_KEPT;
    if (evicted === undefined) return;
    // One that came back to life (see `reopen`) sits in this ring still.
    if (evicted.closed && evicted !== entry) this.#forget(evicted);
  }

  /** The venue lists an order we took for ended. */
  reopen(entry: KnownOrder): void {
    if (!entry.closed) return;
    const at = this.#closed.indexOf(entry);
    if (at >= 0) this.#closed[at] = BLANK;
    entry.closed = false;
    entry.ended = -1;
    this.#openCount++;
  }

  /** Every order not known to be closed, oldest first. Allocates: off the line only. */
  open(): KnownOrder[] {
    const open: KnownOrder[] = [];
    for (const orders of this.#epochs.values()) {
      for (const entry of orders.values()) if (!entry.closed) open.push(entry);
    }
    return open;
  }

  /** Every order that has ended with a fill that has not been told. Allocates: off the line only. */
  awaited(): KnownOrder[] {
    const awaited: KnownOrder[] = [];
    for (const orders of this.#epochs.values()) {
      for (const entry of orders.values()) {
        if (isAwaited(entry)) awaited.push(entry);
      }
    }
    return awaited;
  }

  /** Orders by {@link venueKey}, closed ones included. Allocates: off the line only. */
  byVenueId(): Map<string, KnownOrder> {
    const known = new Map<string, KnownOrder>();
    for (const orders of this.#epochs.values()) {
      for (const entry of orders.values()) {
        if (entry.venueOrderId > 0) known.set(venueKey(entry.instrument, entry.venueOrderId), entry);
      }
    }
    return known;
  }

  /**
   * Takes over an order of an earlier run, open as far as is known or with a fill missing. How much of it is filled is asked of the venue: the
   * kernel's figure would count a fill twice that comes again.
   */
  restore({ epoch, sequence, instrument, quantity, venueOrderId }: Order): KnownOrder {
    const entry = this.remember(epoch, sequence, instrument);
    entry.quantity = quantity;
    if (entry.venueOrderId === 0 && venueOrderId !== '') entry.venueOrderId = Number(venueOrderId);
    // What an earlier run sent of it, nobody remembers.
    entry.cancelSent = true;
    return entry;
  }

  /** Every own trade up to `tradeId` was told before this process took over. */
  resumeAfter(instrument: number, tradeId: number): void {
    this.#told[instrument] = tradeId;
    this.verify(instrument, tradeId + 1);
  }

  /** Whether a trade was told by an earlier run. */
  toldBefore(instrument: number, tradeId: number): boolean {
    return tradeId <= (this.#told[instrument] ?? 0);
  }

  /**
   * Marks a trade as passed on (or not ours to pass on); false when it was before. A trade between two orders of ours has
   * one id and two owners.
   */
  noteTrade(instrument: number, tradeId: number, owner: TradeOwner): boolean {
    this.#trades[instrument] ??= new Map();
    const trades = this.#trades[instrument];
    const first = trades.get(tradeId);
    if (first === undefined) {
      trades.set(tradeId, owner);
      if (trades.size > TRADES_KEPT) this.#drop(instrument, TRADES_KEPT / 2);
      return true;
    }
    if (first === owner) return false;
    this.#pairs[instrument] ??= new Map();
    const pairs = this.#pairs[instrument];
    if (pairs.get(tradeId) === owner) return false;
    pairs.set(tradeId, owner);
    return true;
  }

  /** How many sides of a trade have been passed on: 0, 1, or 2. */
  sidesOf(instrument: number, tradeId: number): number {
    if (this.#trades[instrument]?.has(tradeId) !== true) return 0;
    return this.#pairs[instrument]?.has(tradeId) === true ? 2 : 1;
  }

  hasTrade(instrument: number, tradeId: number, owner: TradeOwner): boolean {
    return (
      this.#trades[instrument]?.get(tradeId) === owner || this.#pairs[instrument]?.get(tradeId) === owner
    );
  }

  /** All own trades below `tradeId` have been fetched; later fetches start there. */
  verify(instrument: number, tradeId: number): void {
    this.verifiedTrade[instrument] = Math.max(this.verifiedTrade[instrument] ?? 0, tradeId);
  }

  /** Forgetting a trade too early costs a duplicate event, which the oms drops: never a fill. */
  #drop(instrument: number, count: number): void {
    let left = count;
    for (const trade of this.#trades[instrument]!.keys()) {
      if (left-- <= 0) return;
      this.#trades[instrument]!.delete(trade);
      this.#pairs[instrument]?.delete(trade);
    }
  }

  /** Who is owed a fill keeps its place in the ring: once forgotten, nobody would ask for that fill any more. */
  #passAwaited(): void {
    for (let passed = 0; passed < CLOSED_KEPT && isAwaited(this.#closed[this.#closedAt]); passed++) {
      this.#closedAt = (this.#closedAt + 1) % CLOSED_KEPT;
    }
  }

  #forget(entry: KnownOrder): void {
    this.#epochs.get(entry.epoch)?.delete(entry.sequence);
  }

  #epoch(epoch: number): Map<number, KnownOrder> {
    if (epoch === this.#lastEpoch) return this.#last;
    let orders = this.#epochs.get(epoch);
    if (orders === undefined) {
      orders = new Map();
      this.#epochs.set(epoch, orders);
    }
    this.#lastEpoch = epoch;
    this.#last = orders;
    return orders;
  }
}

function isAwaited(entry: KnownOrder | undefined): boolean {
  return entry?.closed === true && entry.reported > entry.cumQuantity;
}

/** Names an order by the venue's id, which is its symbol's own: another symbol may have the same number. */
export function venueKey(instrument: number, venueOrderId: number): string {
  return `${instrument}/${venueOrderId}`;
}

/** Also the place holder in the ring of closed orders: it is never `closed`, so never forgotten. */
const BLANK: KnownOrder = Object.freeze({
  epoch: 0,
  sequence: 0,
  instrument: 0,
  venueOrderId: 0,
  sentMs: 0,
  quantity: 0,
  cumQuantity: 0,
  reported: 0,
  cancelSent: false,
  closed: false,
  ended: -1,
});
