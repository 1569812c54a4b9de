import type { Amount } from '../../domain/index.js';
import type { AccountHistory } from './account-history.js';
import type { BookOrder } from './book-order.js';

/** How much an account has open on one symbol. */
export interface OpenCounts {
  orders: number;
  stops: number;
  icebergs: number;
  /** Sum of the leaves of buys. */
  buyQuantity: number;
}

/** One account: funds per asset index, open orders, fee rates. */
export class Account {
  readonly index: number;
  readonly internal: boolean;
  /** In millionths. */
  makerRate: bigint;
  takerRate: bigint;
  readonly free: Amount[] = [];
  readonly locked: Amount[] = [];
  /** Asset indexes in the order first seen. */
  readonly held: number[] = [];
  /** Asset indexes changed since the last balance report. */
  readonly touched: number[] = [];
  /** By order id, in the order placed. */
  readonly open = new Map<number, BookOrder>();
  readonly openByClientId = new Map<string, BookOrder>();
  readonly counts: OpenCounts[];
  /** Absent for internal accounts. */
  readonly history: AccountHistory | undefined;

  constructor(index: number, symbols: number, history: AccountHistory | undefined) {
    this.index = index;
    this.internal = history === undefined;
    this.history = history;
    this.makerRate = 0n;
    this.takerRate = 0n;
    this.counts = Array.from({ length: symbols }, () => ({
      orders: 0,
      stops: 0,
      icebergs: 0,
      buyQuantity: 0,
    }));
  }
}
