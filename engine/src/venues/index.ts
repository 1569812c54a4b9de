/**
 * venues: one folder per venue, all of one shape, behind one port. Approved orders enter, typed events leave; what a
 * venue did not say is never guessed: an unknown outcome stays unknown until the venue is asked. No venue cancels an
 * order that is not ours, logs a secret, or goes on sending against a rate limit.
 */
export { Backoff, type BackoffOptions } from './backoff.js';
export * from './binance/index.js';
export type {
  ExecutionPort,
  MarketDataPort,
  ResumeState,
  Venue,
  VenueCheck,
  VenueOpenOrder,
} from './port.js';
export { RateBudget, RateWindow } from './rate-budget.js';
