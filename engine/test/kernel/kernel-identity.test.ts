import { describe, expect, it } from '@jest/globals';
import {
  ConnectionState,
  EventKind,
  parseAmount,
  StateHash,
  TradingState,
  VenueChannel,
} from '../../src/domain/index.js';
import { Kernel } from '../../src/kernel/index.js';
import { InstrumentDesk } from '../../src/kernel/instrument-desk.js';
import { Bench, SECOND } from './support/bench.js';
import { bookUpdate, instrument, opening, openLimits, START } from './support/fixtures.js';

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

  it('hashes what an instrument was defined as', () => {
    const hashes = [{}, { minNotional: parseAmount('6') }, { sizeIncrement: 10 }, { symbol: 'BTCUSDC' }].map(
      (changes) => {
        const kernel = new Kernel({ limits: openLimits, strategies: [], staleAfterUs: SECOND });
        for (const event of opening([instrument(0, changes)])) kernel.apply(event);
        return kernel.stateHash();
      },
    );
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('hashes the mark last taken from a book: by it the next one counts or not', () => {
    const digestOf = (marks: boolean) => {
      const desk = new InstrumentDesk(instrument());
      desk.book.apply(bookUpdate(EventKind.BookSnapshot, START, 0, [1, 1], [[100, 5]], [[101, 5]]));
      if (marks) desk.takeMark();
      const hash = new StateHash();
      desk.hashInto(hash);
      return hash.digest();
    };
    expect(digestOf(true)).not.toBe(digestOf(false));
    expect(digestOf(true)).toBe(digestOf(true));
  });

  it('refuses to give commands it does not have', () => {
    const bench = new Bench();
    const commands = bench.kernel.apply({ kind: EventKind.Timer, tsEvent: 0, tsInit: START });
    expect(commands.length).toBe(0);
    expect(() => commands.at(0)).toThrow(/no command 0 of 0/);
  });
});
