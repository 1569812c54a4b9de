import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InFlightTable, RequestKind } from '../../../src/venues/binance/in-flight.js';

describe('InFlightTable', () => {
  it('finds a request by the id it was given, and never by an older one', () => {
    const table = new InFlightTable(4);
    const first = table.acquire(RequestKind.Place)!;
    const { id } = first;
    expect(table.find(id)).toBe(first);
    table.release(first);
    expect(table.find(id)).toBeNull();
    const second = table.acquire(RequestKind.Cancel)!;
    expect(second.slot).toBe(first.slot);
    expect(second.id).not.toBe(id);
    expect(table.find(id)).toBeNull();
  });

  it('is full when it is full', () => {
    const table = new InFlightTable(2);
    const entries = [table.acquire(RequestKind.Place), table.acquire(RequestKind.Place)];
    expect(table.acquire(RequestKind.Place)).toBeNull();
    table.release(entries[0]!);
    table.release(entries[0]!);
    expect(table.size).toBe(1);
    expect(table.acquire(RequestKind.Place)).not.toBeNull();
    expect(table.acquire(RequestKind.Place)).toBeNull();
  });

  it.each([-1, Number.NaN, 1.5, Number.MAX_SAFE_INTEGER, 3])('knows nothing of id %d', (id) => {
    expect(new InFlightTable(4).find(id)).toBeNull();
  });

  it('behaves like a map from id to entry, whatever the order of answers', () => {
    const step = fc.oneof(fc.constant('send' as const), fc.nat({ max: 20 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const table = new InFlightTable(8);
        const live = new Map<number, object>();
        for (const each of steps) {
          if (each === 'send') {
            const entry = table.acquire(RequestKind.Place);
            expect(entry === null).toBe(live.size === 8);
            if (entry !== null) live.set(entry.id, entry);
          } else {
            const id = [...live.keys()][each % Math.max(1, live.size)];
            if (id === undefined) continue;
            const entry = table.find(id)!;
            expect(entry).toBe(live.get(id));
            table.release(entry);
            live.delete(id);
          }
        }
        expect(table.size).toBe(live.size);
      }),
      { numRuns: 100 },
    );
  });

  it('sweeps what is overdue and what a lost connection carried', () => {
    const table = new InFlightTable(4);
    const make = (deadlineNs: number, connection: number) =>
      Object.assign(table.acquire(RequestKind.Place)!, { deadlineNs, connection });
    const [overdue, lost, fine] = [make(5, 1), make(50, 2), make(50, 1)];
    const swept: object[] = [];
    table.sweep(10, 2, (entry) => {
      swept.push(entry);
      table.release(entry);
    });
    expect(new Set(swept)).toEqual(new Set([overdue, lost]));
    expect(table.find(fine.id)).toBe(fine);
  });
});
