import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { createSimulator, type RunningSimulator } from '../../src/simulator/index.js';
import { EngineProcess, eventually, itBuilt, temporaryFolder } from './support/engine-process.js';
import { Forwarder } from './support/forwarder.js';
import { is, ready, sent } from './support/pair-engine.js';
import { PATIENT_LEASE } from './support/patient-lease.js';
import { credentialVariables, writeConfig } from './support/session-config.js';
import { VenueAccount } from './support/venue-account.js';

const leads = is('leading');

describe('a leader that is cut off from the venue', () => {
  let simulator: RunningSimulator;
  beforeAll(async () => {
    simulator = await createSimulator({ flow: { seed: 7, tickMs: 20, eventsPerSecond: 40 } });
  });
  afterAll(() => simulator.close());

  itBuilt(
    'hands over to a standby that is not, and to none that is cut off too',
    async () => {
      const folder = temporaryFolder();
      const { restUrl, streamUrl, wsApiUrl } = simulator;
      const pathsOf = () => Promise.all([restUrl, streamUrl, wsApiUrl].map((url) => Forwarder.to(url)));
      const paths = { a: await pathsOf(), b: await pathsOf() };
      const cut = (node: 'a' | 'b') => {
        for (const path of paths[node]) path.cut();
      };
      const mend = (node: 'a' | 'b') => Promise.all(paths[node].map((path) => path.mend()));
      /** Its private stream and its order entry alone: it sees the market still, and REST answers. */
      const sessionsOfA = paths.a[2]!;
      const start = (node: 'a' | 'b') => {
        const [rest, stream, wsApi] = paths[node];
        const own = join(folder, node);
        mkdirSync(own);
        const config = writeConfig(own, simulator, {
          strategies: [{ symbol: 'ETHUSDT', orderSize: '0.05', spreadBps: 20, refreshIntervalMs: '100ms' }],
          venue: {
            endpoints: { rest: rest!.by(restUrl), stream: stream!.by(streamUrl), wsApi: wsApi!.by(wsApiUrl) },
          },
          ha: { lease: PATIENT_LEASE, handOverCutOffAfterMs: '1500ms' },
          session: { stateDir: join(folder, 'state') },
        });
        return new EngineProcess(['paper', '--ha', '--node', node, '--config', config], {
          cwd: folder,
          env: credentialVariables(simulator),
        });
      };

      const a = start('a');
      await a.untilLogged('a trades', sent);
      const b = start('b');
      await b.untilLogged('b follows', is('following the leader'));
      await eventually('b would take over', () => ready(b));

      sessionsOfA.cut();
      await a.untilLogged('a asks', is('cut off from the venue: asking the other engine to lead'));
      const first = await b.untilLogged('b leads', leads);
      await b.untilLogged('b trades', sent, b.lines.indexOf(first));
      await a.untilLogged('a follows', is('following the leader'));

      // Now the other one, and altogether: it goes on, for whoever sees the market and is not logged on is asked in vain.
      const before = b.lines.length;
      cut('b');
      await b.untilLogged('b asks', is('cut off from the venue: asking the other engine to lead'), before);
      const kept = await b.untilLogged('nobody accepts', is('handover failed'), before);
      expect(kept.why).toMatch(/^nobody accepted within/);
      expect(a.lines.filter(leads)).toHaveLength(1);
      expect(b.lines.filter(leads)).toHaveLength(1);

      // The standby is well again before it is asked the next time.
      const then = a.lines.length;
      await sessionsOfA.mend();
      const again = await a.untilLogged('a leads again', leads, then);
      await a.untilLogged('a trades again', sent, a.lines.indexOf(again));
      await mend('b');
      await b.untilLogged('b follows', is('following the leader'), before);

      for (const engine of [b, a]) {
        engine.kill('SIGINT');
        expect({ ...(await engine.end()), said: engine.stderr }).toMatchObject({ code: 0 });
      }
      expect(await new VenueAccount(simulator).openOrders()).toEqual([]);
      for (const node of ['a', 'b'] as const) cut(node);
    },
    240_000,
  );
});
