/**
 * lease: the lease row and where it is stored. Rows enter and leave whole, by compare-and-set on `version`. It never
 * retries, never judges who may hold the lease, and never compares wall clocks.
 */
export * from './change-lease.js';
export * from './dynamo-lease-store.js';
export * from './lease-row.js';
export * from './lease-store.js';
