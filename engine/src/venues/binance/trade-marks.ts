import { type Instrument, Side } from '../../domain/index.js';
import type { AccountQueries, TradeRow } from './account-queries.js';
import { inParallel } from './in-parallel.js';
import type { OrderClaims } from './order-claims.js';
import type { KnownOrder, OrderRegistry } from './order-registry.js';

/** The account's trades that one comparison has fetched, and how far that reaches. */
export class TradeMarks {
  /** Oldest first. */
  readonly trades = new Map<Instrument, TradeRow[]>();
  /** By instrument index: the id after the last one fetched. */
  readonly next = new Map<number, number>();
  /** Orders found to be not ours to touch, by `venueKey`. */
  readonly foreign = new Set<string>();
  readonly #first = new Map<number, number>();

  /** Fetches what nobody has looked at yet. At the very first look only the place to start from is taken. */
  async fetch(api: AccountQueries, instrument: Instrument, registry: OrderRegistry): Promise<void> {
    const { index, symbol } = instrument;
    const from = registry.verifiedTrade[index] ?? 0;
    if (from > 0) this.#add(instrument, await api.tradesFrom(symbol, from), from);
    else {
      const start = ((await api.lastTrade(symbol))?.id ?? 0) + 1;
      registry.verify(index, start);
      this.#add(instrument, [], start);
    }
    this.#first.set(index, this.next.get(index)!);
  }

  /** Fetches what has come since. */
  async fetchLater(api: AccountQueries): Promise<void> {
    await inParallel([...this.trades.keys()], async (instrument) => {
      const from = this.next.get(instrument.index)!;
      this.#add(instrument, await api.tradesFrom(instrument.symbol, from), from);
    });
  }

  /** Whether a trade came after {@link fetch}. */
  isLater(instrument: number, tradeId: number): boolean {
    return tradeId >= (this.#first.get(instrument) ?? 0);
  }

  #add(instrument: Instrument, rows: readonly TradeRow[], from: number): void {
    const trades = this.trades.get(instrument) ?? [];
    trades.push(...rows);
    this.trades.set(instrument, trades);
    this.next.set(instrument.index, Math.max(from, (rows.at(-1)?.id ?? 0) + 1));
  }
}

/**
 * Whether the trade at `at` has been passed on. A trade within the account is listed twice, once for each side; of one
 * whose order is forgotten it is enough to know that as many sides were passed on as are listed.
 */
export function isPassed(
  registry: OrderRegistry,
  { index }: Instrument,
  trades: readonly TradeRow[],
  at: number,
  owner: KnownOrder | undefined,
): boolean {
  const { id } = trades[at]!;
  if (owner !== undefined) return registry.hasTrade(index, id, owner);
  return registry.sidesOf(index, id) >= sidesListed(trades, at);
}

/** Whether the kernel has booked as many sides of the trade at `at` as are listed: an earlier run was told of it. */
export function isBooked(
  claims: OrderClaims,
  { index }: Instrument,
  trades: readonly TradeRow[],
  at: number,
): boolean {
  const { id } = trades[at]!;
  const sides = [Side.Buy, Side.Sell].filter((side) => claims.hasBooked(index, side, id));
  return sides.length >= sidesListed(trades, at);
}

function sidesListed(trades: readonly TradeRow[], at: number): number {
  const { id } = trades[at]!;
  return trades[at - 1]?.id === id || trades[at + 1]?.id === id ? 2 : 1;
}
