import {
  type CommandList,
  EventKind,
  type Instrument,
  type InstrumentSpec,
  JournalState,
  type KernelEvent,
  parseAmount,
  TradingState,
} from '../../../src/domain/index.js';
import { BinaryWriter, carry, encodeCommands } from '../../../src/journal/index.js';
import { Kernel, type KernelOptions } from '../../../src/kernel/index.js';
import type { RiskLimits } from '../../../src/risk/index.js';
import { MarketMaker } from '../../../src/strategies/index.js';
import { FakeVenue, Lcg } from './fake-venue.js';
import { bookUpdate, instrument, opening, openLimits, START } from './fixtures.js';
import { RestlessStrategy } from './restless-strategy.js';
import { SETTINGS } from './session.js';

/** Every limit at work, small enough to be reached. */
export const historyLimits: RiskLimits = {
  ...openLimits,
  priceCollarBps: 200,
  maxPosition: { BTCUSDT: '0.05' },
  maxOpenOrders: 8,
  orderRate: { perSecond: 20, burst: 5 },
  maxDailyLoss: parseAmount('40'),
  maxDrawdown: parseAmount('60'),
  circuitBreakerBps: 15,
  circuitBreakerWindowMs: 1000,
  capital: parseAmount('20000'),
};

/** A kernel whose sizes are so small that every kind of forgetting happens. */
export function historyKernel(options: Partial<KernelOptions> = {}): Kernel {
  return new Kernel({
    limits: historyLimits,
    strategies: [new MarketMaker(SETTINGS.params), new RestlessStrategy(['BTCUSDT'])],
    staleAfterUs: 60_000,
    queryAfterUs: 200_000,
    orders: { closedRetention: 40, deniedRetention: 10, fillMemory: 50, maxQueryIntervalUs: 1_000_000 },
    ...options,
  });
}

/** One event and the commands it led to, as bytes. */
export interface Step {
  readonly event: KernelEvent;
  readonly commands: Buffer;
  /** Of the kernel that took it; another one than before only where a session starts. */
  readonly variant: number;
}

export interface History {
  readonly steps: readonly Step[];
  /** As it was after the last. */
  readonly kernel: Kernel;
}

/** Kernels of the same history under other options: by turns other limits, and without one of the strategies. */
export function variantKernel(variant: number): Kernel {
  if (variant === 1)
    return historyKernel({ limits: { ...historyLimits, maxOpenOrders: 3, circuitBreakerBps: 40 } });
  if (variant === 2) return historyKernel({ strategies: [new MarketMaker(SETTINGS.params)] });
  return historyKernel();
}

/** The bytes of a command list. */
export function commandBytes(commands: CommandList): Buffer {
  const out = new BinaryWriter(256);
  if (commands.length > 0) encodeCommands(commands, out);
  return Buffer.from(out.bytes);
}

/**
 * What a kernel lives through in several sessions: a market, orders with every kind of trouble, halts, stops, restarts under
 * new epochs and changed rules, orders of earlier leaders, a journal that falls behind. With `varies` each session has the
 * options of another variant.
 */
export function makeHistory(
  seed: number,
  length: number,
  first: Kernel = historyKernel(),
  varies = false,
): History {
  const random = new Lcg(seed);
  const others = [
    instrument(1, { symbol: 'ETHUSDT', base: 'ETH' }),
    instrument(2, { symbol: 'BTCUSDT', venueName: 'OTHER' }),
  ];
  const venue = new FakeVenue(seed, instrument(), START);
  const steps: Step[] = [];
  let kernel = first;
  let variant = 0;
  let leader = 7;
  const apply = (event: KernelEvent) => {
    const commands = kernel.apply(event);
    steps.push({ event, commands: commandBytes(commands), variant });
    for (let i = 0; i < commands.length; i++) venue.handle(commands.at(i));
  };
  const begin = (rules: Partial<InstrumentSpec>) => {
    const known = [instrument(0, rules), ...others].filter((each): each is Instrument => each !== undefined);
    const first = opening(known, leader, venue.now);
    for (const event of first.splice(0, 1 + known.length)) apply(event);
    // Mostly the venue is not back at once.
    if (steps.length > 100 && random.chance(0.6))
      for (let i = random.below(40); i > 0; i--) apply(venue.next());
    for (const event of first) apply(event);
    for (const event of venue.recover()) apply(event);
  };
  begin({});
  while (steps.length < length) {
    const stamp = { tsEvent: 0, tsInit: venue.now };
    const what = random.next();
    if (what < 0.004) {
      if (random.chance(0.5)) apply({ kind: EventKind.StrategiesStopped, ...stamp });
      leader += random.below(3);
      if (varies) {
        variant = (variant + 1) % 3;
        kernel = carry(kernel, variantKernel(variant));
      }
      begin({ minQuantity: 1 + random.below(50), sizeIncrement: 1 + random.below(2) });
    } else if (what < 0.01) apply(venue.stray(5 + random.below(3), 1_000_000 + random.below(50)));
    else if (what < 0.015) {
      const state = [JournalState.Ok, JournalState.Ok, JournalState.Backlog, JournalState.Failed][
        random.below(4)
      ]!;
      apply({ kind: EventKind.JournalStatus, ...stamp, state });
    } else if (what < 0.03) {
      const state = random.chance(0.9) ? TradingState.Active : TradingState.Reducing;
      apply({ kind: EventKind.TradingStateSet, ...stamp, state, who: 'test', why: 'test' });
    } else if (what < 0.04) {
      // A market with a quote of its own, some of them late.
      const id = Math.floor(steps.length / 50) * 10;
      const bid = 500 + random.below(50);
      if (random.chance(0.3)) {
        const ids = [id, id] as const;
        apply(bookUpdate(EventKind.BookSnapshot, venue.now, 1, ids, [[bid, 100]], [[bid + 9, 100]]));
      } else {
        const quote = { instrument: 1, updateId: id + 1 + random.below(9), bid, ask: bid + 9 };
        apply({ kind: EventKind.Quote, ...stamp, ...quote, bidSize: 5, askSize: 5 });
      }
    } else if (what < 0.055 && venue.open.length > 0) {
      // A venue that is wrong about an order it has.
      const { epoch, sequence } = venue.open[random.below(venue.open.length)]!;
      apply({ kind: EventKind.OrderNotFound, ...stamp, epoch, sequence, definitive: true });
    } else apply(venue.next());
  }
  return { steps, kernel };
}
