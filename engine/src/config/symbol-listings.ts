import { splitSymbol } from '../domain/index.js';

/** What the simulator lists for symbols that the configuration names without saying what they are. */

/** Plausible prices to begin at, in dollars, and the decimals a real venue prints at that price. */
const DOLLARS: Readonly<Record<string, number>> = {
  BTC: 61_837,
  ETH: 2_411,
  BNB: 571,
  SOL: 142,
  XRP: 0.52,
  ADA: 0.35,
  DOGE: 0.11,
  AVAX: 26,
  DOT: 4.2,
  LINK: 11,
  LTC: 66,
  TRX: 0.15,
  MATIC: 0.4,
  PEPE: 0.00001,
  EUR: 1.08,
  GBP: 1.27,
  TRY: 0.029,
  BRL: 0.18,
};
const UNKNOWN_DOLLARS = 10;
const PRICE_DIGITS = 5;
const MAX_DECIMALS = 8;
/** A hundred of the smallest ticks, so that there is room to trade below. */
const LEAST_PRICE = 1e-6;

export interface Listing {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tickSize: string;
  readonly stepSize: string;
  readonly startPrice: string;
  readonly minNotional?: string;
}

/** A listing for `symbol`, or undefined when its name does not end in a quote asset we know. */
export function guessListing(symbol: string): Listing | undefined {
  const assets = splitSymbol(symbol);
  if (assets === undefined) return undefined;
  const { base, quote } = assets;
  const inDollars = (asset: string) => (asset.includes('USD') ? 1 : (DOLLARS[asset] ?? UNKNOWN_DOLLARS));
  const price = Math.max(LEAST_PRICE, inDollars(base) / inDollars(quote));
  const magnitude = Math.floor(Math.log10(price));
  const priceDecimals = Math.min(MAX_DECIMALS, Math.max(2, PRICE_DIGITS - 1 - magnitude));
  // A step is worth some tenths of a dollar, as on the real venue.
  const sizeDecimals = Math.min(MAX_DECIMALS, Math.max(0, Math.ceil(Math.log10(inDollars(base)))));
  const step = (decimals: number) => (decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`);
  const least = 5 / inDollars(quote);
  return {
    symbol,
    base,
    quote,
    tickSize: step(priceDecimals),
    stepSize: step(sizeDecimals),
    startPrice: price.toFixed(priceDecimals),
    minNotional: least >= 1 ? '5' : least.toFixed(MAX_DECIMALS),
  };
}
