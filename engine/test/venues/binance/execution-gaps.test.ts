import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { WebSocket } from 'ws';
import { type Balance, ConnectionState, EventKind } from '../../../src/domain/index.js';
import { type Logger, MetricRegistry, nullLogger, systemClock } from '../../../src/telemetry/index.js';
import { createBinanceVenue, type ExecutionPort } from '../../../src/venues/index.js';
import { EventLog, metricValue, QUICK } from './execution-harness.js';
import { BTC } from './market-fixtures.js';
import { ScriptedVenue, send } from './scripted-venue.js';

const secret = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
let script: ScriptedVenue;
let log: EventLog;
let metrics: MetricRegistry;
let execution: ExecutionPort;
let lines: string[];

beforeEach(async () => {
  script = new ScriptedVenue();
  await script.listen();
  log = new EventLog();
  metrics = new MetricRegistry();
  lines = [];
  const logger: Logger = {
    ...nullLogger,
    error: (message, fields) => lines.push(`${message} ${JSON.stringify(fields)}`),
    child: () => logger,
  };
  execution = createBinanceVenue({
    venueIndex: 0,
    endpoints: script.endpoints,
    credentials: { kind: 'ed25519', apiKey: 'k', secret },
    clock: systemClock,
    logger,
    metrics,
    ...QUICK,
    requestTimeoutMs: 6_000,
  }).execution!;
  await execution.start([BTC], log.sink);
});
afterEach(async () => {
  await execution.stop();
  await script.close();
});

const failed = () => metricValue(metrics, 'tradewind_venue_failed_reconciles_total');
const account = (free: string, updateTime: number) => ({
  body: { canTrade: true, updateTime, balances: [{ asset: 'BTC', free, locked: '0' }] },
});

/** Whether trading was allowed at any time since `from`. */
const wasUp = (from: number) =>
  log.events
    .slice(from)
    .some((event) => event.kind === EventKind.Connection && event.state === ConnectionState.Up);

describe('without the user stream', () => {
  it('a comparison put off while it was there does not open trading', async () => {
    // Within a second of the last comparison, so the next one is put off.
    script.push('broken');
    await log.until(() => log.state() === ConnectionState.Reconciling);
    script.refusal = { status: 503 };
    for (const socket of script.subscribers) socket.terminate();
    await log.until(() => log.state() === ConnectionState.Connecting);
    const from = log.events.length;
    // Attempts are at most 100 ms apart: these last longer than the comparison was put off.
    await log.until(() => script.refused >= 25);
    expect(wasUp(from)).toBe(false);
    script.refusal = undefined;
    await log.until(() => log.up);
  });

  it('a comparison under way does not open trading before it is subscribed to again', async () => {
    script.rest.set('GET /api/v3/account', () => ({ status: 503, body: {} }));
    script.push('broken');
    await log.until(() => failed() > 0);
    let pending: { id: unknown; socket: WebSocket } | undefined;
    const usual = script.answer;
    script.answer = (request, socket) => {
      if (request.method !== 'userDataStream.subscribe') return usual(request, socket);
      pending = { id: request.id, socket };
      return undefined;
    };
    script.event({ e: 'eventStreamTerminated', E: 1 });
    await log.until(() => pending !== undefined);
    const from = log.events.length;
    let asked = 0;
    script.rest.set('GET /api/v3/account', () => {
      asked++;
      return account('1', 1);
    });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(wasUp(from)).toBe(false);
    send(pending!.socket, { id: pending!.id, status: 200, result: { subscriptionId: 1 } });
    await log.until(() => log.up && asked > 0);
  });
});

it('shows no API key when it shows what it could not read', async () => {
  script.push('{"id":1,"status":200,"result":{"apiKey":"vmPUZE6mv9SD5VNHk4HlWFsOr6aK","auth');
  await log.until(() => lines.length > 0);
  expect(lines[0]).toContain('apiKey');
  expect(lines[0]).not.toContain('vmPUZE');
});

describe('a balance', () => {
  it('held back from before a loss does not replace a newer one', async () => {
    script.rest.set('GET /api/v3/account', () => ({ status: 503, body: {} }));
    script.push('broken');
    await log.until(() => failed() > 0);
    script.event({ e: 'outboundAccountPosition', E: 1_000, u: 1_000, B: [{ a: 'BTC', f: '5', l: '0' }] });
    // A second event proves, by being counted, that the first has been read.
    script.push('broken');
    await log.until(() => metricValue(metrics, 'tradewind_venue_private_undecodable_total') === 2);
    script.rest.set('GET /api/v3/account', () => account('9', 2_000));
    for (const socket of script.subscribers) socket.terminate();
    await log.until(() => log.state() === ConnectionState.Connecting);
    await log.until(() => log.up);
    const balances = log.events.filter((event): event is Balance => event.kind === EventKind.Balance);
    expect(balances.at(-1)!.free).toBe(9n * 10n ** 18n);
  });
});
