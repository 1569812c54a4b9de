/**
 * matching: an exchange. Requests of accounts enter with the time they arrive; results leave as return values, and
 * trades, level changes, execution reports and balances through listeners. Synchronous and deterministic: it never does
 * I/O, reads a clock, draws a random number or awaits anything.
 *
 * `class Exchange implements ExchangeApi`, constructed from `ExchangeOptions`.
 */
export type { ExchangeApi, ExchangeOptions } from './api.js';
export { snapshotOrder } from './book-order.js';
export type { ExchangeError, ExchangeErrorCode, FilterName } from './errors.js';
export { Exchange } from './exchange.js';
export type { RangeFilter, SymbolFilters, SymbolSpec, SymbolStatus } from './symbol.js';
export type * from './types.js';
