import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConnectionState, EventKind, OrderStatus, RejectReason } from '../../../src/domain/index.js';
import { MetricRegistry, nullLogger, systemClock } from '../../../src/telemetry/index.js';
import { type BinanceOptions, createBinanceVenue, type ExecutionPort } from '../../../src/venues/index.js';
import { EventLog, metricValue, QUICK } from './execution-harness.js';
import { BTC } from './market-fixtures.js';
import { executionReport, orderOf } from './private-fixtures.js';
import { ScriptedVenue, send } from './scripted-venue.js';

const secret = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
let script: ScriptedVenue;
let log: EventLog;
let metrics: MetricRegistry;
let execution: ExecutionPort;

beforeEach(async () => {
  script = new ScriptedVenue();
  await script.listen();
  log = new EventLog();
  metrics = new MetricRegistry();
});
afterEach(async () => {
  await execution.stop();
  await script.close();
});

function open(options: Partial<BinanceOptions> = {}): void {
  execution = createBinanceVenue({
    venueIndex: 0,
    endpoints: script.endpoints,
    credentials: { kind: 'ed25519', apiKey: 'k', secret },
    clock: systemClock,
    logger: nullLogger,
    metrics,
    ...QUICK,
    ...options,
  }).execution!;
}

async function start(options: Partial<BinanceOptions> = {}): Promise<void> {
  open(options);
  await execution.start([BTC], log.sink);
}

const count = (asked: string) => script.requests.filter(({ method }) => method === asked).length;
const REVOKED = {
  id: null,
  status: 401,
  error: { code: -2015, msg: 'Invalid API-key, IP, or permissions.' },
};

const order = orderOf(1);
const row = (fields: object = {}) => ({
  symbol: 'BTCUSDT',
  orderId: 900,
  clientOrderId: 'tw7x1',
  status: 'NEW',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  price: '50000.00000000',
  origQty: '0.01000000',
  executedQty: '0.00000000',
  updateTime: 1_700_000_000_000,
  ...fields,
});
const trade = (id: number, fields: object = {}) => ({
  id,
  orderId: 900,
  price: '50000.00000000',
  qty: '0.00500000',
  commission: '0.00000500',
  commissionAsset: 'BTC',
  time: 1_700_000_000_000,
  isMaker: true,
  ...fields,
});

