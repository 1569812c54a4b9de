import { epochOf, type LedgerEntry, type LedgerSymbol, type VenueSide } from './ledger.js';
import type { Judge, Violation } from './violation.js';

/** What an engine knows, by its journal and the state that follows from it. */
export interface StoreFacts {
  /** Client order ids it sent or adopted. */
  readonly orders: ReadonlySet<string>;
  /** Fills it was told, each once: {@link fillKey}. */
  readonly fills: ReadonlySet<string>;
  /** By symbol, in 10^-8 of the base asset; symbols without one may be missing. */
  readonly positions: ReadonlyMap<string, number>;
  /** Client order ids it believes open. */
  readonly open: ReadonlySet<string>;
}

/** A trade between two orders of ours is two fills with one trade id. */
export function fillKey(symbol: string, side: VenueSide, tradeId: number | string): string {
  return `${symbol} ${side} ${tradeId}`;
}

export interface SurvivorOptions {
  /**
   * An order that ended untraded before anybody who lives could hear of it is lost all the same. For journals that are
   * replicated before an order is sent; without, such an order leaves no trace to miss.
   */
  readonly strict: boolean;
}

/** Engine and ledger count a symbol's sizes in units of their own. */
export const COMMON_PRECISION = 8;

interface VenueOrder {
  readonly clientOrderId: string;
  readonly us: number;
  leaves: number;
  traded: boolean;
}

/** Compares what the venue did with what the survivor knows. */
export class SurvivorJudge implements Judge {
  readonly violations: Violation[] = [];
  orders = 0;
  fills = 0;
  requests = 0;
  firstUs = 0;
  lastUs = 0;
  /** Orders that ended untraded and that the survivor never heard of; see {@link SurvivorOptions.strict}. */
  unseen = 0;
  readonly #options: SurvivorOptions;
  readonly #orders = new Map<number, VenueOrder>();
  readonly #fills: { readonly key: string; readonly us: number }[] = [];
  readonly #positions = new Map<string, number>();
  #symbols: readonly LedgerSymbol[] = [];

  constructor(options: SurvivorOptions) {
    this.#options = options;
  }

  accept(entry: LedgerEntry): void {
    if (entry.kind === 'head') {
      this.#symbols = entry.symbols;
      return;
    }
    if (this.firstUs === 0) this.firstUs = entry.us;
    this.lastUs = entry.us;
    switch (entry.kind) {
      case 'request':
        this.requests++;
        return;
      case 'accepted': {
        if (epochOf(entry.clientOrderId) === undefined) return;
        this.orders++;
        const { clientOrderId, us, quantity } = entry;
        this.#orders.set(entry.orderId, { clientOrderId, us, leaves: quantity, traded: false });
        return;
      }
      case 'traded': {
        const order = this.#orders.get(entry.orderId);
        if (order === undefined) return;
        order.traded = true;
        order.leaves = entry.leaves;
        this.fills++;
        const { symbol, sizePrecision } = this.#symbols[entry.symbol]!;
        this.#fills.push({ key: fillKey(symbol, entry.side, entry.tradeId), us: entry.us });
        const quantity = entry.quantity * 10 ** (COMMON_PRECISION - sizePrecision);
        const signed = entry.side === 'B' ? quantity : -quantity;
        this.#positions.set(symbol, (this.#positions.get(symbol) ?? 0) + signed);
        return;
      }
      case 'changed': {
        const order = this.#orders.get(entry.orderId);
        if (order !== undefined) order.leaves = entry.leaves;
      }
    }
  }

  /** To be called when everything has settled; adds to the violations. */
  compare(store: StoreFacts): void {
    this.#compareOrders(store);
    const lost = this.#fills.filter(({ key }) => !store.fills.has(key));
    for (const { key, us } of lost) this.violations.push({ check: 'fill lost', us, detail: key });
    for (const symbol of new Set([...this.#positions.keys(), ...store.positions.keys()])) {
      const venue = this.#positions.get(symbol) ?? 0;
      const own = store.positions.get(symbol) ?? 0;
      if (venue === own) continue;
      const check = lost.length === 0 ? 'fill booked twice' : 'disagreement';
      const detail = `${symbol}: the venue's trades sum up to ${venue}, the survivor's position is ${own}`;
      this.violations.push({ check, us: 0, detail });
    }
  }

  #compareOrders(store: StoreFacts): void {
    const open = new Set<string>();
    for (const { clientOrderId, us, leaves, traded } of this.#orders.values()) {
      if (leaves > 0) open.add(clientOrderId);
      if (store.orders.has(clientOrderId)) continue;
      if (traded || leaves > 0 || this.#options.strict) {
        const what = traded ? 'traded' : leaves > 0 ? 'still open' : 'ended untraded';
        this.violations.push({ check: 'order lost', us, detail: `${clientOrderId} (${what})` });
      } else this.unseen++;
    }
    for (const id of open) {
      if (store.open.has(id)) continue;
      this.violations.push({ check: 'disagreement', us: 0, detail: `${id} is open at the venue alone` });
    }
    for (const id of store.open) {
      if (open.has(id)) continue;
      this.violations.push({ check: 'disagreement', us: 0, detail: `${id} is open in the store alone` });
    }
  }
}
