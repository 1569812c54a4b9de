import type { Order } from '../domain/index.js';
import type { KernelView } from '../kernel/index.js';
import type { ResumeState } from '../venues/index.js';

/**
 * What a kernel with a history tells the venue's connector at the start of a session under `epoch`; undefined for one
 * without, which has nothing to go on from.
 */
export function resumeOf(view: KernelView, epoch: number): ResumeState | undefined {
  const { orders, portfolio } = view;
  if (view.counters.events === 0) return undefined;
  const openOrders: Order[] = [];
  for (let order = orders.firstOpen(); order !== null; order = orders.nextOpen(order)) openOrders.push(order);
  for (let order = orders.firstAwaited(); order !== null; order = orders.nextAwaited(order))
    openOrders.push(order);
  return {
    epoch,
    openOrders,
    lastTradeIds: view.instruments.map(({ index }) => portfolio.drift.lastTradeIds[index] ?? ''),
    knows: (of, sequence) => orders.find(of, sequence) !== null,
    knowsFill: (instrument, side, tradeId) => orders.knowsFill(instrument, side, tradeId),
  };
}