describe('a session', () => {
  it('logs on once; after that requests carry a timestamp and nothing secret', async () => {
    await start();
    execution.submit(order);
    await log.until(() => script.requests.some(({ method }) => method === 'order.place'));
    const logons = script.requests.filter(({ method }) => method === 'session.logon');
    expect(logons).toHaveLength(2);
    expect(Object.keys(logons[0]!.params!).sort()).toEqual([
      'apiKey',
      'recvWindow',
      'signature',
      'timestamp',
    ]);
    const place = script.requests.find(({ method }) => method === 'order.place')!;
    expect(place.params).not.toHaveProperty('apiKey');
    expect(place.params).not.toHaveProperty('signature');
    expect(place.params).toHaveProperty('timestamp');
  });

  it('calls the send hook once the bytes are with the socket', async () => {
    const sent: number[] = [];
    await start({ onSend: (ns) => sent.push(ns) });
    execution.submit(order);
    expect(sent).toHaveLength(1);
  });

  it('takes a success that names no order for no proof', async () => {
    await start();
    execution.submit(order);
    await log.until(() => log.has(order, 'OutcomeUnknown'));
    expect(log.has(order, 'OrderAccepted')).toBe(false);
  });

  it('asks about an order whose id the venue says is taken: it is ours', async () => {
    await start();
    script.answer = ({ id }) => ({ id, status: 400, error: { code: -2010, msg: 'Duplicate order sent.' } });
    execution.submit(order);
    await log.until(() => log.of(order).length > 0);
    expect(log.kinds(order)).toEqual(['OutcomeUnknown']);
  });

  it('connects again when its key was revoked', async () => {
    await start();
    script.push(REVOKED);
    await log.until(() => log.state() !== ConnectionState.Up);
    await log.until(() => log.up);
    expect(count('session.logon')).toBeGreaterThan(2);
  });

  it('that is only prepared connects again too, though its user data is not subscribed to', async () => {
    open();
    execution.prepare!([BTC]);
    await log.until(() => execution.connected === true);
    for (const socket of script.sockets) send(socket, REVOKED);
    await log.until(() => count('session.logon') === 4 && execution.connected === true);
    expect(count('userDataStream.subscribe')).toBe(0);
    await execution.start([BTC], log.sink);
    expect(log.up).toBe(true);
  });

  it('that is only prepared is never given up', async () => {
    open({ reconnect: { maxAttempts: 1, minDelayMs: 1, maxDelayMs: 2 } });
    script.refusal = { status: 503 };
    execution.prepare!([BTC]);
    await log.until(() => script.refused >= 12);
    script.refusal = undefined;
    await log.until(() => execution.connected === true);
    await execution.start([BTC], log.sink);
    expect(log.up).toBe(true);
  });

  it("that is only prepared waits for the venue's time and limits for as long as it takes", async () => {
    let asked = 0;
    const exchange = script.rest.get('GET /api/v3/exchangeInfo')!;
    script.rest.set('GET /api/v3/exchangeInfo', () => {
      asked++;
      return { status: 500, body: {} };
    });
    open({ reconnect: { maxAttempts: 1, minDelayMs: 1, maxDelayMs: 2 } });
    execution.prepare!([BTC]);
    await log.until(() => asked >= 6);
    script.rest.set('GET /api/v3/exchangeInfo', exchange);
    await log.until(() => execution.connected === true);
  });

  it('that is to trade is given up after the last attempt, however long it was prepared', async () => {
    open({ reconnect: { maxAttempts: 2, minDelayMs: 1, maxDelayMs: 2 } });
    script.refusal = { status: 503 };
    execution.prepare!([BTC]);
    await log.until(() => script.refused >= 12);
    await expect(execution.start([BTC], log.sink)).rejects.toThrow(/^binance: no (user|orders) session/);
  });

  it('is replaced without a gap when the server announces a shutdown', async () => {
    await start();
    execution.submit(order);
    await log.until(() => log.has(order, 'OutcomeUnknown'));
    const [old] = script.subscribers;
    const seen = log.events.length;
    script.push({ event: { e: 'serverShutdown', E: 1 } });
    await log.until(() => script.subscribers.size === 2);
    old!.terminate();
    await log.until(() => script.subscribers.size === 1);
    script.event(executionReport());
    await log.until(() => log.events.length > seen);
    expect(log.events.slice(seen).map(({ kind }) => kind)).toEqual([EventKind.OrderAccepted]);
  });

  it('subscribes again when the stream is terminated, and reconciles', async () => {
    await start();
    const subscriptions = () =>
      script.requests.filter(({ method }) => method === 'userDataStream.subscribe').length;
    expect(subscriptions()).toBe(1);
    script.event({ e: 'eventStreamTerminated', E: 1 });
    await log.until(() => subscriptions() === 2);
    await log.until(() => metricValue(metrics, 'tradewind_venue_reconciles_total') === 2 && log.up);
  });

  it('does not knock again before a refused handshake says it may', async () => {
    await start();
    script.refusal = { status: 429, headers: { 'Retry-After': '2' } };
    for (const socket of script.sockets) socket.terminate();
    await log.until(() => script.refused === 2 && log.state() !== ConnectionState.Up);
    // Several times the longest wait between attempts, and far less than the two seconds.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(script.refused).toBe(2);
    script.refusal = undefined;
    await log.until(() => log.up);
  });

  it('sends orders over REST while it is down', async () => {
    script.rest.set('POST /api/v3/order', () => ({
      body: { symbol: 'BTCUSDT', orderId: 900, transactTime: 1 },
    }));
    await start();
    script.refusal = { status: 503 };
    for (const socket of script.sockets) if (!script.subscribers.has(socket)) socket.terminate();
    await log.until(() => metricValue(metrics, 'tradewind_venue_order_entry_fallback') === 1);
    expect(log.up).toBe(true);
    execution.submit(order);
    await log.until(() => log.has(order, 'OrderAccepted'));
    expect(script.requests.some(({ method }) => method === 'order.place')).toBe(false);
    script.refusal = undefined;
    await log.until(() => metricValue(metrics, 'tradewind_venue_order_entry_fallback') === 0);
  });
});

