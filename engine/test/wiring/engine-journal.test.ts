import { describe, expect, it } from '@jest/globals';
import {
  type CommandList,
  DenialReason,
  EventKind,
  JournalState,
  type KernelEvent,
  nameOf,
  OrderStatus,
  Side,
} from '../../src/domain/index.js';
import type { Durability, JournalPort } from '../../src/journal/index.js';
import { Kernel } from '../../src/kernel/index.js';
import type { RiskLimits } from '../../src/risk/index.js';
import { MetricRegistry } from '../../src/telemetry/index.js';
import { Engine, TickToTrade } from '../../src/wiring/index.js';
import { bookUpdate, instrument, opening, openLimits } from '../kernel/support/fixtures.js';
import { intent, ScriptedStrategy } from '../kernel/support/scripted-strategy.js';
import { FakeClock, FakeExecution } from './support.js';

/** A journal that is as safe as the test says. */
class FakeJournal implements JournalPort {
  readonly kept: string[] = [];
  appended = 0;
  written = 0;
  synced = 0;
  acked = 0;
  safe = 0;
  backlogBytes = 0;
  state: JournalState = JournalState.Ok;
  standbys = 1;
  readonly wanted: number[] = [];
  append(event: KernelEvent, commands: CommandList): number {
    this.kept.push(`${nameOf(EventKind, event.kind)} ${commands.length}`);
    return ++this.appended;
  }
  want(sequence: number): void {
    this.wanted.push(sequence);
  }
  settle(): void {}
}

function bench(durability: Durability, limits: RiskLimits = openLimits) {
  const strategy = new ScriptedStrategy();
  const kernel = new Kernel({ limits, strategies: [strategy], staleAfterUs: 1e9 });
  const clock = new FakeClock();
  const execution = new FakeExecution();
  const port = new FakeJournal();
  const ticks = new TickToTrade(new MetricRegistry());
  const journal = { port, durability, backlogBytes: 1_000, maxHoldUs: 250_000 };
  const engine = new Engine(kernel, clock, [ticks], journal);
  engine.connect(execution);
  for (const event of opening([instrument()])) engine.sink(event);
  engine.sink(bookUpdate(EventKind.BookSnapshot, 0, 0, [1, 1], [[999_900, 50_000]], [[1_000_100, 50_000]]));
  port.kept.length = 0;
  port.safe = port.appended;
  return { strategy, kernel, clock, execution, engine, port, ticks };
}

const trade = (): KernelEvent => ({
  kind: EventKind.Trade,
  tsEvent: 0,
  tsInit: 0,
  instrument: 0,
  tradeId: 1,
  price: 1,
  quantity: 1,
  aggressor: Side.Buy,
});

