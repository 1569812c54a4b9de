import { describe, expect, it } from '@jest/globals';
import { ConnectionState, EventKind, TradingState, VenueChannel } from '../../src/domain/index.js';
import { Bench, SECOND } from './support/bench.js';
import { START } from './support/fixtures.js';

describe('Kernel time and identity', () => {
  it('never goes back, and a lower epoch is fatal', () => {
    const bench = new Bench();
    bench.timer(SECOND);
    bench.now -= 10 * SECOND;
    bench.timer();
    expect(bench.view.now).toBe(START + SECOND);
    expect(() =>
      bench.apply({ kind: EventKind.SessionStarted, epoch: 6, version: '', configDigest: '' }),
    ).toThrow(/epoch/);
  });

  it('hashes differently after every event that matters', () => {
    const bench = new Bench();
    const seen = new Set([bench.kernel.stateHash()]);
    const order = bench.submit();
    const steps: (() => void)[] = [
      () => bench.accept(order),
      () => bench.fill(order, 1),
      () => bench.book(9_000_00),
      () => bench.timer(1),
      () => bench.connection(VenueChannel.User, ConnectionState.Down),
      () => bench.apply({ kind: EventKind.Balance, venue: 0, asset: 'BTC', free: 1n, locked: 0n }),
      () => bench.state(TradingState.Reducing),
      () => bench.apply({ kind: EventKind.StrategiesStopped }),
    ];
    for (const step of steps) {
      step();
      seen.add(bench.kernel.stateHash());
    }
    expect(seen.size).toBe(steps.length + 1);
  });

  it('refuses to give commands it does not have', () => {
    const bench = new Bench();
    const commands = bench.kernel.apply({ kind: EventKind.Timer, tsEvent: 0, tsInit: START });
    expect(commands.length).toBe(0);
    expect(() => commands.at(0)).toThrow(/no command 0 of 0/);
  });
});
