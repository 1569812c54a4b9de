import type { Amount, StateHash } from '../../domain/index.js';
import { Side } from '../../domain/index.js';
import type { BookOrder } from './book-order.js';
import type { Publisher } from './publisher.js';
import { Ring } from './ring.js';
import { TradeWindow } from './trade-window.js';
import type { Triggers } from './triggers.js';
import type { ExchangeTrade, TradeStatistics } from './types.js';

const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;

/** The public trades of one symbol, and what is computed from them. Fires stops. */
export class TradeTape {
  /** 0 before the first trade. */
  lastPrice = 0;
  /** Stops the latest trades fired, to be worked when the running order is done. */
  readonly fired: BookOrder[] = [];
  readonly #symbol: number;
  readonly #publisher: Publisher;
  readonly #triggers: Triggers;
  readonly #recent: Ring<ExchangeTrade>;
  readonly #average = new TradeWindow(60, 5 * SECOND_US);
  readonly #day = new TradeWindow(144, 10 * MINUTE_US);
  readonly #units: { notional(price: number, quantity: number): Amount };
  #lastTradeId: number;

  constructor(
    symbol: number,
    units: { notional(price: number, quantity: number): Amount },
    triggers: Triggers,
    publisher: Publisher,
    options: { readonly lastTradeId: number; readonly retainedTrades: number },
  ) {
    this.#symbol = symbol;
    this.#units = units;
    this.#triggers = triggers;
    this.#publisher = publisher;
    this.#recent = new Ring(options.retainedTrades);
    this.#lastTradeId = options.lastTradeId;
  }

  /** Returns the trade id. */
  record(
    taker: BookOrder,
    maker: BookOrder,
    price: number,
    quantity: number,
    quote: Amount,
    nowUs: number,
  ): number {
    const tradeId = ++this.#lastTradeId;
    const buys = taker.side === Side.Buy;
    const trade: ExchangeTrade = {
      symbol: this.#symbol,
      tradeId,
      price,
      quantity,
      aggressor: taker.side,
      timeUs: nowUs,
      buyOrderId: buys ? taker.orderId : maker.orderId,
      sellOrderId: buys ? maker.orderId : taker.orderId,
    };
    this.lastPrice = price;
    this.#recent.push(trade);
    const units = BigInt(quantity);
    this.#average.add(nowUs, tradeId, price, units, quote);
    this.#day.add(nowUs, tradeId, price, units, quote);
    this.#triggers.collect(price, this.fired);
    this.#publisher.trade(trade);
    return tradeId;
  }

  recent(limit: number): ExchangeTrade[] {
    return this.#recent.latest(limit);
  }

  averagePrice(nowUs: number): number {
    const quantity = this.#average.quantity(nowUs);
    if (quantity === 0n) return this.lastPrice;
    return Number(this.#average.quote(nowUs) / (quantity * this.#units.notional(1, 1)));
  }

  statistics(nowUs: number): TradeStatistics {
    return this.#day.statistics(nowUs);
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#lastTradeId).int(this.lastPrice);
  }
}
