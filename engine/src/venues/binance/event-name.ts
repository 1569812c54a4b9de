import { FrameKind } from './decode-codes.js';
import { ascii, type JsonReader } from './json-reader.js';

const DEPTH_UPDATE = ascii('depthUpdate');
const TRADE = ascii('trade');
const BOOK_TICKER = ascii('bookTicker');
const AGGREGATE_TRADE = ascii('aggTrade');
const SERVER_SHUTDOWN = ascii('serverShutdown');
/** By frame kind: the three that matter. */
const EXPECTED: readonly (Uint8Array | undefined)[] = [undefined, DEPTH_UPDATE, BOOK_TICKER, TRADE];

/** Reads the event name that is the reader's next value; `expected` (-1 = nothing in particular) is tried first. */
export function readEventKind(reader: JsonReader, expected: FrameKind | -1): FrameKind {
  const likely = expected < 0 ? undefined : EXPECTED[expected];
  if (likely !== undefined && reader.tryString(likely)) return expected as FrameKind;
  if (!reader.readString()) return FrameKind.Failed;
  if (reader.tokenIs(DEPTH_UPDATE)) return FrameKind.Depth;
  if (reader.tokenIs(TRADE)) return FrameKind.Trade;
  if (reader.tokenIs(BOOK_TICKER)) return FrameKind.Quote;
  if (reader.tokenIs(AGGREGATE_TRADE)) return FrameKind.Ignored;
  return reader.tokenIs(SERVER_SHUTDOWN) ? FrameKind.ServerShutdown : FrameKind.Unknown;
}
