import type { Command, CommandList, KernelEvent } from '../../../src/domain/index.js';
import { EventKind, parseAmount } from '../../../src/domain/index.js';
import { Kernel } from '../../../src/kernel/index.js';
import { createStrategy, type MarketMakingParams } from '../../../src/strategies/index.js';
import { FakeVenue } from './fake-venue.js';
import { instrument, opening, openLimits, START } from './fixtures.js';

/** A session's settings as plain JSON, so that another process can build the same kernel. */
export interface SessionSettings {
  readonly params: MarketMakingParams;
  readonly maxDailyLoss: string;
  readonly maxPosition: string;
}

export const SETTINGS: SessionSettings = {
  params: {
    symbol: 'BTCUSDT',
    spreadBps: 8,
    minSpreadBps: 1,
    orderSize: '0.01',
    maxInventory: '0.03',
    inventorySkewBps: 4,
    repriceIntervalMs: 20,
    repriceThresholdBps: 1,
    orderTimeoutMs: 400,
  },
  maxDailyLoss: '100000',
  maxPosition: '0.03',
};

export function kernelFor(settings: SessionSettings): Kernel {
  return new Kernel({
    limits: {
      ...openLimits,
      priceCollarBps: 200,
      maxPosition: { [settings.params.symbol]: settings.maxPosition },
      maxOpenOrders: 4,
      orderRate: { perSecond: 200, burst: 50 },
      maxDailyLoss: parseAmount(settings.maxDailyLoss),
    },
    strategies: [createStrategy('market-maker', settings.params)],
    staleAfterUs: 2_000_000,
    queryAfterUs: 200_000,
  });
}

export interface SessionObserver {
  onApplied?(event: KernelEvent, commands: CommandList): void;
  onCommand?(command: Command): void;
}

/** A kernel and a fake venue trading with one another. */
export class Session {
  readonly kernel: Kernel;
  readonly venue: FakeVenue;
  readonly #traded = instrument();
  readonly #observer: SessionObserver;

  constructor(seed: number, settings: SessionSettings = SETTINGS, observer: SessionObserver = {}) {
    this.kernel = kernelFor(settings);
    this.venue = new FakeVenue(seed, this.#traded, START);
    this.#observer = observer;
  }

  /** What every session begins with. */
  open(): this {
    for (const event of opening([this.#traded])) this.apply(event);
    return this;
  }

  apply(event: KernelEvent): void {
    const commands = this.kernel.apply(event);
    this.#observer.onApplied?.(event, commands);
    for (let i = 0; i < commands.length; i++) {
      const command = commands.at(i);
      this.#observer.onCommand?.(command);
      this.venue.handle(command);
    }
  }

  run(steps: number): void {
    for (let i = 0; i < steps; i++) this.apply(this.venue.next());
  }

  /** Ends the session as a process would: stop, then wait for the venue until it holds nothing of ours. */
  stop(): void {
    this.venue.trouble = false;
    for (const event of this.venue.recover()) this.apply(event);
    this.apply({ kind: EventKind.StrategiesStopped, tsEvent: 0, tsInit: this.venue.now });
    for (let i = 0; i < 500 && (this.kernel.view.orders.openCount > 0 || this.venue.pending > 0); i++) {
      this.venue.now += 100_000;
      const answer = this.venue.answer();
      this.apply(answer ?? { kind: EventKind.Timer, tsEvent: 0, tsInit: this.venue.now });
    }
  }
}
