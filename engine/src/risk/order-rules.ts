import { DenialReason, type Order, OrderType, Side, TimeInForce } from '../domain/index.js';
import { isPriced, isTriggered } from './open-exposure.js';
import type { InstrumentLimits } from './risk-limits.js';

/** Whether the order's vocabulary is one we know and its parts go together. */
export function checkShape(order: Order): DenialReason {
  const { side, type, timeInForce } = order;
  if (side !== Side.Buy && side !== Side.Sell) return DenialReason.INVALID_ORDER_SIDE;
  if (!(type >= OrderType.Market && type <= OrderType.TakeProfitLimit) || !Number.isInteger(type)) {
    return DenialReason.UNSUPPORTED_ORDER_TYPE;
  }
  if (order.postOnly && type !== OrderType.Limit) return DenialReason.UNSUPPORTED_ORDER_TYPE;
  if (timeInForce !== TimeInForce.GTC && timeInForce !== TimeInForce.IOC && timeInForce !== TimeInForce.FOK) {
    return DenialReason.UNSUPPORTED_TIME_IN_FORCE;
  }
  // Post-only would rest, IOC and FOK never do.
  if (order.postOnly && timeInForce !== TimeInForce.GTC) return DenialReason.UNSUPPORTED_TIME_IN_FORCE;
  return DenialReason.NONE;
}

/** The venue's own rules for prices and quantities, and the largest order we allow ourselves. */
export function checkRules(order: Order, limits: InstrumentLimits): DenialReason {
  const rules = limits.instrument;
  if (isPriced(order.type)) {
    const { price } = order;
    if (!Number.isSafeInteger(price) || price <= 0) return DenialReason.PRICE_NOT_POSITIVE;
    if (price % rules.priceIncrement !== 0) return DenialReason.PRICE_NOT_ON_INCREMENT;
    if (price < rules.minPrice) return DenialReason.PRICE_BELOW_MINIMUM;
    if (rules.maxPrice !== 0 && price > rules.maxPrice) return DenialReason.PRICE_EXCEEDS_MAXIMUM;
  }
  if (isTriggered(order.type)) {
    const trigger = order.triggerPrice;
    if (
      !Number.isSafeInteger(trigger) ||
      trigger <= 0 ||
      trigger % rules.priceIncrement !== 0 ||
      trigger < rules.minPrice ||
      (rules.maxPrice !== 0 && trigger > rules.maxPrice)
    ) {
      return DenialReason.TRIGGER_PRICE_INVALID;
    }
  }
  const { quantity } = order;
  if (!Number.isSafeInteger(quantity) || quantity % rules.sizeIncrement !== 0) {
    return DenialReason.QUANTITY_NOT_ON_INCREMENT;
  }
  if (quantity <= 0 || quantity < rules.minQuantity) return DenialReason.QUANTITY_BELOW_MINIMUM;
  if ((rules.maxQuantity !== 0 && quantity > rules.maxQuantity) || quantity > limits.maxOrderQuantity) {
    return DenialReason.QUANTITY_EXCEEDS_MAXIMUM;
  }
  return DenialReason.NONE;
}

/** Value limits. `least` and `most` bracket what the order may come to, in price units × size units. */
export function checkNotional(least: number, most: number, limits: InstrumentLimits): DenialReason {
  if (least < limits.minNotional) return DenialReason.NOTIONAL_BELOW_MINIMUM;
  if (most > limits.maxNotional) return DenialReason.NOTIONAL_EXCEEDS_MAXIMUM;
  if (most > limits.maxOrderNotional) return DenialReason.NOTIONAL_EXCEEDS_MAX_PER_ORDER;
  return DenialReason.NONE;
}
