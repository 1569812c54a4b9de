const LEVELS = 50;
const START_PRICE = 10_000;
const START_ID = 1_000;
const MIDDLE_SIZE = 500;

/** What is traded there. */
export const WARM_UP_SPEC = {
  ...{ venueName: 'BINANCE', symbol: 'WARMUSDT', base: 'WARM', quote: 'USDT' },
  ...{ pricePrecision: 2, sizePrecision: 3, priceIncrement: 1, sizeIncrement: 1 },
  ...{ minPrice: 1, maxPrice: 1_000_000, minQuantity: 1, maxQuantity: 1_000_000 },
  ...{ minNotional: 1n, maxNotional: 0n },
} as const;

type Changes = Map<number, number>;

/**
 * Market data that means nothing, in the shape of Binance's: what code is run on before there is any. The price wanders by
 * single increments, so that quotes are replaced all the time. Always the same messages.
 */
export class WarmUpMarket {
  #told = 0;
  #middle = START_PRICE;
  #id = START_ID;
  #toldId = START_ID;
  #trade = 1;
  #state = 1;
  #bids: Changes = new Map();
  #asks: Changes = new Map();

  /** A REST depth answer. */
  snapshot(): Buffer {
    const side = (sign: number) =>
      Array.from({ length: LEVELS }, (_, i) => level(this.#middle + sign * (i + 1), MIDDLE_SIZE + i));
    return Buffer.from(`{"lastUpdateId":${this.#id},"bids":[${side(-1)}],"asks":[${side(1)}]}`);
  }

  /** The next message of a combined stream. */
  next(): Buffer {
    this.#change();
    const turn = this.#told++ % 8;
    if (turn === 7) return Buffer.from(this.#depth());
    return Buffer.from(turn % 4 === 1 ? this.#print() : this.#ticker());
  }

  /** The best bid and ask are one increment from the middle, at which nobody is. */
  #change(): void {
    this.#id++;
    const draw = this.#draw(6);
    if (draw > 1) {
      const at = 1 + this.#draw(LEVELS);
      const changes = draw % 2 === 0 ? this.#bids : this.#asks;
      changes.set(this.#middle + (draw % 2 === 0 ? -at : at), MIDDLE_SIZE + this.#draw(MIDDLE_SIZE));
      return;
    }
    const to = draw === 0 ? 1 : -1;
    const [ahead, behind] = to === 1 ? [this.#asks, this.#bids] : [this.#bids, this.#asks];
    ahead.set(this.#middle + to, 0);
    ahead.set(this.#middle + to * (LEVELS + 1), MIDDLE_SIZE);
    behind.set(this.#middle, MIDDLE_SIZE);
    behind.set(this.#middle - to * LEVELS, 0);
    this.#middle += to;
  }

  #depth(): string {
    const told = (changes: Changes) => [...changes].map(([price, size]) => level(price, size));
    const text =
      `{"stream":"warmusdt@depth@100ms","data":{"e":"depthUpdate","E":1700000000000,"s":"WARMUSDT","U":${this.#toldId + 1},` +
      `"u":${this.#id},"b":[${told(this.#bids)}],"a":[${told(this.#asks)}]}}`;
    this.#toldId = this.#id;
    this.#bids.clear();
    this.#asks.clear();
    return text;
  }

  #ticker(): string {
    const size = (MIDDLE_SIZE / 1000).toFixed(3);
    return (
      `{"stream":"warmusdt@bookTicker","data":{"u":${this.#id},"s":"WARMUSDT","b":"${price(this.#middle - 1)}","B":"${size}",` +
      `"a":"${price(this.#middle + 1)}","A":"${size}"}}`
    );
  }

  /** A trade, now and then deep enough to fill a quote. */
  #print(): string {
    const isSold = this.#draw(2) === 0;
    const at = this.#middle + (isSold ? -1 : 1) * (1 + this.#draw(4));
    return (
      `{"stream":"warmusdt@trade","data":{"e":"trade","E":1700000000000,"s":"WARMUSDT","t":${this.#trade++},"p":"${price(at)}",` +
      `"q":"${(1 + this.#draw(99)).toFixed(3)}","T":1700000000000,"m":${isSold},"M":true}}`
    );
  }

  /** A whole number below `below`; the same ones in every run. */
  #draw(below: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * below);
  }
}

function price(units: number): string {
  return (units / 100).toFixed(2);
}

function level(at: number, size: number): string {
  return `["${price(at)}","${(size / 1000).toFixed(3)}"]`;
}
