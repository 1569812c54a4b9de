import { describe, expect, it, jest } from '@jest/globals';
import { InstrumentBook } from '../../src/book/index.js';
import {
  BookFault,
  BookState,
  type BookUpdate,
  ConnectionState,
  defineInstrument,
  EventKind,
  type EventSink,
  type KernelEvent,
  VenueChannel,
} from '../../src/domain/index.js';
import type { MarketDataPort } from '../../src/venues/index.js';
import { WarmFeed } from '../../src/wiring/warm-feed.js';

const SPEC = {
  symbol: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  pricePrecision: 2,
  sizePrecision: 3,
  priceIncrement: 1,
  sizeIncrement: 1,
  minPrice: 1,
  maxPrice: 1e9,
  minQuantity: 1,
  maxQuantity: 1e9,
  minNotional: 0n,
  maxNotional: 0n,
};

function update(
  kind: BookUpdate['kind'],
  ids: [number, number],
  bids: [number, number][],
  asks: [number, number][],
): BookUpdate {
  const column = (levels: [number, number][], at: 0 | 1) => Float64Array.from(levels, (level) => level[at]);
  return {
    kind,
    tsEvent: 0,
    tsInit: 0,
    instrument: 3,
    firstId: ids[0],
    lastId: ids[1],
    bidCount: bids.length,
    askCount: asks.length,
    bidPrices: column(bids, 0),
    bidSizes: column(bids, 1),
    askPrices: column(asks, 0),
    askSizes: column(asks, 1),
  };
}

class FakeMarketData implements MarketDataPort {
  sink: EventSink = () => {};
  readonly resync = jest.fn<(instrument: number, fault: BookFault) => void>();
  async loadInstruments() {
    return [];
  }
  async start(_: unknown, sink: EventSink) {
    this.sink = sink;
  }
  async stop() {}
}

async function started() {
  const feed = new WarmFeed(0, () => 1_000);
  const venue = new FakeMarketData();
  await feed.start(venue, [defineInstrument(3, 0, SPEC as never)]);
  return { feed, venue, told: [] as KernelEvent[] };
}

const UP = {
  kind: EventKind.Connection,
  tsEvent: 0,
  tsInit: 0,
  venue: 0,
  channel: VenueChannel.MarketData,
  state: ConnectionState.Up,
};
const SNAPSHOT = () =>
  update(
    EventKind.BookSnapshot,
    [10, 10],
    [
      [99, 5],
      [98, 6],
    ],
    [
      [101, 7],
      [102, 8],
    ],
  );

describe('WarmFeed', () => {
  it('gives the one that takes over the connection and a snapshot equal to the book it kept', async () => {
    const { feed, venue, told } = await started();
    venue.sink({ ...UP });
    venue.sink(SNAPSHOT());
    venue.sink(
      update(
        EventKind.BookDelta,
        [11, 12],
        [
          [99, 0],
          [97, 4],
        ],
        [[100, 1]],
      ),
    );
    expect(feed.valid).toBe(1);
    feed.promote((event) => told.push(event));

    expect(told.map(({ kind }) => kind)).toEqual([EventKind.Connection, EventKind.BookSnapshot]);
    expect(told[0]).toMatchObject({ state: ConnectionState.Up, channel: VenueChannel.MarketData });
    const book = new InstrumentBook();
    book.apply(told[1] as BookUpdate);
    expect(book).toMatchObject({
      state: BookState.Valid,
      bid: 98,
      bidSize: 6,
      ask: 100,
      askSize: 1,
      lastUpdateId: 12,
    });
    // And it goes on where the connector is: the next delta is in step.
    const next = update(EventKind.BookDelta, [13, 13], [[99, 2]], []);
    venue.sink(next);
    expect(told.at(-1)).toBe(next);
    expect(book.apply(next)).toBe(true);
    expect(book.bid).toBe(99);
  });

  it('tells of a book it can not vouch for, and of a connection that is down', async () => {
    const { feed, venue, told } = await started();
    venue.sink({ ...UP });
    venue.sink(SNAPSHOT());
    venue.sink({ ...UP, state: ConnectionState.Down });
    expect(feed.valid).toBe(0);
    feed.promote((event) => told.push(event));
    expect(told).toEqual([
      expect.objectContaining({ kind: EventKind.Connection, state: ConnectionState.Down }),
      expect.objectContaining({ kind: EventKind.BookStatus, instrument: 3, fault: BookFault.DISCONNECTED }),
    ]);
  });

  it('has a book rebuilt that turned out broken', async () => {
    const { venue } = await started();
    venue.sink(SNAPSHOT());
    venue.sink(update(EventKind.BookDelta, [11, 11], [[101, 1]], []));
    await new Promise((resolve) => setImmediate(resolve));
    expect(venue.resync).toHaveBeenCalledWith(3, BookFault.CROSSED);
  });
});
