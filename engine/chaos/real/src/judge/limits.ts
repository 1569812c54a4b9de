import type { LedgerEntry, LedgerSymbol, VenueSide } from './ledger.js';
import type { Judge, Violation } from './violation.js';

export interface Limits {
  /** Largest position, long or short, with everything open filled; by symbol, in its size units. */
  readonly maxPosition: Readonly<Record<string, number>>;
  /** Open orders of one symbol. */
  readonly maxOpenOrders: number;
  /** New orders a second, and at once after a quiet time. */
  readonly ordersPerSecond: number;
  readonly burst: number;
}

/**
 * The rate is kept where orders are sent: on the way, those of so long a time may be pushed together. Microseconds.
 */
const TRANSIT_US = 250_000;

interface OpenOrder {
  readonly symbol: number;
  readonly side: VenueSide;
  leaves: number;
}

interface Exposure {
  position: number;
  buys: number;
  sells: number;
  orders: number;
  /** It was told already, and is not again before it was back within. */
  over: boolean;
}

/** At every instant: the position as the venue has it, with all that is open there filled, stays within the limits. */
export class LimitJudge implements Judge {
  readonly violations: Violation[] = [];
  /** The most orders that were open on one symbol, and the largest share of a position limit that was at risk. */
  mostOpen = 0;
  largestShare = 0;
  readonly #limits: Limits;
  readonly #open = new Map<number, OpenOrder>();
  #symbols: readonly LedgerSymbol[] = [];
  #exposures: Exposure[] = [];
  #tokens: number;
  #refilledUs = 0;
  #overRate = false;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#tokens = this.#capacity;
  }

  accept(entry: LedgerEntry): void {
    switch (entry.kind) {
      case 'head':
        this.#symbols = entry.symbols;
        this.#exposures = entry.symbols.map(() => ({
          position: 0,
          buys: 0,
          sells: 0,
          orders: 0,
          over: false,
        }));
        return;
      case 'accepted':
        this.#open.set(entry.orderId, { symbol: entry.symbol, side: entry.side, leaves: 0 });
        this.#exposures[entry.symbol]!.orders++;
        this.#setLeaves(entry.orderId, entry.quantity);
        this.#check(entry.symbol, entry.us);
        return;
      case 'traded': {
        const exposure = this.#exposures[entry.symbol]!;
        exposure.position += entry.side === 'B' ? entry.quantity : -entry.quantity;
        this.#setLeaves(entry.orderId, entry.leaves);
        this.#check(entry.symbol, entry.us);
        return;
      }
      case 'changed':
        this.#setLeaves(entry.orderId, entry.leaves);
        this.#check(entry.symbol, entry.us);
        return;
      case 'request':
        if (entry.method === 'order.place') this.#charge(entry.us);
    }
  }

  #setLeaves(orderId: number, leaves: number): void {
    const order = this.#open.get(orderId);
    if (order === undefined) return;
    const exposure = this.#exposures[order.symbol]!;
    exposure[order.side === 'B' ? 'buys' : 'sells'] += leaves - order.leaves;
    order.leaves = leaves;
    if (leaves > 0) return;
    this.#open.delete(orderId);
    exposure.orders--;
  }

  #check(index: number, us: number): void {
    const exposure = this.#exposures[index]!;
    const { symbol } = this.#symbols[index]!;
    const { position, buys, sells, orders } = exposure;
    const max = this.#limits.maxPosition[symbol] ?? Number.POSITIVE_INFINITY;
    const worst = Math.max(position + buys, sells - position);
    this.mostOpen = Math.max(this.mostOpen, orders);
    this.largestShare = Math.max(this.largestShare, worst / max);
    const over = worst > max || orders > this.#limits.maxOpenOrders;
    if (over && !exposure.over) {
      const detail = `${symbol}: position ${position}, open ${buys} to buy and ${sells} to sell in ${orders} orders; allowed ${max} in ${this.#limits.maxOpenOrders}`;
      this.violations.push({ check: 'limit breached', us, detail });
    }
    exposure.over = over;
  }

  get #capacity(): number {
    const { burst, ordersPerSecond } = this.#limits;
    return burst + (ordersPerSecond * TRANSIT_US) / 1e6;
  }

  #charge(us: number): void {
    if (this.#refilledUs !== 0) {
      const refill = ((us - this.#refilledUs) * this.#limits.ordersPerSecond) / 1e6;
      this.#tokens = Math.min(this.#capacity, this.#tokens + refill);
    }
    this.#refilledUs = us;
    this.#tokens--;
    const over = this.#tokens < 0;
    if (over && !this.#overRate) {
      const { burst, ordersPerSecond } = this.#limits;
      const detail = `more than ${ordersPerSecond} orders a second and ${burst} at once`;
      this.violations.push({ check: 'limit breached', us, detail });
    }
    this.#overRate = over;
  }
}
