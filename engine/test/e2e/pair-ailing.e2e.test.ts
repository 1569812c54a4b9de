import { execFileSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { createSimulator, type RunningSimulator } from '../../src/simulator/index.js';
import { CLI, EngineProcess, eventually, itBuilt, temporaryFolder } from './support/engine-process.js';
import { is, ready, sent } from './support/pair-engine.js';
import { PATIENT_LEASE } from './support/patient-lease.js';
import { credentialVariables, writeConfig } from './support/session-config.js';
import { VenueAccount } from './support/venue-account.js';

describe('a leader whose journal can not be written', () => {
  let simulator: RunningSimulator;
  beforeAll(async () => {
    simulator = await createSimulator({ flow: { seed: 7, tickMs: 20, eventsPerSecond: 40 } });
  });
  afterAll(() => simulator.close());

  itBuilt(
    'hands over to the standby, and is its standby once it can write again',
    async () => {
      const folder = temporaryFolder();
      const config = writeConfig(folder, simulator, {
        strategies: [{ symbol: 'ETHUSDT', orderSize: '0.05', spreadBps: 20, refreshIntervalMs: '100ms' }],
        // Soon full: a new one is where the folder is missed.
        journal: { segmentBytes: 64 * 1024, compress: false },
        ha: { lease: PATIENT_LEASE },
      });
      const env = credentialVariables(simulator);
      const start = (node: string) =>
        new EngineProcess(['paper', '--ha', '--node', node, '--config', config], { cwd: folder, env });
      const journalOf = (node: string) => join(folder, 'state', node, 'journal');

      const a = start('a');
      await a.untilLogged('a trades', sent);
      const b = start('b');
      await b.untilLogged('b follows', is('following the leader'));
      await eventually('b would take over', () => ready(b));

      renameSync(journalOf('a'), `${journalOf('a')}.gone`);
      await a.untilLogged('a can not write', is('the journal can not be written: new orders are denied'));
      const said = await a.untilLogged('a does not go on', is('this side does not go on leading'));
      expect(said.why).toBe('its journal can not be written');
      const leading = await b.untilLogged('b leads', is('leading'));
      await b.untilLogged('b trades', sent, b.lines.indexOf(leading));
      // There is a folder again, with nothing in it.
      await a.untilLogged('a follows', is('following the leader'));
      expect(a.lines.filter(is('leading'))).toHaveLength(1);

      for (const engine of [a, b]) {
        engine.kill('SIGINT');
        expect({ ...(await engine.end()), said: engine.stderr }).toMatchObject({ code: 0 });
      }
      expect(await new VenueAccount(simulator).openOrders()).toEqual([]);
      for (const node of ['a', 'b']) {
        const args = [CLI, 'journal', 'verify', '--dir', journalOf(node)];
        expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toMatch(/^sound: /m);
      }
    },
    180_000,
  );
});
