import type { BookView } from '../book/index.js';
import {
  BinaryReader,
  BinaryWriter,
  type Instrument,
  type Order,
  type OrderFilled,
  type OrderIntent,
  type StateHash,
  type Trade,
  type TradingState,
} from '../domain/index.js';
import type { PositionView } from '../portfolio/index.js';
import type { Strategy, StrategyContext, StrategyMemory } from '../strategies/index.js';
import type { EventClock } from './event-clock.js';
import type { StrategyStatus } from './kernel-view.js';

/** What a host needs of the kernel. */
export interface HostServices {
  readonly tradingState: TradingState;
  instrument(index: number): Instrument;
  book(instrument: number): BookView;
  position(instrument: number): PositionView;
  ready(instrument: number): boolean;
  submit(strategy: number, intent: Readonly<OrderIntent>): Order;
  cancel(order: Order): boolean;
  /** The strategy threw; its host is stopped already. */
  onFault(strategy: number): void;
}

/**
 * Runs one strategy and contains it. What it throws ends the strategy, not the kernel: it is called no more, and the
 * kernel cancels what it has open.
 */
export class StrategyHost implements StrategyContext, StrategyStatus {
  readonly index: number;
  readonly #strategy: Strategy;
  readonly #services: HostServices;
  readonly #clock: EventClock;
  /** What the strategy saves before anything has happened: loading it makes the strategy begin afresh. */
  readonly #fresh: Uint8Array;
  #running = true;
  #error = '';

  constructor(index: number, strategy: Strategy, services: HostServices, clock: EventClock) {
    this.index = index;
    this.#strategy = strategy;
    this.#services = services;
    this.#clock = clock;
    this.#fresh = this.#saved();
  }

  get name(): string {
    return this.#strategy.name;
  }
  get format(): number {
    return this.#strategy.format;
  }
  get running(): boolean {
    return this.#running;
  }
  get error(): string {
    return this.#error;
  }

  get now(): number {
    return this.#clock.now;
  }
  get tradingState(): TradingState {
    return this.#services.tradingState;
  }
  instrument(index: number): Instrument {
    return this.#services.instrument(index);
  }
  book(instrument: number): BookView {
    return this.#services.book(instrument);
  }
  position(instrument: number): PositionView {
    return this.#services.position(instrument);
  }
  ready(instrument: number): boolean {
    return this.#services.ready(instrument);
  }
  submit(intent: Readonly<OrderIntent>): Order {
    return this.#services.submit(this.index, intent);
  }
  cancel(order: Order): boolean {
    // An order of another strategy is not its to cancel.
    return order.strategy === this.index && this.#services.cancel(order);
  }

  wants(instrument: Instrument): boolean {
    return this.#strategy.symbols.includes(instrument.symbol);
  }

  onInstrument(instrument: Instrument): void {
    if (!this.#running) return;
    try {
      this.#strategy.onInstrument(this, instrument);
    } catch (error) {
      this.#fail(error);
    }
  }

  onBook(instrument: number): void {
    if (!this.#running) return;
    try {
      this.#strategy.onBook(this, instrument);
    } catch (error) {
      this.#fail(error);
    }
  }

  onTrade(trade: Trade): void {
    if (!this.#running || this.#strategy.onTrade === undefined) return;
    try {
      this.#strategy.onTrade(this, trade);
    } catch (error) {
      this.#fail(error);
    }
  }

  onOrder(order: Order): void {
    if (!this.#running) return;
    try {
      this.#strategy.onOrder(this, order);
    } catch (error) {
      this.#fail(error);
    }
  }

  onFill(order: Order, fill: OrderFilled): void {
    if (!this.#running || this.#strategy.onFill === undefined) return;
    try {
      this.#strategy.onFill(this, order, fill);
    } catch (error) {
      this.#fail(error);
    }
  }

  onTimer(): void {
    if (!this.#running) return;
    try {
      this.#strategy.onTimer(this);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The last call it gets. */
  stop(): void {
    if (!this.#running) return;
    try {
      this.#strategy.onStop(this);
      this.#running = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * A new session goes on from the state there is. A strategy that was not running, stopped or ended by an error, has not been
   * told what became of its orders since and begins afresh: then true, and what it left open is nobody's.
   */
  restart(memory: StrategyMemory): boolean {
    if (!this.#running) {
      this.reset(memory);
      return true;
    }
    if (this.#strategy.onRestart === undefined) return false;
    try {
      this.#strategy.onRestart(this);
    } catch (error) {
      this.#fail(error);
    }
    return false;
  }

  /** As if nothing had ever happened to it. */
  reset(memory: StrategyMemory): void {
    this.#strategy.load(new BinaryReader(this.#fresh), memory);
    this.#running = true;
    this.#error = '';
  }

  save(out: BinaryWriter): void {
    out.bool(this.#running);
    out.text(this.#error);
    const state = this.#saved();
    out.u32(state.length);
    out.raw(state);
  }

  /** False when the strategy could not take the state: it begins afresh. */
  load(input: BinaryReader, memory: StrategyMemory): boolean {
    const running = input.bool();
    const error = input.text();
    const state = new BinaryReader(input.raw(input.u32()));
    try {
      this.#strategy.load(state, memory);
      state.end();
    } catch {
      this.reset(memory);
      return false;
    }
    this.#running = running;
    this.#error = error;
    return true;
  }

  hashInto(hash: StateHash): void {
    hash.int(this.#running ? 1 : 0);
    if (this.#error !== '') hash.text(this.#error);
    this.#strategy.hashInto(hash);
  }

  #saved(): Uint8Array {
    const out = new BinaryWriter(256);
    this.#strategy.save(out);
    return out.bytes;
  }

  #fail(error: unknown): void {
    this.#running = false;
    this.#error = (error instanceof Error ? error.message : String(error)) || 'an error without a message';
    this.#services.onFault(this.index);
  }
}
