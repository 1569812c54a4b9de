/**
 * simulator/binance: a Binance spot venue on one port: REST, market streams, WebSocket API, user events, rate limits,
 * and faults on demand. Requests of clients enter; answers and events leave, in Binance's own words. It follows the
 * protocol, never a particular client, and it never trades for a client or shares state with one but over the wire.
 */
export { FaultError } from './faults/actions.js';
export type { ArmedFault } from './faults/injector.js';
export { type Fault, type FaultKind, faultRequestSchema, faultSchema } from './faults/schema.js';
export type {
  RecordedSource,
  SimulatorAccountOptions,
  SimulatorFlowOptions,
  SimulatorOptions,
  SocketOptions,
} from './options.js';
export { type LimitOptions, NO_LIMITS } from './protocol/rate-limits.js';
export type { ApiKeyOptions } from './protocol/signing.js';
export type { SimulatorControl } from './server/control.js';
export { createSimulator, DEMO_BALANCES, type DemoKeys, type RunningSimulator } from './simulator.js';
export { DEFAULT_SYMBOLS, type SymbolOptions } from './symbols.js';
export { LEDGER_FORMAT } from './venue-ledger.js';
