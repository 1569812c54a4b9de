import {
  type BinaryReader,
  type BinaryWriter,
  type Order,
  type OrderIntent,
  OrderType,
  Side,
  type StateHash,
  TimeInForce,
  type Trade,
} from '../../../src/domain/index.js';
import { isOpen } from '../../../src/oms/index.js';
import type { Strategy, StrategyContext, StrategyMemory } from '../../../src/strategies/index.js';

const TYPES = [OrderType.Market, OrderType.Limit, OrderType.StopMarket, OrderType.TakeProfitLimit] as const;

/** Asks for orders of every type, some of them impossible, keeps one, cancels some, and now and then throws. */
export class RestlessStrategy implements Strategy {
  readonly name = 'restless';
  readonly symbols: readonly string[];
  readonly format: number;
  readonly #faults: boolean;
  #count = 0;
  #kept: Order | null = null;

  constructor(symbols: readonly string[], options: { faults?: boolean; format?: number } = {}) {
    this.symbols = symbols;
    this.#faults = options.faults ?? true;
    this.format = options.format ?? 1;
  }

  onInstrument(): void {}
  onBook(): void {}
  onTimer(): void {}
  onStop(): void {}

  onTrade(context: StrategyContext, trade: Trade): void {
    this.#count += trade.quantity;
    if (this.#kept !== null && this.#count % 5 === 0) context.cancel(this.#kept);
    if (this.#faults && this.#count % 613 === 0) throw new Error('restless');
    if (this.#count % 7 !== 0) return;
    const order = context.submit(this.#intent(trade));
    if (isOpen(order.status)) this.#kept = order;
  }

  onOrder(_context: StrategyContext, order: Order): void {
    this.#count += order.cumQuantity;
    // An order that has ended is forgotten some day: its record becomes another's.
    if (order === this.#kept && !isOpen(order.status)) this.#kept = null;
  }

  hashInto(hash: StateHash): void {
    hash
      .int(this.#count)
      .int(this.#kept?.epoch ?? -1)
      .int(this.#kept?.sequence ?? -1);
  }

  save(out: BinaryWriter): void {
    out.number(this.#count);
    out.number(this.#kept?.epoch ?? -1);
    out.number(this.#kept?.sequence ?? -1);
  }

  load(input: BinaryReader, memory: StrategyMemory): void {
    this.#count = input.number();
    this.#kept = memory.order(input.number(), input.number());
  }

  #intent({ instrument, price }: Trade): OrderIntent {
    const type = TYPES[this.#count % TYPES.length]!;
    const side = this.#count % 2 === 0 ? Side.Buy : Side.Sell;
    const isLimit = type === OrderType.Limit || type === OrderType.TakeProfitLimit;
    const away = (side === Side.Buy ? -1 : 1) * (this.#count % 3000);
    return {
      instrument: this.#count % 11 === 0 ? 7 : instrument,
      strategy: 0,
      side,
      type,
      timeInForce: TimeInForce.GTC,
      postOnly: false,
      quantity: this.#count % 13 === 0 ? 0.5 : 100 + (this.#count % 300),
      price: isLimit ? price + away : 0,
      triggerPrice: type === OrderType.Market || type === OrderType.Limit ? 0 : price - away,
    };
  }
}
