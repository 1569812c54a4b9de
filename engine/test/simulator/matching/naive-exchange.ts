import { OrderType, Side, TimeInForce } from '../../../src/domain/index.js';
import type { ExchangeOrderStatus, PlaceRequest } from '../../../src/simulator/matching/index.js';

/**
 * The exchange as one would write it down to explain it: a plain list of orders searched from end to end, funds set
 * aside computed afresh from the open orders, questions about the future ("would this fill?") answered by trying it on
 * a copy. One symbol whose price and quantity units are whole numbers; money in 10^-8. The oracle of the fast one.
 */
export interface NaiveOrder {
  id: number;
  account: number;
  side: Side;
  type: OrderType;
  tif: TimeInForce;
  stp: string;
  price: number;
  stop: number;
  quantity: number;
  leaves: number;
  budget: number;
  byQuote: boolean;
  iceberg: number;
  shown: number;
  cum: number;
  prevented: number;
  /** Place in the queue; 0 = not on the book. */
  turn: number;
  armed: boolean;
  /** A market buy that works has this much quote set aside. */
  aside: number;
  status: ExchangeOrderStatus;
}

export interface NaiveTrade {
  price: number;
  quantity: number;
  taker: number;
  maker: number;
}

const CENTS = 100_000_000n;

export class NaiveExchange {
  orders: NaiveOrder[] = [];
  trades: NaiveTrade[] = [];
  last = 0;
  base: bigint[];
  quote: bigint[];
  fees = { base: 0n, quote: 0n };
  makerRate: bigint[];
  takerRate: bigint[];
  #turn = 0;
  #nextId = 1;
  #fired: NaiveOrder[] = [];

  constructor(base: bigint[], quote: bigint[], makerRate: bigint[], takerRate: bigint[]) {
    this.base = [...base];
    this.quote = [...quote];
    this.makerRate = makerRate;
    this.takerRate = takerRate;
  }

