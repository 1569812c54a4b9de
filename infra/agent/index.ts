/**
 * agent: who may trade. One agent per host holds or watches the lease, starts and kills the engine, and says what it sees.
 * Monotonic time, the lease table's answers and the engine's health enter; engine starts and stops, promotions and metrics
 * leave. It never compares wall clocks and never lets an engine run past its permission.
 */

export * from '@tradewind/engine/ha/lease';
export * from './agent.js';
export * from './config.js';
export * from './control.js';
export * from './engine-health.js';
export * from './guard.js';
export * from './health-probe.js';
export * from './host-files.js';
export * from './metrics.js';
export * from './promotion.js';
export * from './unit-control.js';
