/**
 * Binance-shaped frames for machines without recordings. Proportions and sizes are those measured on recorded BTCUSDT
 * spot traffic (of 100 messages 73 tickers, 20 trades, 7 depth diffs of 46 levels on average, 1,000 levels a side in
 * the snapshot); the market behind them stands still but for its sizes, and means nothing.
 */

const LEVELS = 1_000;
const START_US = 1_700_000_000_000_000;
const MIDDLE = 6_183_763;

/**
 * @param {number} count
 * @param {{ pricePrecision: number, sizePrecision: number }} precisions
 */
export function syntheticItems(count, { pricePrecision, sizePrecision }) {
  const market = new SyntheticMarket(pricePrecision, sizePrecision);
  const items = [{ tsUs: START_US, kind: 'rest', bytes: encode(market.snapshot()) }];
  for (let i = 1; i < count; i++) {
    items.push({ tsUs: START_US + i * 6_500, kind: 'frame', bytes: encode(market.next()) });
  }
  return items;
}

class SyntheticMarket {
  #state = 0x9e3779b9;
  #pricePrecision;
  #sizePrecision;
  #bids = new Map();
  #asks = new Map();
  #changed = [new Set(), new Set()];
  #id = 50_000_000_000;
  #sentId = 50_000_000_000;
  #tradeId = 3_700_000_000;
  #ms = START_US / 1000;

  constructor(pricePrecision, sizePrecision) {
    this.#pricePrecision = pricePrecision;
    this.#sizePrecision = sizePrecision;
    for (let i = 1; i <= LEVELS; i++) {
      this.#bids.set(MIDDLE - i, this.#size());
      this.#asks.set(MIDDLE + i, this.#size());
    }
  }

  snapshot() {
    const side = (levels, sign) =>
      this.#levels(
        [...levels.keys()].sort((a, b) => sign * (a - b)),
        levels,
      );
    return `{"lastUpdateId":${this.#id},"bids":${side(this.#bids, -1)},"asks":${side(this.#asks, 1)}}`;
  }

  next() {
    this.#ms += 6.5;
    const draw = this.#below(100);
    if (draw < 73) return this.#ticker();
    return draw < 93 ? this.#trade() : this.#depth();
  }

  #ticker() {
    this.#change(this.#below(2), 0);
    const bid = this.#best(0);
    const ask = this.#best(1);
    return (
      `{"stream":"btcusdt@bookTicker","data":{"u":${this.#id},"s":"BTCUSDT","b":"${this.#price(bid)}",` +
      `"B":"${this.#quantity(this.#bids.get(bid))}","a":"${this.#price(ask)}","A":"${this.#quantity(this.#asks.get(ask))}"}}`
    );
  }

  #trade() {
    const sells = this.#below(2) === 0;
    return (
      `{"stream":"btcusdt@trade","data":{"e":"trade","E":${Math.floor(this.#ms)},"s":"BTCUSDT","t":${++this.#tradeId},` +
      `"p":"${this.#price(this.#best(sells ? 0 : 1))}","q":"${this.#quantity(1 + this.#below(1_000))}",` +
      `"T":${Math.floor(this.#ms)},"m":${sells},"M":true}}`
    );
  }

  #depth() {
    for (let n = this.#below(90); n > 0; n--) this.#change(this.#below(2), this.#below(LEVELS));
    const first = this.#sentId + 1;
    if (this.#id < first) this.#id = first;
    this.#sentId = this.#id;
    const side = (index, levels) => this.#levels([...this.#changed[index]], levels);
    const frame =
      `{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":${Math.floor(this.#ms)},"s":"BTCUSDT",` +
      `"U":${first},"u":${this.#id},"b":${side(0, this.#bids)},"a":${side(1, this.#asks)}}}`;
    for (const changed of this.#changed) changed.clear();
    return frame;
  }

  /** Sets, or now and then removes, the level at `depth` from the middle; the touch always stays. */
  #change(side, depth) {
    const levels = side === 0 ? this.#bids : this.#asks;
    const price = side === 0 ? MIDDLE - 1 - depth : MIDDLE + 1 + depth;
    if (depth > 0 && this.#below(4) === 0) levels.delete(price);
    else levels.set(price, this.#size());
    this.#changed[side].add(price);
    this.#id++;
  }

  #best(side) {
    return side === 0 ? MIDDLE - 1 : MIDDLE + 1;
  }

  #levels(prices, levels) {
    return `[${prices.map((price) => `["${this.#price(price)}","${this.#quantity(levels.get(price) ?? 0)}"]`).join(',')}]`;
  }

  #size() {
    return 1 + this.#below(200_000);
  }

  /** Units of 10^-5 (or the precision, when it is coarser), padded to the venue's eight decimals. */
  #quantity(units) {
    return fixed(units, Math.min(5, this.#sizePrecision), 8);
  }

  #price(units) {
    return fixed(units, this.#pricePrecision, 8);
  }

  /** xorshift32. */
  #below(bound) {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % bound;
  }
}

function fixed(units, scale, decimals) {
  const digits = String(units).padStart(scale + 1, '0');
  return `${digits.slice(0, digits.length - scale)}.${digits.slice(digits.length - scale).padEnd(decimals, '0')}`;
}

const encoder = new TextEncoder();
const encode = (text) => encoder.encode(text);