  place(request: PlaceRequest): number | string {
    const { type, price = 0, stopPrice = 0, quantity = 0, icebergQuantity = 0 } = request;
    const byQuote = request.quoteQuantity !== undefined;
    const order: NaiveOrder = {
      id: 0,
      account: request.account,
      side: request.side,
      type,
      tif: request.timeInForce ?? TimeInForce.GTC,
      stp: request.selfTradePrevention ?? 'NONE',
      price,
      stop: stopPrice,
      quantity,
      leaves: quantity,
      budget: byQuote ? Number(request.quoteQuantity! / 10n ** 18n) : 0,
      byQuote,
      iceberg: icebergQuantity,
      shown: 0,
      cum: 0,
      prevented: 0,
      turn: 0,
      armed: stopPrice > 0,
      aside: 0,
      status: 'NEW',
    };
    if (order.armed && this.last > 0 && this.#fires(order, this.last)) return 'WOULD_TRIGGER';
    if (request.postOnly === true && this.#best(order) !== undefined) return 'WOULD_TAKE';
    if (!this.#fund(order)) return 'INSUFFICIENT_BALANCE';
    order.id = this.#nextId++;
    this.orders.push(order);
    if (!order.armed) this.#work(order);
    while (this.#fired.length > 0) {
      const next = this.#fired.shift()!;
      next.armed = false;
      if (this.#fund(next)) this.#work(next);
      else this.#close(next, 'EXPIRED');
    }
    return order.id;
  }

  cancel(id: number): boolean {
    const order = this.orders.find((other) => other.id === id);
    if (order === undefined || !isOpen(order)) return false;
    this.#close(order, 'CANCELED');
    return true;
  }

  amend(id: number, quantity: number): boolean {
    const order = this.orders.find((other) => other.id === id);
    if (order === undefined || !isOpen(order)) return false;
    const leaves = quantity - order.cum - order.prevented;
    if (quantity >= order.quantity || leaves <= 0) return false;
    order.quantity = quantity;
    order.leaves = leaves;
    order.shown = Math.min(order.shown, leaves);
    return true;
  }

  /** Orders of a side in the order they would trade. */
  queue(side: Side): NaiveOrder[] {
    const sign = side === Side.Buy ? -1 : 1;
    return this.orders
      .filter((order) => order.turn > 0 && order.side === side)
      .sort((a, b) => sign * (a.price - b.price) || a.turn - b.turn);
  }

  levels(side: Side): [number, number][] {
    const sums = new Map<number, number>();
    for (const order of this.queue(side)) sums.set(order.price, (sums.get(order.price) ?? 0) + order.shown);
    return [...sums];
  }

  /** In 10^-8, out of the open orders alone. */
  locked(account: number): { base: bigint; quote: bigint } {
    let base = 0;
    let quote = 0;
    for (const order of this.orders) {
      if (!isOpen(order) || order.account !== account) continue;
      if (order.side === Side.Sell) base += order.leaves;
      else quote += (order.price > 0 ? order.price : order.stop) * order.leaves;
    }
    return { base: BigInt(base) * CENTS, quote: BigInt(quote) * CENTS };
  }

  /** Whether the account can pay for what the order may need, everything it has open aside. */
  #fund(order: NaiveOrder): boolean {
    const held = this.orders.includes(order);
    const status = order.status;
    if (held) order.status = 'CANCELED';
    const locked = this.locked(order.account);
    order.status = status;
    const free = {
      base: this.base[order.account]! - locked.base,
      quote: this.quote[order.account]! - locked.quote,
    };
    if (order.side === Side.Sell) {
      const need = order.byQuote ? this.#rehearse(order).cum : order.leaves;
      return BigInt(need) * CENTS <= free.base;
    }
    let need = order.budget;
    if (!order.byQuote) {
      const price = order.price > 0 ? order.price : order.armed ? order.stop : 0;
      need = price > 0 ? price * order.leaves : this.#rehearse(order).cost;
    }
    return BigInt(need) * CENTS <= free.quote;
  }

  /** What would become of the order, tried on a copy of the exchange. */
  #rehearse(order: NaiveOrder): { cum: number; cost: number } {
    const copy = new NaiveExchange(this.base, this.quote, this.makerRate, this.takerRate);
    copy.orders = this.orders.map((other) => ({ ...other }));
    copy.#turn = this.#turn;
    const taker = { ...order, armed: false };
    copy.#match(taker);
    return { cum: taker.cum, cost: copy.trades.reduce((sum, t) => sum + t.price * t.quantity, 0) };
  }

  #work(order: NaiveOrder): void {
    if (order.tif === TimeInForce.FOK && this.#rehearse(order).cum < order.quantity) {
      this.#close(order, 'EXPIRED');
      return;
    }
    this.#match(order);
    if (!isOpen(order)) return;
    const market = order.price === 0;
    if (order.byQuote) {
      const best = this.#best(order);
      const done = best !== undefined && order.cum > 0 && Math.floor(order.budget / best.price) === 0;
      this.#close(order, done ? 'FILLED' : 'EXPIRED');
    } else if (market || order.tif !== TimeInForce.GTC) this.#close(order, 'EXPIRED');
    else this.#queueUp(order);
  }

  #match(taker: NaiveOrder): void {
    for (;;) {
      if (!isOpen(taker)) return;
      const maker = this.#best(taker);
      if (maker === undefined) return;
      const wanted = taker.byQuote ? Math.floor(taker.budget / maker.price) : taker.leaves;
      if (wanted === 0) return;
      if (taker.stp !== 'NONE' && taker.account === maker.account) this.#prevent(taker, maker, wanted);
      else this.#trade(taker, maker, Math.min(wanted, maker.shown));
    }
  }

