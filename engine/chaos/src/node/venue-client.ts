import {
  AccountApi,
  BinanceExecution,
  BinanceLimits,
  MetricRegistry,
  NotLeaderError,
  nullLogger,
  RestClient,
  type RestPool,
  resolveVenue,
  Signer,
  TimeSync,
} from '../engine.js';
import type { Network } from '../network.js';
import type { SimulatedProcess } from '../process.js';
import { SimulatedRest } from '../venue/simulated-rest.js';
import type { SocketHost } from '../venue/simulated-socket.js';
import { API_KEY, PRIVATE_KEY, type Sender, type SimulatedVenue } from '../venue/simulated-venue.js';

export const RECV_WINDOW_MS = 400;
const NOT_FOUND_MARGIN_MS = 200;
const SIGNER = new Signer({ apiKey: API_KEY, kind: 'ed25519', secret: PRIVATE_KEY });
const METRIC_SLOTS = 4096;

/**
 * The engine's own Binance connector of one process, with the sockets and the connection pool of the simulation, and
 * waiting times that fit a run of seconds.
 */
export function makeExecution(
  process: SimulatedProcess,
  network: Network,
  venue: SimulatedVenue,
  sender: Sender,
  maySend: () => boolean,
  onOrder: (clientOrderId: string) => void,
): BinanceExecution {
  const host: SocketHost = {
    owner: process.trading,
    nowUs: () => process.trading.nowUs,
    boundary: (what) => process.boundary(what),
    onOrder,
  };
  const metrics = new MetricRegistry({ slots: METRIC_SLOTS });
  const { clock } = process;
  const options = resolveVenue({
    venueIndex: 0,
    endpoints: { rest: 'http://venue', stream: 'ws://venue', wsApi: 'ws://venue/ws-api/v3' },
    ...{ clock, metrics, logger: nullLogger },
    recvWindowMs: RECV_WINDOW_MS,
    notFoundMarginMs: NOT_FOUND_MARGIN_MS,
    restTimeoutMs: 400,
    requestTimeoutMs: 250,
    reconnect: { maxAttempts: 0, minDelayMs: 10, maxDelayMs: 80 },
    heartbeat: { intervalMs: 300, timeoutMs: 150 },
    auditIntervalMs: 500,
    timeSyncIntervalMs: 1_000,
    maySend,
    openSocket: () => venue.openSocket(sender.node, sender, host) as never,
  });
  const time: TimeSync = new TimeSync({
    ...{ clock, metrics, logger: nullLogger, venue: 'binance' },
    ask: () => api.time(),
    onStep: (byMs) => limits.shift(byMs),
  });
  const nowMs = () => time.nowMs();
  const limits: BinanceLimits = new BinanceLimits(nowMs, metrics, nullLogger);
  const pool = new SimulatedRest(network, venue, sender, host, () => {
    if (!maySend()) throw new NotLeaderError();
  });
  const rest = new RestClient({
    ...{ pool: pool as unknown as RestPool, limits, signer: SIGNER, nowMs },
    timeoutMs: options.restTimeoutMs,
    recvWindowMs: options.recvWindowMs,
  });
  const api = new AccountApi(rest);
  return new BinanceExecution({ options, rest, limits, time, signer: SIGNER });
}
