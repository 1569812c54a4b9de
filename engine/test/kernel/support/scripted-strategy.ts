import {
  type BinaryReader,
  type BinaryWriter,
  type Instrument,
  type Order,
  type OrderIntent,
  OrderType,
  Side,
  type StateHash,
  TimeInForce,
  type Trade,
} from '../../../src/domain/index.js';
import type { Strategy, StrategyContext } from '../../../src/strategies/index.js';

/** A post-only buy of 0.01 at 9,990.00; `changes` make it something else. */
export function intent(changes: Partial<OrderIntent> = {}): OrderIntent {
  return {
    instrument: 0,
    strategy: 99,
    side: Side.Buy,
    type: OrderType.Limit,
    timeInForce: TimeInForce.GTC,
    postOnly: true,
    quantity: 1000,
    price: 9_990_00,
    triggerPrice: 0,
    ...changes,
  };
}

type Hook = (context: StrategyContext, what: unknown) => void;

/** Records every call, and does in each what the test says. */
export class ScriptedStrategy implements Strategy {
  readonly name: string;
  format = 1;
  readonly symbols: readonly string[];
  readonly calls: string[] = [];
  readonly orders: Order[] = [];
  readonly on: Record<string, Hook | undefined> = {};

  constructor(name = 'scripted', symbols: readonly string[] = ['BTCUSDT']) {
    this.name = name;
    this.symbols = symbols;
  }

  onInstrument(context: StrategyContext, instrument: Instrument): void {
    this.#call('instrument', context, instrument);
  }
  onBook(context: StrategyContext, instrument: number): void {
    this.#call('book', context, instrument);
  }
  onTrade(context: StrategyContext, trade: Trade): void {
    this.#call('trade', context, trade);
  }
  onOrder(context: StrategyContext, order: Order): void {
    this.#call('order', context, order);
  }
  onFill(context: StrategyContext, order: Order): void {
    this.#call('fill', context, order);
  }
  onTimer(context: StrategyContext): void {
    this.#call('timer', context, undefined);
  }
  onStop(context: StrategyContext): void {
    this.#call('stop', context, undefined);
  }
  onRestart(context: StrategyContext): void {
    this.#call('restart', context, undefined);
  }
  hashInto(hash: StateHash): void {
    hash.text(this.calls.join());
  }
  save(out: BinaryWriter): void {
    out.text(this.calls.join());
  }
  load(input: BinaryReader): void {
    const calls = input.text();
    this.calls.splice(0, this.calls.length, ...(calls === '' ? [] : calls.split(',')));
  }

  #call(name: string, context: StrategyContext, what: unknown): void {
    this.calls.push(name);
    this.on[name]?.(context, what);
  }
}
