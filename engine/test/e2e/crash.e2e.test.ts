import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import { CLIENT_ORDER_ID_FORMATS, formatClientOrderId } from '../../src/domain/index.js';
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
const is = (msg: string) => (line: LogLine) => line.msg === msg;

describe('an engine that is killed', () => {
  let simulator: RunningSimulator;
  let account: VenueAccount;
  let folder: string;
  let config: string;
  beforeEach(async () => {
    simulator = await createSimulator({ flow: { seed: 5, tickMs: 20, eventsPerSecond: 30 } });
    account = new VenueAccount(simulator);
    folder = temporaryFolder();
    config = writeConfig(folder, simulator, {
      // Quotes that stay: what is open when it is asked about is open when the engine is killed.
      strategies: [{ symbol: 'ETHUSDT', orderSize: '0.05', spreadBps: 20, repriceThresholdBps: 100 }],
    });
  });
  afterEach(() => simulator.close());

  const start = () =>
    new EngineProcess(['paper', '--config', config], { cwd: folder, env: credentialVariables(simulator) });
  // A slow engine must not cost the rate limit of its own account.
  const askedRarely = async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return account.openOrders('ETHUSDT');
  };

  /** Kills an engine that has orders at the venue, and tells which those are. */
  async function killedWithOrders(): Promise<{ epoch: number; left: string[] }> {
    const engine = start();
    await eventually('open orders', async () => (await askedRarely()).length > 0);
    engine.kill('SIGKILL');
    await engine.end();
    const left = (await account.openOrders()).map(({ clientOrderId }) => clientOrderId);
    expect(left.length).toBeGreaterThan(0);
    return { epoch: Number(engine.logged(is('session started'))!.epoch), left };
  }

  itBuilt(
    'goes on from its journal: its orders are its own, under a new epoch, and nothing is sent twice',
    async () => {
      const { epoch } = await killedWithOrders();
      const second = start();
      const recovered = await second.untilLogged('the recovery', is('recovered from the journal'));
      expect(recovered.open).toBeGreaterThan(0);
      await second.untilLogged('the comparison', is('reconciled'));
      await second.untilLogged('an order of its own', is('ETHUSDT order sent'));
      expect(Number(second.logged(is('session started'))!.epoch)).toBeGreaterThan(epoch);
      second.kill('SIGTERM');
      expect(await second.end()).toEqual({ code: 0, signal: null });
      expect(await account.openOrders()).toEqual([]);
      const ids = (await account.allOrders('ETHUSDT')).map(({ clientOrderId }) => clientOrderId);
      expect(new Set(ids).size).toBe(ids.length);
    },
    TEST_MS,
  );

  itBuilt(
    'and whose journal is lost leaves orders behind that the next one finds, takes for ours, and cancels',
    async () => {
      const { epoch, left } = await killedWithOrders();
      rmSync(join(folder, 'state', 'journal'), { recursive: true });
      const second = start();
      const found = await second.untilLogged(
        'the find',
        is('adopting an order of ours that nobody here knows'),
      );
      const id = formatClientOrderId(
        CLIENT_ORDER_ID_FORMATS.binance,
        Number(found.epoch),
        Number(found.sequence),
      );
      expect(left).toContain(id);
      await eventually('they are gone', async () =>
        (await askedRarely()).every(({ clientOrderId }) => !left.includes(clientOrderId)),
      );
      expect(Number(second.logged(is('session started'))!.epoch)).toBeGreaterThan(epoch);
      second.kill('SIGTERM');
      expect(await second.end()).toEqual({ code: 0, signal: null });
      expect(await account.openOrders()).toEqual([]);
    },
    TEST_MS,
  );
});
