import {
  type ApprovedOrder,
  EventKind,
  type KernelEvent,
  type OrderIntent,
  OrderStatus,
  OrderType,
  Side,
  TimeInForce,
} from '../../../src/domain/index.js';
import { MetricRegistry, nullLogger } from '../../../src/telemetry/index.js';
import { EventOutlet } from '../../../src/venues/binance/event-outlet.js';
import { executionMetrics } from '../../../src/venues/binance/execution-metrics.js';
import { OrderClaims } from '../../../src/venues/binance/order-claims.js';
import { OrderRegistry } from '../../../src/venues/binance/order-registry.js';
import { SymbolIndex } from '../../../src/venues/binance/symbol-index.js';
import { UserStream } from '../../../src/venues/binance/user-stream.js';
import { BTC, INSTRUMENTS } from './market-fixtures.js';

/** An order as the kernel would hand it over: approved here by decree. */
export function orderOf(
  sequence: number,
  intent: Partial<OrderIntent> & { epoch?: number; venueOrderId?: string; tsSubmitted?: number } = {},
): ApprovedOrder {
  const quantity = intent.quantity ?? 1_000;
  return {
    instrument: BTC.index,
    strategy: 0,
    side: Side.Buy,
    type: OrderType.Limit,
    timeInForce: TimeInForce.GTC,
    postOnly: false,
    price: 5_000_000,
    triggerPrice: 0,
    epoch: 7,
    sequence,
    status: OrderStatus.Submitted,
    cumQuantity: 0,
    leavesQuantity: quantity,
    cumCost: 0n,
    venueOrderId: '',
    tsSubmitted: Date.now() * 1000,
    tsLast: 0,
    ...intent,
    quantity,
  } as unknown as ApprovedOrder;
}

/** A user stream of epoch 7 with everything behind it, and the events that come out. Its kernel knows orders below 1000. */
export function userStreamUnderTest() {
  const metrics = executionMetrics(new MetricRegistry());
  const registry = new OrderRegistry();
  const outlet = new EventOutlet(0, registry, metrics);
  const events: KernelEvent[] = [];
  outlet.sink = (event) => events.push(event);
  const symbols = new SymbolIndex(INSTRUMENTS);
  const claims = new OrderClaims({ registry, metrics, logger: nullLogger });
  const known = {
    epoch: 7,
    knows: (_epoch: number, sequence: number) => sequence < 1_000,
    knowsFill: () => false,
  };
  claims.resume = known;
  const stream = new UserStream({
    ...{ venue: 0, instruments: INSTRUMENTS, symbols, registry, claims, outlet, metrics },
  });
  const receive = (event: unknown) => {
    const bytes = Buffer.from(typeof event === 'string' ? event : JSON.stringify(event));
    return stream.receive(bytes, 0, bytes.length);
  };
  return { metrics, registry, outlet, events, stream, receive };
}

/** The documented execution report (user-data-stream.md), changed where a test says so. */
export function executionReport(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    e: 'executionReport',
    E: 1499405658658,
    s: 'BTCUSDT',
    c: 'tw7x1',
    S: 'BUY',
    o: 'LIMIT',
    f: 'GTC',
    q: '1.00000000',
    p: '50000.00000000',
    P: '0.00000000',
    F: '0.00000000',
    g: -1,
    C: '',
    x: 'NEW',
    X: 'NEW',
    r: 'NONE',
    i: 4293153,
    l: '0.00000000',
    z: '0.00000000',
    L: '0.00000000',
    n: '0',
    N: null,
    T: 1499405658657,
    t: -1,
    I: 8641984,
    w: true,
    m: false,
    M: false,
    O: 1499405658657,
    Z: '0.00000000',
    Y: '0.00000000',
    Q: '0.00000000',
    W: 1499405658657,
    V: 'NONE',
    ...fields,
  };
}

export const kindsOf = (events: readonly KernelEvent[]): string[] =>
  events.map(({ kind }) => Object.entries(EventKind).find(([, value]) => value === kind)![0]);
