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
  TradingState,
  VenueChannel,
} from '../../src/domain/index.js';
import { Kernel } from '../../src/kernel/index.js';
import { Bench, type Loose, SECOND } from './support/bench.js';
import { instrument, opening, openLimits } from './support/fixtures.js';
import { intent, ScriptedStrategy } from './support/scripted-strategy.js';
import { SETTINGS, Session } from './support/session.js';

const STARTED: Loose = { kind: EventKind.SessionStarted, epoch: 8, version: 'test', configDigest: 'none' };

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
