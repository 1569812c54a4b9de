/**
 * risk: the last word before an order leaves. Orders, marks and what is open enter; a denial reason or an approved order
 * leaves. It never sends anything, never trusts a strategy, and never allocates on the passing path. `RiskGate.approve`
 * is the only place in the engine that makes an `ApprovedOrder`.
 */
export * from './circuit-breaker.js';
export * from './denial-codes.js';
export * from './kill-switch.js';
export * from './open-exposure.js';
export * from './order-rules.js';
export * from './risk-gate.js';
export * from './risk-limits.js';
export * from './token-bucket.js';
