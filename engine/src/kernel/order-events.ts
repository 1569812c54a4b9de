import { EventKind, NOBODY, type OrderEvent } from '../domain/index.js';
import type { KernelParts } from './kernel-parts.js';

/** What becomes of our orders: to the order manager, then portfolio and risk, then the strategy that sent it. */
export class OrderEvents {
  readonly #parts: KernelParts;

  constructor(parts: KernelParts) {
    this.#parts = parts;
  }

  onOrderEvent(event: OrderEvent): void {
    const { orders, portfolio, gate, clock, desks, desk, hosts } = this.#parts;
    if (event.kind === EventKind.OrderAdopted && this.#parts.find(event.instrument) === undefined) return;
    const change = orders.apply(event, clock.now);
    const { order, reopened, adopted, awaits } = change;
    if (order === null || !change.applied) return;
    const { instrument } = order;
    const isFill = event.kind === EventKind.OrderFilled && change.fillQuantity > 0;
    if (isFill) {
      const traded = desks[instrument]!;
      portfolio.rollDay(clock.now);
      portfolio.onFill(
        traded.instrument,
        order.side,
        event.price,
        change.fillQuantity,
        event.feeAsset,
        event.fee,
      );
    }
    desk.refresh(instrument);
    if (isFill) gate.killSwitch.onEquity(instrument);
    if (order.strategy !== NOBODY) {
      const host = hosts[order.strategy]!;
      if (isFill) host.onFill(order, event);
      host.onOrder(order);
    }
    if (reopened || adopted) desk.cancelOnRevival(order);
    // Now, as they count as exposure until they are found; when it can not be asked now, the timer sees to it.
    if (awaits) desk.query(order);
  }
}
