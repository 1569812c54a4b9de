import { describe, expect, it } from '@jest/globals';
import {
  BinaryReader,
  BinaryWriter,
  BookFault,
  BookState,
  CommandKind,
  ConnectionState,
  EventKind,
  JournalState,
  NOBODY,
  nameOf,
  OrderStatus,
  OrderType,
  parseAmount,
  RejectReason,
  Side,
  TimeInForce,
  TradingState,
  VenueChannel,
} from '../../src/domain/index.js';
import { Kernel } from '../../src/kernel/index.js';
import { Bench, type Loose, SECOND } from './support/bench.js';
import { instrument, opening, openLimits } from './support/fixtures.js';
import { intent, ScriptedStrategy } from './support/scripted-strategy.js';
import { SETTINGS, Session } from './support/session.js';

const STARTED: Loose = { kind: EventKind.SessionStarted, epoch: 8, version: 'test', configDigest: 'none' };

function adopted(changes: object = {}): Loose {
  return {
    kind: EventKind.OrderAdopted,
    epoch: 6,
    sequence: 40,
    instrument: 0,
    side: Side.Buy,
    type: OrderType.Limit,
    timeInForce: TimeInForce.GTC,
    postOnly: true,
    quantity: 500,
    price: 9_980_00,
    triggerPrice: 0,
    venueOrderId: 'v40',
    ...changes,
  };
}

/** Every channel of the venue up again. */
function reconnect(bench: Bench): string[] {
  return Object.values(VenueChannel).flatMap((channel) => bench.connection(channel, ConnectionState.Up));
}

describe('a session on a kernel with history', () => {
  it('holds channels and books for lost, and keeps orders, positions, halts and the order they were in', () => {
    const bench = new Bench();
    const filled = bench.submit();
    bench.fill(filled, 400, '17');
    const inFlight = bench.submit();
    bench.apply({ kind: EventKind.StrategiesStopped });
    bench.apply({ kind: EventKind.JournalStatus, state: JournalState.Failed });
    expect(bench.apply(STARTED)).toEqual([]);
    expect(bench.view).toMatchObject({ stopped: false, journal: JournalState.Ok });
    expect(bench.view.book(0)).toMatchObject({ state: BookState.Invalid, fault: BookFault.DISCONNECTED });
    for (const channel of Object.values(VenueChannel)) {
      expect(bench.view.connection(0, channel)).toBe(ConnectionState.Down);
    }
    expect(bench.view.strategies[0]).toMatchObject({ running: true, error: '' });
    expect(bench.strategy.calls).toEqual([]);
    expect(bench.view.position(0).quantity).toBe(400);
    expect(filled).toMatchObject({ status: OrderStatus.PendingCancel, leavesQuantity: 600 });
    expect(inFlight.epoch).toBe(7);
    // Still in flight, whatever was asked before: the venue is asked once it is back.
    expect(reconnect(bench)).toEqual(expect.arrayContaining(['Query 1', 'Query 2']));
    bench.apply({ kind: EventKind.InstrumentDefined, instrument: instrument() });
    bench.book();
    expect(bench.submit()).toMatchObject({ epoch: 8, sequence: 1, status: OrderStatus.Submitted });
  });

  it('goes on with a strategy that was running, and tells it so', () => {
    const bench = new Bench();
    const order = bench.submit();
    bench.accept(order);
    bench.strategy.calls.length = 0;
    bench.apply(STARTED);
    expect(bench.strategy.calls).toEqual(['restart', 'book']);
    expect(reconnect(bench)).toEqual([]);
    expect(bench.act((context) => expect(context.cancel(order)).toBe(true))).toEqual(['Cancel 1']);
  });

  it('stays halted', () => {
    const bench = new Bench();
    bench.state(TradingState.Halted);
    bench.apply(STARTED);
    reconnect(bench);
    bench.book();
    expect(bench.act((context) => void context.submit(intent()))).toEqual(['Deny TRADING_HALTED']);
  });

  it('starts a strategy afresh that had thrown, and cancels what that had open', () => {
    const bench = new Bench();
    const order = bench.submit();
    bench.accept(order);
    bench.connection(VenueChannel.Orders, ConnectionState.Down);
    bench.act(() => {
      throw new Error('boom');
    });
    expect(bench.view.strategies[0]).toMatchObject({ running: false, error: 'boom' });
    bench.apply(STARTED);
    expect(bench.view.strategies[0]).toMatchObject({ running: true, error: '' });
    expect(bench.view.counters.strategyRestarts).toBe(1);
    expect(order.strategy).toBe(NOBODY);
    expect(bench.view.orders.strategyTotals(0, 0).openCount).toBe(0);
    expect(bench.view.orders.totals(0).openCount).toBe(1);
    expect(reconnect(bench)).toEqual(['Cancel 1']);
    // Nobody's: its end is told to no strategy.
    bench.strategy.calls.length = 0;
    bench.tell(order, { kind: EventKind.OrderCanceled });
    expect(bench.strategy.calls).toEqual([]);
  });

  it('starts a strategy afresh that was stopped: it was not told what became of its orders', () => {
    const bench = new Bench();
    const order = bench.submit();
    bench.accept(order);
    bench.connection(VenueChannel.Orders, ConnectionState.Down);
    bench.apply({ kind: EventKind.StrategiesStopped });
    bench.apply(STARTED);
    expect(bench.view.counters.strategyRestarts).toBe(0);
    expect(bench.strategy.calls).toEqual([]);
    bench.apply({ kind: EventKind.InstrumentDefined, instrument: instrument() });
    bench.book();
    expect(bench.strategy.calls).toEqual(['instrument', 'book']);
    expect(order.strategy).toBe(NOBODY);
    expect(reconnect(bench)).toEqual(['Cancel 1']);
  });

  it('refuses a lower epoch, having changed nothing', () => {
    const bench = new Bench();
    expect(() => bench.apply({ ...STARTED, epoch: 6 })).toThrow(/at least 7/);
    expect(bench.view.book(0).state).toBe(BookState.Valid);
    expect(bench.submit().status).toBe(OrderStatus.Submitted);
  });
});

