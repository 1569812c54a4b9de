/**
 * The slow, plain way to build a Binance book from what was recorded: JSON.parse, decimal text and Maps. It shares no code
 * with the engine's decoder, synchronizer or book, so that agreeing with it means something.
 */

interface DepthEvent {
  U: number;
  u: number;
  pu?: number;
  b: [string, string][];
  a: [string, string][];
}

interface Snapshot {
  lastUpdateId: number;
  bids: [string, string][];
  asks: [string, string][];
}

/** Decimal text without its trailing zeros, so that one number has one text. */
export function canonical(text: string): string {
  const short = text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
  return short.replace(/^0+(?=\d)/, '');
}

/** One symbol's book as Maps of decimal text, price to size. */
export class NaiveBook {
  readonly bids = new Map<string, string>();
  readonly asks = new Map<string, string>();
  lastId = -1;
  applied = 0;
  dropped = 0;
  gaps = 0;
  #bridged = false;
  #waiting: DepthEvent[] = [];

  /** Takes the first snapshot; later ones are not needed by a stream without gaps. */
  onSnapshot(snapshot: Snapshot): void {
    if (this.lastId >= 0) return;
    this.lastId = snapshot.lastUpdateId;
    change(this.bids, snapshot.bids);
    change(this.asks, snapshot.asks);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const event of waiting) this.onDepth(event);
  }

  onDepth(event: DepthEvent): void {
    if (this.lastId < 0) {
      this.#waiting.push(event);
      return;
    }
    if (event.u <= this.lastId) {
      this.dropped++;
      return;
    }
    const joins =
      event.pu === undefined
        ? event.U <= this.lastId + 1
        : this.#bridged
          ? event.pu === this.lastId
          : event.pu <= this.lastId;
    if (!joins) this.gaps++;
    this.#bridged = true;
    this.lastId = event.u;
    this.applied++;
    change(this.bids, event.b);
    change(this.asks, event.a);
  }

  /** `price size` of every level, best first. */
  levels(side: 'bids' | 'asks'): string[] {
    const direction = side === 'bids' ? -1 : 1;
    return [...this[side]]
      .sort(([a], [b]) => direction * (Number(a) - Number(b)))
      .map(([price, size]) => `${price} ${size}`);
  }
}

function change(side: Map<string, string>, levels: readonly [string, string][]): void {
  for (const [price, size] of levels) {
    if (Number(size) === 0) side.delete(canonical(price));
    else side.set(canonical(price), canonical(size));
  }
}

/** All books of a recording, built the naive way. */
export class NaiveBooks {
  readonly books = new Map<string, NaiveBook>();

  book(symbol: string): NaiveBook {
    let book = this.books.get(symbol);
    if (book === undefined) {
      book = new NaiveBook();
      this.books.set(symbol, book);
    }
    return book;
  }

  /** A WebSocket message as text; anything but a depth event is passed over. */
  onFrame(text: string): void {
    const message = JSON.parse(text) as { data?: unknown };
    const event = (message.data ?? message) as DepthEvent & { e?: string; s: string };
    if (event.e === 'depthUpdate') this.book(event.s).onDepth(event);
  }

  /** A REST depth answer about `symbol`. */
  onSnapshot(symbol: string, text: string): void {
    this.book(symbol).onSnapshot(JSON.parse(text) as Snapshot);
  }
}