  #best(taker: NaiveOrder): NaiveOrder | undefined {
    const maker = this.queue(taker.side === Side.Buy ? Side.Sell : Side.Buy)[0];
    if (maker === undefined || taker.price === 0) return maker;
    const crosses = taker.side === Side.Buy ? maker.price <= taker.price : maker.price >= taker.price;
    return crosses ? maker : undefined;
  }

  #trade(taker: NaiveOrder, maker: NaiveOrder, quantity: number): void {
    const { price } = maker;
    this.trades.push({ price, quantity, taker: taker.id, maker: maker.id });
    this.last = price;
    const [buyer, seller] = taker.side === Side.Buy ? [taker, maker] : [maker, taker];
    const rate = (order: NaiveOrder) => (order === taker ? this.takerRate : this.makerRate)[order.account]!;
    const amount = BigInt(quantity) * CENTS;
    const value = BigInt(quantity * price) * CENTS;
    const buyerFee = (amount * rate(buyer)) / 1_000_000n;
    const sellerFee = (value * rate(seller)) / 1_000_000n;
    this.base[buyer.account]! += amount - buyerFee;
    this.quote[buyer.account]! -= value;
    this.base[seller.account]! -= amount;
    this.quote[seller.account]! += value - sellerFee;
    this.fees.base += buyerFee;
    this.fees.quote += sellerFee;
    for (const order of [taker, maker]) {
      order.cum += quantity;
      order.status = 'PARTIALLY_FILLED';
      if (order.byQuote) {
        order.budget -= price * quantity;
        order.quantity = order.cum;
        continue;
      }
      order.leaves -= quantity;
      if (order.leaves === 0) this.#close(order, 'FILLED');
    }
    if (isOpen(maker)) {
      maker.shown -= quantity;
      if (maker.shown === 0) this.#queueUp(maker);
    }
    const armed = this.orders.filter((order) => order.armed && isOpen(order) && !this.#fired.includes(order));
    const fires = armed.filter((order) => this.#fires(order, price));
    const rising = fires
      .filter((order) => this.#rising(order))
      .sort((a, b) => a.stop - b.stop || a.id - b.id);
    const falling = fires
      .filter((order) => !this.#rising(order))
      .sort((a, b) => b.stop - a.stop || a.id - b.id);
    this.#fired.push(...rising, ...falling);
  }

  #prevent(taker: NaiveOrder, maker: NaiveOrder, wanted: number): void {
    const both = Math.min(wanted, maker.leaves);
    const takes: Record<string, [number, number]> = {
      EXPIRE_TAKER: [wanted, 0],
      EXPIRE_MAKER: [0, maker.leaves],
      EXPIRE_BOTH: [wanted, maker.leaves],
      DECREMENT: [both, both],
    };
    const [fromTaker, fromMaker] = takes[taker.stp]!;
    maker.prevented += fromMaker;
    maker.leaves -= fromMaker;
    maker.shown = Math.min(maker.shown, maker.leaves);
    if (maker.leaves === 0) this.#close(maker, 'EXPIRED_IN_MATCH');
    taker.prevented += fromTaker;
    let done = taker.stp !== 'EXPIRE_MAKER' && taker.stp !== 'DECREMENT';
    if (taker.byQuote) {
      taker.budget -= fromTaker * maker.price;
      if (fromTaker > 0) done ||= Math.floor(taker.budget / maker.price) === 0;
    } else {
      taker.leaves -= fromTaker;
      done ||= taker.leaves === 0;
    }
    if (done) this.#close(taker, 'EXPIRED_IN_MATCH');
  }

  #queueUp(order: NaiveOrder): void {
    order.turn = ++this.#turn;
    order.shown = order.iceberg > 0 ? Math.min(order.iceberg, order.leaves) : order.leaves;
  }

  #close(order: NaiveOrder, status: ExchangeOrderStatus): void {
    order.status = status;
    order.leaves = 0;
    order.shown = 0;
    order.turn = 0;
    order.armed = false;
  }

  #rising({ type, side }: NaiveOrder): boolean {
    const stopLoss = type === OrderType.StopMarket || type === OrderType.StopLimit;
    return stopLoss ? side === Side.Buy : side === Side.Sell;
  }

  #fires(order: NaiveOrder, price: number): boolean {
    return this.#rising(order) ? price >= order.stop : price <= order.stop;
  }
}

export function isOpen({ status }: { status: ExchangeOrderStatus }): boolean {
  return status === 'NEW' || status === 'PARTIALLY_FILLED';
}
