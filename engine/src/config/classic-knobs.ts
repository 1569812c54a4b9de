import type { ConfigIssue } from './config-error.js';
import { camelCase, givenTwice } from './key-names.js';
import { type SourceMap, type SourceNode, sourceMap } from './source-tree.js';

/** Where a classic key leads: a path of the configuration, or a setting of every strategy. */
export type ClassicTarget = { readonly path: readonly string[] } | { readonly strategy: string };

const to = (path: string): ClassicTarget => ({ path: path.split('.') });
const each = (strategy: string): ClassicTarget => ({ strategy });

/**
 * The flat keys that trading bots have always had, and what each is called here. Written at the top of a file (or as
 * `TRADEWIND_ORDER_SIZE`), in snake_case or camelCase. The one table: documentation and loader both read it.
 */
export const CLASSIC_KNOBS: Readonly<Record<string, ClassicTarget>> = {
  symbols: to('venue.symbols'),
  exchange: to('venue.name'),
  environment: to('venue.environment'),
  bookDepth: to('venue.bookDepth'),
  orderBookDepth: to('venue.bookDepth'),
  restTimeoutMs: to('venue.restTimeoutMs'),
  restTimeout: to('venue.restTimeoutMs'),
  reconnectAttempts: to('venue.reconnect.maxAttempts'),
  maxReconnectAttempts: to('venue.reconnect.maxAttempts'),
  recvWindowMs: to('venue.recvWindowMs'),
  capital: to('trading.capital'),
  paper: to('trading.paper'),
  paperTrading: to('trading.paper'),
  testnet: to('trading.testnet'),
  live: to('trading.live'),
  orderSize: each('orderSize'),
  maxInventory: each('maxInventory'),
  spreadThresholdBps: each('minSpreadBps'),
  minSpreadBps: each('minSpreadBps'),
  spreadBps: each('spreadBps'),
  inventorySkewBps: each('inventorySkewBps'),
  refreshIntervalMs: each('refreshIntervalMs'),
  refreshInterval: each('refreshIntervalMs'),
  repriceThresholdBps: each('repriceThresholdBps'),
  orderTimeoutMs: each('orderTimeoutMs'),
  orderTimeout: each('orderTimeoutMs'),
  positionLimits: to('risk.maxPosition'),
  maxPosition: to('risk.maxPosition'),
  orderRateLimit: to('risk.orderRate.perSecond'),
  orderRateBurst: to('risk.orderRate.burst'),
  maxOpenOrders: to('risk.maxOpenOrders'),
  maxOrderNotional: to('risk.maxOrderNotional'),
  priceCollarBps: to('risk.priceCollarBps'),
  maxDailyLoss: to('risk.maxDailyLoss'),
  dailyLossLimit: to('risk.maxDailyLoss'),
  maxDrawdown: to('risk.maxDrawdown'),
  circuitBreakerBps: to('risk.circuitBreakerBps'),
  circuitBreakerLevelBps: to('risk.circuitBreakerBps'),
  logLevel: to('log.level'),
  logFile: to('log.file'),
  seed: to('simulator.seed'),
  metricsPort: to('telemetry.port'),
};

/** Keys under which people write secrets into files. */
const INLINE_SECRETS = new Set([
  'apiKey',
  'apiSecret',
  'secret',
  'secretKey',
  'privateKey',
  'passphrase',
  'password',
]);

export const SECRET_ADVICE =
  'secrets are never written into the configuration: put it into an environment variable or a file and refer to it ' +
  'with {env: NAME} or {file: PATH}';

/** The classic key that `key` spells, if any. */
export function classicKey(key: string): string | undefined {
  const name = camelCase(key);
  return Object.hasOwn(CLASSIC_KNOBS, name) ? name : undefined;
}

/**
 * Moves the classic keys of `root` to where they belong. What is for every strategy is returned apart, because the
 * strategies may still have to be filled in.
 */
export function moveClassicKeys(root: SourceMap, issues: ConfigIssue[]): Map<string, SourceNode> {
  const forStrategies = new Map<string, SourceNode>();
  for (const [key, node] of [...root.entries]) {
    const name = classicKey(key);
    if (name === undefined) {
      if (INLINE_SECRETS.has(camelCase(key))) refuseSecret(root, key, node, issues);
      continue;
    }
    root.entries.delete(key);
    const target = CLASSIC_KNOBS[name]!;
    if ('strategy' in target) {
      if (forStrategies.has(target.strategy)) issues.push(givenTwice(node, target.strategy));
      forStrategies.set(target.strategy, node);
    } else place(root, target.path, node, issues);
  }
  return forStrategies;
}

function refuseSecret(root: SourceMap, key: string, { origin }: SourceNode, issues: ConfigIssue[]): void {
  root.entries.delete(key);
  const { source, line, column } = origin;
  issues.push({
    path: `venue.credentials.${camelCase(key) === 'apiKey' ? 'apiKey' : 'secret'}`,
    written: key,
    message: SECRET_ADVICE,
    source,
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
  });
}

/** Puts `node` at `path`, making the maps on the way. What is already there wins nothing: it is given twice. */
function place(root: SourceMap, path: readonly string[], node: SourceNode, issues: ConfigIssue[]): void {
  let map = root;
  for (const key of path.slice(0, -1)) {
    let next = map.entries.get(key);
    if (next === undefined) {
      next = sourceMap(node.origin);
      map.entries.set(key, next);
    }
    // A section that is no map is refused by the schema, once.
    if (next.kind !== 'map') return;
    map = next;
  }
  const last = path.at(-1)!;
  if (map.entries.has(last)) issues.push(givenTwice(node, path.join('.')));
  else map.entries.set(last, node);
}
