/**
 * domain: the vocabulary every other room speaks. Instruments, fixed-point numbers, orders, events, commands and ids
 * enter and leave as plain data. It never does I/O, reads a clock, draws a random number or awaits anything.
 */
export * from './binary-reader.js';
export * from './binary-writer.js';
export * from './client-order-id.js';
export * from './commands.js';
export * from './decimal.js';
export * from './decimal-bytes.js';
export * from './enums.js';
export * from './events.js';
export * from './hash.js';
export * from './instrument.js';
export * from './instrument-codec.js';
export * from './journal-error.js';
export * from './money.js';
export * from './order.js';
export * from './symbol-name.js';
