import { describe, expect, it } from '@jest/globals';
import { EventKind, JournalState, type KernelEvent } from '../../src/domain/index.js';
import { Kernel } from '../../src/kernel/index.js';
import { type Logger, MetricRegistry } from '../../src/telemetry/index.js';
import { AccountObserver } from '../../src/wiring/account-observer.js';
import { instrument, opening, openLimits } from '../kernel/support/fixtures.js';
import { ScriptedStrategy } from '../kernel/support/scripted-strategy.js';

function bench() {
  const lines: string[] = [];
  const say = (level: string) => (message: string, fields?: object) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const logger = {
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    child: () => logger,
  } as unknown as Logger;
  const strategy = new ScriptedStrategy();
  const kernel = new Kernel({ limits: openLimits, strategies: [strategy], staleAfterUs: 1e9 });
  const registry = new MetricRegistry();
  const observer = new AccountObserver(registry, logger, kernel.view);
  const feed = (event: KernelEvent) => {
    kernel.apply(event);
    observer.onEvent(event);
  };
  for (const event of opening([instrument()])) feed(event);
  const balance = (free: bigint) =>
    feed({ kind: EventKind.Balance, tsEvent: 1, tsInit: 1, venue: 0, asset: 'USDT', free, locked: 0n });
  const reconciled = () =>
    feed({ kind: EventKind.Reconciled, tsEvent: 1, tsInit: 1, venue: 0, lastTradeIds: ['0'] });
  const count = (name: string) => registry.counter(name, helpOf(registry, name)).value;
  return { lines, feed, balance, reconciled, count, strategy };
}

const helpOf = (registry: MetricRegistry, name: string) =>
  registry.layout().metrics.find((each) => each.name === name)!.help;

const UNIT = 10n ** 18n;

describe('AccountObserver', () => {
  it('tells a balance that nothing explains, once, and what it should have been', () => {
    const { lines, balance, reconciled, count } = bench();
    balance(1_000n * UNIT);
    reconciled();
    reconciled();
    expect(lines).toEqual([]);
    balance(900n * UNIT);
    reconciled();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('error a balance is not what our fills, fees and transfers make of it');
    expect(JSON.parse(lines[0]!.slice(lines[0]!.indexOf('{')))).toEqual({
      asset: 'USDT',
      drift: '-100',
      total: '900',
      expected: '1000',
    });
    reconciled();
    expect(lines).toHaveLength(1);
    expect(count('tradewind_balance_drift_alarms_total')).toBe(1);
    expect(count('tradewind_balance_comparisons_total')).toBe(4);
  });

  it('says nothing of money that came by a transfer it was told of', () => {
    const { lines, feed, balance, reconciled } = bench();
    balance(1_000n * UNIT);
    reconciled();
    feed({
      kind: EventKind.BalanceTransfer,
      tsEvent: 2,
      tsInit: 2,
      venue: 0,
      asset: 'USDT',
      amount: 50n * UNIT,
    });
    balance(1_050n * UNIT);
    reconciled();
    expect(lines).toEqual([]);
  });

  it('tells when the journal falls behind and when it is well again', () => {
    const { lines, feed } = bench();
    feed({ kind: EventKind.JournalStatus, tsEvent: 0, tsInit: 1, state: JournalState.Backlog });
    feed({ kind: EventKind.JournalStatus, tsEvent: 0, tsInit: 2, state: JournalState.Ok });
    expect(lines.map((line) => line.split(' {')[0])).toEqual([
      'error the journal does not keep up: new orders are denied, cancels pass',
      'info the journal keeps up: new orders are allowed',
    ]);
  });

  it('says that a strategy which had ended begins afresh', () => {
    const { lines, feed, strategy } = bench();
    strategy.on.trade = () => {
      throw new Error('broken');
    };
    feed({
      ...{ kind: EventKind.Trade, tsEvent: 0, tsInit: 3, instrument: 0, tradeId: 1 },
      ...{ price: 1, quantity: 1, aggressor: 1 },
    } as KernelEvent);
    feed({ kind: EventKind.SessionStarted, tsEvent: 0, tsInit: 4, epoch: 8, version: '', configDigest: '' });
    expect(lines.map((line) => line.split(' {')[0])).toEqual([
      'warn strategies that had ended begin afresh; their open orders are canceled',
    ]);
  });
});
