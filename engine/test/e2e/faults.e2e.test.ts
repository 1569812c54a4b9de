import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CLIENT_ORDER_ID_FORMATS,
  formatAmount,
  parseAmount,
  parseClientOrderId,
} from '../../src/domain/index.js';
import {
  createSimulator,
  type Fault,
  faultSchema,
  type RunningSimulator,
} from '../../src/simulator/index.js';
import { EngineProcess, eventually, itBuilt, temporaryFolder } from './support/engine-process.js';
import { SCENARIOS, says } from './support/fault-scenarios.js';
import { Metrics } from './support/metrics.js';
import { credentialVariables, writeConfig } from './support/session-config.js';
import { readSession, type SessionRecord } from './support/session-record.js';
import { VenueAccount, type VenueOrder, type VenueTrade } from './support/venue-account.js';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const TEST_MS = 90_000;

it('the scenarios below cover every kind of fault the simulator commits', () => {
  const covered = new Set(SCENARIOS.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
  expect([...covered].sort()).toEqual(faultSchema.options.map(({ shape }) => shape.kind.value).sort());
});

describe('an engine under a venue that fails in every way it can', () => {
  const folder = temporaryFolder();
  const record = join(folder, 'session.events');
  const summaryPath = join(folder, 'summary.json');
  let simulator: RunningSimulator;
  let account: VenueAccount;
  let before: Map<string, bigint>;
  let engine: EngineProcess;
  let metricsUrl: string;
  let configPath: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    simulator = await createSimulator({
      demo: { balances: { BTC: '10', ETH: '200', USDT: '1000000' }, makerBps: 1, takerBps: 5 },
      flow: { seed: 11, tickMs: 20, eventsPerSecond: 60 },
      limits: { ordersPer10Seconds: 2_000, weightPerMinute: 60_000 },
    });
    account = new VenueAccount(simulator);
    before = await account.balances();
    configPath = writeConfig(folder, simulator, { log: { file: join(folder, 'engine.log') } });
    env = credentialVariables(simulator);
    engine = new EngineProcess(
      ['paper', '--config', configPath, '--record', record, '--summary-json', summaryPath],
      { cwd: folder, env },
    );
  }, TEST_MS);

  afterAll(async () => {
    if (engine.running) engine.kill('SIGKILL');
    await engine.ended;
    await simulator.close();
  });

  const scrape = () => Metrics.scrape(metricsUrl);

  /** Up on all connections, books valid, and from now on orders of both symbols sent and acknowledged. */
  async function trading(): Promise<void> {
    await eventually('ready', async () => (await fetch(metricsUrl.replace('/metrics', '/ready'))).ok);
    const since = engine.lines.length;
    const acked = (await scrape()).sum('tradewind_orders_total', { outcome: 'acked' });
    await Promise.all(
      SYMBOLS.map((symbol) =>
        engine.untilLogged(`an order of ${symbol}`, says(`${symbol} order sent`), since),
      ),
    );
    await eventually('orders acknowledged, all connections up, all books valid', async () => {
      const now = await scrape();
      return (
        now.sum('tradewind_orders_total', { outcome: 'acked' }) >= acked + 2 &&
        now.sum('tradewind_connection_up') === 3 &&
        now.sum('tradewind_book_valid') === SYMBOLS.length &&
        now.sum('tradewind_trading_state', { state: 'active' }) === 1
      );
    });
  }

  itBuilt(
    'trades',
    async () => {
      const line = await engine.untilLogged('telemetry', says('telemetry is up'));
      metricsUrl = String(line.metrics);
      await trading();
    },
    TEST_MS,
  );

  for (const { name, faults, metric, log } of SCENARIOS) {
    itBuilt(
      `recovers from ${name}, and shows it`,
      async () => {
        const since = engine.lines.length;
        const [series, labels] = metric;
        const count = (await scrape()).sum(series, labels);
        await inject(simulator, faults);
        await eventually(`${series} grows`, async () => (await scrape()).sum(series, labels) > count);
        await engine.untilLogged(`a line about ${name}`, log, since);
        await trading();
        // What stands until it is told to end, ends; and that is a change to recover from as well.
        if (simulator.control.clearFaults() > 0) await trading();
        expect(engine.running).toBe(true);
      },
      TEST_MS,
    );
  }

  itBuilt(
    'gives up an order the venue never saw once it provably cannot come',
    async () => {
      await engine.untilLogged(
        'a definitive answer',
        says('the venue does not know the order', { definitive: true }),
      );
      await eventually(
        'no order in doubt',
        async () => (await scrape()).sum('tradewind_orders_in_flight') === 0,
      );
    },
    TEST_MS,
  );

  describe('at the end', () => {
    let record_: SessionRecord;
    let orders: VenueOrder[];
    let trades: Map<string, VenueTrade[]>;
    let summary: {
      orders: Record<string, number>;
      fills: number;
      instruments: Record<string, { position: string; bought: string; sold: string; fills: number }>;
      fees: Record<string, string>;
      stateHash: string;
    };

    itBuilt(
      'SIGINT leaves no order behind and ends with 0 within 5 s',
      async () => {
        const began = performance.now();
        engine.kill('SIGINT');
        const ended = await engine.end();
        const tookMs = performance.now() - began;
        expect({ ...ended, stderr: engine.stderr }).toEqual({
          code: 0,
          signal: null,
          stderr: expect.stringContaining('none of our orders is open at the venue'),
        });
        expect(tookMs).toBeLessThan(5_000);
        expect(await account.openOrders()).toEqual([]);
        summary = JSON.parse(readFileSync(summaryPath, 'utf8')) as typeof summary;
        record_ = readSession(record, configPath, env);
        orders = (await Promise.all(SYMBOLS.map((symbol) => account.allOrders(symbol)))).flat();
        trades = new Map(
          await Promise.all(SYMBOLS.map(async (symbol) => [symbol, await account.trades(symbol)] as const)),
        );
      },
      TEST_MS,
    );

    itBuilt('the record replays to the same commands and the same state', () => {
      expect(record_.differences).toBe(0);
      expect(record_.stateHash).toBe(summary.stateHash);
    });

    itBuilt(
      'no order was sent, or left resting, on a book not to be trusted, and none crossed the market',
      () => {
        expect(record_.untrusted).toEqual([]);
        const sent = new Map(record_.sent.map(({ sequence, symbol }) => [sequence, symbol]));
        // Every order the venue has was decided in the record, so what holds there holds of all of them.
        for (const { clientOrderId, symbol, type } of orders) {
          const id = parseClientOrderId(CLIENT_ORDER_ID_FORMATS.binance, clientOrderId);
          if (id === undefined) continue; // The name a cancel gave its order.
          expect({ clientOrderId, symbol: sent.get(id.sequence), type }).toEqual({
            clientOrderId,
            symbol,
            type: 'LIMIT_MAKER',
          });
        }
      },
    );

    itBuilt('no order ever took liquidity', () => {
      const all = [...trades.values()].flat();
      expect(all.length).toBeGreaterThan(0);
      expect(all.filter(({ isMaker }) => !isMaker)).toEqual([]);
    });

    itBuilt("the summary is the venue's truth about the account, to the last digit", async () => {
      const fills = [...trades.values()].flat();
      const filled = orders.filter(({ status }) => status === 'FILLED').length;
      expect({
        acked: summary.orders.acked,
        filled: summary.orders.filled,
        fills: summary.fills,
      }).toEqual({ acked: orders.length, filled, fills: fills.length });

      const after = await account.balances();
      const delta = (asset: string) => formatAmount((after.get(asset) ?? 0n) - (before.get(asset) ?? 0n));
      const fee = (asset: string) => parseAmount(summary.fees[asset] ?? '0');
      const { view } = record_;
      let cash = 0n;
      for (const { index, symbol, base } of view.instruments) {
        const own = trades.get(symbol)!;
        const total = (isBuyer: boolean) =>
          own
            .filter((trade) => trade.isBuyer === isBuyer)
            .reduce((sum, { qty }) => sum + parseAmount(qty), 0n);
        const told = summary.instruments[symbol]!;
        expect({
          symbol,
          fills: told.fills,
          bought: parseAmount(told.bought),
          sold: parseAmount(told.sold),
          position: parseAmount(told.position),
        }).toEqual({
          symbol,
          fills: own.length,
          bought: total(true),
          sold: total(false),
          position: total(true) - total(false),
        });
        expect({ base, delta: delta(base) }).toEqual({
          base,
          delta: formatAmount(parseAmount(told.position) - fee(base)),
        });
        cash += view.position(index).cashFlow;
      }
      expect(delta('USDT')).toBe(formatAmount(cash - fee('USDT')));
    });

    itBuilt('every order came to an end that is accounted for', () => {
      const { sent, acked, rejected, filled, canceled, expired } = summary.orders as Record<string, number>;
      expect(filled! + canceled! + expired! + rejected!).toBeGreaterThanOrEqual(acked!);
      expect(sent).toBeGreaterThanOrEqual(acked! + rejected!);
      expect(record_.view.orders.openCount).toBe(0);
      expect(record_.sent.length).toBe(sent);
    });

    it('nothing but JSON lines came out', () => {
      expect(engine.noise).toEqual([]);
      expect(engine.logged(({ level }) => level === 'fatal')).toBeUndefined();
    });
  });
});

/** Orders come and go: what needs one open is tried until there is one. */
async function inject(simulator: RunningSimulator, faults: readonly Fault[]): Promise<void> {
  for (const fault of faults) {
    await eventually(`${fault.kind} can be injected`, () => {
      try {
        return simulator.control.inject(fault);
      } catch {
        return undefined;
      }
    });
  }
}
