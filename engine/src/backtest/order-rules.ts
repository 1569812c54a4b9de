import { type Instrument, notional, OrderType, RejectReason, TimeInForce } from '../domain/index.js';
import { hasLimit, isConditional, type SimulatedOrder } from './simulated-order.js';

/** Why the simulated venue refuses an order. */
export interface Refusal {
  readonly reason: RejectReason;
  readonly text: string;
}

/**
 * The instrument's rules as a venue applies them on arrival, whatever our own risk gate has checked. `reference` is the
 * best opposite price, used to value orders without a limit (0: unknown, not valued).
 */
export function checkRules(
  instrument: Instrument,
  order: SimulatedOrder,
  reference: number,
): Refusal | undefined {
  return checkShape(order) ?? checkPrices(instrument, order) ?? checkSize(instrument, order, reference);
}

function checkShape(order: SimulatedOrder): Refusal | undefined {
  const plain = order.type === OrderType.Limit && order.timeInForce === TimeInForce.GTC;
  if (order.postOnly && !plain) {
    return refuse(RejectReason.BAD_PARAMETER, 'post-only goes with limit orders good till canceled');
  }
  return undefined;
}

function checkPrices(instrument: Instrument, order: SimulatedOrder): Refusal | undefined {
  if (hasLimit(order.type) && !validPrice(instrument, order.price)) {
    return refuse(RejectReason.PRICE_FILTER, 'Filter failure: PRICE_FILTER');
  }
  if (isConditional(order.type) && !validPrice(instrument, order.triggerPrice)) {
    return refuse(RejectReason.PRICE_FILTER, 'Filter failure: PRICE_FILTER (stopPrice)');
  }
  return undefined;
}

function validPrice(instrument: Instrument, price: number): boolean {
  const { minPrice, maxPrice, priceIncrement } = instrument;
  return (
    Number.isSafeInteger(price) &&
    price > 0 &&
    price % priceIncrement === 0 &&
    price >= minPrice &&
    (maxPrice === 0 || price <= maxPrice)
  );
}

function checkSize(instrument: Instrument, order: SimulatedOrder, reference: number): Refusal | undefined {
  const { minQuantity, maxQuantity, sizeIncrement, minNotional, maxNotional } = instrument;
  const { quantity } = order;
  if (
    !Number.isSafeInteger(quantity) ||
    quantity <= 0 ||
    quantity % sizeIncrement !== 0 ||
    quantity < minQuantity ||
    (maxQuantity !== 0 && quantity > maxQuantity)
  ) {
    return refuse(RejectReason.QUANTITY_FILTER, 'Filter failure: LOT_SIZE');
  }
  const price = order.price || order.triggerPrice || reference;
  if (price === 0) return undefined;
  const value = notional(instrument, price, quantity);
  if (value < minNotional || (maxNotional !== 0n && value > maxNotional)) {
    return refuse(RejectReason.NOTIONAL_FILTER, 'Filter failure: NOTIONAL');
  }
  return undefined;
}

function refuse(reason: RejectReason, text: string): Refusal {
  return { reason, text };
}
