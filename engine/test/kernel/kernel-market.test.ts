import { describe, expect, it } from '@jest/globals';
import {
  BookFault,
  BookState,
  ConnectionState,
  defineInstrument,
  EventKind,
  OrderStatus,
  VenueChannel,
} from '../../src/domain/index.js';
import { Bench, SECOND } from './support/bench.js';
import { bookUpdate, instrument, spec } from './support/fixtures.js';
import { intent, ScriptedStrategy } from './support/scripted-strategy.js';

describe('Kernel connections', () => {
  it.each([
    [VenueChannel.Orders, ConnectionState.Down, 'VENUE_DISCONNECTED', false],
    [VenueChannel.User, ConnectionState.Down, 'VENUE_DISCONNECTED', true],
    [VenueChannel.User, ConnectionState.Reconciling, 'STREAM_RECONCILING', true],
    [VenueChannel.Orders, ConnectionState.Reconciling, 'STREAM_RECONCILING', true],
  ] as const)('channel %i in state %i: orders are %s, cancels possible %s', (channel, state, reason, can) => {
    const bench = new Bench();
    const order = bench.submit();
    bench.connection(channel, state);
    expect(
      bench.act((context) => {
        expect(context.ready(0)).toBe(false);
        context.submit(intent());
        expect(context.cancel(order)).toBe(can);
      }),
    ).toEqual([`Deny ${reason}`, ...(can ? ['Cancel 1'] : [])]);
  });

  it('in doubt are asked about as soon as there is a wire again, however long that took', () => {
    const bench = new Bench();
    const order = bench.submit();
    bench.accept(order);
    bench.connection(VenueChannel.Orders, ConnectionState.Down);
    bench.tell(order, { kind: EventKind.OutcomeUnknown });
    // Long enough for many a pause between questions to double.
    for (let i = 0; i < 100; i++) expect(bench.timer(SECOND)).toEqual([]);
    bench.connection(VenueChannel.Orders, ConnectionState.Up);
    expect(bench.timer(10_000)).toEqual([`Query ${order.sequence}`]);
  });

  it('assume nothing of orders while down, and ask about those in flight when back', () => {
    const bench = new Bench();
    const inFlight = bench.submit();
    const working = bench.submit();
    const canceling = bench.submit();
    bench.accept(working);
    bench.accept(canceling);
    bench.act((context) => void context.cancel(canceling));
    bench.connection(VenueChannel.Orders, ConnectionState.Down);
    bench.connection(VenueChannel.User, ConnectionState.Down);
    expect(bench.timer(10 * SECOND)).toEqual([]);
    expect([inFlight, working, canceling].map(({ status }) => status)).toEqual([
      OrderStatus.Submitted,
      OrderStatus.Accepted,
      OrderStatus.PendingCancel,
    ]);
    expect(bench.connection(VenueChannel.Orders, ConnectionState.Up)).toEqual([]);
    expect(bench.connection(VenueChannel.User, ConnectionState.Reconciling)).toEqual([]);
    expect(bench.connection(VenueChannel.User, ConnectionState.Up)).toEqual(['Query 1', 'Query 3']);
    expect(bench.connection(VenueChannel.User, ConnectionState.Up)).toEqual([]);
  });
});

