import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ConnectionState,
  DenialReason,
  EventKind,
  type OrderFilled,
  OrderStatus,
  type Reconciled,
  RejectReason,
  Side,
  VenueChannel,
} from '../../../src/domain/index.js';
import type { Fault } from '../../../src/simulator/index.js';
import { MetricRegistry } from '../../../src/telemetry/index.js';
import { createBinanceVenue } from '../../../src/venues/index.js';
import { type EventLog, startTrading, type Trading, venueOptions } from './execution-harness.js';
import { orderOf } from './private-fixtures.js';

let trading: Trading | undefined;
afterEach(async () => {
  await trading?.close();
  trading = undefined;
});
const start = async (...args: Parameters<typeof startTrading>): Promise<Trading> => {
  trading = await startTrading(...args);
  return trading;
};
const inject = (fault: Fault) => trading!.simulator.control.inject(fault);
const fills = (log: EventLog, order: { sequence: number }) =>
  log.of(order).filter((event): event is OrderFilled => event.kind === EventKind.OrderFilled);

describe('an unknown outcome', () => {
  it.each<[string, Fault]>([
    ['the acknowledgement is lost', { kind: 'lostAck', methods: ['order.place'], count: 1 }],
    [
      'the connection is cut instead of an answer',
      { kind: 'lostAck', close: true, methods: ['order.place'], count: 1 },
    ],
    [
      'the venue fails, having done it',
      { kind: 'serverError', executed: true, methods: ['order.place'], count: 1 },
    ],
  ])('is never a rejection: %s', async (_, fault) => {
    const { log, execution, submit } = await start();
    inject({ kind: 'stallUserStream', drop: true, events: ['NEW'], durationMs: 60_000 });
    inject(fault);
    const order = submit();
    await log.until(() => log.has(order, 'OutcomeUnknown'));
    expect(log.has(order, 'OrderRejected')).toBe(false);
    execution.query(order);
    await log.until(() => log.has(order, 'OrderReport'));
    expect(log.of(order).at(-1)).toMatchObject({ status: OrderStatus.Accepted, cumQuantity: 0 });
    expect(trading!.counter('tradewind_venue_unknown_outcomes_total')).toBe(1);
  });

  it('of a cancel is found out by asking, even when the venue has renamed the order', async () => {
    const { log, execution, submit } = await start();
    inject({ kind: 'stallUserStream', drop: true, durationMs: 60_000 });
    inject({ kind: 'lostAck', methods: ['order.place', 'order.cancel'], count: 2 });
    const order = submit();
    await log.until(() => log.has(order, 'OutcomeUnknown'));
    // The venue's id was never told, so the cancel names the order by ours, and the venue renames it.
    execution.cancel(order);
    await log.until(() => log.count('OutcomeUnknown') === 2);
    execution.query(order);
    await log.until(() => log.has(order, 'OrderReport'));
    expect(log.of(order).at(-1)).toMatchObject({ status: OrderStatus.Canceled });
  });

  it('over REST is one too', async () => {
    const { log, submit } = await start({ key: 'hmac', orderEntry: 'rest' });
    inject({ kind: 'lostAck', close: true, methods: ['order.place'], count: 1 });
    const order = submit();
    await log.until(() => log.has(order, 'OutcomeUnknown'));
    inject({ kind: 'serverError', status: 502, html: true, methods: ['order.place'], count: 1 });
    const other = submit();
    await log.until(() => log.has(other, 'OutcomeUnknown'));
    expect(log.count('OrderRejected')).toBe(0);
  });
});

