import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  DenialReason,
  EventKind,
  type KernelEvent,
  OrderStatus,
  TradingState,
} from '../../src/domain/index.js';
import { Kernel } from '../../src/kernel/index.js';
import { nullLogger } from '../../src/telemetry/index.js';
import { SwitchKeeper, TradingSwitch } from '../../src/wiring/index.js';
import { bookUpdate, instrument, opening, openLimits, START } from '../kernel/support/fixtures.js';
import { intent, ScriptedStrategy } from '../kernel/support/scripted-strategy.js';
import { FakeClock } from './support.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('TradingSwitch', () => {
  it('is active without a file, and tells a change once', () => {
    const file = new TradingSwitch(folder);
    expect(file.poll()).toBeUndefined();
    new TradingSwitch(folder).set({ state: TradingState.Halted, who: 'ann', why: 'odd fills' }, START);
    expect(file.poll()).toEqual({ state: TradingState.Halted, who: 'ann', why: 'odd fills' });
    expect(file.poll()).toBeUndefined();
    rmSync(file.path);
    expect(file.poll()?.state).toBe(TradingState.Active);
  });

  it('outlives the process that set it, leaves no draft, and does not tell its own setting back', () => {
    const file = new TradingSwitch(join(folder, 'deep'));
    file.set({ state: TradingState.Reducing, who: 'engine', why: '' }, START);
    expect(file.poll()).toBeUndefined();
    expect(new TradingSwitch(join(folder, 'deep')).poll()?.state).toBe(TradingState.Reducing);
    expect(readdirSync(join(folder, 'deep'))).toEqual(['trading-state.json']);
  });

  it.each(['', '{}', 'halt', '{"state":"maybe","who":"","why":"","at":""}', '[1]'])(
    'takes a file it cannot understand for a halt: %j',
    (text) => {
      const file = new TradingSwitch(folder);
      writeFileSync(file.path, text === '' ? ' ' : text);
      expect(file.poll()).toMatchObject({ state: TradingState.Halted, who: 'engine' });
    },
  );
});

describe('SwitchKeeper', () => {
  function bench(maxDailyLoss?: bigint) {
    const strategy = new ScriptedStrategy();
    const limits = { ...openLimits, ...(maxDailyLoss !== undefined && { maxDailyLoss }) };
    const kernel = new Kernel({ limits, strategies: [strategy], staleAfterUs: 1e12 });
    const clock = new FakeClock();
    for (const event of opening([instrument()])) kernel.apply(event);
    kernel.apply(bookUpdate(EventKind.BookSnapshot, START, 0, [1, 1], [[999_900, 500]], [[1_000_100, 500]]));
    const sent: KernelEvent[] = [];
    const sink = (event: KernelEvent) => {
      sent.push(event);
      kernel.apply({ ...event, tsInit: clock.us });
    };
    const keeper = new SwitchKeeper(new TradingSwitch(folder), kernel.view, sink, clock, nullLogger);
    const submit = () => {
      let status: OrderStatus = OrderStatus.Initialized;
      strategy.on.trade = (context) => {
        status = context.submit(intent()).status;
      };
      const { Trade } = EventKind;
      const trade = { tradeId: 1, price: 1, quantity: 1, aggressor: 0 } as const;
      kernel.apply({ kind: Trade, tsEvent: 0, tsInit: clock.us, instrument: 0, ...trade });
      return status;
    };
    return { kernel, keeper, sent, submit, file: new TradingSwitch(folder) };
  }

  it('turns a decision in the file into an event, and back', () => {
    const { keeper, file, kernel, submit, sent } = bench();
    keeper.check();
    expect(submit()).toBe(OrderStatus.Submitted);
    file.set({ state: TradingState.Halted, who: 'ann', why: 'odd fills' }, START);
    keeper.check();
    keeper.check();
    expect(kernel.view.tradingState).toBe(TradingState.Halted);
    expect(kernel.view.haltWhy).toBe('odd fills');
    expect(submit()).toBe(OrderStatus.Denied);
    file.set({ state: TradingState.Active, who: 'bob', why: 'looked at it' }, START);
    keeper.check();
    expect(submit()).toBe(OrderStatus.Submitted);
    expect(sent).toHaveLength(2);
  });

  describe('on a kernel with a history', () => {
    const halted = { kind: EventKind.TradingStateSet, tsEvent: 0, state: TradingState.Halted, who: 'engine' };

    /** A keeper that begins with a kernel that is halted, as after a restart or a takeover. */
    function restarted() {
      const first = bench();
      first.kernel.apply({ ...halted, tsInit: START + 5_000_000, why: 'daily loss' } as KernelEvent);
      const { kernel, sent, file } = first;
      const clock = new FakeClock();
      const sink = (event: KernelEvent) => {
        sent.push(event);
        kernel.apply({ ...event, tsInit: START + 9_000_000 });
      };
      const keeper = new SwitchKeeper(new TradingSwitch(folder), kernel.view, sink, clock, nullLogger);
      return { kernel, file, keeper };
    }

    it('counts what a person decided since the history ends', () => {
      const { keeper, file, kernel } = restarted();
      file.set({ state: TradingState.Active, who: 'bob', why: 'looked at it' }, START + 6_000_000);
      keeper.check();
      keeper.check();
      expect(kernel.view.tradingState).toBe(TradingState.Active);
    });

    it('stays halted over a file that is older, and stores the halt', () => {
      const { keeper, file, kernel } = restarted();
      file.set({ state: TradingState.Active, who: 'bob', why: 'last week' }, START);
      keeper.check();
      keeper.check();
      expect(kernel.view.tradingState).toBe(TradingState.Halted);
      expect(new TradingSwitch(folder).poll()).toMatchObject({
        state: TradingState.Halted,
        why: 'daily loss',
      });
    });

    it('stores a halt where there is no file', () => {
      restarted().keeper.check();
      expect(new TradingSwitch(folder).poll()?.state).toBe(TradingState.Halted);
    });

    it('halts for a file of whatever age', () => {
      const { keeper, file, kernel } = bench();
      file.set({ state: TradingState.Halted, who: 'ann', why: 'odd fills' }, START - 60_000_000);
      keeper.check();
      expect(kernel.view.tradingState).toBe(TradingState.Halted);
    });
  });

  it('stores what a breaker decided, so that a restart does not trade again', () => {
    const first = bench();
    first.kernel.apply({
      kind: EventKind.TradingStateSet,
      tsEvent: 0,
      tsInit: START,
      state: TradingState.Halted,
      who: 'breaker',
      why: 'daily loss',
    });
    first.keeper.check();
    const second = bench();
    second.keeper.check();
    expect(second.kernel.view.tradingState).toBe(TradingState.Halted);
    expect(second.kernel.view.haltReason).toBe(DenialReason.TRADING_HALTED);
    expect(second.submit()).toBe(OrderStatus.Denied);
  });
});
