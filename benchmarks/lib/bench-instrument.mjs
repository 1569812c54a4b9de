import { OrderStatus, OrderType, parseAmount, Side, TimeInForce } from '@tradewind/engine/domain';

const SPOT_RULES = {
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

/** A liquid spot instrument quoted in USDT. */
export function benchInstrument(symbol, base) {
  return { ...SPOT_RULES, symbol, base };
}

/** A limit buy of 0.01 at 10,000.00 by the rules above. */
export function benchOrder(tsUs) {
  return {
    ...{ instrument: 0, strategy: 0, side: Side.Buy, type: OrderType.Limit, timeInForce: TimeInForce.GTC },
    ...{ postOnly: true, quantity: 1_000, price: 1_000_000, triggerPrice: 0, epoch: 7, sequence: 1 },
    ...{ status: OrderStatus.Initialized, cumQuantity: 0, leavesQuantity: 1_000, cumCost: 0n },
    ...{ venueOrderId: '', tsSubmitted: tsUs, tsLast: tsUs },
  };
}
