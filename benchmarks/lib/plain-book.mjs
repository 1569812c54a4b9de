/**
 * The plain way: text, `JSON.parse`, numbers as doubles, and a book of sorted arrays. What most clients written in
 * JavaScript do, written with care, so that it is a fair thing to be compared with.
 */
export class PlainBook {
  /** `[price, size]`, best first. */
  bids = [];
  asks = [];
  #lastId = 0;
  #futures = false;
  #bridged = false;
  top = { bid: 0, bidSize: 0, ask: 0, askSize: 0 };
  #topId = 0;

  /** @param {Uint8Array} bytes a REST depth answer */
  onSnapshot(bytes) {
    const { lastUpdateId, bids, asks } = JSON.parse(text(bytes));
    const levels = (side) => side.map(([price, size]) => [Number(price), Number(size)]);
    this.bids = levels(bids);
    this.asks = levels(asks);
    this.#lastId = lastUpdateId;
    this.#takeTop();
  }

  /** @param {Uint8Array} bytes a combined stream message */
  onMessage(bytes) {
    const { data } = JSON.parse(text(bytes));
    if (data.e === 'depthUpdate') this.#onDepth(data);
    else if (data.e === 'trade') this.lastPrice = Number(data.p);
    else if (data.A !== undefined) this.#onTicker(data);
  }

  #onDepth(data) {
    if (data.u <= this.#lastId) return;
    this.#futures = data.pu !== undefined;
    const follows =
      this.#futures && this.#bridged ? data.pu === this.#lastId : (data.pu ?? data.U - 1) <= this.#lastId;
    if (!follows) throw new Error(`plain book: a gap before ${data.u}`);
    this.#bridged = true;
    for (const [price, size] of data.b) set(this.bids, Number(price), Number(size), -1);
    for (const [price, size] of data.a) set(this.asks, Number(price), Number(size), 1);
    this.#lastId = data.u;
    if (data.u >= this.#topId) this.#takeTop();
  }

  #onTicker(data) {
    if (data.u <= this.#lastId || data.u <= this.#topId) return;
    this.#topId = data.u;
    this.top.bid = Number(data.b);
    this.top.bidSize = Number(data.B);
    this.top.ask = Number(data.a);
    this.top.askSize = Number(data.A);
  }

  #takeTop() {
    const [bid, bidSize] = this.bids[0] ?? [0, 0];
    const [ask, askSize] = this.asks[0] ?? [0, 0];
    this.top.bid = bid;
    this.top.bidSize = bidSize;
    this.top.ask = ask;
    this.top.askSize = askSize;
  }
}

/** `sign` 1: ascending prices, -1: descending. */
function set(levels, price, size, sign) {
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((levels[middle][0] - price) * sign < 0) low = middle + 1;
    else high = middle;
  }
  const found = low < levels.length && levels[low][0] === price;
  if (size === 0) {
    if (found) levels.splice(low, 1);
  } else if (found) levels[low][1] = size;
  else levels.splice(low, 0, [price, size]);
}

function text(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
