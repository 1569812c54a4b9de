import { parseAmount } from '@tradewind/engine/domain';

/** The rules of a liquid spot instrument quoted in USDT; symbol and base are the caller's. */
export const SPOT_RULES = {
  venueName: 'BINANCE',
  quote: 'USDT',
  pricePrecision: 2,
  sizePrecision: 5,
  priceIncrement: 1,
  sizeIncrement: 1,
  minPrice: 1,
  maxPrice: 100_000_000,
  minQuantity: 1,
  maxQuantity: 900_000_000,
  minNotional: parseAmount('5'),
  maxNotional: parseAmount('9000000'),
};
