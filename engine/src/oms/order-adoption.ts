import { NOBODY, type OrderAdopted, type OrderIntent, OrderStatus } from '../domain/index.js';
import type { OrderRecord } from './order-record.js';
import type { OrderStore } from './order-store.js';

/**
 * The order of an earlier leader that a venue lists and the store does not know: Accepted, and nobody's. Null when the
 * event can not be one of those: an order of a later epoch is another leader's, and an order of nothing is none.
 */
export function adoptOrder(
  store: OrderStore,
  event: OrderAdopted,
  epoch: number,
  now: number,
): OrderRecord | null {
  const { quantity, price, triggerPrice } = event;
  if (!isWhole(event.epoch) || event.epoch > epoch || !isWhole(event.sequence)) return null;
  if (!isWhole(quantity) || quantity === 0 || !isWhole(price) || !isWhole(triggerPrice)) return null;
  const intent: OrderIntent = {
    instrument: event.instrument,
    strategy: NOBODY,
    side: event.side,
    type: event.type,
    timeInForce: event.timeInForce,
    postOnly: event.postOnly,
    quantity,
    price,
    triggerPrice,
  };
  const order = store.create(event.epoch, event.sequence, intent, now);
  order.status = OrderStatus.Accepted;
  order.beneath = OrderStatus.Accepted;
  order.acked = true;
  order.venueOrderId = event.venueOrderId;
  // When it really was sent nobody knows: late is safe, for then no balance is taken to hold its lock already.
  order.tsSubmitted = now;
  store.settle(order);
  return order;
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
