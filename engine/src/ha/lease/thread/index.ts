/**
 * lease/thread: the lease of one engine. A thread of its own keeps it; the trading thread is told when it leads and when it
 * does not, and asks a gate in shared memory before it sends.
 */
export {
  Leadership,
  type LeadershipEvents,
  type LeadershipOptions,
  type LeadershipStatus,
} from './leadership.js';
export { LeaseSlots } from './lease-slots.js';
export type { LeaderSeen } from './messages.js';
export { monotonicMs } from './monotonic.js';
export { SendGate } from './send-gate.js';
