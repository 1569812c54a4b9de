import { OrderStatus } from '../domain/index.js';
import type { OrderRecord } from './order-record.js';
import { BENEATH, ILLEGAL, isOpen, isPending, OrderTrigger, transition } from './order-state.js';
import { provesAcceptance } from './order-trigger.js';

/**
 * Moves `order` as the table says, quantities having been brought up to date before. Returns whether its status (or the
 * one beneath a pending request) changed, or {@link ILLEGAL} when it cannot have happened: then nothing changed.
 */
export function advance(order: OrderRecord, trigger: OrderTrigger): boolean | typeof ILLEGAL {
  const { status } = order;
  const alive = provesAcceptance(trigger);
  // An order closed because the venue did not know it goes on from where it was once the venue does.
  const from = order.absent && alive ? order.beneath : status;
  let to = transition(from, trigger);
  let { beneath } = order;
  if (isPending(from)) {
    const below = transition(beneath, trigger);
    if (to === BENEATH) to = below;
    else if (below >= 0 && isOpen(below as OrderStatus)) beneath = below as OrderStatus;
  }
  if (to === ILLEGAL || to === BENEATH) return ILLEGAL;

  const next = agreeWithFills(order, to);
  if (isPending(next)) beneath = agreeWithFills(order, beneath);
  else if (isOpen(next)) beneath = next;
  if (alive) order.absent = false;
  else if (trigger === OrderTrigger.NotFoundDefinitive && isOpen(status)) order.absent = true;
  const changed = next !== status || beneath !== order.beneath;
  order.status = next;
  order.beneath = beneath;
  return changed;
}

/** A status may not contradict the fills we hold. Only a refusal stands: fills after one are a matter for a query. */
function agreeWithFills(order: OrderRecord, status: OrderStatus): OrderStatus {
  if (order.cumQuantity === 0 || status === OrderStatus.Denied || status === OrderStatus.Rejected)
    return status;
  if (order.leavesQuantity === 0) return OrderStatus.Filled;
  return isOpen(status) && !isPending(status) ? OrderStatus.PartiallyFilled : status;
}
