import { AccountApi } from './account-api.js';
import { Signer } from './auth.js';
import { BinanceLimits } from './limits.js';
import { type BinanceOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { RestClient } from './rest-client.js';
import { TimeSync } from './time-sync.js';

/** What both halves of the venue share: one REST client, one set of budgets, one idea of the venue's time. */
export interface VenueParts {
  readonly options: ResolvedOptions;
  readonly rest: RestClient;
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
  const rest = new RestClient({
    url: options.endpoints.rest,
    timeoutMs: resolved.restTimeoutMs,
    recvWindowMs: resolved.recvWindowMs,
    ...{ limits, logger, nowMs, signer },
  });
  const api = new AccountApi(rest);
  return { options: resolved, rest, limits, time, signer };
}
