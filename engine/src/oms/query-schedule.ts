import type { BinaryReader, BinaryWriter, StateHash } from '../domain/index.js';
import type { OrderRecord } from './order-record.js';
import { SlotList } from './slot-list.js';

export interface QueryScheduleOptions {
  /** How long an answer may be overdue before the venue is asked, microseconds. Default 2,000,000. */
  readonly queryAfterUs?: number;
  /**
   * The spacing between questions doubles up to this, microseconds. Default 5,000,000: an order whose fate is not known keeps
   * its strategy from replacing it.
   */
  readonly maxQueryIntervalUs?: number;
}

/** Which orders the venue owes an answer about, and when to ask: after a while, then ever less often. */
export class QuerySchedule {
  readonly #afterUs: number;
  readonly #maxUs: number;
  readonly #waiting = new SlotList();
  readonly #at: (slot: number) => OrderRecord;

  constructor(at: (slot: number) => OrderRecord, options: QueryScheduleOptions = {}) {
    this.#at = at;
    this.#afterUs = options.queryAfterUs ?? 2_000_000;
    this.#maxUs = Math.max(this.#afterUs, options.maxQueryIntervalUs ?? 5_000_000);
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** A new request went out: its patience starts now. */
  restart(order: OrderRecord, now: number): void {
    order.queryTries = 0;
    order.queryAt = now + this.#afterUs;
    this.#waiting.push(order.slot);
  }

  /** Keeps a running wait as it is, or starts one. */
  keep(order: OrderRecord, now: number): void {
    if (!this.#waiting.has(order.slot)) this.restart(order, now);
  }

  /** Due at once, unless questions are already being asked: then their spacing holds, or failures would spin. */
  hurry(order: OrderRecord, now: number): void {
    this.keep(order, now);
    if (order.queryTries === 0) order.queryAt = now;
  }

  /** Asks anew about every order, as if its request had just gone out: whoever asks now has not been told anything yet. */
  startOver(now: number): void {
    for (let slot = this.#waiting.head; slot >= 0; slot = this.#waiting.after(slot)) {
      const order = this.#at(slot);
      order.queryTries = 0;
      order.queryAt = now + this.#afterUs;
    }
  }

  drop(order: OrderRecord): void {
    this.#waiting.remove(order.slot);
    order.queryTries = 0;
    order.queryAt = 0;
  }

  /**
   * Visits every order due at `now`, oldest wait first, and sets its next time. A visitor that could not ask returns
   * false: the order stays due. Returns how many were asked about.
   */
  due(now: number, visitor: (order: OrderRecord) => unknown): number {
    let count = 0;
    for (let slot = this.#waiting.head; slot >= 0; ) {
      const order = this.#at(slot);
      slot = this.#waiting.after(slot);
      if (order.queryAt > now || visitor(order) === false) continue;
      order.queryTries++;
      order.queryAt = now + Math.min(this.#maxUs, this.#afterUs * 2 ** order.queryTries);
      count++;
    }
    return count;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#waiting.length);
    for (let slot = this.#waiting.head; slot >= 0; slot = this.#waiting.after(slot)) {
      const order = this.#at(slot);
      hash.int(order.epoch).int(order.sequence);
    }
  }

  save(out: BinaryWriter): void {
    out.u32(this.#waiting.length);
    for (let slot = this.#waiting.head; slot >= 0; slot = this.#waiting.after(slot)) {
      const order = this.#at(slot);
      out.number(order.epoch);
      out.number(order.sequence);
    }
  }

  /** Which orders wait, in order; when each is due is in the order itself. An order that `find` does not know is left out. */
  load(input: BinaryReader, find: (epoch: number, sequence: number) => OrderRecord | null): void {
    for (let left = input.u32(); left > 0; left--) {
      const order = find(input.number(), input.number());
      if (order !== null) this.#waiting.push(order.slot);
    }
  }
}
