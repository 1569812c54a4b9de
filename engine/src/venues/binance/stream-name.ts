import type { Instrument } from '../../domain/index.js';
import { FrameKind } from './decode-codes.js';
import { ascii } from './json-kinds.js';
import type { KnownStream } from './stream-table.js';
import type { SymbolIndex } from './symbol-index.js';

const AT_SIGN = 0x40;
const DEPTH = ascii('depth');
const TRADE = ascii('trade');
const BOOK_TICKER = ascii('bookTicker');
const AGGREGATE_TRADE = ascii('aggTrade');

/** The streams one instrument needs, in the order they are asked for. */
export function streamsOf(symbol: string): string[] {
  const name = symbol.toLowerCase();
  return [`${name}@depth@100ms`, `${name}@trade`, `${name}@bookTicker`];
}

/**
 * Takes stream names (`btcusdt@depth@100ms`) apart: which instrument, and which event. Partial depth (`@depth5`) is
 * Unknown: its payload is not a change of anything. So is every stream of an instrument that is not in the table.
 */
export class StreamName {
  kind: FrameKind = FrameKind.Unknown;
  instrument: Instrument | undefined;
  /** The instrument's symbol as payloads write it, when the name was a known one. */
  symbol: Uint8Array | undefined;
  readonly #symbols: SymbolIndex;

  constructor(symbols: SymbolIndex) {
    this.#symbols = symbols;
  }

  take({ kind, instrument, symbol }: KnownStream): void {
    this.kind = kind;
    this.instrument = instrument;
    this.symbol = symbol;
  }

  read(bytes: Uint8Array, start: number, end: number): void {
    this.symbol = undefined;
    const separator = next(bytes, start, end);
    this.kind = FrameKind.Unknown;
    this.instrument = this.#symbols.findAnyCase(bytes, start, separator);
    if (this.instrument === undefined) return;
    const name = separator + 1;
    if (equals(TRADE, bytes, name, end)) this.kind = FrameKind.Trade;
    else if (equals(BOOK_TICKER, bytes, name, end)) this.kind = FrameKind.Quote;
    else if (equals(DEPTH, bytes, name, next(bytes, name, end))) this.kind = FrameKind.Depth;
    else if (equals(AGGREGATE_TRADE, bytes, name, end)) this.kind = FrameKind.Ignored;
  }
}

function next(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== AT_SIGN) at++;
  return at;
}

function equals(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}
