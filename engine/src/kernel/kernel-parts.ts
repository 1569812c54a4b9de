import type { Instrument, StateHash } from '../domain/index.js';
import { TradingState } from '../domain/index.js';
import { OrderManager, type OrderManagerOptions } from '../oms/index.js';
import { Portfolio } from '../portfolio/index.js';
import { type OrderRate, RiskGate, type RiskLimits } from '../risk/index.js';
import type { Strategy, StrategyMemory } from '../strategies/index.js';
import { CommandBuffer } from './command-buffer.js';
import { ConnectionTable } from './connection-table.js';
import { EventClock } from './event-clock.js';
import { InstrumentDesk } from './instrument-desk.js';
import { KernelCounters } from './kernel-counters.js';
import { ALL_STRATEGIES, OrderDesk } from './order-desk.js';
import { type HostServices, StrategyHost } from './strategy-host.js';

export interface KernelOptions {
  readonly limits: RiskLimits;
  readonly strategies: readonly Strategy[];
  /** A book silent for longer than this is stale, microseconds. */
  readonly staleAfterUs: number;
  /** How long an answer from a venue may be overdue before it is asked, microseconds. Default 2,000,000. */
  readonly queryAfterUs?: number;
  /** Sizes of the order manager; the defaults suit. */
  readonly orders?: Omit<OrderManagerOptions, 'queryAfterUs'>;
}

/** Everything the kernel is made of, put together; what its event handlers share. */
export class KernelParts implements StrategyMemory {
  readonly clock = new EventClock();
  readonly portfolio = new Portfolio();
  readonly orders: OrderManager;
  readonly gate: RiskGate;
  readonly connections = new ConnectionTable();
  readonly commands = new CommandBuffer();
  readonly counters = new KernelCounters();
  readonly instruments: Instrument[] = [];
  readonly desks: InstrumentDesk[] = [];
  readonly hosts: readonly StrategyHost[];
  readonly desk: OrderDesk;
  readonly staleAfterUs: number;
  readonly orderRate: OrderRate;
  /** When {@link sweep} last ran, microseconds. */
  swept = 0;
  /** Trading was halted when the last event had been handled. */
  wasHalted = false;

  constructor(options: KernelOptions) {
    const { limits, strategies, staleAfterUs, queryAfterUs = 2_000_000 } = options;
    this.staleAfterUs = staleAfterUs;
    this.orderRate = limits.orderRate;
    this.orders = new OrderManager({ ...options.orders, queryAfterUs });
    this.gate = new RiskGate(limits, this.portfolio);
    this.desk = new OrderDesk(
      this.clock,
      this.orders,
      this.gate,
      this.connections,
      this.commands,
      this.counters,
      this.desks,
      staleAfterUs,
    );
    const services = this.#services();
    this.hosts = strategies.map((strategy, index) => new StrategyHost(index, strategy, services, this.clock));
  }

  get isHalted(): boolean {
    return this.gate.killSwitch.state === TradingState.Halted;
  }

  /** Undefined, and counted, when nobody defined it. */
  find(instrument: number): InstrumentDesk | undefined {
    const desk = this.desks[instrument];
    if (desk === undefined) this.counters.unknownInstruments++;
    return desk;
  }

  /** Throws a RangeError when nobody defined it. */
  at(instrument: number): InstrumentDesk {
    const desk = this.desks[instrument];
    if (desk === undefined) throw new RangeError(`no instrument ${instrument}`);
    return desk;
  }

  instrument(index: number): Instrument {
    return this.at(index).instrument;
  }

  order(epoch: number, sequence: number) {
    return this.orders.find(epoch, sequence);
  }

  /** A desk, and its place in the books of portfolio and risk, for the next instrument in index order. */
  addDesk(instrument: Instrument): InstrumentDesk {
    this.gate.define(instrument);
    const desk = new InstrumentDesk(instrument);
    this.instruments.push(instrument);
    this.desks.push(desk);
    return desk;
  }

  /** Cancels what must not stay open: everything when halted or stopping, else what nobody counts on any more. */
  sweep(): void {
    this.swept = this.clock.now;
    if (this.desk.closed || this.isHalted) {
      this.desk.cancelOpen(ALL_STRATEGIES);
      return;
    }
    this.desk.cancelRevived();
    for (let i = 0; i < this.hosts.length; i++) if (!this.hosts[i]!.running) this.desk.cancelOpen(i);
  }

  /** In an order that is part of what every recorded hash means: new parts go last, or inside one of these. */
  hashInto(hash: StateHash): void {
    hash
      .int(this.clock.now)
      .int(this.swept)
      .int(this.wasHalted ? 1 : 0);
    this.desk.hashInto(hash);
    for (const desk of this.desks) desk.hashInto(hash);
    this.portfolio.hashInto(hash);
    this.gate.hashInto(hash);
    this.orders.hashInto(hash);
    this.connections.hashInto(hash);
    for (const host of this.hosts) host.hashInto(hash);
    this.counters.hashInto(hash);
  }

  #services(): HostServices {
    const parts = this;
    return {
      get tradingState() {
        return parts.gate.killSwitch.state;
      },
      instrument: (index) => parts.at(index).instrument,
      book: (index) => parts.at(index).book,
      position: (index) => parts.portfolio.position(parts.at(index).instrument.index),
      ready: (index) => parts.connections.canSubmit(parts.at(index).instrument.venue),
      submit: (strategy, intent) => parts.desk.submit(strategy, intent),
      cancel: (order) => parts.desk.cancel(order),
      onFault: (strategy) => {
        parts.counters.strategyFaults++;
        parts.desk.cancelOpen(strategy);
      },
    };
  }
}
