import { BookState, OrderType, Side, TimeInForce } from '@tradewind/engine/domain';

/** Sends an order that takes what is there or nothing on each change of the book, and remembers nothing. */
export class Taker {
  name = 'taker';
  format = 1;
  #intent = {
    instrument: 0,
    strategy: 0,
    side: Side.Buy,
    type: OrderType.Limit,
    timeInForce: TimeInForce.IOC,
    postOnly: false,
    quantity: 100_000,
    price: 0,
    triggerPrice: 0,
  };

  /** @param {string} symbol */
  constructor(symbol) {
    this.symbols = [symbol];
  }

  onInstrument(_context, { index }) {
    this.#intent.instrument = index;
  }

  onBook(context, instrument) {
    const book = context.book(instrument);
    if (book.state !== BookState.Valid || book.ask === 0 || !context.ready(instrument)) return;
    this.#intent.price = book.ask;
    context.submit(this.#intent);
  }

  onOrder() {}
  onTimer() {}
  onStop() {}
  hashInto() {}
  save() {}
  load() {}
}
