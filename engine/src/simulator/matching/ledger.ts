import type { Amount, StateHash } from '../../domain/index.js';
import type { Account } from './account.js';
import type { AssetBalance } from './types.js';

/** Fees are cut to this many decimals (toward zero), as Binance prints them, so that a client's sums agree with ours. */
const FEE_UNIT = 10n ** 10n;
const MILLION = 1_000_000n;

/** The fee on `amount` at a rate in millionths. */
export function feeOf(amount: Amount, rate: bigint): Amount {
  if (rate === 0n) return 0n;
  const exact = amount * rate;
  return (exact / (MILLION * FEE_UNIT)) * FEE_UNIT;
}

/** Who owns what, per asset, exactly. Value only moves here: deposits aside, accounts plus fees always sum to the same. */
export class Ledger {
  readonly #assets: string[] = [];
  readonly #index = new Map<string, number>();
  readonly #fees: Amount[] = [];
  /** Accounts with changes not yet reported. */
  readonly touched: Account[] = [];

  /** The dense index of an asset, made on first sight. */
  asset(name: string): number {
    let index = this.#index.get(name);
    if (index === undefined) {
      index = this.#assets.push(name) - 1;
      this.#index.set(name, index);
      this.#fees.push(0n);
    }
    return index;
  }

  /** The free balance, opening an entry of 0 when there is none. */
  free(account: Account, asset: number): Amount {
    const free = account.free[asset];
    if (free !== undefined) return free;
    account.free[asset] = 0n;
    account.locked[asset] = 0n;
    account.held.push(asset);
    return 0n;
  }

  credit(account: Account, asset: number, amount: Amount): void {
    account.free[asset] = this.free(account, asset) + amount;
    this.#touch(account, asset);
  }

  /** Sets funds aside. The caller has checked that they are there. */
  lock(account: Account, asset: number, amount: Amount): void {
    account.free[asset] = this.free(account, asset) - amount;
    account.locked[asset]! += amount;
    this.#touch(account, asset);
  }

  unlock(account: Account, asset: number, amount: Amount): void {
    account.free[asset]! += amount;
    account.locked[asset]! -= amount;
    this.#touch(account, asset);
  }

  /** Pays `amount` out of locked funds and gives back what was set aside for it beyond that. */
  spend(account: Account, asset: number, setAside: Amount, amount: Amount): void {
    account.locked[asset]! -= setAside;
    if (setAside !== amount) account.free[asset]! += setAside - amount;
    this.#touch(account, asset);
  }

  collectFee(asset: number, fee: Amount): void {
    this.#fees[asset]! += fee;
  }

  feesCollected(asset: string): Amount {
    const index = this.#index.get(asset);
    return index === undefined ? 0n : this.#fees[index]!;
  }

  balance(account: Account, name: string): AssetBalance {
    const asset = this.#index.get(name);
    return {
      asset: name,
      free: asset === undefined ? 0n : (account.free[asset] ?? 0n),
      locked: asset === undefined ? 0n : (account.locked[asset] ?? 0n),
    };
  }

  balances(account: Account, assets: readonly number[] = account.held): AssetBalance[] {
    return assets.map((asset) => this.balance(account, this.#assets[asset]!));
  }

  name(asset: number): string {
    return this.#assets[asset]!;
  }

  hashInto(hash: StateHash, accounts: readonly Account[]): void {
    for (const account of accounts) {
      for (const asset of account.held) {
        hash.int(asset).big(account.free[asset]!).big(account.locked[asset]!);
      }
    }
    for (const fee of this.#fees) hash.big(fee);
  }

  #touch(account: Account, asset: number): void {
    if (account.internal) return;
    const touched = account.touched;
    if (touched.length === 0) this.touched.push(account);
    if (!touched.includes(asset)) touched.push(asset);
  }
}