describe('the market maker after a restart', () => {
  /** A session at rest with a quote on each side, restarted under a higher epoch. */
  function restarted() {
    const commands: string[] = [];
    const session = new Session(3, SETTINGS, {
      onCommand: (command) =>
        commands.push(
          `${nameOf(CommandKind, command.kind)} ${'order' in command ? command.order.sequence : ''}`,
        ),
    });
    session.venue.trouble = false;
    session.open();
    for (const event of session.venue.recover()) session.apply(event);
    for (let answer = session.venue.answer(); answer; answer = session.venue.answer()) session.apply(answer);
    expect(commands).toEqual(['Submit 1', 'Submit 2']);
    commands.length = 0;
    const { now } = session.venue;
    const [started, defined] = opening([instrument()], 8, now);
    session.apply(started!);
    session.apply(defined!);
    const set = (channel: VenueChannel, state: ConnectionState) =>
      session.apply({ kind: EventKind.Connection, tsEvent: 0, tsInit: now, venue: 0, channel, state });
    const timer = (later: number) =>
      session.apply({ kind: EventKind.Timer, tsEvent: 0, tsInit: now + later });
    return { session, commands, set, timer };
  }

  it('goes on with the quotes it has: a planned handover loses none', () => {
    const { session, commands, set, timer } = restarted();
    set(VenueChannel.Orders, ConnectionState.Up);
    set(VenueChannel.User, ConnectionState.Reconciling);
    timer(1000);
    set(VenueChannel.User, ConnectionState.Up);
    timer(2000);
    for (const event of session.venue.recover()) session.apply(event);
    timer(3000);
    expect(commands).toEqual([]);
    expect(session.kernel.view.orders.openCount).toBe(2);
    // Blind again later: then it is an outage like any other.
    session.apply({
      kind: EventKind.BookStatus,
      tsEvent: 0,
      tsInit: 0,
      instrument: 0,
      fault: BookFault.SEQUENCE_GAP,
    });
    expect(commands).toEqual(['Cancel 1', 'Cancel 2']);
  });

  it('leaves them unattended for two seconds and no longer', () => {
    const { commands, set, timer } = restarted();
    set(VenueChannel.Orders, ConnectionState.Up);
    timer(2_000_000 - 1);
    expect(commands).toEqual([]);
    timer(2_000_000);
    expect(commands).toEqual(['Cancel 1', 'Cancel 2']);
  });

  it('withdraws them at once when trading is halted meanwhile', () => {
    const { session, commands, set } = restarted();
    set(VenueChannel.Orders, ConnectionState.Up);
    session.apply({
      kind: EventKind.TradingStateSet,
      tsEvent: 0,
      tsInit: 0,
      state: TradingState.Reducing,
      who: 'test',
      why: 'test',
    });
    expect(commands).toEqual(['Cancel 1', 'Cancel 2']);
  });

  it('quotes again after an orderly stop', () => {
    const { session, commands, set } = restarted();
    session.apply({ kind: EventKind.StrategiesStopped, tsEvent: 0, tsInit: 0 });
    for (const channel of Object.values(VenueChannel)) set(channel, ConnectionState.Up);
    for (let answer = session.venue.answer(); answer; answer = session.venue.answer()) session.apply(answer);
    expect(session.kernel.view.orders.openCount).toBe(0);
    commands.length = 0;
    session.venue.now += SECOND;
    for (const event of opening([instrument()], 9, session.venue.now)) session.apply(event);
    for (const event of session.venue.recover()) session.apply(event);
    expect(commands).toEqual(['Submit 1', 'Submit 2']);
  });
});

