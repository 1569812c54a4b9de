/**
 * simulator: venues to trade against without a venue. `matching` is the exchange, `flow` the other traders, `binance`
 * a protocol face. Clients' requests and faults enter, and leave as a real venue would answer them. It is off the
 * trading line: the engine reaches it over sockets only (backtests use the exchange itself).
 */
export * from './binance/index.js';
export * from './flow/index.js';
export * from './matching/index.js';
