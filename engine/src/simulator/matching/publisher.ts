import type { Side } from '../../domain/index.js';
import type { BookOrder } from './book-order.js';
import { snapshotOrder } from './book-order.js';
import type { Ledger } from './ledger.js';
import type {
  ExchangeFill,
  ExchangeListener,
  ExchangeTrade,
  ExecutionReport,
  ExecutionType,
  PreventedMatch,
  TopOfBook,
} from './types.js';

/** What a report carries besides the order. */
export interface ReportDetails {
  readonly clientOrderId?: string;
  readonly originalClientOrderId?: string;
  readonly fill?: ExchangeFill;
  readonly prevention?: PreventedMatch;
}

/** Tells the listeners. Work that only a listener would see is not done when there is none. */
export class Publisher {
  #listeners: readonly ExchangeListener[] = [];
  #wantsReports = false;

  listen(listener: ExchangeListener): () => void {
    this.#set([...this.#listeners, listener]);
    return () => this.#set(this.#listeners.filter((other) => other !== listener));
  }

  trade(trade: ExchangeTrade): void {
    for (const listener of this.#listeners) listener.onTrade?.(trade);
  }

  level(symbol: number, side: Side, price: number, quantity: number, updateId: number): void {
    for (const listener of this.#listeners) listener.onLevel?.(symbol, side, price, quantity, updateId);
  }

  best(symbol: number, top: TopOfBook, nowUs: number): void {
    for (const listener of this.#listeners) listener.onBest?.(symbol, top, nowUs);
  }

  /** Internal accounts get none. */
  report(
    execution: ExecutionType,
    order: BookOrder,
    executionId: number,
    nowUs: number,
    details: ReportDetails = {},
  ): void {
    if (!this.#wantsReports || order.owner.internal) return;
    const report: ExecutionReport = {
      clientOrderId: order.clientOrderId,
      originalClientOrderId: order.clientOrderId,
      ...details,
      execution,
      order: snapshotOrder(order),
      executionId,
      timeUs: nowUs,
    };
    for (const listener of this.#listeners) listener.onExecution?.(report);
  }

  /** Reports every balance touched since the last call. */
  balances(ledger: Ledger, nowUs: number): void {
    const accounts = ledger.touched;
    if (accounts.length === 0) return;
    for (const account of accounts) {
      for (const listener of this.#listeners) {
        listener.onBalance?.(account.index, ledger.balances(account, account.touched), nowUs);
      }
      account.touched.length = 0;
    }
    accounts.length = 0;
  }

  #set(listeners: readonly ExchangeListener[]): void {
    this.#listeners = listeners;
    this.#wantsReports = listeners.some((listener) => listener.onExecution !== undefined);
  }
}
