/**
 * shared: what every function and the agent use: checked input and JSON log lines. No AWS client in here, so
 * that a bundle holds only the ones its function needs.
 */
export * from './hosts.js';
export * from './input.js';
export * from './log.js';
