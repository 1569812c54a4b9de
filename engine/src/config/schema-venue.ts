import { z } from 'zod';
import { decimal, duration, flag, integer, oneOf, path, symbol, url, variable } from './leaf-types.js';

/** Where a secret is to be found. The secret itself is never part of the configuration. */
export const secretReference = (what: string) =>
  z.strictObject({
    env: variable().optional().describe(`Environment variable that holds ${what}.`),
    file: path().optional().describe(`File that holds ${what}; white space around it is ignored.`),
  });

const credentials = z.strictObject({
  kind: oneOf(['ed25519', 'hmac', 'rsa'])
    .default('ed25519')
    .describe(
      'Kind of key. `ed25519` may log on to the WebSocket session; the secret is then a PEM private key.',
    ),
  apiKey: secretReference('the API key').describe(
    'Reference to the API key: `{env: NAME}` or `{file: PATH}`.',
  ),
  secret: secretReference('the secret').describe(
    'Reference to the secret or private key: `{env: NAME}` or `{file: PATH}`.',
  ),
});

const endpoints = z.strictObject({
  rest: url('https:', 'http:').optional().describe('Base URL of the REST interface.'),
  stream: url('wss:', 'ws:').optional().describe('Base URL of the market data streams.'),
  wsApi: url('wss:', 'ws:').optional().describe('URL of the WebSocket API (orders, account).'),
});

const reconnect = z.strictObject({
  maxAttempts: integer(0, 1_000_000)
    .default(0)
    .describe(
      'Attempts in a row before giving up; 0 = never give up. The prepared order sessions of a standby are never given up.',
    ),
  minDelayMs: duration(10, 60_000)
    .default(250)
    .describe('Delay before the first new attempt; doubled each time, with jitter.'),
  maxDelayMs: duration(10, 600_000).default(30_000).describe('The longest delay between attempts.'),
});

const heartbeat = z.strictObject({
  intervalMs: duration(100, 600_000)
    .default(10_000)
    .describe('A connection that said nothing for so long is pinged.'),
  timeoutMs: duration(100, 600_000)
    .default(5_000)
    .describe('A ping unanswered for so long ends the connection: it is half-open.'),
});

export const venue = z.strictObject({
  name: oneOf(['binance']).default('binance').describe('Which venue.'),
  environment: oneOf(['simulator', 'testnet', 'live'])
    .default('simulator')
    .describe("The built-in simulator, the venue's testnet, or the real venue."),
  symbols: z
    .array(symbol())
    .min(1)
    .max(200)
    .default(['BTCUSDT', 'ETHUSDT'])
    .describe("Symbols to follow, in the venue's spelling."),
  endpoints: endpoints.prefault({}).describe("Overrides of the environment's own addresses."),
  orderEntry: oneOf(['websocket', 'rest'])
    .default('websocket')
    .describe('How orders travel; `websocket` falls back to REST while its session is down.'),
  credentials: credentials
    .optional()
    .describe('API key, by reference. Without it there is market data only.'),
  recvWindowMs: duration(100, 60_000)
    .default(5_000)
    .describe('How long the venue may take to begin with a signed request.'),
  restTimeoutMs: duration(100, 60_000)
    .default(10_000)
    .describe('After this a REST request counts as unanswered.'),
  requestTimeoutMs: duration(100, 60_000)
    .default(5_000)
    .describe('An order request unanswered for so long has an unknown outcome: the venue is asked.'),
  auditIntervalMs: duration(0, 86_400_000)
    .default(60_000)
    .describe("How often our open orders and fills are compared with the venue's lists; 0 = never."),
  heartbeat: heartbeat.prefault({}).describe('How silent connections are found out.'),
  reconnect: reconnect.prefault({}).describe('How connections are tried again.'),
  bookDepth: integer(5, 5_000).default(1_000).describe('Levels a side of the book snapshot.'),
  staleAfterMs: duration(100, 3_600_000)
    .default(5_000)
    .describe('A book without a message for so long is stale: no order passes risk on it.'),
});

export const trading = z.strictObject({
  paper: flag().default(true).describe('Play money: no order ever reaches a real or test venue.'),
  testnet: flag()
    .optional()
    .describe('Says again that `venue.environment` is `testnet`; the two must agree.'),
  live: flag()
    .default(false)
    .describe('Must be true, beside `venue.environment: live` and `paper: false`, to trade real money.'),
  capital: decimal('positive')
    .optional()
    .describe('Most gross value of positions and open orders, in the quote asset. Absent = no bound.'),
});
