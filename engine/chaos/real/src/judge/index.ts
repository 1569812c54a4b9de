/** Pure: entries of a venue's ledger and facts of a journal enter, violations leave. No clock, no I/O. */
export * from './leadership.js';
export * from './ledger.js';
export * from './limits.js';
export * from './percentiles.js';
export * from './survivor.js';
export * from './violation.js';
