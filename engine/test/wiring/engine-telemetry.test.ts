import { createServer, type Server } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { type Config, loadConfig } from '../../src/config/index.js';
import type { Telemetry } from '../../src/telemetry/index.js';
import { startEngineTelemetry } from '../../src/wiring/engine-telemetry.js';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function listen(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  open.push(server);
  return server;
}

/** A port that is taken, before one that is free. */
async function takenPort(): Promise<number> {
  for (;;) {
    const { port } = (await listen(0)).address() as { port: number };
    const next = await listen(port + 1).catch(() => undefined);
    if (next === undefined) continue;
    await new Promise((resolve) => next.close(resolve));
    return port;
  }
}

async function start(port: number, env: NodeJS.ProcessEnv): Promise<Telemetry> {
  const { config }: { config: Config } = loadConfig(undefined, {
    ...env,
    TRADEWIND_TELEMETRY__PORT: `${port}`,
  });
  const telemetry = await startEngineTelemetry(config, undefined, false);
  open.push(telemetry);
  return telemetry;
}

const PAIR = { TRADEWIND_HA__ENABLED: 'true' };

it('gives the second engine of a pair on one machine the next port', async () => {
  const port = await takenPort();
  expect((await start(port, PAIR)).port).toBe(port + 1);
});

it('takes no other port than the one asked for where the two are on different machines, or there is one', async () => {
  const port = await takenPort();
  const refused = new RegExp(`^telemetry\\.port: 127\\.0\\.0\\.1:${port} is already in use`);
  await expect(start(port, {})).rejects.toThrow(refused);
  const etcd = { TRADEWIND_HA__LEASE__KIND: 'etcd', TRADEWIND_HA__LEASE__ENDPOINTS: 'http://127.0.0.1:2379' };
  await expect(start(port, { ...PAIR, ...etcd })).rejects.toThrow(refused);
});
