import { type InstrumentSpec, splitSymbol } from '../../domain/index.js';
import { readInstruments } from '../../venues/index.js';
import { canonical } from './naive-book.js';
import { RecordingError } from './recording-error.js';
import { readRecording } from './recording-reader.js';

/** More decimals than this no venue prints; the sum of both must stay within 18. */
const MAX_DECIMALS = 9;
type Level = readonly [price: string, size: string];

/** What is seen of one symbol's numbers. */
interface Seen {
  priceDecimals: number;
  sizeDecimals: number;
}

/**
 * The instruments whose depth is recorded in `files`, in order of symbol. When the recording has the venue's exchangeInfo
 * that is what they are made from; otherwise precision is inferred by reading every price and size in the recording: the
 * most decimals any of them needs (trailing zeros do not count), so that each is a whole number of units. Inferred
 * increments are one unit, and there are no bounds.
 */
export async function recordedInstruments(files: readonly string[]): Promise<InstrumentSpec[]> {
  const seen = new Map<string, Seen>();
  let exchangeInfo: string | undefined;
  let unnamed: readonly Level[] = [];
  for await (const { kind, url, bytes } of readRecording(files)) {
    if (kind !== 'frame' && kind !== 'rest') continue;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
    if (url?.includes('/exchangeInfo') === true) exchangeInfo ??= text;
    else if (kind === 'rest') unnamed = snapshotLevels(text) ?? unnamed;
    else lookAt(text, seen);
  }
  const symbols = [...seen.keys()].sort();
  if (symbols.length === 0) throw new RecordingError(files.join(', '), 0, 'holds no Binance depth messages');
  if (exchangeInfo !== undefined) return readInstruments(exchangeInfo, symbols, { anyStatus: true });
  if (symbols.length === 1) note(seen.get(symbols[0]!)!, unnamed);
  return symbols.map((symbol) => inferred(symbol, seen.get(symbol)!));
}

function lookAt(text: string, seen: Map<string, Seen>): void {
  const data = payload(text);
  if (data === undefined) return;
  const { s, b, a, B, A, p, q } = data as Record<string, unknown>;
  if (typeof s !== 'string') return;
  let of = seen.get(s);
  if (of === undefined) {
    of = { priceDecimals: 0, sizeDecimals: 0 };
    if (Array.isArray(b)) seen.set(s, of);
    else return;
  }
  if (Array.isArray(b)) note(of, b as Level[]);
  if (Array.isArray(a)) note(of, a as Level[]);
  const quotes = [
    [b, B],
    [a, A],
    [p, q],
  ];
  note(of, quotes.filter((pair) => pair.every((value) => typeof value === 'string')) as unknown as Level[]);
}

function payload(text: string): object | undefined {
  try {
    const message = JSON.parse(text) as { data?: unknown };
    const data = message.data ?? message;
    return typeof data === 'object' && data !== null ? data : undefined;
  } catch {
    return undefined;
  }
}

function snapshotLevels(text: string): Level[] | undefined {
  const { bids, asks } = (payload(text) ?? {}) as { bids?: Level[]; asks?: Level[] };
  return Array.isArray(bids) && Array.isArray(asks) ? [...bids, ...asks] : undefined;
}

function note(seen: Seen, levels: readonly Level[]): void {
  for (const [price, size] of levels) {
    seen.priceDecimals = Math.max(seen.priceDecimals, decimals(price));
    seen.sizeDecimals = Math.max(seen.sizeDecimals, decimals(size));
  }
}

function decimals(text: string): number {
  const short = canonical(text);
  const dot = short.indexOf('.');
  return dot < 0 ? 0 : Math.min(MAX_DECIMALS, short.length - dot - 1);
}

function inferred(symbol: string, { priceDecimals, sizeDecimals }: Seen): InstrumentSpec {
  const [base, quote] = assets(symbol);
  return {
    venueName: 'BINANCE',
    symbol,
    base,
    quote,
    pricePrecision: priceDecimals,
    sizePrecision: sizeDecimals,
    priceIncrement: 1,
    sizeIncrement: 1,
    minPrice: 0,
    maxPrice: 0,
    minQuantity: 0,
    maxQuantity: 0,
    minNotional: 0n,
    maxNotional: 0n,
  };
}

/** `BTCUSDT` -> BTC, USDT; `BTCUSD_PERP` -> BTC, USD. A guess, where nothing recorded says better. */
function assets(symbol: string): [base: string, quote: string] {
  const pair = symbol.split('_')[0]!;
  const { base, quote } = splitSymbol(pair) ?? { base: pair.slice(0, -3) || pair, quote: pair.slice(-3) };
  return [base, quote];
}
