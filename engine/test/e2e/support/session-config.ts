import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RunningSimulator } from '../../../src/simulator/index.js';

/** A plain tree of settings, laid over the ones of {@link writeConfig}. */
export type Settings = { readonly [key: string]: unknown };

/** Settings of an engine that trades both symbols on `simulator`, impatiently; written to `folder`. */
export function writeConfig(folder: string, simulator: RunningSimulator, more: Settings = {}): string {
  const maker = (symbol: string, orderSize: string) => ({
    symbol,
    orderSize,
    spreadBps: 2,
    inventorySkewBps: 1,
    refreshIntervalMs: '150ms',
    repriceThresholdBps: 1,
    orderTimeoutMs: '800ms',
  });
  const settings = {
    venue: {
      environment: 'simulator',
      symbols: ['BTCUSDT', 'ETHUSDT'],
      endpoints: { rest: simulator.restUrl, stream: simulator.streamUrl, wsApi: simulator.wsApiUrl },
      credentials: { kind: 'ed25519', apiKey: { env: 'E2E_API_KEY' }, secret: { env: 'E2E_PRIVATE_KEY' } },
      recvWindowMs: '2s',
      restTimeoutMs: '3s',
      requestTimeoutMs: '1s',
      auditIntervalMs: '2s',
      staleAfterMs: '2s',
      heartbeat: { intervalMs: '1s', timeoutMs: '1500ms' },
      reconnect: { minDelayMs: '50ms', maxDelayMs: '1s' },
    },
    strategies: [maker('BTCUSDT', '0.002'), maker('ETHUSDT', '0.05')],
    risk: { orderRate: { perSecond: 100, burst: 200 } },
    telemetry: { port: 0 },
    log: { level: 'debug' },
    session: { stateDir: join(folder, 'state') },
  };
  const path = join(folder, 'engine.yaml');
  writeFileSync(path, stringify(overlaid(settings, more)));
  return path;
}

/** The variables that hold the credentials the configuration refers to. */
export function credentialVariables({ demo }: RunningSimulator): Record<string, string> {
  return { E2E_API_KEY: demo!.ed25519.apiKey, E2E_PRIVATE_KEY: demo!.ed25519.privateKey };
}

function overlaid(base: Settings, more: Settings): Settings {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(more)) {
    const below = result[key];
    const both = isMap(below) && isMap(value);
    result[key] = both ? overlaid(below, value) : value;
  }
  return result;
}

function isMap(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
