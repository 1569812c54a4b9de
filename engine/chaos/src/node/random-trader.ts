import {
  type BinaryReader,
  type BinaryWriter,
  BookState,
  type Instrument,
  isOpen,
  type Order,
  type OrderIntent,
  OrderType,
  Side,
  type StateHash,
  type Strategy,
  type StrategyContext,
  type StrategyMemory,
  TimeInForce,
  TradingState,
} from '../engine.js';

/** How it tries the limits. */
export interface RandomTraderOptions {
  readonly symbol: string;
  /** Chance in 256 of an order on each timer event. */
  readonly eagerness: number;
  /** Largest order, size units. */
  readonly maxQuantity: number;
}

/** Bursts of this many orders at once run into the order rate. */
const BURST = 12;

/**
 * Sends whatever comes to its mind, far more than the limits allow: resting and taking orders of all sizes on both sides,
 * bursts, and cancels at random. Its randomness is part of its state, so that it is as deterministic as any strategy.
 */
export class RandomTrader implements Strategy {
  readonly name = 'random trader';
  readonly format = 1;
  readonly symbols: readonly string[];
  readonly #options: RandomTraderOptions;
  readonly #open: Order[] = [];
  readonly #intent: OrderIntent = {
    instrument: 0,
    strategy: 0,
    side: Side.Buy,
    type: OrderType.Limit,
    timeInForce: TimeInForce.GTC,
    postOnly: false,
    quantity: 0,
    price: 0,
    triggerPrice: 0,
  };
  #instrument: Instrument | undefined;
  #state: number;
  #stopped = false;

  constructor(options: RandomTraderOptions, seed: number) {
    this.#options = options;
    this.symbols = [options.symbol];
    this.#state = seed | 0;
  }

  onInstrument(_context: StrategyContext, instrument: Instrument): void {
    this.#instrument = instrument;
    this.#intent.instrument = instrument.index;
  }

  onBook(): void {}

  onOrder(_context: StrategyContext, order: Order): void {
    const at = this.#open.indexOf(order);
    if (isOpen(order.status)) {
      if (at < 0) this.#open.push(order);
    } else if (at >= 0) this.#open.splice(at, 1);
  }

  onTrade(context: StrategyContext): void {
    this.#act(context);
  }

  onTimer(context: StrategyContext): void {
    this.#act(context);
  }

  #act(context: StrategyContext): void {
    const instrument = this.#instrument;
    if (instrument === undefined || this.#stopped) return;
    const book = context.book(instrument.index);
    if (this.#roll(256) >= this.#options.eagerness) return;
    if (this.#open.length > 0 && this.#roll(3) === 0) {
      context.cancel(this.#open[this.#roll(this.#open.length)]!);
    }
    if (context.tradingState !== TradingState.Active) return;
    if (book.state !== BookState.Valid || book.bid === 0 || book.ask === 0) return;
    const count = this.#roll(24) === 0 ? BURST : 1;
    for (let i = 0; i < count; i++) this.#submit(context, instrument, book.bid, book.ask);
  }

  onStop(context: StrategyContext): void {
    this.#stopped = true;
    for (const order of this.#open) context.cancel(order);
  }

  onRestart(): void {
    this.#stopped = false;
  }

  hashInto(hash: StateHash): void {
    hash
      .text(this.name)
      .int(this.#instrument?.index ?? -1)
      .int(this.#state)
      .int(this.#stopped ? 1 : 0);
    hash.int(this.#open.length);
    for (const { epoch, sequence } of this.#open) hash.int(epoch).int(sequence);
  }

  save(out: BinaryWriter): void {
    out.number(this.#instrument?.index ?? -1);
    out.number(this.#state);
    out.bool(this.#stopped);
    out.u32(this.#open.length);
    for (const { epoch, sequence } of this.#open) {
      out.number(epoch);
      out.number(sequence);
    }
  }

  load(input: BinaryReader, memory: StrategyMemory): void {
    const index = input.number();
    this.#instrument = index < 0 ? undefined : memory.instrument(index);
    if (index >= 0) this.#intent.instrument = index;
    this.#state = input.number();
    this.#stopped = input.bool();
    this.#open.length = 0;
    for (let left = input.u32(); left > 0; left--) {
      const order = memory.order(input.number(), input.number());
      if (order !== null) this.#open.push(order);
    }
  }

  #submit(context: StrategyContext, instrument: Instrument, bid: number, ask: number): void {
    const intent = this.#intent;
    intent.side = this.#roll(2) === 0 ? Side.Buy : Side.Sell;
    const takes = this.#roll(4) === 0;
    const distance = this.#roll(200) * instrument.priceIncrement;
    const buys = intent.side === Side.Buy;
    intent.price = takes ? (buys ? ask : bid) : buys ? bid - distance : ask + distance;
    intent.timeInForce = takes && this.#roll(2) === 0 ? TimeInForce.IOC : TimeInForce.GTC;
    intent.postOnly = !takes && this.#roll(2) === 0;
    const { sizeIncrement } = instrument;
    intent.quantity = (1 + this.#roll(this.#options.maxQuantity / sizeIncrement)) * sizeIncrement;
    const order = context.submit(intent);
    if (isOpen(order.status)) this.#open.push(order);
  }

  /** From 0 to `below` - 1. */
  #roll(below: number): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % below;
  }
}