describe('an instrument defined again', () => {
  it('has the new rules from then on', () => {
    const bench = new Bench();
    bench.strategy.calls.length = 0;
    bench.apply({
      kind: EventKind.InstrumentDefined,
      instrument: instrument(0, { minNotional: parseAmount('500') }),
    });
    expect(bench.strategy.calls).toEqual(['instrument']);
    expect(bench.view.instruments[0]!.minNotional).toBe(parseAmount('500'));
    expect(bench.view.position(0).instrument.minNotional).toBe(parseAmount('500'));
    expect(bench.act((context) => void context.submit(intent()))).toEqual(['Deny NOTIONAL_BELOW_MINIMUM']);
  });

  it.each([
    [{ pricePrecision: 3 }, /pricePrecision was 2 and is 3 now: .* empty journal folder/],
    [{ sizePrecision: 4 }, /sizePrecision was 5/],
    [{ base: 'XBT' }, /base was BTC and is XBT/],
  ])('must be counted as before: %j', (changes, message) => {
    const bench = new Bench();
    const define = () =>
      bench.kernel.apply({
        kind: EventKind.InstrumentDefined,
        tsEvent: 0,
        tsInit: 0,
        instrument: instrument(0, changes),
      });
    expect(define).toThrow(message);
    expect(bench.view.instruments[0]).toMatchObject({ pricePrecision: 2, sizePrecision: 5, base: 'BTC' });
  });

  it('is known by its id, not by its index', () => {
    const bench = new Bench();
    bench.apply({
      kind: EventKind.InstrumentDefined,
      instrument: instrument(1, { symbol: 'ETHUSDT', base: 'ETH' }),
    });
    expect(bench.view.instrumentIndex('ETHUSDT.BINANCE')).toBe(1);
    expect(bench.view.instrumentIndex('BTCUSDT.BINANCE')).toBe(0);
    expect(bench.view.instrumentIndex('BTCUSDT.OTHER')).toBe(-1);
    const swapped = instrument(0, { symbol: 'ETHUSDT', base: 'ETH' });
    expect(() => bench.apply({ kind: EventKind.InstrumentDefined, instrument: swapped })).toThrow(
      /ETHUSDT.BINANCE: index must be 1, was 0/,
    );
  });
});

