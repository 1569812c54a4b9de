import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type ApprovedOrder,
  DenialReason,
  EventKind,
  type OrderEvent,
  type SendFailed,
} from '../../../src/domain/index.js';
import type { BinanceOptions } from '../../../src/venues/index.js';
import { startTrading, type Trading } from './execution-harness.js';
import { orderOf } from './private-fixtures.js';

type Line = [kind: string, ...unknown[]];

/** What the venue was asked to do: method and client order id of each order request, in order. */
let asked: string[] = [];
let open = true;
let gateCalls = 0;
let trading: Trading | undefined;

afterEach(async () => {
  await trading?.close();
  trading = undefined;
});

async function start(options: Partial<BinanceOptions> & { key?: 'ed25519' | 'hmac' } = {}): Promise<Trading> {
  asked = [];
  open = true;
  gateCalls = 0;
  const ledger = (text: string) => {
    const [kind, , , , method, id] = JSON.parse(text) as Line;
    if (kind === 'R') asked.push(`${method} ${id}`);
  };
  const maySend = () => {
    gateCalls++;
    return open;
  };
  trading = await startTrading({ maySend, restTimeoutMs: 10_000, ...options }, { ledger });
  return trading;
}

const refusals = (order: { sequence: number }) =>
  trading!.log.of(order).filter((event): event is SendFailed => event.kind === EventKind.SendFailed);
const idOf = ({ sequence }: { sequence: number }) => `tw7x${sequence.toString(32)}`;
const last = (events: OrderEvent[]) => events.at(-1);

describe('a process that may not send', () => {
  it.each([
    ['over the session', 'websocket'],
    ['over REST', 'rest'],
  ] as const)('sends neither order nor cancel, and goes on asking: %s', async (_, orderEntry) => {
    const { log, execution, submit } = await start({ orderEntry });
    const before = submit();
    await log.until(() => log.has(before, 'OrderAccepted'));
    open = false;
    const order = submit();
    execution.cancel(before);
    await log.until(() => refusals(order).length === 1 && refusals(before).length === 1);
    expect(refusals(order)[0]).toMatchObject({ submit: true, reason: DenialReason.NOT_LEADER });
    expect(refusals(before)[0]).toMatchObject({ submit: false, reason: DenialReason.NOT_LEADER });
    execution.query(before);
    await log.until(() => log.has(before, 'OrderReport'));
    expect(asked).toEqual([`order.place ${idOf(before)}`]);
    expect(trading!.counter('tradewind_venue_fenced_requests_total')).toBe(2);
    // It may again: nothing of what was refused has been kept.
    open = true;
    execution.cancel(before);
    await log.until(() => log.has(before, 'OrderCanceled'));
    expect(asked).toEqual([`order.place ${idOf(before)}`, `order.cancel ${idOf(before)}-c`]);
    expect(last(log.of(order))?.kind).toBe(EventKind.SendFailed);
  });

  it('keeps what was refused out of the rate budget', async () => {
    const { submit, log } = await start();
    open = false;
    const orders = Array.from({ length: 200 }, () => submit());
    await log.until(() => orders.every((order) => refusals(order).length === 1));
    expect(new Set(orders.flatMap(refusals).map(({ reason }) => reason))).toEqual(
      new Set([DenialReason.NOT_LEADER]),
    );
    open = true;
    const order = submit();
    await log.until(() => log.has(order, 'OrderAccepted'));
    expect(asked).toHaveLength(1);
  });

  it('does not send what waited for a connection while the gate closed', async () => {
    const { log, submit, simulator } = await start({ orderEntry: 'rest' });
    // All connections of the pool are taken for a while; the orders behind them have nowhere to go yet.
    simulator.control.inject({ kind: 'slowAck', delayMs: 1_000, methods: ['order.place'], count: 8 });
    const orders = Array.from({ length: 20 }, () => submit());
    await log.until(() => asked.length >= 8);
    open = false;
    const waited = orders.filter((order) => !asked.includes(`order.place ${idOf(order)}`));
    expect(waited.length).toBeGreaterThanOrEqual(10);
    await log.until(() => waited.every((order) => refusals(order).length === 1));
    expect(asked).toHaveLength(orders.length - waited.length);
    expect(waited.flatMap(refusals).every(({ reason }) => reason === DenialReason.NOT_LEADER)).toBe(true);
  });

  it('does not cancel at the shutdown either', async () => {
    const { log, execution, submit } = await start();
    const order = submit();
    await log.until(() => log.has(order, 'OrderAccepted'));
    open = false;
    const [listed] = await execution.openOrders();
    await expect(execution.cancelOpen(listed!)).rejects.toThrow(/not the leader/);
    expect(await execution.openOrders()).toHaveLength(1);
    expect(asked).toHaveLength(1);
  });

  it('is asked about orders alone, once for each', async () => {
    const { log, execution, submit } = await start();
    expect(gateCalls).toBe(0);
    const order = submit();
    await log.until(() => log.has(order, 'OrderAccepted'));
    execution.query(order);
    await log.until(() => log.has(order, 'OrderReport'));
    expect(gateCalls).toBe(1);
    execution.cancel(order);
    expect(gateCalls).toBe(2);
  });

  it('refuses what comes after the gate closes within one turn', async () => {
    const { log, execution, instrument, price, size } = await start();
    const intent = { instrument: instrument.index, price: price('50000'), quantity: size('0.01') };
    const orders = [1, 2, 3].map((at) => orderOf(2_000_000 + at, intent)) as ApprovedOrder[];
    execution.submit(orders[0]!);
    open = false;
    execution.submit(orders[1]!);
    execution.submit(orders[2]!);
    await log.until(() => refusals(orders[2]!).length === 1 && log.has(orders[0]!, 'OrderAccepted'));
    expect(asked).toEqual([`order.place ${idOf(orders[0]!)}`]);
  });
});
