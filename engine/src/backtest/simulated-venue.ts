import {
  AMOUNT_SCALE,
  type Amount,
  baseAmount,
  EventKind,
  type Instrument,
  type KernelEvent,
  type LiquiditySide,
  notional,
  type Order,
  OrderStatus,
  RejectReason,
  Side,
  type StateHash,
} from '../domain/index.js';
import type { FeeModel } from './fee-model.js';
import { checkRules, type Refusal } from './order-rules.js';
import type { FundLock, SimulatedAccount } from './simulated-account.js';
import { type MarketListener, type MarketOptions, SimulatedMarket } from './simulated-market.js';
import { hasLimit, isConditional, type SimulatedOrder, triggers } from './simulated-order.js';

/** An event as the venue tells it; when we learn of it is not its business. */
export type VenueReport = (event: KernelEvent) => void;

export interface SimulatedVenueOptions extends MarketOptions {
  readonly account: SimulatedAccount;
  readonly fees: FeeModel;
  /** Open orders allowed per instrument (Binance: MAX_NUM_ORDERS). */
  readonly maxOpenOrders: number;
  /** How many closed orders a query still finds. */
  readonly closedOrders: number;
}

/**
 * The venue behind a `SimulatedExecution`, with no latency of its own: takes requests at its own time, checks them against
 * its rules and the account, and reports what became of them. Synchronous and deterministic.
 */
export class SimulatedVenue implements MarketListener {
  readonly #options: SimulatedVenueOptions;
  readonly #report: VenueReport;
  readonly #markets: (SimulatedMarket | undefined)[] = [];
  readonly #open = new Map<string, SimulatedOrder>();
  /** The last closed orders, oldest first. */
  readonly #closed = new Map<string, SimulatedOrder>();
  #venue = 0;
  #now = 0;
  #orders = 0;
  #trades = 0;

  constructor(options: SimulatedVenueOptions, report: VenueReport) {
    this.#options = options;
    this.#report = report;
  }

  /** Opens a market for each instrument and tells the starting balances. */
  open(instruments: readonly Instrument[], now: number): void {
    this.#now = now;
    this.#venue = instruments[0]?.venue ?? 0;
    for (const instrument of instruments) {
      this.#markets[instrument.index] = new SimulatedMarket(instrument, this.#options, this);
    }
    this.#reportBalances();
  }

  /** Undefined for an instrument of another venue. */
  market(instrument: number): SimulatedMarket | undefined {
    return this.#markets[instrument];
  }

  get openOrders(): IterableIterator<SimulatedOrder> {
    return this.#open.values();
  }

  /** A public event changes a market at `now`; `change` may fill orders. */
  observe(now: number, change: () => void): void {
    this.#now = now;
    change();
    this.#reportBalances();
  }

