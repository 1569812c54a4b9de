/**
 * kernel: `apply(event) -> commands`, the one deterministic heart. Every fact enters as an event, every decision leaves
 * as a command; the same events always give the same commands and the same state hash. It never does I/O, reads a clock,
 * draws a random number or awaits anything, and allocates nothing per market data event in steady state.
 */
export * from './command-buffer.js';
export * from './connection-table.js';
export * from './kernel.js';
export * from './kernel-counters.js';
export type { KernelOptions } from './kernel-parts.js';
export { SNAPSHOT_VERSION } from './kernel-snapshot.js';
export type { KernelView, StrategyStatus } from './kernel-view.js';
