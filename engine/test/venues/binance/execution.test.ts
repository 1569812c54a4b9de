import { afterEach, describe, expect, it } from '@jest/globals';
import {
  EventKind,
  type OrderFilled,
  OrderType,
  RejectReason,
  Side,
  TimeInForce,
} from '../../../src/domain/index.js';
import { startTrading, type Trading } from './execution-harness.js';

let trading: Trading | undefined;
afterEach(async () => {
  await trading?.close();
  trading = undefined;
});

describe.each([
  ['an Ed25519 key, logged on', { key: 'ed25519' }],
  ['an HMAC key, signing each request', { key: 'hmac' }],
  ['an HMAC key over REST', { key: 'hmac', orderEntry: 'rest' }],
] as const)('BinanceExecution with %s', (_, options) => {
  it('logs on, tells balances, and comes up', async () => {
    trading = await startTrading(options);
    const { log } = trading;
    expect(log.up).toBe(true);
    const balances = log.events.filter((event) => event.kind === EventKind.Balance);
    expect(balances.length).toBeGreaterThan(0);
    expect(trading.counter('tradewind_venue_reconciles_total')).toBe(1);
  });

  it('places, is told of a partial fill, cancels', async () => {
    trading = await startTrading(options);
    const { log, simulator, execution, price, size } = trading;
    const order = trading.submit();
    await log.until(() => log.has(order, 'OrderAccepted'));
    simulator.control.inject({ kind: 'fill', quantity: '0.004' });
    await log.until(() => log.has(order, 'OrderFilled'));
    const fill = log.of(order).find((event): event is OrderFilled => event.kind === EventKind.OrderFilled)!;
    expect(fill).toMatchObject({
      price: price('50000'),
      quantity: size('0.004'),
    });
    execution.cancel(order);
    await log.until(() => log.has(order, 'OrderCanceled'));
    expect(await execution.openOrders()).toEqual([]);
    expect(log.has(order, 'OutcomeUnknown')).toBe(false);
  });

  it('is told why an order or a cancel was refused', async () => {
    trading = await startTrading(options);
    const { log, execution, size } = trading;
    const poor = trading.submit({ quantity: size('9000') });
    await log.until(() => log.has(poor, 'OrderRejected'));
    expect(log.of(poor)[0]).toMatchObject({ reason: expect.any(Number) });
    const small = trading.submit({ quantity: size('0.00001') });
    await log.until(() => log.has(small, 'OrderRejected'));
    expect(log.of(small)[0]).toMatchObject({ reason: RejectReason.NOTIONAL_FILTER });
    const order = trading.submit();
    await log.until(() => log.has(order, 'OrderAccepted'));
    execution.cancel(order);
    await log.until(() => log.has(order, 'OrderCanceled'));
    execution.cancel(order);
    await log.until(() => log.has(order, 'CancelRejected'));
    expect(log.of(order).at(-1)).toMatchObject({ reason: RejectReason.UNKNOWN_ORDER });
  });

  it('takes liquidity, and is told that the rest of an IOC expired', async () => {
    trading = await startTrading(options);
    const { log, size, price } = trading;
    const maker = trading.submit({ side: Side.Sell, postOnly: true });
    await log.until(() => log.has(maker, 'OrderAccepted'));
    const ioc = trading.submit({ timeInForce: TimeInForce.IOC, price: price('40000') });
    await log.until(() => log.has(ioc, 'OrderExpired'));
    const market = trading.submit({ type: OrderType.Market, quantity: size('0.005') });
    await log.until(() => log.of(market).length >= 2);
    expect(log.kinds(market)).not.toContain('OutcomeUnknown');
  });

  it('answers a query with the fills first', async () => {
    trading = await startTrading(options);
    const { log, simulator, execution, size } = trading;
    const order = trading.submit();
    await log.until(() => log.has(order, 'OrderAccepted'));
    execution.query(order);
    await log.until(() => log.has(order, 'OrderReport'));
    simulator.control.inject({ kind: 'stallUserStream', drop: true, durationMs: 60_000 });
    simulator.control.inject({ kind: 'fill', quantity: '0.003' });
    const seen = log.events.length;
    execution.query(order);
    await log.until(() => log.count('OrderReport') === 2);
    expect(log.events.slice(seen).map(({ kind }) => kind)).toEqual([
      EventKind.OrderFilled,
      EventKind.OrderReport,
    ]);
    expect(log.of(order).at(-1)).toMatchObject({ cumQuantity: size('0.003') });
  });

  it('tells that an order nobody has was not found, for good only when it cannot come any more', async () => {
    trading = await startTrading(options);
    const { log, simulator, execution } = trading;
    simulator.control.inject({ kind: 'lostRequest', methods: ['order.place'], count: 1 });
    const order = trading.submit();
    await log.until(() => log.has(order, 'OutcomeUnknown'));
    execution.query(order);
    await log.until(() => log.has(order, 'OrderNotFound'));
    await log.until(() => {
      if (log.of(order).some((event) => event.kind === EventKind.OrderNotFound && event.definitive))
        return true;
      execution.query(order);
      return false;
    });
    expect(log.kinds(order)[0]).toBe('OutcomeUnknown');
  });
});
