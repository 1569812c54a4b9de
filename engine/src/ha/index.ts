/**
 * ha: two engines, one of them leading. A lease says who may send, and until when; the journal's records flow from the
 * leader to the standby. Time, the lease store's answers and records enter; permissions and records leave. It never sends
 * an order, and nothing in it lets one be sent past a permission.
 */
export * from './lease/handover-request.js';
export * from './lease/index.js';
export * from './lease/open-lease-store.js';
export * from './lease/thread/index.js';
export * from './replication/index.js';
