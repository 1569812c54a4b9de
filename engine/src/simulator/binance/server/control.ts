/** What can be done to the venue from outside its protocols: in process, or over the control endpoint. */
import { parseAmount } from '../../../domain/index.js';
import type { SymbolStatus } from '../../matching/index.js';
import { FaultError, OrderActions } from '../faults/actions.js';
import { type ArmedFault, FaultInjector } from '../faults/injector.js';
import type { Fault } from '../faults/schema.js';
import type { SimulatorAccountOptions } from '../options.js';
import type { Venue } from '../venue.js';
import type { ConnectionCounts, Connections } from './connections.js';

const DEFAULT_HALF_OPEN_MS = 60_000;

export class SimulatorControl {
  readonly #venue: Venue;
  readonly #connections: Connections;
  readonly #orders: OrderActions;

  constructor(venue: Venue, connections: Connections) {
    this.#venue = venue;
    this.#connections = connections;
    this.#orders = new OrderActions(venue);
  }

  /** Commits or arms a fault. Throws `FaultError` when it cannot be applied. */
  inject(fault: Fault): ArmedFault {
    const { faults } = this.#venue;
    if (!FaultInjector.isImmediate(fault)) return faults.arm(fault);
    switch (fault.kind) {
      case 'disconnect':
        this.#connections.disconnect(fault.channel, fault.clean === true);
        break;
      case 'halfOpen':
        this.#connections.freeze(fault.channel, fault.durationMs ?? DEFAULT_HALF_OPEN_MS);
        break;
      case 'ban':
        this.#venue.banAll(fault.durationMs);
        break;
      case 'fill':
      case 'cancel':
        this.#orders.apply(fault);
        break;
    }
    faults.count(fault.kind);
    return { id: 0, fault, remaining: 0, expiresMs: Number.POSITIVE_INFINITY, applied: 1 };
  }

  /** Disarms one fault, or all (and lifts bans). Returns how many were armed. */
  clearFaults(id?: number): number {
    if (id === undefined) this.#venue.pardonAll();
    return this.#venue.faults.clear(id);
  }

  /** Throws `FaultError` when the name or a key is taken or unreadable. */
  registerAccount(account: SimulatorAccountOptions): void {
    try {
      this.#venue.addAccount(account);
    } catch (error) {
      throw new FaultError(error instanceof Error ? error.message : String(error));
    }
  }

  /** Adds to, or with a negative amount takes from, an account's free balance. `amount` in decimals. */
  deposit(accountName: string, asset: string, amount: string): void {
    const account = this.#venue.accountNamed(accountName);
    if (account === undefined) throw new FaultError(`no account ${accountName}`);
    const delta = parseAmount(amount);
    const now = this.#venue.exchangeUs();
    if (!this.#venue.exchange.deposit(account.index, asset, delta, now))
      throw new FaultError('balance too low');
    this.#venue.userEvents.onTransfer(account.index, asset, delta, now);
    this.#venue.settle();
  }

  setSymbolStatus(symbol: string, status: SymbolStatus): void {
    const index = this.#venue.exchange.symbolIndex(symbol);
    if (index === undefined) throw new FaultError(`no symbol ${symbol}`);
    this.#venue.exchange.setStatus(index, status);
  }

  connections(): ConnectionCounts {
    return this.#connections.counts();
  }
}