describe('a private message that cannot be read', () => {
  it.each([
    ['no JSON', 'no JSON'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00])],
    ['half a fill', JSON.stringify({ event: executionReport({ x: 'TRADE', t: 1 }) }).slice(0, 300)],
    ['a fill without a price', { event: executionReport({ x: 'TRADE', t: 1, l: '1', n: '0' }) }],
    ['an event of no kind', { event: {} }],
    ['a nest too deep', `{"event":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
  ])('is counted and has the truth asked: %s', async (_, frame) => {
    await start();
    execution.submit(order);
    script.push(frame);
    await log.until(() => log.state() === ConnectionState.Reconciling);
    await log.until(() => log.up);
    expect(metricValue(metrics, 'tradewind_venue_private_undecodable_total')).toBe(1);
    expect(metricValue(metrics, 'tradewind_venue_reconciles_total')).toBe(2);
  });

  it('does not make a storm of a flood', async () => {
    await start();
    for (let i = 0; i < 200; i++) script.push('broken');
    await log.until(() => metricValue(metrics, 'tradewind_venue_private_undecodable_total') === 200);
    await log.until(() => log.up);
    expect(metricValue(metrics, 'tradewind_venue_reconciles_total')).toBeLessThanOrEqual(3);
  });

  it('is survived when it comes as an answer', async () => {
    await start();
    script.answer = ({ id }, socket) => {
      send(socket, `{"id":${String(id)},"status":200,"result":{"orderId":`);
      return undefined;
    };
    execution.submit(order);
    await log.until(() => log.has(order, 'OutcomeUnknown'));
    await log.until(() => log.up);
  });
});

describe('private_reconnects_total', () => {
  it('counts lost sessions, and not the orderly stop', async () => {
    const reconnects = () => metricValue(metrics, 'tradewind_venue_private_reconnects_total');
    await start();
    for (const socket of script.subscribers) socket.terminate();
    await log.until(() => reconnects() === 1 && log.up);
    await execution.stop();
    expect(reconnects()).toBe(1);
  });
});

describe('reconciliation', () => {
  it('waits for a trade list that lags behind the order', async () => {
    await start();
    script.answer = ({ id, method }) => ({
      id,
      status: 200,
      result:
        method === 'order.place'
          ? { orderId: 900, transactTime: 1 }
          : row({ status: 'FILLED', executedQty: '0.01' }),
    });
    execution.submit(order);
    await log.until(() => log.has(order, 'OrderAccepted'));
    let asked = 0;
    script.rest.set('GET /api/v3/order', () => ({
      body: row({ status: 'FILLED', executedQty: '0.01000000' }),
    }));
    script.rest.set('GET /api/v3/myTrades', () => ({
      body: ++asked < 3 ? [trade(50)] : [trade(50), trade(51)],
    }));
    execution.query(order);
    await log.until(() => log.has(order, 'OrderReport'));
    expect(log.kinds(order)).toEqual(['OrderAccepted', 'OrderFilled', 'OrderFilled', 'OrderReport']);
    expect(log.of(order).at(-1)).toMatchObject({ status: OrderStatus.Filled, cumQuantity: 1_000 });
  });

  it('finds whose a trade is when it cannot know, and leaves foreign ones alone', async () => {
    await start();
    script.rest.set('GET /api/v3/myTrades', () => ({ body: [trade(50), trade(51, { orderId: 901 })] }));
    let lookups = 0;
    script.rest.set('GET /api/v3/order', () => ({
      // An order of an earlier run, which its cancel has renamed; and somebody else's.
      body:
        ++lookups === 1
          ? row({ clientOrderId: 'tw7x1-c', status: 'CANCELED', executedQty: '0.005' })
          : row({ orderId: 901, clientOrderId: 'web_1' }),
    }));
    for (const socket of script.sockets) socket.terminate();
    await log.until(() => log.has(order, 'OrderReport') && log.up);
    expect(log.kinds(order)).toEqual(['OrderAdopted', 'OrderFilled', 'OrderReport']);
    expect(log.count('OrderFilled')).toBe(1);
  });

  it('tells nothing and goes on trying while an answer is unreadable', async () => {
    await start();
    let good = false;
    script.rest.set('GET /api/v3/openOrders', () => ({ body: good ? [] : [{ orderId: 'x' }] }));
    const seen = log.events.length;
    for (const socket of script.sockets) socket.terminate();
    await log.until(() => metricValue(metrics, 'tradewind_venue_failed_reconciles_total') >= 2);
    expect(log.state()).toBe(ConnectionState.Reconciling);
    expect(log.events.slice(seen).every(({ kind }) => kind === EventKind.Connection)).toBe(true);
    good = true;
    await log.until(() => log.up);
  });

  it('emits live events only after the truth it was fetching', async () => {
    await start();
    script.rest.set('GET /api/v3/openOrders', () => {
      // While we ask, the order fills: once in the list we are about to read, and live.
      script.event(
        executionReport({ x: 'TRADE', X: 'FILLED', i: 900, t: 50, l: '0.005', L: '50000', n: '0', N: 'BTC' }),
      );
      return { body: [row({ status: 'PARTIALLY_FILLED', executedQty: '0.00500000' })] };
    });
    script.rest.set('GET /api/v3/myTrades', () => ({ body: [trade(50)] }));
    execution.submit(order);
    for (const socket of script.sockets) socket.terminate();
    await log.until(() => log.has(order, 'OrderReport') && log.up);
    expect(log.of(order).filter(({ kind }) => kind === EventKind.OrderFilled)).toHaveLength(1);
    const kinds = log.kinds(order);
    expect(kinds.indexOf('OrderFilled')).toBeLessThan(kinds.indexOf('OrderReport'));
  });

  it('says the reason of a REST refusal too', async () => {
    await start({ orderEntry: 'rest' });
    script.rest.set('POST /api/v3/order', () => ({
      status: 400,
      body: { code: -1013, msg: 'Filter failure: LOT_SIZE' },
    }));
    execution.submit(order);
    await log.until(() => log.has(order, 'OrderRejected'));
    expect(log.of(order)[0]).toMatchObject({
      reason: RejectReason.QUANTITY_FILTER,
      text: 'Filter failure: LOT_SIZE',
    });
  });
});
