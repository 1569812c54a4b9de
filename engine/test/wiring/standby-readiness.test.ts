import { describe, expect, it } from '@jest/globals';
import { MetricRegistry } from '../../src/telemetry/index.js';
import { ReadinessFlag } from '../../src/telemetry/readiness.js';
import { StandbyReadiness } from '../../src/wiring/standby-readiness.js';

describe('StandbyReadiness', () => {
  it('is ready when the standby would take over with good books, and says why not', () => {
    const registry = new MetricRegistry();
    const said = new Map<string, string>();
    const flags = new Map<string, ReadinessFlag>();
    const readiness = (component: string) => {
      const flag =
        flags.get(component) ??
        new ReadinessFlag(component, registry, ({ ready, reason }) =>
          said.set(component, ready ? 'ready' : reason),
        );
      flags.set(component, flag);
      return flag;
    };
    const standby = new StandbyReadiness({ readiness });
    standby.check({ unwilling: 'behind the leader', instruments: 2, books: 1 });
    expect([...said]).toEqual([
      ['venue', 'standby: behind the leader'],
      ['books', 'standby: 1 of 2 books are good'],
    ]);
    standby.check({ unwilling: undefined, instruments: 2, books: 2 });
    expect([...said.values()]).toEqual(['ready', 'ready']);
    standby.check({ unwilling: 'without market data', instruments: 0, books: 0 });
    expect([...said.values()].every((word) => word.startsWith('standby: '))).toBe(true);
  });
});
