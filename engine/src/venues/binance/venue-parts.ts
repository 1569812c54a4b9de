import { AccountApi } from './account-api.js';
import { Signer } from './auth.js';
import { BinanceLimits } from './limits.js';
import { type BinanceOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { NotLeaderError, RestClient } from './rest-client.js';
import { RestPool } from './rest-pool.js';
import { TimeSync } from './time-sync.js';

/** What the parts of the venue share: one set of connections and of budgets, one idea of the venue's time. */
export interface VenueParts {
  readonly options: ResolvedOptions;
  /** The REST client of the private half; the time is asked over it too. */
  readonly rest: RestClient;
  /** A further client, to be stopped on its own. */
  readonly client: (nowMs?: () => number) => RestClient;
  readonly limits: BinanceLimits;
  readonly time: TimeSync;
  /** Absent without credentials. */
  readonly signer: Signer | undefined;
}

/** Throws a RangeError or CredentialError on options that cannot work. */
export function assembleParts(options: BinanceOptions): VenueParts {
  const resolved = resolveOptions(options);
  const logger = options.logger.child({ venue: 'binance' });
  const { clock, metrics } = options;
  const signer = options.credentials === undefined ? undefined : new Signer(options.credentials);
  const time: TimeSync = new TimeSync({
    ...{ clock, logger, metrics, venue: 'binance' },
    ask: () => api.time(),
    onStep: (byMs) => limits.shift(byMs),
  });
  const nowMs = () => time.nowMs();
  const limits: BinanceLimits = new BinanceLimits(nowMs, metrics, logger);
  const { maySend } = options;
  const gate = () => {
    if (maySend?.() === false) throw new NotLeaderError();
  };
  const pool = new RestPool(options.endpoints.rest, resolved.restTimeoutMs, gate);
  const client = (now = nowMs) =>
    new RestClient({
      ...{ pool, limits, signer, nowMs: now },
      timeoutMs: resolved.restTimeoutMs,
      recvWindowMs: resolved.recvWindowMs,
    });
  const rest = client();
  const api = new AccountApi(rest);
  return { options: resolved, rest, client, limits, time, signer };
}