  place(order: SimulatedOrder, now: number): void {
    this.#now = now;
    const market = this.#markets[order.instrument];
    const refusal =
      market === undefined ? BAD_SYMBOL : (this.#refusal(market, order) ?? this.#fund(market, order));
    if (refusal !== undefined) {
      order.status = OrderStatus.Rejected;
      this.#report({ kind: EventKind.OrderRejected, ...this.#head(order), ...refusal });
      return;
    }
    order.status = OrderStatus.Accepted;
    order.venueOrderId = `${order.epoch}-${++this.#orders}`;
    this.#open.set(keyOf(order), order);
    const { venueOrderId } = order;
    this.#report({ kind: EventKind.OrderAccepted, ...this.#head(order), venueOrderId });
    market!.enter(order, now);
    this.#reportBalances();
  }

  cancel(id: OrderKey, now: number): void {
    this.#now = now;
    const order = this.#open.get(keyOf(id));
    if (order === undefined) {
      const reason = RejectReason.UNKNOWN_ORDER;
      this.#report({ kind: EventKind.CancelRejected, ...this.#head(id), reason });
      return;
    }
    order.status = OrderStatus.Canceled;
    this.#markets[order.instrument]!.remove(order);
    this.#report({ kind: EventKind.OrderCanceled, ...this.#head(order) });
    this.#close(order);
    this.#reportBalances();
  }

  query(id: OrderKey, now: number): void {
    this.#now = now;
    const key = keyOf(id);
    const order = this.#open.get(key) ?? this.#closed.get(key);
    if (order === undefined) {
      // Requests keep their order on the way: an order not here by now was refused or never sent.
      this.#report({ kind: EventKind.OrderNotFound, ...this.#head(id), definitive: true });
      return;
    }
    const { venueOrderId, status, cumQuantity } = order;
    this.#report({ kind: EventKind.OrderReport, ...this.#head(order), venueOrderId, status, cumQuantity });
  }

  onFill(order: SimulatedOrder, price: number, quantity: number, liquidity: LiquiditySide): void {
    const { instrument } = this.#markets[order.instrument]!;
    const fee = this.#options.fees.fee(instrument, order.side, liquidity, price, quantity);
    const lockPrice = order.price === 0 ? price : order.price;
    this.#options.account.settle(instrument, order.side, price, quantity, order.lock, lockPrice, fee);
    this.#report({
      kind: EventKind.OrderFilled,
      ...this.#head(order),
      tradeId: `${order.epoch}-${++this.#trades}`,
      price,
      quantity,
      liquidity,
      feeAsset: fee.asset,
      fee: fee.amount,
    });
    if (order.status === OrderStatus.Filled) this.#close(order);
  }

  onExpired(order: SimulatedOrder, reason: RejectReason): void {
    this.#report({ kind: EventKind.OrderExpired, ...this.#head(order), reason });
    this.#close(order);
  }

  onTriggered(order: SimulatedOrder): boolean {
    this.#report({ kind: EventKind.OrderTriggered, ...this.#head(order) });
    if (hasLimit(order.type) || order.side === Side.Sell) return true;
    // A stop market buy has no price to lock funds at before it wakes.
    const market = this.#markets[order.instrument]!;
    if (this.#fund(market, order) === undefined) return true;
    order.status = OrderStatus.Expired;
    this.onExpired(order, RejectReason.INSUFFICIENT_BALANCE);
    return false;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#orders).int(this.#trades).int(this.#open.size);
    this.#options.account.hashInto(hash);
    for (const market of this.#markets) market?.hashInto(hash);
  }

  #refusal(market: SimulatedMarket, order: SimulatedOrder): Refusal | undefined {
    const { instrument } = market;
    if (this.#open.has(keyOf(order))) return DUPLICATE;
    const refused = checkRules(instrument, order, market.opposite(order.side));
    if (refused !== undefined) return refused;
    let open = 0;
    for (const other of this.#open.values()) if (other.instrument === order.instrument) open++;
    if (open >= this.#options.maxOpenOrders) return TOO_MANY;
    if (!market.trusted) return NO_BOOK;
    if (isConditional(order.type) && market.lastPrice !== 0 && triggers(order, market.lastPrice))
      return WOULD_TRIGGER;
    if (order.postOnly && market.wouldTake(order.side, order.price)) return WOULD_TAKE;
    return undefined;
  }

  /** Locks what the order may spend; a refusal when it is not there. */
  #fund(market: SimulatedMarket, order: SimulatedOrder): Refusal | undefined {
    const lock = this.#lock(market, order);
    if (lock === undefined) return INSUFFICIENT;
    order.lock = lock;
    return undefined;
  }

  #lock(market: SimulatedMarket, order: SimulatedOrder): FundLock | undefined {
    const { account } = this.#options;
    const { instrument } = market;
    const { side, quantity, price } = order;
    if (side === Side.Sell) return account.lock(instrument.base, baseAmount(instrument, quantity));
    if (price !== 0) return account.lock(instrument.quote, notional(instrument, price, quantity));
    const asleep = isConditional(order.type) && order.status !== OrderStatus.Triggered;
    const cost = asleep ? 0n : amountOf(instrument, market.marketCost(side, quantity));
    return account.lock(instrument.quote, cost);
  }

  #close(order: SimulatedOrder): void {
    const key = keyOf(order);
    this.#options.account.release(order.lock);
    this.#open.delete(key);
    this.#closed.set(key, order);
    if (this.#closed.size > this.#options.closedOrders) {
      for (const oldest of this.#closed.keys()) {
        this.#closed.delete(oldest);
        break;
      }
    }
  }

  #reportBalances(): void {
    const { account } = this.#options;
    if (account.funding === 'margin') return;
    account.drainChanges((asset, free, locked) => {
      const venue = this.#venue;
      this.#report({ kind: EventKind.Balance, tsEvent: this.#now, tsInit: 0, venue, asset, free, locked });
    });
  }

  #head({ epoch, sequence }: OrderKey) {
    return { tsEvent: this.#now, tsInit: 0, epoch, sequence };
  }
}

type OrderKey = Pick<Order, 'epoch' | 'sequence'>;

function keyOf({ epoch, sequence }: OrderKey): string {
  return `${epoch}.${sequence}`;
}

/** A sum of price units × size units as money. */
function amountOf(instrument: Instrument, cost: bigint): Amount {
  return cost * 10n ** BigInt(AMOUNT_SCALE - instrument.pricePrecision - instrument.sizePrecision);
}

// Texts as Binance words them (binance-spot-api-docs errors.md), so that logs read the same as against the venue.
const BAD_SYMBOL: Refusal = { reason: RejectReason.BAD_SYMBOL, text: 'Invalid symbol.' };
const DUPLICATE: Refusal = { reason: RejectReason.DUPLICATE_ORDER, text: 'Duplicate order sent.' };
const TOO_MANY: Refusal = { reason: RejectReason.TOO_MANY_ORDERS, text: 'Filter failure: MAX_NUM_ORDERS' };
const NO_BOOK: Refusal = {
  reason: RejectReason.VENUE_BUSY,
  text: 'Simulated venue: the public book is not known.',
};
const WOULD_TRIGGER: Refusal = {
  reason: RejectReason.TRIGGER_WOULD_FIRE,
  text: 'Stop price would trigger immediately.',
};
const WOULD_TAKE: Refusal = {
  reason: RejectReason.POST_ONLY_WOULD_TAKE,
  text: 'Order would immediately match and take.',
};
const INSUFFICIENT: Refusal = {
  reason: RejectReason.INSUFFICIENT_BALANCE,
  text: 'Account has insufficient balance for requested action.',
};