describe('Engine with a journal', () => {
  it('keeps an event with its commands, and sends at once when orders wait for nothing', () => {
    const { engine, execution, strategy, port } = bench('async');
    strategy.on.trade = (context) => void context.submit(intent());
    engine.sink(trade());
    expect(port.kept).toEqual(['Trade 1']);
    expect(execution.asked).toEqual(['submit 1']);
  });

  it('sends an order only once its record is safe', () => {
    const { engine, execution, strategy, port } = bench('fsync-before-send');
    strategy.on.trade = (context) => void context.submit(intent());
    engine.sink(trade());
    expect(execution.asked).toEqual([]);
    expect(port.wanted).toEqual([port.appended]);
    engine.release();
    expect(execution.asked).toEqual([]);
    port.safe = port.appended;
    engine.release();
    expect(execution.asked).toEqual(['submit 1']);
  });

  it('takes what sending raises as events of their own, after what is being sent', () => {
    const { engine, execution, strategy, port, kernel } = bench('fsync-before-send');
    execution.onSubmit = ({ epoch, sequence }) =>
      engine.sink({
        ...{ kind: EventKind.SendFailed, tsEvent: 0, tsInit: 0, epoch, sequence },
        ...{ submit: true, reason: DenialReason.SUBMIT_FAILED },
      });
    strategy.on.trade = (context) => {
      context.submit(intent());
      context.submit(intent());
    };
    engine.sink(trade());
    port.safe = port.appended;
    engine.release();
    expect(execution.asked).toEqual(['submit 1', 'submit 2']);
    expect(port.kept).toEqual(['Trade 2', 'SendFailed 0', 'SendFailed 0']);
    expect(kernel.view.orders.find(7, 2)?.status).toBe(OrderStatus.Denied);
  });

  it('tells the kernel that the journal is behind, and denies new orders until it is not', () => {
    const { engine, execution, strategy, port, kernel } = bench('async');
    strategy.on.trade = (context) => void context.submit(intent());
    port.backlogBytes = 1_001;
    engine.checkJournal();
    expect(port.kept).toEqual(['JournalStatus 0']);
    engine.sink(trade());
    expect(kernel.view.orders.find(7, 1)?.status).toBe(OrderStatus.Denied);
    expect(execution.asked).toEqual([]);
    port.backlogBytes = 0;
    engine.checkJournal();
    engine.sink(trade());
    expect(execution.asked).toEqual(['submit 2']);
  });

  it('gives up orders that wait when the journal fails, and says that they were never sent', () => {
    const { engine, execution, strategy, port, kernel } = bench('fsync-before-send');
    strategy.on.trade = (context) => void context.submit(intent());
    engine.sink(trade());
    port.state = JournalState.Failed;
    engine.checkJournal();
    expect(kernel.view.orders.find(7, 1)?.status).toBe(OrderStatus.Denied);
    port.safe = port.appended;
    engine.release();
    expect(execution.asked).toEqual([]);
  });

  it('sends no order that would be in no record once the kernel broke, whatever orders wait for', () => {
    const { engine, execution, strategy, port } = bench('async');
    strategy.on.trade = (context) => void context.submit(intent());
    const base = { kind: EventKind.SessionStarted, tsEvent: 0, tsInit: 0 };
    expect(() => engine.sink({ ...base, epoch: 1, version: '', configDigest: '' })).toThrow(/fencing epoch/);
    port.kept.length = 0;
    engine.sink(trade());
    expect(port.kept).toEqual([]);
    expect(execution.asked).toEqual([]);
  });

  it('keeps nothing more once the kernel broke: a replay would not get there', () => {
    const { engine, execution, strategy, port, kernel } = bench('fsync-before-send');
    strategy.on.trade = (context) => void context.submit(intent());
    engine.sink(trade());
    port.safe = port.appended;
    engine.release();
    const lower = {
      kind: EventKind.SessionStarted,
      tsEvent: 0,
      tsInit: 0,
      epoch: 1,
      version: '',
      configDigest: '',
    };
    expect(() => engine.sink(lower)).toThrow(/fencing epoch/);
    port.kept.length = 0;
    engine.sink(trade());
    engine.sink({ kind: EventKind.StrategiesStopped, tsEvent: 0, tsInit: 0 });
    expect(port.kept).toEqual([]);
    // No new order without a record of it, but what is or may be open is still canceled.
    expect(execution.asked).toEqual(['submit 1', 'cancel 1', 'cancel 2']);
    expect(kernel.view.orders.openCount).toBeGreaterThan(0);
  });
});

