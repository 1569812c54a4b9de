import {
  type BinaryReader,
  type BinaryWriter,
  type Instrument,
  type Order,
  OrderType,
  Side,
  type StateHash,
} from '../domain/index.js';
import { comparableFromProduct, productAbove } from '../portfolio/index.js';

/**
 * What our own open orders could still do, per instrument: counts, quantities and prices by side, and the part of the
 * balances they need that the venue has not locked yet. Rebuilt for an instrument from its open orders whenever one of
 * them changes: there are few, and a sum that is rebuilt cannot drift.
 */
export class OpenExposure {
  readonly #count: number[] = [];
  readonly #buys: number[] = [];
  readonly #sells: number[] = [];
  readonly #highestBuy: number[] = [];
  readonly #lowestSell: number[] = [];
  readonly #unlockedQuote: number[] = [];
  readonly #unlockedBase: number[] = [];

  define(instrument: number): void {
    this.begin(instrument);
  }

  /** Forgets the instrument's orders; {@link add} then names each open one. */
  begin(instrument: number): void {
    this.#count[instrument] = 0;
    this.#buys[instrument] = 0;
    this.#sells[instrument] = 0;
    this.#highestBuy[instrument] = 0;
    this.#lowestSell[instrument] = Number.POSITIVE_INFINITY;
    this.#unlockedQuote[instrument] = 0;
    this.#unlockedBase[instrument] = 0;
  }

  /** Counts an open order. `worstPrice`: what a market order is taken to cost. */
  add(instrument: Instrument, order: Order, locked: boolean, worstPrice: number): void {
    const { index } = instrument;
    const { price } = order;
    this.#count[index]!++;
    // An order without a price takes, it never rests where another of ours could meet it.
    if (isPriced(order.type)) {
      if (order.side === Side.Buy) {
        if (price > this.#highestBuy[index]!) this.#highestBuy[index] = price;
      } else if (price < this.#lowestSell[index]!) this.#lowestSell[index] = price;
    }
    this.#addQuantity(instrument, order, order.leavesQuantity, locked, worstPrice);
  }

  /** Counts what an ended order has filled by fills that have not been told: it is no open order, and meets no other. */
  addAwaited(instrument: Instrument, order: Order, locked: boolean, worstPrice: number): void {
    this.#addQuantity(instrument, order, order.awaitedQuantity, locked, worstPrice);
  }

  #addQuantity(
    { index, pricePrecision, sizePrecision }: Instrument,
    order: Order,
    quantity: number,
    locked: boolean,
    worstPrice: number,
  ): void {
    if (order.side === Side.Buy) {
      this.#buys[index]! += quantity;
      if (locked) return;
      const price = isPriced(order.type) ? order.price : worstPrice;
      this.#unlockedQuote[index]! += comparableFromProduct(
        productAbove(price, quantity),
        pricePrecision + sizePrecision,
      );
    } else {
      this.#sells[index]! += quantity;
      if (!locked) this.#unlockedBase[index]! += comparableFromProduct(quantity, sizePrecision);
    }
  }

  count(instrument: number): number {
    return this.#count[instrument]!;
  }

  /** Quantity still to be filled, or filled without our having been told, by side, in size units. */
  buys(instrument: number): number {
    return this.#buys[instrument]!;
  }

  sells(instrument: number): number {
    return this.#sells[instrument]!;
  }

  /** Highest price of our open buys, 0 when none; lowest of our open sells, Infinity when none. */
  highestBuy(instrument: number): number {
    return this.#highestBuy[instrument]!;
  }

  lowestSell(instrument: number): number {
    return this.#lowestSell[instrument]!;
  }

  /** Needed by buys (sells) of this instrument and not yet locked by the venue: units of 10^-8 of quote (base). */
  unlockedQuote(instrument: number): number {
    return this.#unlockedQuote[instrument]!;
  }

  unlockedBase(instrument: number): number {
    return this.#unlockedBase[instrument]!;
  }

  hashInto(hash: StateHash, instrument: number): void {
    hash.int(this.count(instrument)).int(this.buys(instrument)).int(this.sells(instrument));
    hash.int(this.unlockedQuote(instrument)).int(this.unlockedBase(instrument));
  }

  /** What the last rebuild found: another one, at another time, might find the balances and the market changed. */
  save(out: BinaryWriter, instrument: number): void {
    out.number(this.count(instrument));
    out.number(this.buys(instrument));
    out.number(this.sells(instrument));
    out.number(this.highestBuy(instrument));
    out.number(this.lowestSell(instrument));
    out.number(this.unlockedQuote(instrument));
    out.number(this.unlockedBase(instrument));
  }

  load(input: BinaryReader, instrument: number): void {
    this.#count[instrument] = input.integer('open orders', 0);
    this.#buys[instrument] = notNegative(input);
    this.#sells[instrument] = notNegative(input);
    this.#highestBuy[instrument] = notNegative(input);
    this.#lowestSell[instrument] = notNegative(input);
    this.#unlockedQuote[instrument] = notNegative(input);
    this.#unlockedBase[instrument] = notNegative(input);
  }
}

/** Infinity included. */
function notNegative(input: BinaryReader): number {
  const value = input.number();
  if (!(value >= 0)) throw input.malformed(`open exposure ${value}`);
  return value;
}

/** Whether an order of this type names a limit price. */
export function isPriced(type: OrderType): boolean {
  return type === OrderType.Limit || type === OrderType.StopLimit || type === OrderType.TakeProfitLimit;
}

/** Whether an order of this type waits for a trigger price. */
export function isTriggered(type: OrderType): boolean {
  return type >= OrderType.StopMarket && type <= OrderType.TakeProfitLimit;
}
