/**
 * oms: the truth about our orders. Intents and order events enter; orders, changes and the list of orders the venue
 * must be asked about leave. It never guesses: what is not proven stays in flight, what cannot be is counted and told,
 * and nothing is thrown away.
 */
export { FillMemory } from './fill-memory.js';
export { NO_TOTALS, type OpenTotals } from './open-totals.js';
export type { OrderChange } from './order-change.js';
export type { OrderCounters } from './order-counters.js';
export { OrderManager, type OrderManagerOptions } from './order-manager.js';
export {
  BENEATH,
  ILLEGAL,
  isClosed,
  isInFlight,
  isOpen,
  isPending,
  OrderTrigger,
  TRANSITIONS,
  type Transition,
} from './order-state.js';
export { OrderStore, type OrderStoreOptions } from './order-store.js';