describe('a lost user stream', () => {
  it('costs no fill: reconciliation tells each missed one exactly once, before the order report', async () => {
    const { log, submit, size, price } = await start();
    const [first, second] = [submit(), submit({ side: Side.Sell, price: price('70000') })];
    await log.until(() => log.has(first, 'OrderAccepted') && log.has(second, 'OrderAccepted'));
    inject({ kind: 'fill', quantity: '0.001', clientOrderId: `tw7x${first.sequence.toString(32)}` });
    await log.until(() => fills(log, first).length === 1);
    // From here on the stream says nothing, though the socket stays up; then it breaks.
    inject({ kind: 'stallUserStream', drop: true, durationMs: 60_000 });
    inject({ kind: 'fill', quantity: '0.002', clientOrderId: `tw7x${first.sequence.toString(32)}` });
    inject({ kind: 'fill', clientOrderId: `tw7x${second.sequence.toString(32)}` });
    inject({ kind: 'disconnect', channel: 'wsapi' });
    await log.until(() => log.state() !== ConnectionState.Up);
    await log.until(() => log.up);
    expect(fills(log, first).map(({ quantity }) => quantity)).toEqual([size('0.001'), size('0.002')]);
    expect(fills(log, second).map(({ quantity }) => quantity)).toEqual([size('0.01')]);
    const report = (order: { sequence: number }) =>
      log.of(order).findLast((event) => event.kind === EventKind.OrderReport);
    expect(report(first)).toMatchObject({ status: OrderStatus.PartiallyFilled, cumQuantity: size('0.003') });
    expect(report(second)).toMatchObject({ status: OrderStatus.Filled, cumQuantity: size('0.01') });
    expect(log.of(second).at(-1)).toBe(report(second));
    expect(trading!.counter('tradewind_venue_recovered_fills_total')).toBe(2);
    // And once more: nothing is told again.
    inject({ kind: 'disconnect', channel: 'wsapi' });
    await log.until(() => log.state() !== ConnectionState.Up);
    await log.until(() => log.up);
    expect(log.count('OrderFilled')).toBe(3);
  });

  it('is told as Connecting, Reconciling, Up, on both channels', async () => {
    const { log } = await start();
    const seen = log.events.length;
    inject({ kind: 'disconnect', channel: 'wsapi' });
    await log.until(() => log.state() !== ConnectionState.Up);
    await log.until(() => log.up);
    const { Connecting, Reconciling, Up } = ConnectionState;
    for (const channel of [VenueChannel.User, VenueChannel.Orders]) {
      const states = log.events
        .slice(seen)
        .flatMap((event) =>
          event.kind === EventKind.Connection && event.channel === channel ? [event.state] : [],
        );
      expect(states).toEqual([Connecting, Reconciling, Up]);
    }
  });

  it('is noticed when the peer falls silent without a word', async () => {
    const { log } = await start({ heartbeat: { intervalMs: 100, timeoutMs: 100 } });
    inject({ kind: 'halfOpen', channel: 'wsapi', durationMs: 30_000 });
    await log.until(() => log.state() !== ConnectionState.Up);
    await log.until(() => log.up);
    expect(trading!.counter('tradewind_venue_private_reconnects_total')).toBeGreaterThan(0);
  });

  it('tells late fills after a cancel', async () => {
    const { log, execution, submit } = await start();
    const order = submit();
    await log.until(() => log.has(order, 'OrderAccepted'));
    inject({ kind: 'stallUserStream', delayMs: 150, events: ['TRADE'] });
    inject({ kind: 'fill', quantity: '0.004' });
    execution.cancel(order);
    await log.until(() => log.has(order, 'OrderCanceled') && log.has(order, 'OrderFilled'));
    expect(fills(log, order)).toHaveLength(1);
  });
});

describe('the audit', () => {
  it('finds what a stream that looks healthy has swallowed', async () => {
    const { log, submit } = await start({ auditIntervalMs: 100 });
    const order = submit();
    await log.until(() => log.has(order, 'OrderAccepted'));
    inject({ kind: 'stallUserStream', drop: true, durationMs: 60_000 });
    inject({ kind: 'fill' });
    await log.until(() => log.has(order, 'OrderReport'));
    expect(fills(log, order)).toHaveLength(1);
    expect(log.of(order).at(-1)).toMatchObject({ status: OrderStatus.Filled });
    // The two differed, so a comparison followed during which no order was let out.
    await log.until(() => log.up);
    const states = log.events.flatMap((event) =>
      event.kind === EventKind.Connection && event.channel === VenueChannel.User ? [event.state] : [],
    );
    expect(states.slice(-2)).toEqual([ConnectionState.Reconciling, ConnectionState.Up]);
  });

  it('leaves trading open while the venue and we agree, and says so', async () => {
    const { log, submit } = await start({ auditIntervalMs: 100 });
    const [order, other] = [submit(), submit({ side: Side.Sell, price: trading!.price('70000') })];
    await log.until(() => log.has(order, 'OrderAccepted') && log.has(other, 'OrderAccepted'));
    inject({ kind: 'fill', quantity: '0.004', clientOrderId: `tw7x${other.sequence.toString(32)}` });
    await log.until(() => fills(log, other).length === 1);
    const seen = log.events.length;
    await log.until(() => log.count('Reconciled') >= 4);
    const kinds = new Set(log.events.slice(seen).map(({ kind }) => kind));
    expect(kinds).toEqual(new Set([EventKind.Balance, EventKind.Reconciled]));
    const reconciled = log.events.findLast(({ kind }) => kind === EventKind.Reconciled) as Reconciled;
    expect(reconciled.lastTradeIds[trading!.instrument.index]).toBe(fills(log, other)[0]!.tradeId);
  });
});

