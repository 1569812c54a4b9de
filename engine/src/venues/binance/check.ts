import { performance } from 'node:perf_hooks';
import { WebSocket } from 'ws';
import type { VenueCheck } from '../port.js';
import { AccountApi } from './account-api.js';
import { hasNoWallet, judgePermissions } from './key-permissions.js';
import type { ResolvedOptions } from './options.js';
import type { RestClient } from './rest-client.js';
import { TimeSync } from './time-sync.js';
import type { VenueParts } from './venue-parts.js';

const SAMPLES = 5;
/** Beyond this the venue refuses a timestamp that is ahead of its clock. */
const MAX_AHEAD_US = 1_000_000;

/**
 * What `tradewind venue check` asks of Binance; each answer as it was seen, none of them throws. Uses connections and a
 * measurement of the time of its own, so that it neither needs nor disturbs a session.
 */
export async function checkVenue(parts: VenueParts): Promise<VenueCheck[]> {
  const { clock, logger, metrics } = parts.options;
  const rest: RestClient = parts.client(() => time.nowMs());
  const api = new AccountApi(rest);
  const time: TimeSync = new TimeSync({ clock, logger, metrics, venue: 'binance', ask: () => api.time() });
  rest.start();
  try {
    return await checkBinance(parts.options, api, time);
  } finally {
    await rest.stop();
  }
}

async function checkBinance(
  options: ResolvedOptions,
  api: AccountApi,
  time: TimeSync,
): Promise<VenueCheck[]> {
  const { endpoints } = options;
  const checks: VenueCheck[] = [];
  const check = async (name: string, attempt: () => Promise<Omit<VenueCheck, 'name'>>) => {
    try {
      checks.push({ name, ...(await attempt()) });
    } catch (error) {
      checks.push({ name, ok: false, detail: error instanceof Error ? error.message : String(error) });
    }
  };
  await check('REST', async () => ({
    ok: true,
    detail: `${endpoints.rest} ${await latency(async () => void (await api.time()))}`,
  }));
  await check('clock', async () => {
    await time.resync();
    const { offsetUs, errorUs } = time;
    return {
      ok: Math.abs(offsetUs) < MAX_AHEAD_US,
      detail: `venue is ${(offsetUs / 1000).toFixed(1)} ms ahead, ± ${(errorUs / 1000).toFixed(1)} ms`,
    };
  });
  await check('instruments', async () => {
    const listed = (await api.exchange([])).symbols;
    const trading = listed.filter(({ status }) => status === 'TRADING');
    return { ok: true, detail: `${trading.length} of ${listed.length} trading` };
  });
  await check('market stream', () => socketCheck(`${endpoints.stream}/ws`));
  await check('WebSocket API', () => socketCheck(endpoints.wsApi));
  if (options.credentials === undefined) {
    checks.push({ name: 'account', ok: true, detail: 'no credentials: market data only' });
    return checks;
  }
  await check('account', async () => {
    const { canTrade, permissions } = await api.account();
    return {
      ok: canTrade,
      detail: `key accepted, trading ${canTrade ? 'allowed' : 'NOT allowed'}, permissions ${permissions?.join(' ') ?? 'unknown'}`,
    };
  });
  await check('withdrawals', async () =>
    hasNoWallet(endpoints.rest)
      ? { ok: true, detail: 'none: the testnet has no wallet' }
      : judgePermissions(await api.permissions()),
  );
  return checks;
}

/** Opens a socket and measures ping to pong on it. */
async function socketCheck(url: string): Promise<Omit<VenueCheck, 'name'>> {
  const socket = new WebSocket(url, { handshakeTimeout: 5_000, perMessageDeflate: false });
  try {
    await once(socket, 'open');
    const measured = await latency(async () => {
      socket.ping();
      await once(socket, 'pong');
    });
    return { ok: true, detail: `${url} ${measured}` };
  } finally {
    socket.on('error', () => {});
    socket.terminate();
  }
}

function once(socket: WebSocket, event: 'open' | 'pong'): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event} within 5 s`)), 5_000);
    socket.once(event, () => {
      clearTimeout(timer);
      resolve();
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

async function latency(attempt: () => Promise<void>): Promise<string> {
  const millis: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const start = performance.now();
    await attempt();
    millis.push(performance.now() - start);
  }
  millis.sort((a, b) => a - b);
  return `round trip ${millis[0]!.toFixed(1)} ms at best, ${millis[SAMPLES >> 1]!.toFixed(1)} ms median`;
}
