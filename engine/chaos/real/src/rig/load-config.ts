import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Limits } from '../judge/index.js';
import type { Durability } from '../options.js';

const BASES = [
  ...['SOL', 'XRP', 'ADA', 'DOT', 'LTC', 'LINK', 'AVAX', 'ATOM'],
  ...['UNI', 'NEAR', 'APT', 'ARB', 'OP', 'FIL', 'INJ', 'SUI'],
] as const;

/** Decimals of the listed sizes. */
const SIZE_UNITS = 1_000;
const ORDER_SIZE = 0.1;
const MAX_POSITION = 5;
const MAX_OPEN_ORDERS = 12;
const ORDERS_PER_SECOND = 4_000;
const BURST = 1_000;

/** The markets, balances and flow of a run, as the simulator is told. */
export function venueConfig(symbols: number, seed: number): object {
  const bases = BASES.slice(0, symbols);
  return {
    venue: { symbols: namesOf(symbols) },
    strategies: [],
    simulator: {
      seed,
      flowTickMs: 5,
      symbols: bases.map((base) => ({
        ...{ symbol: `${base}USDT`, base, quote: 'USDT' },
        ...{ tickSize: '0.01', stepSize: '0.001', startPrice: '150.00' },
      })),
      balances: Object.fromEntries([...bases.map((base) => [base, '1000000']), ['USDT', '1000000000']]),
    },
  };
}

function namesOf(symbols: number): string[] {
  return BASES.slice(0, symbols).map((base) => `${base}USDT`);
}

export interface Lease {
  readonly kind: 'etcd' | 'file';
  /** URL of etcd as this engine reaches it. */
  readonly endpoint?: string;
}

export interface EngineSettings {
  readonly symbols: number;
  readonly stateDir: string;
  readonly durability: Durability;
  /** URLs of the venue as this engine reaches it. */
  readonly venue: { readonly rest: string; readonly stream: string; readonly wsApi: string };
  readonly keys: { readonly apiKey: string; readonly secret: string; readonly pair: string };
  readonly lease: Lease;
  /** Address the other engine reaches this one at. */
  readonly listen: string;
  readonly telemetryHost: string;
  /** Bytes of a segment; its closed segments are compressed then. */
  readonly segmentBytes?: number | undefined;
}

/**
 * An engine that makes a market on every symbol as fast as it is let: every quote is replaced 10 ms after it was placed.
 * Writes its configuration; gives its path.
 */
export function writeEngineConfig(folder: string, node: string, settings: EngineSettings): string {
  const { symbols, stateDir, durability, venue, keys, lease, listen, telemetryHost, segmentBytes } = settings;
  const names = namesOf(symbols);
  const config = {
    venue: {
      environment: 'simulator',
      symbols: names,
      endpoints: venue,
      credentials: { kind: 'ed25519', apiKey: { file: keys.apiKey }, secret: { file: keys.secret } },
      requestTimeoutMs: '1s',
      restTimeoutMs: '2s',
      // An order that never arrived is known not to exist soon after, and not only between two kills.
      recvWindowMs: '1s',
      auditIntervalMs: '3s',
      heartbeat: { intervalMs: '1s', timeoutMs: '1500ms' },
      reconnect: { minDelayMs: '20ms', maxDelayMs: '500ms' },
      bookDepth: 100,
    },
    strategies: names.map((symbol) => ({
      ...{ symbol, orderSize: `${ORDER_SIZE}`, maxInventory: `${MAX_POSITION - 1}` },
      ...{ spreadBps: 1, inventorySkewBps: 2 },
      ...{ refreshIntervalMs: 1, repriceThresholdBps: 0, orderTimeoutMs: '10ms' },
    })),
    risk: {
      maxPosition: Object.fromEntries(names.map((name) => [name, `${MAX_POSITION}`])),
      maxOpenOrders: MAX_OPEN_ORDERS,
      orderRate: { perSecond: ORDERS_PER_SECOND, burst: BURST },
      circuitBreakerBps: 0,
    },
    telemetry: { port: 0, host: telemetryHost },
    session: { stateDir },
    // All of a run is kept: it is replayed from its first record at the end.
    journal: {
      ...{ durability, retainBytes: 2 ** 40, compress: segmentBytes !== undefined, snapshotEvery: 25_000 },
      ...(segmentBytes !== undefined && { segmentBytes }),
    },
    ha: {
      node,
      listen,
      secret: { file: keys.pair },
      lease: {
        kind: lease.kind,
        ...(lease.endpoint !== undefined && { endpoints: [lease.endpoint], key: 'chaos' }),
      },
    },
  };
  const path = join(folder, `engine-${node}.yaml`);
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config, null, 2));
  return path;
}

/** What the judges hold the engines of {@link writeEngineConfig} to, in the venue's units. */
export function limitsOf(symbols: number): Limits {
  return {
    maxPosition: Object.fromEntries(namesOf(symbols).map((name) => [name, MAX_POSITION * SIZE_UNITS])),
    maxOpenOrders: MAX_OPEN_ORDERS,
    ordersPerSecond: ORDERS_PER_SECOND,
    burst: BURST,
  };
}
