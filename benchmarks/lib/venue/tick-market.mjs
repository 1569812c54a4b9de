import { frameBytes } from './frame-bytes.mjs';

const FIRST_ID = 70_000_000_000;
const BID = '29999.99000000';
const SIZE = '1.00000000';
/** Prices of the best ask, a cent apart, before the first comes again. */
export const TICK_PRICES = 4_096;
const LOWEST_CENTS = 3_000_001;
/** Levels of the book besides the best ask. */
const DEPTH = 20;
/** Every so many ticks the book itself changes and not its best prices alone: tickers outnumber depth events on the wire. */
const DEPTH_EVERY = 50;

/**
 * A market whose best ask is another one at each tick, so that the price of an order says which tick it answers: tick `i` has
 * the price of slot `i` modulo {@link TICK_PRICES}.
 */
export class TickMarket {
  #ticks = 0;
  #depthId = FIRST_ID;
  #depthAsk = price(TICK_PRICES);

  constructor(symbol = 'BTCUSDT') {
    this.symbol = symbol;
    this.stream = symbol.toLowerCase();
  }

  snapshot() {
    const bids = Array.from({ length: DEPTH }, (_, i) => [((LOWEST_CENTS - 2 - i) / 100).toFixed(8), SIZE]);
    const asks = Array.from({ length: DEPTH }, (_, i) => [price(TICK_PRICES + i), SIZE]);
    return JSON.stringify({ lastUpdateId: FIRST_ID, bids, asks });
  }

  /** Of the next tick. */
  get slot() {
    return this.#ticks % TICK_PRICES;
  }

  /** The next tick as a frame. */
  next() {
    const id = FIRST_ID + ++this.#ticks;
    const ask = price((this.#ticks - 1) % TICK_PRICES);
    return frameBytes(
      Buffer.from(this.#ticks % DEPTH_EVERY === 0 ? this.#depth(id, ask) : this.#ticker(id, ask), 'latin1'),
    );
  }

  #ticker(id, ask) {
    return (
      `{"stream":"${this.stream}@bookTicker","data":{"u":${id},"s":"${this.symbol}","b":"${BID}","B":"${SIZE}",` +
      `"a":"${ask}","A":"${SIZE}"}}`
    );
  }

  #depth(id, ask) {
    const first = this.#depthId + 1;
    this.#depthId = id;
    const gone = this.#depthAsk;
    this.#depthAsk = ask;
    return (
      `{"stream":"${this.stream}@depth@100ms","data":{"e":"depthUpdate","E":${Date.now()},"s":"${this.symbol}","U":${first},"u":${id},` +
      `"b":[],"a":[["${gone}","0.00000000"],["${ask}","${SIZE}"]]}}`
    );
  }
}

function price(slot) {
  return ((LOWEST_CENTS + slot) / 100).toFixed(8);
}

/** The slot of the tick whose ask an order names. */
export function slotOf(text) {
  return Math.round(Number(text) * 100) - LOWEST_CENTS;
}
