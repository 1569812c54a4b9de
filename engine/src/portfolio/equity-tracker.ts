import type { Amount, BinaryReader, BinaryWriter, StateHash } from '../domain/index.js';
import type { Position } from './position.js';
import { COMPARE_SCALE, comparableAmount, comparableFloor } from './rounding.js';

const DAY_US = 86_400_000_000;

/** Profit and loss of all positions with one quote asset. Exact amounts are of that asset. */
export interface PnlView {
  readonly asset: string;
  readonly realized: Amount;
  /** At the price each position could be closed at: the last bid for a long one, the last ask for a short one. */
  readonly unrealized: Amount;
  /** Fees paid in the quote asset, or in a base asset at its fill's price. Fees in third assets are not in here. */
  readonly fees: Amount;
  /** realized + unrealized - fees. */
  readonly net: Amount;
  /** The highest net profit seen (never below 0), and how far below it we are. To 10^-8, rounded against us. */
  readonly peak: Amount;
  readonly drawdown: Amount;
  /** Net profit since 00:00 UTC. To 10^-8, rounded down. */
  readonly dayPnl: Amount;
}

/** A position and what is cached of it, so that a mark costs no bigint. */
interface Line {
  readonly position: Position;
  /** Of the product price × quantity: a power of ten to divide or multiply by to get units of 10^-8. */
  readonly divisor: number;
  readonly factor: number;
  /** realized - fees - cost basis, in units of 10^-8, rounded down. */
  settled: number;
  bid: number;
  ask: number;
}

/**
 * Net profit, its peak and its day for one quote asset, kept current on every mark without allocating. The comparable
 * fields are integers in units of 10^-8, rounded down per position.
 */
export class EquityTracker implements PnlView {
  readonly asset: string;
  readonly #lines: Line[] = [];
  #equity = 0;
  #peak = 0;
  #dayStart = 0;
  #day = -1;

  constructor(asset: string) {
    this.asset = asset;
  }

  /** Adds a position; returns its line number in this tracker. */
  add(position: Position): number {
    const scale = position.instrument.pricePrecision + position.instrument.sizePrecision;
    return (
      this.#lines.push({
        position,
        divisor: 10 ** Math.max(0, scale - COMPARE_SCALE),
        factor: 10 ** Math.max(0, COMPARE_SCALE - scale),
        settled: 0,
        bid: 0,
        ask: 0,
      }) - 1
    );
  }

  /** Takes in the best bid and ask. True when the equity may have changed. */
  mark(line: number, bid: number, ask: number): boolean {
    const at = this.#lines[line]!;
    if (at.bid === bid && at.ask === ask) return false;
    at.bid = bid;
    at.ask = ask;
    if (at.position.quantity === 0) return false;
    this.#revalue();
    return true;
  }

  /** Takes in that the position has changed. A position never marked is marked at the fill's price. */
  settle(line: number, fillPrice: number): void {
    const at = this.#lines[line]!;
    if (at.bid === 0) {
      at.bid = fillPrice;
      at.ask = fillPrice;
    }
    const { position } = at;
    at.settled = comparableFloor(position.realized - position.feesInQuote - position.costBasis);
    this.#revalue();
  }

  /** Starts a new day when `now` (microseconds since 1970, UTC) lies in one. True when it did. */
  rollDay(now: number): boolean {
    const day = Math.floor(now / DAY_US);
    if (day <= this.#day) return false;
    this.#day = day;
    this.#dayStart = this.#equity;
    return true;
  }

  /** Forgets peak and day losses: a person has looked at them and re-armed trading. */
  rebase(): void {
    this.#peak = this.#equity;
    this.#dayStart = this.#equity;
  }

  /** The last best ask of a line (or the price of its fill), 0 when it was never marked. */
  lastAsk(line: number): number {
    return this.#lines[line]!.ask;
  }

  /** Net profit in units of 10^-8. */
  get comparableEquity(): number {
    return this.#equity;
  }

  get comparableDrawdown(): number {
    return this.#peak - this.#equity;
  }

  get comparableDayPnl(): number {
    return this.#equity - this.#dayStart;
  }

  get realized(): Amount {
    return this.#lines.reduce((sum, { position }) => sum + position.realized, 0n);
  }

  get unrealized(): Amount {
    return this.#lines.reduce((sum, line) => sum + line.position.unrealized(markOf(line)), 0n);
  }

  get fees(): Amount {
    return this.#lines.reduce((sum, { position }) => sum + position.feesInQuote, 0n);
  }

  get net(): Amount {
    return this.realized + this.unrealized - this.fees;
  }

  get peak(): Amount {
    return comparableAmount(this.#peak);
  }

  get drawdown(): Amount {
    return comparableAmount(this.comparableDrawdown);
  }

  get dayPnl(): Amount {
    return comparableAmount(this.comparableDayPnl);
  }

  hashInto(hash: StateHash): void {
    hash.text(this.asset).int(this.#equity).int(this.#peak).int(this.#dayStart).int(this.#day);
    for (const line of this.#lines) hash.int(line.settled).int(line.bid).int(line.ask);
  }

  save(out: BinaryWriter): void {
    out.number(this.#equity);
    out.number(this.#peak);
    out.number(this.#dayStart);
    out.number(this.#day);
    for (const line of this.#lines) {
      out.number(line.settled);
      out.number(line.bid);
      out.number(line.ask);
    }
  }

  /** Into a tracker that has been given the same positions in the same order. */
  load(input: BinaryReader): void {
    this.#equity = input.finite('equity');
    this.#peak = input.finite('peak');
    this.#dayStart = input.finite('equity at the start of the day');
    this.#day = input.integer('day', -1);
    for (const line of this.#lines) {
      line.settled = input.finite('settled profit');
      line.bid = input.integer('bid', 0);
      line.ask = input.integer('ask', 0);
    }
  }

  #revalue(): void {
    let equity = 0;
    for (let i = 0; i < this.#lines.length; i++) {
      const line = this.#lines[i]!;
      const { quantity } = line.position;
      const value = quantity === 0 ? 0 : Math.floor((quantity * markOf(line) * line.factor) / line.divisor);
      equity += value + line.settled;
    }
    this.#equity = equity;
    if (equity > this.#peak) this.#peak = equity;
  }
}

/** The price the position could be closed at. */
function markOf(line: Line): number {
  return line.position.quantity > 0 ? line.bid : line.ask;
}
