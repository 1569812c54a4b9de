import { describe, expect, it } from '@jest/globals';
import {
  CommandKind,
  type CommandList,
  DenialReason,
  EventKind,
  type KernelEvent,
  nameOf,
  OrderStatus,
  Side,
} from '../../src/domain/index.js';
import { Kernel } from '../../src/kernel/index.js';
import { MetricRegistry } from '../../src/telemetry/index.js';
import { Engine, type EngineObserver, TickToTrade } from '../../src/wiring/index.js';
import { bookUpdate, instrument, opening, openLimits } from '../kernel/support/fixtures.js';
import { intent, ScriptedStrategy } from '../kernel/support/scripted-strategy.js';
import { FakeClock, FakeExecution } from './support.js';

class Notes implements EngineObserver {
  readonly seen: string[] = [];
  onEvent(event: KernelEvent, commands: CommandList): void {
    const kinds = Array.from({ length: commands.length }, (_, i) => nameOf(CommandKind, commands.at(i).kind));
    this.seen.push([nameOf(EventKind, event.kind), ...kinds].join(' '));
  }
}

function bench() {
  const strategy = new ScriptedStrategy();
  const kernel = new Kernel({ limits: openLimits, strategies: [strategy], staleAfterUs: 1e9 });
  const clock = new FakeClock();
  const notes = new Notes();
  const ticks = new TickToTrade(new MetricRegistry());
  const execution = new FakeExecution();
  const engine = new Engine(kernel, clock, [notes, ticks]);
  engine.connect(execution);
  for (const event of opening([instrument()])) engine.sink(event);
  engine.sink(bookUpdate(EventKind.BookSnapshot, 0, 0, [1, 1], [[999_900, 50_000]], [[1_000_100, 50_000]]));
  notes.seen.length = 0;
  return { strategy, kernel, clock, notes, execution, engine, ticks };
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

describe('Engine', () => {
  it('stamps an event with its own clock before anybody sees it', () => {
    const { engine, clock, kernel } = bench();
    clock.us += 777;
    const event = trade();
    engine.sink(event);
    expect(event.tsInit).toBe(clock.us);
    expect(kernel.view.now).toBe(clock.us);
  });

  it('lets a refusal raised while sending wait until the kernel is free, and keeps the order of things', () => {
    const { engine, execution, strategy, notes, kernel } = bench();
    execution.onSubmit = ({ epoch, sequence }) =>
      engine.sink({
        kind: EventKind.SendFailed,
        tsEvent: 0,
        tsInit: 0,
        epoch,
        sequence,
        submit: true,
        reason: DenialReason.SUBMIT_FAILED,
      });
    strategy.on.trade = (context) => {
      context.submit(intent());
      context.submit(intent());
    };
    engine.sink(trade());
    // Both commands went out before the first refusal was applied: a list is valid until the next event.
    expect(execution.asked).toEqual(['submit 1', 'submit 2']);
    expect(notes.seen).toEqual(['Trade Submit Submit', 'SendFailed', 'SendFailed']);
    expect(kernel.view.orders.find(7, 1)?.status).toBe(OrderStatus.Denied);
  });

  it('shows an event to a simulated market before the strategy can act on it', () => {
    const { engine, execution, strategy } = bench();
    const order: string[] = [];
    engine.connect(execution, {
      onMarketEvent: (event) => order.push(`market ${nameOf(EventKind, event.kind)}`),
    });
    strategy.on.trade = () => order.push('strategy');
    engine.sink(trade());
    expect(order).toEqual(['market Trade', 'strategy']);
  });

  it('is free again after something threw', () => {
    const { engine, execution, strategy, notes } = bench();
    execution.onSubmit = () => {
      throw new Error('a port must never throw');
    };
    strategy.on.trade = (context) => void context.submit(intent());
    expect(() => engine.sink(trade())).toThrow('a port must never throw');
    strategy.on.trade = undefined;
    notes.seen.length = 0;
    engine.sink(trade());
    expect(notes.seen).toEqual(['Trade']);
  });

  it('hears nothing once it is closed', () => {
    const { engine, notes } = bench();
    engine.close();
    engine.sink(trade());
    expect(notes.seen).toEqual([]);
  });
});

describe('TickToTrade', () => {
  it('counts from the frame to the write, for what the frame caused', () => {
    const { engine, ticks, clock } = bench();
    ticks.onFrame(clock.ns);
    engine.sink(trade());
    ticks.onSend(clock.ns + 5_000);
    expect(ticks.histogram.count).toBe(1);
    expect(ticks.histogram.sum).toBe(5_000);
  });

  it('counts nothing that a timer, an answer, a snapshot or an old frame caused', () => {
    const { engine, ticks, clock } = bench();
    const send = () => ticks.onSend(clock.ns + 5_000);
    send();
    ticks.onFrame(clock.ns);
    engine.sink({ kind: EventKind.Timer, tsEvent: 0, tsInit: 0 });
    send();
    ticks.onFrame(clock.ns);
    engine.sink(bookUpdate(EventKind.BookSnapshot, 0, 0, [5, 5], [[1, 1]], [[2, 1]]));
    send();
    // What was buffered behind the snapshot came with frames long past.
    engine.sink(bookUpdate(EventKind.BookDelta, 0, 0, [6, 6], [[1, 2]], []));
    send();
    expect(ticks.histogram.count).toBe(0);
  });
});
