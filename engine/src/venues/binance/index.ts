/**
 * venues/binance: Binance spot. Market data and private messages come in as bytes and leave as domain events; approved
 * orders go out over the WebSocket API (REST as the fallback). It never guesses: an answer that did not come leaves the
 * order in flight, a message that cannot be read invalidates what it was about. It never touches an order that is not ours
 * and never logs a secret.
 */
export { DecodeError, FrameKind, faultOf } from './decode-codes.js';
export { DepthSynchronizer, SyncState } from './depth-synchronizer.js';
export { errorTableMarkdown, type Verdict, verdictOf } from './errors.js';
export { InstrumentError, type ReadOptions, readInstruments } from './instruments.js';
export { BinanceDecoder } from './market-decoder.js';
export type { BinanceCredentials, BinanceEndpoints, BinanceOptions, ReconnectOptions } from './options.js';
export { OrderEncoder } from './order-encoder.js';
export { SnapshotDecoder } from './snapshot-decoder.js';
export { createBinanceVenue } from './venue.js';
