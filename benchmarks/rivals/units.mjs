/** A book of doubles as one of the instrument's integers, in which books are compared. */
export function inUnits({ pricePrecision, sizePrecision }, bids, asks) {
  const units = ([price, size]) => [
    Math.round(price * 10 ** pricePrecision),
    Math.round(size * 10 ** sizePrecision),
  ];
  return { bids: bids.map(units), asks: asks.map(units) };
}
