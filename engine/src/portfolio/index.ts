/**
 * portfolio: what we hold and what it earned. Fills, balances and top-of-book marks enter; positions, exact profit and
 * loss, fees, equity and balances leave. It never decides whether to trade, and never lets a double hold money: sums are
 * bigints, and the few doubles are integers made for comparisons and rounded against us.
 */
export * from './balance-drift.js';
export * from './balance-sheet.js';
export * from './equity-tracker.js';
export * from './portfolio.js';
export * from './position.js';
export * from './rounding.js';