describe('an order of an earlier leader', () => {
  it('is adopted as nobody’s, counted in every limit, and canceled until it has ended', () => {
    const bench = new Bench({ limits: { ...openLimits, maxPosition: { BTCUSDT: '0.01' } } });
    expect(bench.apply(adopted())).toEqual(['Cancel 40']);
    const order = bench.view.orders.find(6, 40)!;
    expect(order).toMatchObject({
      strategy: NOBODY,
      status: OrderStatus.PendingCancel,
      venueOrderId: 'v40',
      leavesQuantity: 500,
    });
    expect(bench.view.orders.totals(0)).toMatchObject({ openCount: 1, openBuyQuantity: 500 });
    expect(bench.view.orders.counters).toMatchObject({ adopted: 1, submitted: 0, unknown: 0 });
    expect(bench.act((context) => void context.submit(intent({ quantity: 501 })))).toEqual([
      'Deny POSITION_LIMIT',
    ]);
    bench.tell(order, { kind: EventKind.CancelRejected, reason: RejectReason.RATE_LIMITED });
    expect(bench.timer(SECOND / 2)).toEqual(['Cancel 40']);
    bench.strategy.calls.length = 0;
    bench.fill(order, 200, '9');
    expect(bench.view.position(0).quantity).toBe(200);
    expect(bench.strategy.calls).toEqual([]);
    bench.tell(order, { kind: EventKind.OrderCanceled });
    expect(bench.timer(SECOND)).toEqual([]);
    expect(bench.view.orders.openCount).toBe(0);
  });

  it('waits for a wire', () => {
    const bench = new Bench();
    bench.connection(VenueChannel.Orders, ConnectionState.Down);
    expect(bench.apply(adopted())).toEqual([]);
    expect(bench.connection(VenueChannel.Orders, ConnectionState.Up)).toEqual(['Cancel 40']);
  });

  it('that is known after all gets its venue order id and nothing else', () => {
    const bench = new Bench();
    const order = bench.submit();
    expect(bench.apply(adopted({ epoch: order.epoch, sequence: order.sequence, quantity: 7 }))).toEqual([]);
    expect(order).toMatchObject({
      status: OrderStatus.Submitted,
      venueOrderId: 'v40',
      quantity: 1000,
      strategy: 0,
    });
    expect(bench.view.orders.counters.adopted).toBe(0);
    bench.apply(adopted({ epoch: order.epoch, sequence: order.sequence, venueOrderId: 'v41' }));
    expect(order.venueOrderId).toBe('v40');
  });

  it('of this very epoch is never given its id again', () => {
    const bench = new Bench();
    bench.apply(adopted({ epoch: 7, sequence: 12 }));
    expect(bench.submit().sequence).toBe(13);
  });

  it.each([
    ['a later epoch: another leader’s', { epoch: 8 }],
    ['no quantity', { quantity: 0 }],
    ['a quantity that is no integer', { quantity: 0.5 }],
    ['a price below zero', { price: -1 }],
  ])('is refused with %s', (_what, changes) => {
    const bench = new Bench();
    expect(bench.apply(adopted(changes))).toEqual([]);
    expect(bench.view.orders).toMatchObject({ openCount: 0 });
    expect(bench.view.orders.counters).toMatchObject({ adopted: 0, unknown: 1, illegal: 1 });
  });

  it('on an instrument nobody defined is counted and left alone', () => {
    const bench = new Bench();
    expect(bench.apply(adopted({ instrument: 5 }))).toEqual([]);
    expect(bench.view.counters.unknownInstruments).toBe(1);
  });
});

