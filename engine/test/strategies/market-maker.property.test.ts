import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Command, CommandKind, Side } from '../../src/domain/index.js';
import type { KernelView } from '../../src/kernel/index.js';
import { SETTINGS, Session } from '../kernel/support/session.js';

const MAX_INVENTORY = 3000;

/** What is wrong with a command at the moment it was given; empty when nothing is. */
function wrongWith(view: KernelView, command: Command): string {
  if (command.kind !== CommandKind.Submit) return '';
  const { side, price, postOnly } = command.order;
  const { bid, ask } = view.book(0);
  if (view.stopped) return 'submitted after the stop';
  if (!postOnly) return 'not post-only';
  const crosses = side === Side.Buy ? price >= ask : price <= bid;
  return crosses ? `crosses at ${price}: ${bid} × ${ask}` : '';
}

/** What is wrong with our orders and position; empty when nothing is. */
function wrongState(view: KernelView): string {
  const { openBuyQuantity, openSellQuantity, openCount } = view.orders.totals(0);
  const held = view.position(0).quantity;
  if (held + openBuyQuantity > MAX_INVENTORY) return `long ${held} + ${openBuyQuantity}`;
  if (held - openSellQuantity < -MAX_INVENTORY) return `short ${held} - ${openSellQuantity}`;
  const first = view.orders.firstOpen();
  const second = first && view.orders.nextOpen(first);
  const isDouble = openCount > 2 || (first && second && first.side === second.side);
  return isDouble ? 'two orders on one side' : '';
}

describe('MarketMaker against a troubled venue', () => {
  it('never crosses, never exceeds its inventory, never has two orders on a side, and leaves nothing behind', () => {
    const params = fc.record({
      spreadBps: fc.integer({ min: 1, max: 30 }),
      minSpreadBps: fc.integer({ min: 0, max: 4 }),
      inventorySkewBps: fc.integer({ min: 0, max: 40 }),
      repriceIntervalMs: fc.constantFrom(0, 5, 100),
      repriceThresholdBps: fc.constantFrom(0, 1, 5),
      orderTimeoutMs: fc.constantFrom(50, 1000, 60_000),
    });
    let submits = 0;
    let fills = 0;
    fc.assert(
      fc.property(fc.nat(), params, (seed, changes) => {
        const settings = { ...SETTINGS, params: { ...SETTINGS.params, ...changes } };
        const wrong: string[] = [];
        const note = (what: string) => {
          if (what !== '') wrong.push(what);
        };
        const session = new Session(seed, settings, {
          onCommand: (command) => note(wrongWith(session.kernel.view, command)),
          onApplied: () => {
            if (session.kernel.view.instruments.length > 0) note(wrongState(session.kernel.view));
          },
        });
        session.open().run(600);
        const { view } = session.kernel;
        submits += view.counters.submits;
        fills += view.orders.counters.fills;
        session.stop();
        expect(view.orders.openCount).toBe(0);
        expect(session.venue.open).toEqual([]);
        session.run(50);
        expect(view.counters.strategyFaults).toBe(0);
        expect(view.orders.counters.unknown).toBe(0);
        expect(wrong).toEqual([]);
      }),
      { numRuns: 30 },
    );
    expect(submits).toBeGreaterThan(500);
    expect(fills).toBeGreaterThan(100);
  });
});
