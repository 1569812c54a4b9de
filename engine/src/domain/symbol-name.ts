/** Quote assets that venue symbols end in; one that ends in another comes before it. */
const QUOTE_ASSETS = [
  'FDUSD',
  'USDT',
  'USDC',
  'TUSD',
  'BUSD',
  'USD',
  'EUR',
  'GBP',
  'TRY',
  'BRL',
  'BTC',
  'ETH',
  'BNB',
] as const;

/**
 * `BTCUSDT` as BTC and USDT, by the name alone; undefined when it ends in no quote asset we know. A guess, for where the
 * venue's own definition is not to be had.
 */
export function splitSymbol(symbol: string): { readonly base: string; readonly quote: string } | undefined {
  const quote = QUOTE_ASSETS.find((asset) => symbol.endsWith(asset) && symbol.length > asset.length);
  return quote === undefined ? undefined : { base: symbol.slice(0, -quote.length), quote };
}