describe('An order that waits for its record', () => {
  const MS = 1_000_000;

  function pass(clock: FakeClock, ms: number): void {
    clock.ns += ms * MS;
    clock.us += ms * 1_000;
  }

  it('is timed from the frame that caused it to its write, whatever came in between', () => {
    const { engine, execution, strategy, port, clock, ticks } = bench('fsync-before-send');
    execution.onSubmit = () => ticks.onSend(clock.ns);
    strategy.on.trade = (context) => void context.submit(intent());
    ticks.onFrame(clock.ns);
    engine.sink(trade());
    pass(clock, 4);
    const record = port.appended;
    strategy.on.trade = undefined;
    ticks.onFrame(clock.ns);
    engine.sink(trade());
    port.safe = record;
    pass(clock, 1);
    engine.release();
    expect([ticks.histogram.count, ticks.histogram.sum]).toEqual([1, 5 * MS]);
  });

  it('is not timed when no frame caused it, although one came while it waited', () => {
    const { engine, execution, strategy, port, clock, ticks } = bench('fsync-before-send');
    execution.onSubmit = () => ticks.onSend(clock.ns);
    strategy.on.timer = (context) => void context.submit(intent());
    engine.sink({ kind: EventKind.Timer, tsEvent: 0, tsInit: 0 });
    port.safe = port.appended;
    ticks.onFrame(clock.ns);
    engine.sink(trade());
    engine.release();
    expect(execution.asked).toEqual(['submit 1']);
    expect(ticks.histogram.count).toBe(0);
  });

  it('leaves the cause of what goes at once as it is, when it goes first', () => {
    const { engine, execution, strategy, port, clock, ticks, kernel } = bench('fsync-before-send');
    execution.onSubmit = () => ticks.onSend(clock.ns);
    execution.onCancel = () => ticks.onSend(clock.ns);
    strategy.on.trade = (context) => void context.submit(intent());
    engine.sink(trade());
    port.safe = port.appended;
    engine.release();
    ticks.onFrame(clock.ns);
    engine.sink(trade());
    port.safe = port.appended;
    pass(clock, 3);
    strategy.on.trade = (context) => void context.cancel(kernel.view.orders.find(7, 1)!);
    ticks.onFrame(clock.ns);
    engine.sink(trade());
    expect(execution.asked).toEqual(['submit 1', 'submit 2', 'cancel 1']);
    expect([ticks.histogram.count, ticks.histogram.sum]).toEqual([2, 3 * MS]);
  });

  it('is not sent once it has waited too long, however it comes to be released: a strategy may decide anew', () => {
    const { engine, execution, strategy, port, clock, kernel } = bench('fsync-before-send');
    strategy.on.trade = (context) => void context.submit(intent());
    engine.sink(trade());
    strategy.on.trade = (context) => void context.cancel(kernel.view.orders.find(7, 1)!);
    engine.sink(trade());
    port.safe = port.appended;
    pass(clock, 251);
    port.kept.length = 0;
    engine.release();
    expect(execution.asked).toEqual([]);
    expect(port.kept).toEqual(['SendFailed 0']);
    expect(kernel.view.orders.find(7, 1)?.status).toBe(OrderStatus.Denied);
  });

  it('leaves no faster than the order rate allows, whatever gathered while the journal stood still', () => {
    const orderRate = { perSecond: 100, burst: 5 };
    const { engine, execution, strategy, port, clock } = bench('fsync-before-send', {
      ...openLimits,
      orderRate,
    });
    strategy.on.trade = (context) => void context.submit(intent());
    for (let i = 0; i < 5; i++) engine.sink(trade());
    for (let i = 0; i < 10; i++) {
      pass(clock, 10);
      engine.sink(trade());
    }
    expect(execution.asked).toEqual([]);
    port.safe = port.appended;
    engine.release();
    expect(execution.asked.length).toBe(5);
    const sent: number[] = [];
    for (let i = 0; i < 10; i++) {
      pass(clock, 10);
      engine.checkJournal();
      sent.push(execution.asked.length);
    }
    expect(sent).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  });

  it('is denied for the rate once it has waited too long for that', () => {
    const orderRate = { perSecond: 1, burst: 1 };
    const { engine, execution, strategy, port, clock, kernel } = bench('fsync-before-send', {
      ...openLimits,
      orderRate,
    });
    strategy.on.trade = (context) => void context.submit(intent());
    engine.sink(trade());
    // The wall clock is put right; risk counts on it.
    clock.us += 1_000_000;
    engine.sink(trade());
    port.safe = port.appended;
    engine.release();
    expect(execution.asked).toEqual(['submit 1']);
    pass(clock, 251);
    engine.checkJournal();
    expect(execution.asked).toEqual(['submit 1']);
    expect(kernel.view.orders.find(7, 2)?.status).toBe(OrderStatus.Denied);
  });
});
