import { BookFault } from '../../domain/index.js';
import { JsonError } from './json-kinds.js';

/** What a market data frame turned out to be. */
export const FrameKind = {
  /** Not decoded: see the decoder's `error`. */
  Failed: 0,
  Depth: 1,
  Quote: 2,
  Trade: 3,
  /** A stream known not to be of use here (aggTrade). */
  Ignored: 4,
  /** A stream or a symbol nobody asked for. */
  Unknown: 5,
  /** The venue accepted a subscription request. */
  Acknowledged: 6,
  /** The venue refused a subscription request. */
  Refused: 7,
  /** The venue is about to close this connection. */
  ServerShutdown: 8,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** Why bytes could not be decoded: what the JSON reader found, or what the fields mean. */
export const DecodeError = {
  ...JsonError,
  MISSING_FIELD: 20,
  DUPLICATE_KEY: 21,
  /** The stream's name and the payload speak of different symbols. */
  SYMBOL_MISMATCH: 22,
  /** The stream's name and the payload speak of different events. */
  EVENT_MISMATCH: 23,
  /** A well-formed value that cannot be: a first id past the last one, a price of zero. */
  IMPOSSIBLE: 24,
} as const;
export type DecodeError = (typeof DecodeError)[keyof typeof DecodeError];

/** The fault a book suffers when one of its frames could not be decoded. */
export function faultOf(error: DecodeError): BookFault {
  if (error === DecodeError.INEXACT) return BookFault.PRECISION;
  if (error === DecodeError.TOO_LONG) return BookFault.OVERFLOW;
  return BookFault.MALFORMED;
}
