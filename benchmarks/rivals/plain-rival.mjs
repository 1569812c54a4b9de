import { PlainBook } from '../lib/plain-book.mjs';
import { inUnits } from './units.mjs';

/** `JSON.parse` and sorted arrays. */
export class PlainRival extends PlainBook {
  #instrument;

  constructor(instrument) {
    super();
    this.#instrument = instrument;
  }

  levels() {
    return inUnits(this.#instrument, this.bids, this.asks);
  }
}
