import { z } from 'zod';
import { asset, decimal, duration, flag, host, integer, number, oneOf, path, symbol } from './leaf-types.js';
import { ha, journal } from './schema-journal.js';
import { trading, venue } from './schema-venue.js';

const strategy = z.strictObject({
  kind: oneOf(['market-maker']).default('market-maker').describe('Which built-in strategy.'),
  symbol: symbol().describe('What it trades; one of `venue.symbols`.'),
  orderSize: decimal('positive').describe('Quantity of each quote, in the base asset.'),
  maxInventory: decimal('positive')
    .optional()
    .describe(
      'Largest position it builds, long or short, in the base asset. Default: ten times `orderSize`, or the position limit.',
    ),
  spreadBps: number(0.01, 9_999)
    .optional()
    .describe(
      'Distance between its own bid and ask, in basis points of the middle. Default: 2, or `minSpreadBps`.',
    ),
  minSpreadBps: number(0, 9_999)
    .default(0)
    .describe(
      "Spread threshold: it quotes only while the market's own spread is at least this, in basis points.",
    ),
  inventorySkewBps: number(0, 9_999)
    .default(2)
    .describe('How far both quotes move against a full inventory, in basis points.'),
  refreshIntervalMs: duration(1, 3_600_000)
    .default(250)
    .describe('Shortest time between two changes of its quotes.'),
  repriceThresholdBps: number(0, 9_999)
    .default(0.5)
    .describe('A quote is replaced only when its price would change by at least this, in basis points.'),
  orderTimeoutMs: duration(10, 86_400_000)
    .default(30_000)
    .describe('A quote that rested so long is canceled and placed anew.'),
});

const orderRate = z.strictObject({
  // Whole: the token bucket counts in integers, so that every replay agrees.
  perSecond: integer(0, 100_000)
    .default(20)
    .describe('New orders a second over all instruments; 0 = no bound.'),
  burst: integer(1, 100_000).default(40).describe('Orders that may go at once after a quiet time.'),
});

const risk = z.strictObject({
  maxOrderQuantity: decimal('positive')
    .optional()
    .describe('Largest single order, in the base asset. Absent = no bound.'),
  maxOrderNotional: decimal('positive')
    .optional()
    .describe(
      'Largest value of a single order, in the quote asset. Absent = no bound but `trading.capital`.',
    ),
  priceCollarBps: number(0, 9_999)
    .default(200)
    .describe("How far an order's price may lie from the middle of the book, in basis points; 0 = off."),
  maxPosition: z
    .record(symbol(), decimal('not negative'))
    .default({})
    .describe(
      "Largest position by symbol, long or short, in the base asset. Not listed: the strategies' `maxInventory`.",
    ),
  maxOpenOrders: integer(0, 100_000).default(20).describe('Open orders for each instrument; 0 = no bound.'),
  orderRate: orderRate.prefault({}).describe('Order rate limit: a token bucket.'),
  maxDailyLoss: decimal('positive')
    .optional()
    .describe('Net loss since 00:00 UTC that halts trading, in the quote asset.'),
  maxDrawdown: decimal('positive')
    .optional()
    .describe(
      'Fall of net profit from its peak that halts trading, in the quote asset (an amount, not a share).',
    ),
  circuitBreakerBps: number(0, 9_999)
    .default(500)
    .describe('A move of the middle of a book by this much within the window halts trading; 0 = off.'),
  circuitBreakerWindowMs: duration(100, 86_400_000)
    .default(60_000)
    .describe('The window of the circuit breaker.'),
});

const listing = z.strictObject({
  symbol: symbol().describe('Symbol to list; one of `venue.symbols`, or another for other clients.'),
  base: asset().describe('What is traded.'),
  quote: asset().describe('What it is paid with.'),
  tickSize: decimal('positive').describe('Smallest price step.'),
  stepSize: decimal('positive').describe('Smallest quantity step.'),
  startPrice: decimal('positive').describe("Price around which the other traders' flow begins."),
  minNotional: decimal('not negative').optional().describe('Least value of an order. Default 5.'),
});

const simulator = z.strictObject({
  port: integer(0, 65_535).default(0).describe('Port of the simulated venue; 0 = any free port.'),
  host: host().default('127.0.0.1').describe('Address the simulated venue listens on.'),
  seed: integer(0, 4_294_967_295).default(1).describe("Seed of the other traders' flow."),
  flowTickMs: duration(0, 60_000)
    .default(5)
    .describe('How often the other traders act; 0 = nobody else trades.'),
  recording: path()
    .optional()
    .describe(
      'A recording of Binance traffic that makes the market in the place of the seeded traders; it says what is listed.',
    ),
  makerBps: number(-100, 1_000)
    .default(0)
    .describe(
      "Fee on liquidity we make, in basis points; negative = a rebate. The default is a market maker's tier; regular accounts pay 10 on Binance.",
    ),
  takerBps: number(-100, 1_000).default(5).describe('Fee on liquidity we take, in basis points.'),
  balances: z
    .record(asset(), decimal('not negative'))
    .default({ BTC: '10', ETH: '200', USDT: '1000000' })
    .describe(
      'What our account begins with, by asset. Not listed: a hundred times `maxInventory` of what we trade, 1000000 of what we pay with.',
    ),
  symbols: z.array(listing).max(200).default([]).describe('What is listed besides the built-in symbols.'),
});

const telemetry = z.strictObject({
  port: integer(0, 65_535)
    .default(9_464)
    .describe('Port of `/metrics`, `/health` and `/ready`; 0 = any free port.'),
  host: host().default('127.0.0.1').describe('Address they listen on.'),
});

const log = z.strictObject({
  level: oneOf(['debug', 'info', 'warn', 'error'], {
    warning: 'warn',
    err: 'error',
    critical: 'error',
    trace: 'debug',
  })
    .default('info')
    .describe('Least important level that is written.'),
  file: path().optional().describe('JSON lines are appended to this file.'),
});

const session = z.strictObject({
  stateDir: path().default('.tradewind').describe('Folder of what outlives a run.'),
  epochFile: path()
    .optional()
    .describe('The fencing epoch, from which order ids are made. Default: `epoch` in `stateDir`.'),
  recordTo: path().optional().describe("File the session's events are recorded to, for replay."),
  warmUp: flag()
    .default(true)
    .describe(
      'Before it connects, the engine runs its trading code on made-up market data, so that the first orders are not the slowest; takes up to half a second.',
    ),
});

/** The whole configuration. Every key has a default or is optional, but for a listed strategy's symbol and size. */
export const configSchema = z.strictObject({
  venue: venue.prefault({}).describe('Where we trade.'),
  trading: trading.prefault({}).describe('With what money.'),
  strategies: z
    .array(strategy)
    .max(200)
    .default([])
    .describe('What trades. Not given: one market maker for each of `venue.symbols`.'),
  risk: risk.prefault({}).describe('The limits no order gets past.'),
  simulator: simulator.prefault({}).describe('The built-in venue.'),
  telemetry: telemetry.prefault({}).describe('What the engine says about itself.'),
  log: log.prefault({}).describe('Log lines.'),
  session: session.prefault({}).describe('Files of a run.'),
  journal: journal.prefault({}).describe('What every event is written to.'),
  ha: ha.prefault({}).describe('Hot standby.'),
});

export type ParsedConfig = z.output<typeof configSchema>;
export type StrategyConfig = ParsedConfig['strategies'][number];
