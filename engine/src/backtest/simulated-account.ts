import { type Amount, baseAmount, type Instrument, notional, Side, type StateHash } from '../domain/index.js';
import type { Fee } from './fee-model.js';

/**
 * `cash`: nothing is spent that is not there, and open orders lock what they may spend (Binance spot).
 * `margin`: balances are a plain tally that may go negative, orders lock nothing, and nothing is told of them (futures;
 * margin is not modeled, so buying power is unknown, and position limits are what holds a strategy back).
 */
export type Funding = 'cash' | 'margin';

/** What one order still holds locked, and of which asset. */
export interface FundLock {
  asset: string;
  amount: Amount;
}

interface Holding {
  free: Amount;
  locked: Amount;
}

/**
 * The account at the simulated venue. Exact: apart from fees paid away, no operation creates or destroys an asset.
 */
export class SimulatedAccount {
  readonly funding: Funding;
  readonly #holdings = new Map<string, Holding>();
  readonly #changed = new Set<string>();

  constructor(initial: Readonly<Record<string, Amount>>, funding: Funding) {
    this.funding = funding;
    for (const [asset, amount] of Object.entries(initial)) {
      if (amount < 0n) throw new RangeError(`simulated account: ${asset} must not start negative`);
      this.#holdings.set(asset, { free: amount, locked: 0n });
      this.#changed.add(asset);
    }
  }

  free(asset: string): Amount {
    return this.#holdings.get(asset)?.free ?? 0n;
  }

  locked(asset: string): Amount {
    return this.#holdings.get(asset)?.locked ?? 0n;
  }

  /** Locks `amount` for an order, or returns undefined when less than that is free. */
  lock(asset: string, amount: Amount): FundLock | undefined {
    if (this.funding === 'margin') return { asset, amount: 0n };
    const holding = this.#holding(asset);
    if (holding.free < amount) return undefined;
    holding.free -= amount;
    holding.locked += amount;
    if (amount !== 0n) this.#changed.add(asset);
    return { asset, amount };
  }

  /** Gives back all that `lock` still holds. */
  release(lock: FundLock): void {
    if (lock.amount === 0n) return;
    this.#unlock(lock, lock.amount);
  }

  /**
   * Books a fill. Takes what the fill spends out of `lock` (valued at `lockPrice`, the price the lock was made at) and
   * frees the price improvement; credits what it brings, less the fee.
   */
  settle(
    instrument: Instrument,
    side: Side,
    price: number,
    quantity: number,
    lock: FundLock,
    lockPrice: number,
    fee: Fee,
  ): void {
    const quote = notional(instrument, price, quantity);
    const base = baseAmount(instrument, quantity);
    if (this.funding === 'cash') {
      const spent = side === Side.Buy ? notional(instrument, lockPrice, quantity) : base;
      this.#unlock(lock, spent);
    }
    this.#add(instrument.base, side === Side.Buy ? base : -base);
    this.#add(instrument.quote, side === Side.Buy ? -quote : quote);
    this.#add(fee.asset, -fee.amount);
  }

  /** Calls `visit` for each asset changed since the last call, in the order of their first change. */
  drainChanges(visit: (asset: string, free: Amount, locked: Amount) => void): void {
    for (const asset of this.#changed) {
      const { free, locked } = this.#holding(asset);
      visit(asset, free, locked);
    }
    this.#changed.clear();
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#holdings.size);
    for (const [asset, { free, locked }] of this.#holdings) hash.text(asset).big(free).big(locked);
  }

  #unlock(lock: FundLock, amount: Amount): void {
    lock.amount -= amount;
    const holding = this.#holding(lock.asset);
    holding.locked -= amount;
    holding.free += amount;
    this.#changed.add(lock.asset);
  }

  #add(asset: string, amount: Amount): void {
    if (amount === 0n) return;
    this.#holding(asset).free += amount;
    this.#changed.add(asset);
  }

  #holding(asset: string): Holding {
    let holding = this.#holdings.get(asset);
    if (holding === undefined) {
      holding = { free: 0n, locked: 0n };
      this.#holdings.set(asset, holding);
    }
    return holding;
  }
}
