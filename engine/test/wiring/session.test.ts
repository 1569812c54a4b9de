import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import { parseConfig } from '../../src/config/index.js';
import {
  ConnectionState,
  EventKind,
  type EventSink,
  type InstrumentSpec,
  VenueChannel,
} from '../../src/domain/index.js';
import { readEventLog } from '../../src/journal/index.js';
import { Kernel } from '../../src/kernel/index.js';
import { startTelemetry, type Telemetry } from '../../src/telemetry/index.js';
import type { MarketDataPort } from '../../src/venues/index.js';
import {
  makeKernel,
  SessionError,
  sessionEpoch,
  TickToTrade,
  TradingSession,
} from '../../src/wiring/index.js';
import { itBuilt, temporaryFolder } from '../e2e/support/engine-process.js';
import { bookUpdate, instrument, opening, openLimits, START, spec } from '../kernel/support/fixtures.js';
import { intent, ScriptedStrategy } from '../kernel/support/scripted-strategy.js';
import { FakeClock, FakeExecution } from './support.js';

/** Market data that notes what it was told to do, and loads instruments when the test says so. */
class FakeMarketData implements MarketDataPort {
  readonly asked: string[] = [];
  load: () => Promise<InstrumentSpec[]> = async () => [spec];
  sink: EventSink = () => {};
  async loadInstruments(): Promise<InstrumentSpec[]> {
    this.asked.push('load');
    return this.load();
  }
  async start(_: unknown, sink: EventSink): Promise<void> {
    this.asked.push('start');
    this.sink = sink;
  }
  async stop(): Promise<void> {
    this.asked.push('stop');
  }
}

class StartableExecution extends FakeExecution {
  override async start(): Promise<void> {
    this.asked.push('start');
  }
}

describe('TradingSession', () => {
  let folder: string;
  let telemetry: Telemetry;
  let marketData: FakeMarketData;
  let execution: StartableExecution;

  beforeEach(async () => {
    folder = temporaryFolder();
    telemetry = await startTelemetry({});
    marketData = new FakeMarketData();
    execution = new StartableExecution();
  });
  afterEach(async () => {
    await telemetry.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A kernel that knows of one open order. */
  function openHistory(): Kernel {
    const strategy = new ScriptedStrategy();
    const kernel = new Kernel({ limits: openLimits, strategies: [strategy], staleAfterUs: 1e12 });
    for (const event of opening([instrument()])) kernel.apply(event);
    kernel.apply(bookUpdate(EventKind.BookSnapshot, START, 0, [1, 1], [[999_900, 500]], [[1_000_100, 500]]));
    strategy.on.trade = (context) => void context.submit(intent());
    const trade = { tradeId: 1, price: 1, quantity: 1, aggressor: 0 } as const;
    kernel.apply({ kind: EventKind.Trade, tsEvent: 0, tsInit: START, instrument: 0, ...trade });
    return kernel;
  }

  function sessionWith(settings: object = {}, history?: Kernel): TradingSession {
    const yaml = JSON.stringify({
      venue: { symbols: ['BTCUSDT'] },
      session: { stateDir: join(folder, 'state'), ...settings },
    });
    const config = parseConfig(Buffer.from(yaml));
    return new TradingSession({
      config,
      kernel: history ?? makeKernel(config),
      takeEpoch: () => sessionEpoch(config, new FakeClock().nowUs()),
      configDigest: 'none',
      version: 'test',
      telemetry,
      clock: new FakeClock(),
      marketData,
      execution,
      tickToTrade: new TickToTrade(telemetry.registry),
    });
  }

  itBuilt('starts order entry before market data, and asks the venue before it ends', async () => {
    const session = sessionWith();
    await session.start();
    expect([marketData.asked, execution.asked]).toEqual([['load', 'start'], ['start']]);
    const { shutdown } = await session.stop();
    expect(shutdown).toMatchObject({ verified: true, left: [] });
    expect(execution.asked).toEqual(['start', 'openOrders']);
    expect(marketData.asked).toEqual(['load', 'start', 'stop']);
  });

  itBuilt('asked to stop while it starts, it goes no further, and has nothing to verify', async () => {
    let loaded: (specs: InstrumentSpec[]) => void = () => {};
    marketData.load = () =>
      new Promise((resolve) => {
        loaded = resolve;
      });
    const session = sessionWith();
    const starting = session.start();
    const { shutdown, summary } = await session.stop();
    loaded([spec]);
    await starting;
    expect(shutdown).toEqual({ verified: true, left: [], detail: 'no order was ever sent' });
    expect(summary.orders.sent).toBe(0);
    expect(execution.asked).toEqual([]);
    expect(marketData.asked).not.toContain('start');
  });

  itBuilt('does not call it verified when orders of an earlier run may be open', async () => {
    marketData.load = () => new Promise(() => {});
    const session = sessionWith({}, openHistory());
    void session.start();
    const { shutdown } = await session.stop();
    expect(shutdown).toMatchObject({
      verified: false,
      detail: expect.stringContaining('1 of an earlier run'),
    });
    expect(execution.asked).toEqual([]);
  });

  itBuilt('says which setting it was when the venue does not give its instruments', async () => {
    marketData.load = async () => {
      throw new Error('no such symbol');
    };
    const session = sessionWith();
    const failure = await session.start().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SessionError);
    expect(String(failure)).toMatch(/venue\.symbols: cannot be loaded from the venue: no such symbol/);
    await session.stop();
  });

  itBuilt('what arrives after the end is neither in the summary nor in the record', async () => {
    const recordTo = join(folder, 'session.events');
    const session = sessionWith({ recordTo });
    await session.start();
    const { sink } = marketData;
    const { summary } = await session.stop();
    const told = [...readEventLog(recordTo)];
    expect(told.map(({ event }) => event.kind)).toEqual([
      EventKind.SessionStarted,
      EventKind.InstrumentDefined,
      ...told.filter(({ event }) => event.kind === EventKind.Timer).map(() => EventKind.Timer),
      EventKind.StrategiesStopped,
    ]);
    sink({
      kind: EventKind.Connection,
      tsEvent: 0,
      tsInit: 0,
      venue: 0,
      channel: VenueChannel.MarketData,
      state: ConnectionState.Down,
    });
    expect((await session.stop()).summary.stateHash).toBe(summary.stateHash);
  });
});