describe('Kernel books', () => {
  it('tell the strategy of every change, faults and staleness included', () => {
    const bench = new Bench();
    const states: BookState[] = [];
    bench.strategy.on.book = (context) => void states.push(context.book(0).state);
    bench.book(9_998_00);
    bench.timer(SECOND + 1);
    bench.book();
    bench.apply({ kind: EventKind.BookStatus, instrument: 0, fault: BookFault.DISCONNECTED });
    bench.apply({ kind: EventKind.BookStatus, instrument: 0, fault: BookFault.DISCONNECTED });
    bench.apply({ kind: EventKind.BookStatus, instrument: 0, fault: BookFault.NONE });
    expect(states).toEqual([
      BookState.Valid,
      BookState.Stale,
      BookState.Valid,
      BookState.Invalid,
      BookState.Syncing,
    ]);
    expect(bench.view.counters).toMatchObject({ booksInvalidated: 1, booksStale: 1, bookUpdates: 3 });
  });

  it('are stale for an order as soon as their time is over, though no timer has said so', () => {
    const bench = new Bench();
    bench.book();
    bench.now += SECOND;
    expect(bench.act((context) => void context.submit(intent()))).toEqual(['Submit 1']);
    bench.now += 1;
    expect(bench.act((context) => void context.submit(intent()))).toEqual(['Deny BOOK_STALE']);
    expect(bench.view.book(0).state).toBe(BookState.Valid);
    bench.timer(0);
    expect(bench.view.book(0).state).toBe(BookState.Stale);
  });

  it('break when market data goes down, whether or not the connector says so of each', () => {
    const elsewhere = new ScriptedStrategy('elsewhere', ['ETHUSDT']);
    const bench = new Bench({}, [elsewhere]);
    const eth = defineInstrument(1, 1, { ...spec, symbol: 'ETHUSDT', base: 'ETH' });
    bench.apply({ kind: EventKind.InstrumentDefined, instrument: eth });
    bench.apply({
      kind: EventKind.Connection,
      venue: 1,
      channel: VenueChannel.MarketData,
      state: ConnectionState.Up,
    });
    bench.kernel.apply(bookUpdate(EventKind.BookSnapshot, bench.now, 1, [1, 1], [[100, 5]], [[101, 5]]));
    elsewhere.calls.length = 0;
    bench.strategy.calls.length = 0;
    let seen: unknown;
    bench.strategy.on.book = (context) => {
      const { state, fault } = context.book(0);
      seen = { state, fault };
    };
    const status = { kind: EventKind.BookStatus, instrument: 0, fault: BookFault.DISCONNECTED };

    bench.connection(VenueChannel.MarketData, ConnectionState.Down);
    expect(seen).toEqual({ state: BookState.Invalid, fault: BookFault.DISCONNECTED });
    bench.connection(VenueChannel.MarketData, ConnectionState.Down);
    bench.apply(status);
    expect(bench.strategy.calls).toEqual(['book']);
    expect(bench.act((context) => void context.submit(intent()))).toEqual(['Deny BOOK_INVALID']);
    // Another venue's book is none of its business.
    expect(elsewhere.calls).toEqual([]);
    expect(bench.view.book(1).state).toBe(BookState.Valid);

    bench.connection(VenueChannel.MarketData, ConnectionState.Up);
    expect(bench.view.book(0).state).toBe(BookState.Invalid);
    bench.book();
    expect(bench.view.book(0).state).toBe(BookState.Valid);

    bench.strategy.calls.length = 0;
    bench.apply(status);
    bench.connection(VenueChannel.MarketData, ConnectionState.Down);
    expect(bench.strategy.calls).toEqual(['book']);
    expect(bench.view.counters.booksInvalidated).toBe(2);
  });

  it('take quotes, and ignore events about instruments nobody defined', () => {
    const bench = new Bench();
    const quote = { kind: EventKind.Quote, bidSize: 1, askSize: 1, updateId: 50 };
    bench.apply({ ...quote, instrument: 0, bid: 10_000_00, ask: 10_000_50 });
    expect(bench.view.book(0)).toMatchObject({ bid: 10_000_00, ask: 10_000_50 });
    bench.apply({ ...quote, instrument: 4, bid: 1, ask: 2 });
    bench.apply({ kind: EventKind.BookStatus, instrument: -1, fault: BookFault.NONE });
    expect(bench.view.counters.unknownInstruments).toBe(2);
    expect(() => bench.view.book(4)).toThrow(/no instrument 4/);
  });

  it('define instruments in order, once', () => {
    const bench = new Bench();
    bench.apply({ kind: EventKind.InstrumentDefined, instrument: instrument(0) });
    expect(bench.view.counters.redefinitions).toBe(1);
    expect(() =>
      bench.apply({ kind: EventKind.InstrumentDefined, instrument: instrument(2, { symbol: 'ETHUSDT' }) }),
    ).toThrow(/index must be 1/);
  });
});
