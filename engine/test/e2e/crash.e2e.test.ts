import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { createSimulator, type RunningSimulator } from '../../src/simulator/index.js';
import {
  EngineProcess,
  eventually,
  itBuilt,
  type LogLine,
  temporaryFolder,
} from './support/engine-process.js';
import { credentialVariables, writeConfig } from './support/session-config.js';
import { VenueAccount } from './support/venue-account.js';

const TEST_MS = 90_000;

describe('an engine that is killed', () => {
  let simulator: RunningSimulator;
  beforeAll(async () => {
    simulator = await createSimulator({ flow: { seed: 5, tickMs: 20, eventsPerSecond: 30 } });
  });
  afterAll(() => simulator.close());

  itBuilt(
    'leaves orders behind that the next one finds and cancels, and that nobody else owns',
    async () => {
      const folder = temporaryFolder();
      const account = new VenueAccount(simulator);
      const config = writeConfig(folder, simulator, {
        strategies: [{ symbol: 'ETHUSDT', orderSize: '0.05', spreadBps: 20 }],
      });
      const start = () =>
        new EngineProcess(['paper', '--config', config], {
          cwd: folder,
          env: credentialVariables(simulator),
        });
      // A slow engine must not cost the rate limit of its own account.
      const askedRarely = async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return account.openOrders('ETHUSDT');
      };
      const is = (msg: string) => (line: LogLine) => line.msg === msg;

      const first = start();
      await eventually('open orders', async () => (await askedRarely()).length > 0);
      first.kill('SIGKILL');
      await first.end();
      const left = await account.openOrders();
      expect(left.length).toBeGreaterThan(0);

      const second = start();
      const found = await second.untilLogged(
        'the find',
        is('open order with our prefix that this process did not send'),
      );
      expect(left.map(({ clientOrderId }) => clientOrderId)).toContain(found.clientOrderId);
      const ids = new Set(left.map(({ orderId }) => orderId));
      await eventually('they are gone', async () =>
        (await askedRarely()).every(({ orderId }) => !ids.has(orderId)),
      );
      const epochs = [first, second].map((engine) => Number(engine.logged(is('session started'))!.epoch));
      expect(epochs[1]).toBeGreaterThan(epochs[0]!);

      await second.untilLogged('an order of its own', is('ETHUSDT order sent'));
      second.kill('SIGTERM');
      expect(await second.end()).toEqual({ code: 0, signal: null });
      expect(await account.openOrders()).toEqual([]);
    },
    TEST_MS,
  );
});
