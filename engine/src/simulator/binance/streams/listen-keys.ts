/** listenKeys: names under which an account's events were streamed before the WebSocket API did it. */
import { generatedId } from '../protocol/format.js';
import type { Account } from '../venue.js';

const VALID_MS = 60 * 60_000;

interface Entry {
  readonly account: Account;
  expiresMs: number;
}

export class ListenKeys {
  readonly #keys = new Map<string, Entry>();

  /** A key of the account, valid for 60 minutes; the one it has, extended, while that is valid. */
  create(account: Account, nowMs: number): string {
    for (const [key, entry] of this.#keys) {
      if (entry.expiresMs <= nowMs) this.#keys.delete(key);
      else if (entry.account === account) {
        entry.expiresMs = nowMs + VALID_MS;
        return key;
      }
    }
    const key = generatedId(64);
    this.#keys.set(key, { account, expiresMs: nowMs + VALID_MS });
    return key;
  }

  /** False when there is no such key of the account. */
  extend(key: string, account: Account, nowMs: number): boolean {
    const entry = this.#keys.get(key);
    if (entry === undefined || entry.account !== account || entry.expiresMs <= nowMs) return false;
    entry.expiresMs = nowMs + VALID_MS;
    return true;
  }

  remove(key: string, account: Account): boolean {
    return this.#keys.get(key)?.account === account && this.#keys.delete(key);
  }

  /** Whose events `key` names; undefined when it names none. */
  account(key: string, nowMs: number): Account | undefined {
    const entry = this.#keys.get(key);
    return entry === undefined || entry.expiresMs <= nowMs ? undefined : entry.account;
  }
}
