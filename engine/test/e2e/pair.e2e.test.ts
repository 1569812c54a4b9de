import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { createSimulator, type RunningSimulator } from '../../src/simulator/index.js';
import {
  CLI,
  EngineProcess,
  eventually,
  itBuilt,
  type LogLine,
  temporaryFolder,
} from './support/engine-process.js';
import { is, sent } from './support/pair-engine.js';
import { PATIENT_LEASE } from './support/patient-lease.js';
import { credentialVariables, writeConfig } from './support/session-config.js';
import { VenueAccount } from './support/venue-account.js';

const TEST_MS = 180_000;

describe('a pair of engines', () => {
  let simulator: RunningSimulator;
  beforeAll(async () => {
    simulator = await createSimulator({ flow: { seed: 7, tickMs: 20, eventsPerSecond: 40 } });
  });
  afterAll(() => simulator.close());

  itBuilt(
    'goes on when the leader is killed, takes it back as the standby, and changes places when asked',
    async () => {
      const folder = temporaryFolder();
      const account = new VenueAccount(simulator);
      const config = writeConfig(folder, simulator, {
        strategies: [{ symbol: 'ETHUSDT', orderSize: '0.05', spreadBps: 20, refreshIntervalMs: '100ms' }],
        ha: { lease: PATIENT_LEASE },
      });
      const env = credentialVariables(simulator);
      const start = (node: string) =>
        new EngineProcess(['paper', '--ha', '--node', node, '--config', config], { cwd: folder, env });
      // Not waited for standing still: the venue lives in this process.
      const ask = async (...args: string[]) => {
        const command = [CLI, ...args, '--config', config];
        return (await promisify(execFile)(process.execPath, command, { cwd: folder })).stdout;
      };
      const verify = (node: string) =>
        execFileSync(
          process.execPath,
          [CLI, 'journal', 'verify', '--dir', join(folder, 'state', node, 'journal')],
          {
            encoding: 'utf8',
          },
        );
      const done = (): Promise<string[]> =>
        account.allOrders('ETHUSDT').then((orders) => orders.map(({ clientOrderId }) => clientOrderId));

      let a = start('a');
      await a.untilLogged('a leads', is('leading'));
      await a.untilLogged('a trades', sent);
      const b = start('b');
      await b.untilLogged('b follows', is('following the leader'));
      await eventually('a few orders', async () => (await done()).length > 5);

      a.kill('SIGKILL');
      await a.end();
      const before = b.lines.length;
      const leading = await b.untilLogged('b leads', is('leading'));
      await b.untilLogged('b trades', sent, before);
      expect(Number(leading.epoch)).toBeGreaterThan(Number(a.logged(is('leading'))!.epoch));
      expect(JSON.parse(await ask('ha', 'status', '--json'))).toMatchObject({
        holder: 'b',
        epoch: leading.epoch,
      });

      a = start('a');
      await a.untilLogged('a follows', is('following the leader'));
      await b.untilLogged('b has a standby', is('a standby follows'));
      await eventually('a accepts', async () => {
        try {
          return await ask('ha', 'handover');
        } catch {
          // Not yet: its books are not good, or it is behind.
          return undefined;
        }
      });
      await a.untilLogged('a leads again', is('leading'));
      await a.untilLogged('a trades again', sent);

      // The leader's own end gives the lease to the other one; the last one cancels everything.
      a.kill('SIGINT');
      expect(await a.end()).toEqual({ code: 0, signal: null });
      // It waits for the other one's answer for three seconds only, which a busy machine may take: then it cancels.
      expect(a.stderr).toMatch(/handed over|none of our orders is open at the venue/);
      const again = await eventually('b leads again', () =>
        b.lines.filter(is('leading')).length > 1 ? b.lines.filter(is('leading')).at(-1) : undefined,
      );
      await b.untilLogged('b trades again', sent, b.lines.indexOf(again));
      b.kill('SIGINT');
      expect(await b.end()).toEqual({ code: 0, signal: null });

      expect(await account.openOrders()).toEqual([]);
      const ids = await done();
      expect(new Set(ids).size).toBe(ids.length);
      for (const node of ['a', 'b']) expect(verify(node)).toMatch(/^sound: /m);
      // What b knows in the end is what the venue knows: every trade, once.
      const told = execFileSync(
        process.execPath,
        [CLI, 'journal', 'dump', '--json', '--dir', join(folder, 'state', 'b', 'journal')],
        { encoding: 'utf8', maxBuffer: 1 << 30 },
      )
        .split('\n')
        .filter((line) => line.includes('"tradeId"') && line.includes('OrderFilled'))
        .map((line) => /"tradeId":"?(\d+)/.exec(line)![1]!);
      const trades = (await account.trades('ETHUSDT')).map(({ id }) => String(id));
      expect([...new Set(told)].sort()).toEqual([...trades].sort());
    },
    TEST_MS,
  );

  itBuilt(
    'is not led by an engine that knows nothing of what the other one traded',
    async () => {
      const folder = temporaryFolder();
      const config = writeConfig(folder, simulator, {
        strategies: [{ symbol: 'ETHUSDT', orderSize: '0.05', spreadBps: 20 }],
        ha: { lease: PATIENT_LEASE },
      });
      const env = credentialVariables(simulator);
      const start = (node: string) =>
        new EngineProcess(['paper', '--ha', '--node', node, '--config', config], { cwd: folder, env });
      const lease = join(folder, 'state', 'lease');
      const first = start('a');
      await first.untilLogged('a trades', is('ETHUSDT order sent'));
      // The lease says so with the next renewal.
      await eventually('the lease tells of it', () =>
        readdirSync(lease).some((name) => {
          try {
            return readFileSync(join(lease, name), 'utf8').includes('historyEpoch');
          } catch {
            // Swept meanwhile: an old version.
            return false;
          }
        }),
      );
      first.kill('SIGKILL');
      await first.end();

      const b = start('b');
      await b.untilLogged('b does not claim', ({ msg }) => msg.startsWith('not claiming the lease'));
      const a = start('a');
      await a.untilLogged('a leads again', is('leading'));
      await b.untilLogged('b follows', is('following the leader'));
      expect(b.logged(is('leading'))).toBeUndefined();
      for (const engine of [a, b]) {
        engine.kill('SIGINT');
        expect(await engine.end()).toEqual({ code: 0, signal: null });
      }
    },
    TEST_MS,
  );

  itBuilt(
    'sends no order that the standby does not have when told so: without one orders are denied, and with it they flow again',
    async () => {
      const folder = temporaryFolder();
      const config = writeConfig(folder, simulator, {
        strategies: [{ symbol: 'ETHUSDT', orderSize: '0.05', spreadBps: 20, refreshIntervalMs: '100ms' }],
        journal: { durability: 'replicated-before-send' },
        ha: { lease: PATIENT_LEASE },
      });
      const env = credentialVariables(simulator);
      const start = (node: string) =>
        new EngineProcess(['paper', '--ha', '--node', node, '--config', config], { cwd: folder, env });
      const denied = (line: LogLine) =>
        /denied/.test(line.msg) && JSON.stringify(line).includes('JOURNAL_BACKLOG');

      const a = start('a');
      await a.untilLogged('a leads', is('leading'));
      // Nobody has its records yet.
      await a.untilLogged(
        'the journal waits for a standby',
        is('the journal does not keep up: new orders are denied, cancels pass'),
      );
      await a.untilLogged('an order is denied', denied);
      expect(a.logged(sent)).toBeUndefined();
      let b = start('b');
      await b.untilLogged('b follows', is('following the leader'));
      await a.untilLogged('orders flow', sent);

      const before = a.lines.length;
      b.kill('SIGKILL');
      await b.end();
      await a.untilLogged('a is told', is('a standby is gone'), before);
      const behind = await a.untilLogged(
        'new orders are denied',
        is('the journal does not keep up: new orders are denied, cancels pass'),
        before,
      );
      const from = a.lines.indexOf(behind);
      await a.untilLogged('an order is denied', denied, from);
      // What was open is canceled in time all the same: cancels wait for nobody.
      await eventually(
        'nothing is open',
        async () => (await new VenueAccount(simulator).openOrders()).length === 0,
      );
      const then = a.lines.length;
      expect(a.lines.slice(from, then).filter(sent)).toEqual([]);

      b = start('b');
      await b.untilLogged('b follows again', is('following the leader'));
      await a.untilLogged('orders flow again', sent, then);
      for (const engine of [b, a]) {
        engine.kill('SIGINT');
        expect({ ...(await engine.end()), said: engine.stderr }).toMatchObject({ code: 0 });
      }
      expect(await new VenueAccount(simulator).openOrders()).toEqual([]);
    },
    TEST_MS,
  );
});
