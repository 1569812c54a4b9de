/**
 * strategies: the port every strategy implements, and the built-in ones. Books, fills and order changes enter; order
 * intents and cancels leave, through the context alone. A strategy never reads a clock, does I/O, or sees an order that
 * risk has not passed as sendable.
 */
export * from './market-maker.js';
export * from './market-making-params.js';
export * from './port.js';
export * from './registry.js';
