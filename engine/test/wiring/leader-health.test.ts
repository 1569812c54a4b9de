import { describe, expect, it } from '@jest/globals';
import { BookState, ConnectionState, VenueChannel } from '../../src/domain/index.js';
import { LeaderHealth, type VenueSight } from '../../src/wiring/leader-health.js';

/** A term that began at 0, of an engine with two instruments; `asks` looks four times a second. */
function term(patienceMs = 3_000) {
  const venue = {
    orders: ConnectionState.Up as ConnectionState,
    books: [BookState.Valid, BookState.Valid] as BookState[],
  };
  const view = {
    instruments: [{ index: 0 }, { index: 1 }],
    connection: (_: number, channel: VenueChannel) =>
      channel === VenueChannel.Orders ? venue.orders : ConnectionState.Down,
    book: (index: number) => ({ state: venue.books[index] }),
  } as unknown as VenueSight;
  const sessions: { connected?: boolean } = { connected: true };
  const health = new LeaderHealth(view, sessions, patienceMs, 0);
  const asks = (fromMs: number, toMs: number, standbys = 1) => {
    const at: number[] = [];
    for (let now = fromMs; now < toMs; now += 250) if (health.shouldAsk(now, standbys)) at.push(now);
    return at;
  };
  const cutOff = () => {
    venue.orders = ConnectionState.Down;
    venue.books.fill(BookState.Invalid);
  };
  return { venue, sessions, asks, cutOff };
}

describe('a leader', () => {
  it('asks the other side once it has been cut off from the venue for long enough, and not again and again', () => {
    const { asks, cutOff } = term();
    expect(asks(0, 60_000)).toEqual([]);
    cutOff();
    expect(asks(60_000, 90_000)).toEqual([63_000]);
    expect(asks(90_000, 130_000)).toEqual([93_000, 123_000]);
  });

  it('has time to get to the venue first', () => {
    const { asks, cutOff } = term();
    cutOff();
    expect(asks(0, 20_000)).toEqual([10_000]);
  });

  it('goes on where it was cut off but for a moment, and with orders alone', () => {
    const { venue, asks, cutOff } = term();
    cutOff();
    venue.orders = ConnectionState.Up;
    expect(asks(60_000, 120_000)).toEqual([]);
    venue.orders = ConnectionState.Connecting;
    expect(asks(120_000, 122_500)).toEqual([]);
    venue.orders = ConnectionState.Up;
    expect(asks(122_500, 122_750)).toEqual([]);
    venue.orders = ConnectionState.Connecting;
    expect(asks(122_750, 126_000)).toEqual([125_750]);
  });

  it.each([ConnectionState.Down, ConnectionState.Connecting])(
    'asks where its books are good and its orders are not (%s)',
    (state) => {
      const { venue, asks } = term();
      venue.orders = state;
      expect(asks(60_000, 90_000)).toEqual([63_000]);
    },
  );

  it('asks where one of its sessions is down that an order could go around', () => {
    const { sessions, asks } = term();
    sessions.connected = false;
    expect(asks(60_000, 90_000)).toEqual([63_000]);
    delete sessions.connected;
    expect(asks(90_000, 150_000)).toEqual([]);
  });

  it('may compare with the venue for longer, as whoever takes over has to do too', () => {
    const { venue, asks } = term();
    venue.orders = ConnectionState.Reconciling;
    expect(asks(60_000, 100_000)).toEqual([90_000]);
    venue.orders = ConnectionState.Up;
    expect(asks(100_000, 130_000)).toEqual([]);
    // Sessions that come and go: a comparison in between is no end of it.
    venue.orders = ConnectionState.Connecting;
    expect(asks(130_000, 131_000)).toEqual([]);
    venue.orders = ConnectionState.Reconciling;
    expect(asks(131_000, 134_000)).toEqual([]);
    venue.orders = ConnectionState.Connecting;
    expect(asks(134_000, 135_000)).toEqual([134_000]);
  });

  it('asks nobody who is not there, and nobody at all when told so', () => {
    const alone = term();
    alone.cutOff();
    expect(alone.asks(60_000, 90_000, 0)).toEqual([]);
    expect(alone.asks(90_000, 90_250)).toEqual([90_000]);
    const never = term(0);
    never.cutOff();
    expect(never.asks(60_000, 190_000)).toEqual([]);
  });
});
