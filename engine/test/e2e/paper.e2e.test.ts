import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import type { SessionSummary } from '../../src/backtest/index.js';
import { parseAmount } from '../../src/domain/index.js';
import {
  alive,
  EngineProcess,
  eventually,
  itBuilt,
  type LogLine,
  run,
  temporaryFolder,
} from './support/engine-process.js';

const TEST_MS = 90_000;
const ON_ANY_PORT = ['--metrics-port', '0'];

const is = (msg: string) => (line: LogLine) => line.msg === msg;

/** `tradewind paper` with its own simulator, until it has had orders acknowledged. */
async function trading(args: readonly string[] = []): Promise<EngineProcess> {
  const engine = new EngineProcess(['paper', ...ON_ANY_PORT, ...args], { cwd: temporaryFolder() });
  await engine.untilLogged('a valid book', is('book valid'));
  return engine;
}

/** The simulator's process, as the engine names it. */
async function simulatorOf(engine: EngineProcess): Promise<number> {
  const { process: pid } = await engine.untilLogged('the simulator', is('simulated venue is up'));
  return Number(pid);
}

async function expectOrderlyEnd(engine: EngineProcess): Promise<void> {
  const ended = await engine.end();
  expect({ ...ended, stderr: engine.stderr }).toEqual({
    code: 0,
    signal: null,
    stderr: expect.stringMatching(/^\nsummary\n.*\n {2}shutdown /s),
  });
  expect(engine.noise).toEqual([]);
  expect(engine.logged(is('summary'))).toBeDefined();
  const { process: pid } = engine.logged(is('simulated venue is up')) ?? { process: undefined };
  if (pid !== undefined) await eventually('the simulator is gone', () => !alive(Number(pid)));
}

describe('tradewind paper', () => {
  itBuilt(
    'trades for as long as it is told and sums up, the same in the file, the log and for people',
    async () => {
      const folder = temporaryFolder();
      const path = join(folder, 'summary.json');
      const engine = await run(['paper', '--for', '4s', '--summary-json', path, ...ON_ANY_PORT], {
        cwd: folder,
        env: { TRADEWIND_SESSION__WARM_UP: 'true' },
      });
      await expectOrderlyEnd(engine);
      const order = engine.lines.map(({ msg }) => msg);
      expect(order.indexOf('warmed up')).toBeGreaterThan(-1);
      expect(order.indexOf('warmed up')).toBeLessThan(order.indexOf('session started'));
      expect(engine.stderr).toMatch(/none of our orders is open at the venue/);

      const summary = JSON.parse(readFileSync(path, 'utf8')) as SessionSummary;
      expect(engine.logged(is('summary'))!.summary).toEqual(summary);
      expect(summary).toMatchObject({
        messages: expect.any(Number),
        bookUpdates: expect.any(Number),
        orders: {
          sent: expect.any(Number),
          acked: expect.any(Number),
          filled: expect.any(Number),
          canceled: expect.any(Number),
          denied: expect.any(Number),
          rejected: expect.any(Number),
        },
        fillRatio: expect.any(Number),
        position: { BTCUSDT: expect.any(String), ETHUSDT: expect.any(String) },
        pnl: { realized: expect.any(String), unrealized: expect.any(String) },
        fees: expect.any(Object),
        tickToTradeUs: { p50: expect.any(Number), p99: expect.any(Number), p999: expect.any(Number) },
      });

      const { orders, pnl, instruments, fillRatio, tickToTradeUs } = summary;
      expect(orders.acked).toBeGreaterThan(0);
      expect(orders.sent).toBe(orders.acked + orders.rejected);
      expect(orders.acked).toBe(orders.filled + orders.canceled + orders.expired);
      expect(summary.bookUpdates).toBeGreaterThan(0);
      expect(summary.messages).toBeGreaterThan(summary.bookUpdates);
      // Printed with four decimals: half a unit of the last one at most, which 1/32 needs whole.
      expect(Math.abs(fillRatio - orders.filled / orders.sent)).toBeLessThanOrEqual(0.5e-4 + 1e-12);
      for (const { position, bought, sold } of Object.values(instruments)) {
        expect(parseAmount(position)).toBe(parseAmount(bought) - parseAmount(sold));
      }
      expect(Object.values(instruments).reduce((sum, { fills }) => sum + fills, 0)).toBe(summary.fills);
      expect(parseAmount(pnl.net)).toBe(
        parseAmount(pnl.realized) + parseAmount(pnl.unrealized) - parseAmount(pnl.fees),
      );
      expect(tickToTradeUs.p50).toBeLessThanOrEqual(tickToTradeUs.p99);
      expect(tickToTradeUs.p99).toBeLessThanOrEqual(tickToTradeUs.p999);
    },
    TEST_MS,
  );

  itBuilt(
    'ends in order on SIGINT, SIGTERM and SIGHUP',
    async () => {
      await Promise.all(
        (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(async (signal) => {
          const engine = await trading();
          engine.kill(signal);
          await expectOrderlyEnd(engine);
        }),
      );
    },
    TEST_MS,
  );

  itBuilt(
    'takes the same key press, heard twice, as one',
    async () => {
      const engine = await trading();
      engine.kill('SIGINT');
      engine.kill('SIGINT');
      setTimeout(() => engine.kill('SIGTERM'), 20);
      await expectOrderlyEnd(engine);
    },
    TEST_MS,
  );

  itBuilt(
    'can be interrupted at any point of its start',
    async () => {
      const points = ['telemetry is up', 'simulated venue is up', 'session started', 'reconciled'];
      await Promise.all(
        points.map(async (line) => {
          const engine = new EngineProcess(['paper', ...ON_ANY_PORT], { cwd: temporaryFolder() });
          await engine.untilLogged(line, is(line));
          engine.kill('SIGINT');
          await expectOrderlyEnd(engine);
        }),
      );
    },
    TEST_MS,
  );

  itBuilt(
    'says so and fails when its simulator dies, and leaves none behind however it dies itself',
    async () => {
      const [orphaned, killed] = await Promise.all([trading(), trading()]);
      const [first, second] = await Promise.all([simulatorOf(orphaned), simulatorOf(killed)]);
      expect([alive(first), alive(second)]).toEqual([true, true]);
      process.kill(first, 'SIGKILL');
      killed.kill('SIGKILL');

      expect(await killed.end()).toEqual({ code: null, signal: 'SIGKILL' });
      await eventually('the simulator is gone', () => !alive(second));

      expect(await orphaned.end()).toEqual({ code: 1, signal: null });
      expect(orphaned.stderr).toBe('tradewind: the simulator ended by SIGKILL: start again\n');
      expect(orphaned.logged(is('the simulator ended'))).toBeDefined();
      expect(orphaned.logged(is('shutdown could not be verified'))).toBeDefined();
    },
    TEST_MS,
  );
});