describe('the journal', () => {
  it('behind or broken denies new orders and lets cancels and queries pass', () => {
    const bench = new Bench();
    const order = bench.submit();
    bench.accept(order);
    for (const [state, name] of [
      [JournalState.Backlog, 'JOURNAL_BACKLOG'],
      [JournalState.Failed, 'JOURNAL_FAILED'],
    ] as const) {
      bench.apply({ kind: EventKind.JournalStatus, state });
      expect(bench.view.journal).toBe(state);
      expect(bench.act((context) => void context.submit(intent()))).toEqual([`Deny ${name}`]);
    }
    bench.tell(order, { kind: EventKind.OutcomeUnknown });
    expect(bench.timer(SECOND)).toEqual(['Query 1']);
    expect(bench.act((context) => void context.cancel(order))).toEqual(['Cancel 1']);
    bench.apply({ kind: EventKind.JournalStatus, state: JournalState.Ok });
    expect(bench.submit().status).toBe(OrderStatus.Submitted);
  });
});

describe('a state under other options', () => {
  function heirOf(bench: Bench, strategies: ScriptedStrategy[], limits = openLimits): Kernel {
    const out = new BinaryWriter();
    bench.kernel.save(out);
    const heir = new Kernel({ limits, strategies, staleAfterUs: SECOND, queryAfterUs: SECOND });
    heir.load(new BinaryReader(out.bytes));
    return heir;
  }
  const names = (kernel: Kernel, event: object) => {
    const commands = kernel.apply({ tsEvent: 0, tsInit: 0, ...event } as never);
    return Array.from({ length: commands.length }, (_, i) => commands.at(i).kind);
  };
  const timer = (bench: Bench) => ({ kind: EventKind.Timer, tsInit: bench.now + SECOND / 2 });

  it('obeys the new limits', () => {
    const bench = new Bench();
    bench.submit();
    const strategy = new ScriptedStrategy();
    const heir = heirOf(bench, [strategy], { ...openLimits, maxOpenOrders: 1 });
    strategy.on.timer = (context) => void context.submit(intent());
    heir.apply({ tsEvent: 0, ...timer(bench) } as never);
    expect(heir.view.counters.denials).toBe(1);
  });

  it('finds strategies by name wherever they are listed, and what is of one that is gone is canceled', () => {
    const other = new ScriptedStrategy('other');
    const bench = new Bench({}, [other]);
    const kept = bench.submit();
    other.on.trade = (context) => void context.submit(intent());
    bench.act(() => {});
    other.on.trade = undefined;
    const heir = heirOf(bench, [new ScriptedStrategy('new'), new ScriptedStrategy('scripted')]);
    const orphan = heir.view.orders.find(7, 2)!;
    expect(heir.view.orders.find(kept.epoch, kept.sequence)!.strategy).toBe(1);
    expect(heir.view.orders.strategyTotals(1, 0).openCount).toBe(1);
    expect(orphan.strategy).toBe(NOBODY);
    expect(names(heir, timer(bench))).toHaveLength(1);
    expect(orphan.status).toBe(OrderStatus.PendingCancel);
  });

  it('lets a strategy of another format, or one that can not load, begin afresh', () => {
    const bench = new Bench();
    bench.submit();
    const newer = new ScriptedStrategy();
    newer.format = 2;
    const broken = new ScriptedStrategy();
    const load = broken.load.bind(broken);
    let loads = 0;
    broken.load = (input) => {
      if (loads++ === 0) throw new Error('can not');
      load(input);
    };
    for (const strategy of [newer, broken]) {
      const heir = heirOf(bench, [strategy]);
      expect(strategy.calls).toEqual([]);
      expect(heir.view.strategies[0]).toMatchObject({ running: true });
      expect(heir.view.orders.find(7, 1)!.strategy).toBe(NOBODY);
      names(heir, timer(bench));
      expect(heir.view.orders.find(7, 1)!.status).toBe(OrderStatus.PendingCancel);
      // It hears of instruments, and of nothing about them before, when the next session defines them.
      heir.apply({ ...STARTED, tsEvent: 0, tsInit: 0 } as never);
      expect(strategy.calls).not.toContain('book');
      heir.apply({ kind: EventKind.InstrumentDefined, tsEvent: 0, tsInit: 0, instrument: instrument() });
      expect(strategy.calls).toContain('instrument');
    }
  });
});
