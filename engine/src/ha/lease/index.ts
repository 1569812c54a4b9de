/**
 * lease: who may send. The pure half: the row, its times, the port of a store, and the state machine that decides. It holds
 * no timer, does no I/O and never compares wall clocks. A host agent and a function of the cloud need no more than this;
 * each store is a folder of its own, so that nobody loads what he does not use.
 */
export * from './change-lease.js';
export * from './keeper-types.js';
export * from './lease-keeper.js';
export * from './lease-row.js';
export * from './lease-settings.js';
export * from './lease-store.js';
export * from './lease-timing.js';
export * from './planned-handover.js';
export * from './row-text.js';
