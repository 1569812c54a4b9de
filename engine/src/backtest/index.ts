/**
 * backtest: the engine against the past, or against a public market that does not know it is there. Public market events,
 * recordings and our orders enter; order events, summaries and state hashes leave. It never reads a clock to decide
 * anything, never lets an order see the future, and never fills more than the market displayed or traded.
 */

export { BinanceReplayFeed, type FeedCounters } from './binance-replay-feed.js';
export * from './fee-model.js';
export * from './latency-model.js';
export {
  type ProbabilityProfile,
  type QueueModel,
  type QueueModelOptions,
  type QueuePosition,
  queueModel,
} from './queue-model.js';
export type { RecordedItem } from './recorded-item.js';
export * from './recording/index.js';
export * from './recording/index.js';
export { type ReplayOptions, type ReplayProgress, type ReplaySummary, replay } from './replay-driver.js';
export {
  type InstrumentSummary,
  type LatencySummary,
  latencySummary,
  type PnlSummary,
  type SessionFigures,
  type SessionSummary,
  type SummarySource,
  summarizeSession,
} from './session-summary.js';
export type { Funding } from './simulated-account.js';
export { SimulatedExecution, type SimulatedExecutionOptions } from './simulated-execution.js';
