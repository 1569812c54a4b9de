import {
  type Durability,
  defineInstrument,
  type Instrument,
  Kernel,
  type LeaseTiming,
  MarketMaker,
  parseAmount,
  type RiskLimits,
} from '../engine.js';
import type { JudgedLimits } from '../judge.js';
import type { Mutation } from '../mutation.js';
import { SYMBOL } from '../venue/simulated-venue.js';
import { RandomTrader } from './random-trader.js';

/** What one run is played with: the same for both nodes, as a pair's configuration is. */
export interface PairSettings {
  /** One node only. */
  readonly alone: boolean;
  readonly durability: Durability;
  readonly strategySeed: number;
  /** Chance in 256 that the random trader does something on a timer event. */
  readonly eagerness: number;
  readonly segmentBytes: number;
  /** Records of this long are made durable together: what a loss of power may cost of those nobody waited for. */
  readonly commitIntervalUs: number;
  /** Events from one snapshot to the next. */
  readonly snapshotEvery: number;
  /** Closed segments beyond this are deleted. */
  readonly retainBytes: number;
  /** Closed segments are compressed. */
  readonly compress: boolean;
  readonly timing: LeaseTiming;
  readonly mutation: Mutation | undefined;
}

/** As the issue gives them: renew 100, fence oneself at 250, expire at 400. */
export const TIMING: LeaseTiming = {
  renewEveryMs: 100,
  observeEveryMs: 50,
  selfFenceMs: 250,
  expireAfterMs: 400,
  requestTimeoutMs: 40,
  tickMs: 10,
  killMs: 20,
  clockRatePpm: 1_000,
};

const PRICE_PRECISION = 2;
const SIZE_PRECISION = 5;
const MAX_POSITION = '0.2';
const MAX_OPEN_ORDERS = 8;
const ORDER_RATE = { perSecond: 60, burst: 15 };
const STALE_AFTER_US = 400_000;
const QUERY_AFTER_US = 300_000;
/** More than a run sends: whatever was forgotten would be the fault of a bound, not of a crash. */
const KEPT = 100_000;
const FILLS_KEPT = 2_048;

export const INSTRUMENT: Instrument = defineInstrument(0, 0, {
  venueName: 'BINANCE',
  symbol: SYMBOL.symbol,
  base: SYMBOL.base,
  quote: SYMBOL.quote,
  pricePrecision: PRICE_PRECISION,
  sizePrecision: SIZE_PRECISION,
  priceIncrement: 1,
  sizeIncrement: 1,
  minPrice: 1,
  maxPrice: 0,
  minQuantity: 1,
  maxQuantity: 0,
  minNotional: parseAmount('5'),
  maxNotional: 0n,
});

const LIMITS: RiskLimits = {
  priceCollarBps: 200,
  maxPosition: { [SYMBOL.symbol]: MAX_POSITION },
  maxOpenOrders: MAX_OPEN_ORDERS,
  orderRate: ORDER_RATE,
};

export const JUDGED_LIMITS: JudgedLimits = {
  maxPosition: Number(MAX_POSITION) * 10 ** SIZE_PRECISION,
  maxOpenOrders: MAX_OPEN_ORDERS,
  ratePerSecond: ORDER_RATE.perSecond,
  rateBurst: ORDER_RATE.burst,
};

/** A kernel without history, as every life of every node makes it. */
export function makeKernel(settings: PairSettings): Kernel {
  const { strategySeed, eagerness, mutation } = settings;
  return new Kernel({
    limits: LIMITS,
    strategies: [
      new MarketMaker({
        symbol: SYMBOL.symbol,
        spreadBps: 3,
        minSpreadBps: 0,
        orderSize: '0.01',
        maxInventory: '0.1',
        inventorySkewBps: 2,
        repriceIntervalMs: 20,
        repriceThresholdBps: 0.5,
        orderTimeoutMs: 600,
      }),
      new RandomTrader({ symbol: SYMBOL.symbol, eagerness, maxQuantity: 6_000 }, strategySeed),
    ],
    staleAfterUs: STALE_AFTER_US,
    queryAfterUs: QUERY_AFTER_US,
    orders: {
      closedRetention: KEPT,
      deniedRetention: KEPT,
      fillMemory: mutation === 'no-deduplication' ? 1 : FILLS_KEPT,
    },
  });
}
