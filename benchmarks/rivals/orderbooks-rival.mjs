import { inUnits } from './units.mjs';

/**
 * The published book, after `JSON.parse`. It keeps both sides in one list by price, where the end of a bid takes away an ask
 * that came to that price meanwhile, and ended in another book than ours; so it gets one for each side, which is also faster.
 */
export function orderbooksRival(require) {
  const { OrderBook } = require('orderbooks');
  const newSide = () => new OrderBook('BTCUSDT', { maxDepth: Number.MAX_SAFE_INTEGER });
  return class OrderbooksRival {
    #instrument;
    #bids = newSide();
    #asks = newSide();
    #lastId = 0;

    constructor(instrument) {
      this.#instrument = instrument;
    }

    onSnapshot(bytes) {
      const { lastUpdateId, bids, asks } = JSON.parse(Buffer.from(bytes).toString());
      this.#bids.handleSnapshot(bids.map((bid) => level('Buy', bid)));
      this.#asks.handleSnapshot(asks.map((ask) => level('Sell', ask)));
      this.#lastId = lastUpdateId;
    }

    onMessage(bytes) {
      const { data } = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
      if (data.u <= this.#lastId) return;
      this.#lastId = data.u;
      handleDelta(this.#bids, 'Buy', data.b);
      handleDelta(this.#asks, 'Sell', data.a);
    }

    levels() {
      const of = ({ book }) => book.map(([, price, , size]) => [price, size]);
      return inUnits(this.#instrument, of(this.#bids), of(this.#asks).reverse());
    }
  };
}

function handleDelta(book, side, changes) {
  if (changes.length === 0) return;
  const gone = [];
  const changed = [];
  for (const change of changes) (Number(change[1]) === 0 ? gone : changed).push(level(side, change));
  book.handleDelta(gone, changed);
}

function level(side, [price, size]) {
  return ['BTCUSDT', Number(price), side, Number(size)];
}
