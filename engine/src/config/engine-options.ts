import { formatAmount, parseAmount } from '../domain/index.js';
import type { RiskLimits } from '../risk/index.js';
import type { StrategyKind, StrategyParams } from '../strategies/index.js';
import type { Config } from './config.js';
import { guessListing, type Listing } from './symbol-listings.js';

/** The configuration in the terms of the rooms that are configured by it. */

/** The risk gate's limits. A symbol without a position limit gets what its strategies may hold together. */
export function riskLimits({ risk, trading, strategies }: Config): RiskLimits {
  const maxPosition: Record<string, string> = { ...risk.maxPosition };
  const inventories = new Map<string, bigint>();
  for (const { symbol, maxInventory } of strategies) {
    inventories.set(symbol, (inventories.get(symbol) ?? 0n) + parseAmount(maxInventory));
  }
  for (const [symbol, inventory] of inventories) {
    if (!Object.hasOwn(maxPosition, symbol)) maxPosition[symbol] = formatAmount(inventory);
  }
  return {
    ...(risk.maxOrderQuantity !== undefined && { maxOrderQuantity: risk.maxOrderQuantity }),
    ...(risk.maxOrderNotional !== undefined && { maxOrderNotional: parseAmount(risk.maxOrderNotional) }),
    priceCollarBps: risk.priceCollarBps,
    maxPosition,
    maxOpenOrders: risk.maxOpenOrders,
    orderRate: { ...risk.orderRate },
    ...(risk.maxDailyLoss !== undefined && { maxDailyLoss: parseAmount(risk.maxDailyLoss) }),
    ...(risk.maxDrawdown !== undefined && { maxDrawdown: parseAmount(risk.maxDrawdown) }),
    circuitBreakerBps: risk.circuitBreakerBps,
    circuitBreakerWindowMs: risk.circuitBreakerWindowMs,
    ...(trading.capital !== undefined && { capital: parseAmount(trading.capital) }),
  };
}

/** A strategy to create: the arguments of `createStrategy`. */
export interface StrategyChoice {
  readonly kind: StrategyKind;
  readonly params: StrategyParams[StrategyKind];
}

/** The strategies to create, in the order they are listed. */
export function strategyChoices({ strategies }: Config): StrategyChoice[] {
  return strategies.map(({ kind, refreshIntervalMs, ...params }) => ({
    kind,
    params: { ...params, repriceIntervalMs: refreshIntervalMs },
  }));
}

/** Base URLs of a venue, without a trailing slash. */
export interface VenueEndpoints {
  readonly rest: string;
  readonly stream: string;
  readonly wsApi: string;
}

/** https://developers.binance.com/docs/binance-spot-api-docs : the venue's own addresses. */
const BINANCE: Readonly<Record<'live' | 'testnet', VenueEndpoints>> = {
  live: {
    rest: 'https://api.binance.com',
    stream: 'wss://stream.binance.com:9443',
    wsApi: 'wss://ws-api.binance.com:443/ws-api/v3',
  },
  testnet: {
    rest: 'https://testnet.binance.vision',
    stream: 'wss://stream.testnet.binance.vision',
    wsApi: 'wss://ws-api.testnet.binance.vision/ws-api/v3',
  },
};

/** Where the venue is, or undefined for the built-in simulator, which knows its addresses once it runs. */
export function venueEndpoints({ venue }: Config): VenueEndpoints | undefined {
  const { rest, stream, wsApi } = venue.endpoints;
  if (venue.environment !== 'simulator') {
    const usual = BINANCE[venue.environment];
    return { rest: rest ?? usual.rest, stream: stream ?? usual.stream, wsApi: wsApi ?? usual.wsApi };
  }
  return rest !== undefined && stream !== undefined && wsApi !== undefined
    ? { rest, stream, wsApi }
    : undefined;
}

/** What the simulator lists for this configuration: the followed symbols, then whatever else it was told to list. */
export function simulatorListings({ venue, simulator }: Config): Listing[] {
  const given = new Map(simulator.symbols.map((listing) => [listing.symbol, listing]));
  const listings: Listing[] = [];
  for (const symbol of new Set([...venue.symbols, ...given.keys()])) {
    const listing = given.get(symbol) ?? guessListing(symbol);
    if (listing === undefined) continue;
    const { minNotional, ...rest } = listing;
    listings.push(minNotional === undefined ? rest : { ...rest, minNotional });
  }
  return listings;
}

const QUOTE_BALANCE = '1000000';
const BASE_INVENTORIES = 100n;

/** What our account at the simulator begins with, by asset: as configured, and enough of what is not mentioned. */
export function simulatorBalances(config: Config): Record<string, string> {
  const balances: Record<string, string> = { ...config.simulator.balances };
  const listings = simulatorListings(config);
  for (const { quote } of listings) balances[quote] ??= QUOTE_BALANCE;
  for (const { symbol, base } of listings) {
    const inventory = config.strategies
      .filter((strategy) => strategy.symbol === symbol)
      .reduce((sum, { maxInventory }) => sum + parseAmount(maxInventory), 0n);
    if (inventory > 0n) balances[base] ??= formatAmount(inventory * BASE_INVENTORIES);
  }
  return balances;
}
