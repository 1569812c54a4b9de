/**
 * book: price-level books. Snapshots, deltas and quotes enter; levels, the top and a verdict on whether they can be
 * trusted leave. It never guesses: a book that cannot be proven whole is Invalid until the next snapshot replaces it.
 */
export { MAX_LEVELS } from './book-side.js';
export type { BookView } from './book-view.js';
export { DepthWalk } from './depth-walk.js';
export { InstrumentBook } from './instrument-book.js';
export { type LevelsView, PriceLevelBook } from './price-level-book.js';