describe('the order session', () => {
  it('is replaced before its life ends, without a gap', async () => {
    const { log, submit, size } = await start({ sessionLifetimeMs: 150 });
    const seen = log.events.length;
    for (let i = 0; i < 6; i++) {
      const order = submit({ quantity: size(`0.01${i}`) });
      await log.until(() => log.has(order, 'OrderAccepted'));
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    expect(log.events.slice(seen).filter(({ kind }) => kind === EventKind.Connection)).toEqual([]);
    expect(log.count('OutcomeUnknown')).toBe(0);
    expect(trading!.simulator.control.connections()).toBeDefined();
  });
});

describe('rate limits', () => {
  it('refuse orders locally once the order budget is spent, and let cancels pass', async () => {
    const { log, execution, submit } = await start({}, { limits: { ordersPer10Seconds: 3 } });
    const orders = Array.from({ length: 8 }, () => submit());
    await log.until(() => orders.every((order) => log.of(order).length > 0));
    const refused = orders.filter((order) => log.has(order, 'SendFailed'));
    expect(refused.length).toBeGreaterThanOrEqual(2);
    expect(log.of(refused[0]!)[0]).toMatchObject({ submit: true, reason: DenialReason.VENUE_RATE_BUDGET });
    const sent = orders.filter((order) => log.has(order, 'OrderAccepted'));
    for (const order of sent) execution.cancel(order);
    await log.until(() => sent.every((order) => log.has(order, 'OrderCanceled')));
    expect(log.count('OutcomeUnknown')).toBe(0);
  });

  it('hold everything back after a 429 until it is over', async () => {
    const { log, execution, submit } = await start();
    const open = submit();
    await log.until(() => log.has(open, 'OrderAccepted'));
    inject({ kind: 'rateLimit', retryAfterSeconds: 1, methods: ['order.place'], count: 1 });
    const limited = submit();
    await log.until(() => log.has(limited, 'OrderRejected'));
    expect(log.of(limited)[0]).toMatchObject({ reason: RejectReason.RATE_LIMITED });
    execution.cancel(open);
    await log.until(() => log.has(open, 'SendFailed'));
    expect(log.of(open).at(-1)).toMatchObject({ submit: false, reason: DenialReason.VENUE_RATE_BUDGET });
    await log.retry(
      () => execution.cancel(open),
      () => log.has(open, 'OrderCanceled'),
    );
  });

  it('open the circuit on a ban', async () => {
    const { log, submit } = await start();
    inject({ kind: 'ban', durationMs: 1_500 });
    const first = submit();
    await log.until(() => log.of(first).length > 0);
    const second = submit();
    await log.until(() => log.has(second, 'SendFailed'));
    await log.until(() => log.up);
    await log.retry(submit, () => log.count('OrderAccepted') > 0);
  });
});

describe('the clock', () => {
  it('is measured anew when the venue refuses a timestamp', async () => {
    const { log, submit } = await start();
    inject({ kind: 'clockSkew', offsetMs: 30_000, durationMs: 60_000 });
    const order = submit();
    await log.until(() => log.has(order, 'OrderRejected'));
    expect(log.of(order)[0]).toMatchObject({ reason: RejectReason.CLOCK_SKEW });
    await log.retry(submit, () => log.count('OrderAccepted') > 0);
  });
});

describe('ownership', () => {
  it('cancels no order but its own', async () => {
    const { execution } = await start();
    const foreign = { symbol: 'BTCUSDT', clientOrderId: 'web_1', venueOrderId: '1', own: false };
    await expect(execution.cancelOpen(foreign)).rejects.toThrow(/not ours/);
  });
});

describe('start and stop', () => {
  it('refuses to start with credentials the venue refuses', async () => {
    const { simulator, instrument } = await start();
    const options = venueOptions(simulator, new MetricRegistry(), { key: 'hmac' });
    const wrong = {
      ...options,
      credentials: { kind: 'hmac', apiKey: 'a'.repeat(64), secret: 'nope' } as const,
    };
    const execution = createBinanceVenue(wrong).execution!;
    await expect(execution.start([instrument], () => {})).rejects.toThrow(/userDataStream/);
    await execution.stop();
  });

  it('never throws and never forgets when asked to send while stopped', async () => {
    const { log, execution } = await start();
    await execution.stop();
    const order = orderOf(1_000_000, { instrument: 2 });
    expect(() => {
      execution.submit(order);
      execution.cancel(order);
      execution.query(order);
    }).not.toThrow();
    await log.until(() => log.kinds(order).join() === 'SendFailed,SendFailed');
    expect(log.state()).toBe(ConnectionState.Down);
  });

  it('checks the venue', async () => {
    const { venue } = await start();
    const checks = await venue.check();
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual([
      'REST',
      'clock',
      'instruments',
      'market stream',
      'WebSocket API',
      'account',
      'withdrawals',
    ]);
  });
});
