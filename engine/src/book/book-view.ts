import type { BookFault, BookState } from '../domain/index.js';
import type { LevelsView } from './price-level-book.js';

/**
 * What strategies and risk see of a book. Look at `state` first: only `Valid` may be traded on. In any other state the
 * numbers are the last that were trusted (top) or merely the last seen (levels).
 */
export interface BookView {
  readonly state: BookState;
  /** Why it is Invalid; NONE in the other states. */
  readonly fault: BookFault;
  /**
   * The top: the newer of the levels' best and the venue's own quote. Prices in price units, sizes in size units;
   * 0 when that side is empty.
   */
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
  /** Venue update id the levels stand at; 0 before the first snapshot. */
  readonly lastUpdateId: number;
  /** `tsInit` of the last message that was taken, microseconds since 1970 (UTC); 0 before the first. */
  readonly tsLast: number;
  /** The same of the last message the levels took: a quote does not keep them fresh. */
  readonly tsLevels: number;
  readonly levels: LevelsView;
}
