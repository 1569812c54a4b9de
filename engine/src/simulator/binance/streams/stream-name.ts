/** Names of market streams. Source: web-socket-streams.md. */
import { INTERVALS, type Interval } from './market-history.js';

/** A stream that exists. `symbol` is upper case; null for the streams of all symbols. */
export type StreamName =
  | { readonly kind: 'depth'; readonly symbol: string; readonly fast: boolean }
  | {
      readonly kind: 'partialDepth';
      readonly symbol: string;
      readonly levels: 5 | 10 | 20;
      readonly fast: boolean;
    }
  | {
      readonly kind: 'kline';
      readonly symbol: string;
      readonly interval: Interval;
      readonly offsetMs: number;
    }
  | { readonly kind: 'bookTicker' | 'miniTicker' | 'ticker'; readonly symbol: string | null }
  | { readonly kind: 'rollingTicker'; readonly symbol: string | null; readonly window: RollingWindow }
  | { readonly kind: 'trade' | 'aggTrade' | 'avgPrice'; readonly symbol: string };

export const ROLLING_WINDOWS = { '1h': 3_600_000, '4h': 14_400_000, '1d': 86_400_000 } as const;
export type RollingWindow = keyof typeof ROLLING_WINDOWS;

const UTC_PLUS_8 = 8 * 3_600_000;

/** The stream `name` means, or null when there is none of that form. */
export function parseStreamName(name: string): StreamName | null {
  if (name.startsWith('!')) return parseAll(name);
  const cut = name.indexOf('@');
  if (cut <= 0) return null;
  const symbol = name.slice(0, cut).toUpperCase();
  // Symbols of stream names are lower case; an upper-case one never gets data, as on Binance.
  if (name.slice(0, cut) !== name.slice(0, cut).toLowerCase()) return null;
  const rest = name.slice(cut + 1);
  switch (rest) {
    case 'trade':
    case 'aggTrade':
    case 'avgPrice':
    case 'bookTicker':
    case 'miniTicker':
    case 'ticker':
      return { kind: rest, symbol };
    default:
      return parseDepth(symbol, rest) ?? parseKline(symbol, rest) ?? parseRolling(symbol, rest);
  }
}

function parseAll(name: string): StreamName | null {
  if (name === '!miniTicker@arr') return { kind: 'miniTicker', symbol: null };
  if (name === '!ticker@arr') return { kind: 'ticker', symbol: null };
  if (name === '!bookTicker') return { kind: 'bookTicker', symbol: null };
  const match = /^!ticker_(1h|4h|1d)@arr$/.exec(name);
  return match === null ? null : { kind: 'rollingTicker', symbol: null, window: match[1] as RollingWindow };
}

function parseDepth(symbol: string, rest: string): StreamName | null {
  const match = /^depth(5|10|20)?(?:@(100|1000)ms)?$/.exec(rest);
  if (match === null) return null;
  const fast = match[2] === '100';
  if (match[1] === undefined) return { kind: 'depth', symbol, fast };
  return { kind: 'partialDepth', symbol, levels: Number(match[1]) as 5 | 10 | 20, fast };
}

function parseKline(symbol: string, rest: string): StreamName | null {
  const match = /^kline_(\d{1,2}[smhdwM])(@\+08:00)?$/.exec(rest);
  if (match === null || !Object.hasOwn(INTERVALS, match[1]!)) return null;
  return {
    kind: 'kline',
    symbol,
    interval: match[1] as Interval,
    offsetMs: match[2] === undefined ? 0 : UTC_PLUS_8,
  };
}

function parseRolling(symbol: string, rest: string): StreamName | null {
  const match = /^ticker_(1h|4h|1d)$/.exec(rest);
  return match === null ? null : { kind: 'rollingTicker', symbol, window: match[1] as RollingWindow };
}
