/**
 * flow: the other traders of a simulated exchange, out of a seed or out of a recording. The exchange and the time up to
 * which to act enter; orders of internal accounts leave, straight into the exchange. It never reads a clock, never
 * draws on any randomness but its seed, and never assumes that the book is its own.
 */
export { FlowGenerator, type FlowOptions } from './flow-generator.js';
export { Prng } from './prng.js';
export { RecordedFlow, type RecordedFlowOptions } from './recorded-flow.js';
