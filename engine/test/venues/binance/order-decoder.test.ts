import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OrderStatus } from '../../../src/domain/index.js';
import { LimitType } from '../../../src/venues/binance/limits.js';
import { ApiFrameDecoder, ApiFrameKind, orderStatusFrom } from '../../../src/venues/binance/order-decoder.js';

const decoder = new ApiFrameDecoder();
const decode = (frame: unknown) =>
  decoder.decode(Buffer.from(typeof frame === 'string' ? frame : JSON.stringify(frame)));

const LIMITS = [
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 50, count: 12 },
  { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 160000, count: 4043 },
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6000, count: 321 },
];
// The documented answers of web-socket-api.md.
const ACK = {
  id: 4711,
  status: 200,
  result: {
    symbol: 'BTCUSDT',
    orderId: 12569099453,
    orderListId: -1,
    clientOrderId: 'tw7x1',
    transactTime: 1660801715639,
  },
  rateLimits: LIMITS,
};
const STATUS = {
  id: 5,
  status: 200,
  result: {
    symbol: 'BTCUSDT',
    orderId: 12569099453,
    clientOrderId: 'tw7x1',
    price: '23416.10000000',
    origQty: '0.00847000',
    executedQty: '0.00635000',
    cummulativeQuoteQty: '198.33521500',
    status: 'PARTIALLY_FILLED',
    time: 1660801715639,
    updateTime: 1660801717945,
    isWorking: true,
  },
};
const REFUSAL = {
  id: 9,
  status: 400,
  error: { code: -2010, msg: 'Account has insufficient balance for requested action.' },
  rateLimits: LIMITS,
};
const BAN = {
  id: 10,
  status: 418,
  error: {
    code: -1003,
    msg: 'Way too much request weight used; IP banned until 1659146400000.',
    data: { serverTime: 1659142907531, retryAfter: 1659146400000 },
  },
};
const EVENT = { subscriptionId: 0, event: { e: 'serverShutdown', E: 1 } };

describe('ApiFrameDecoder', () => {
  it('reads an acknowledgement and its rate limits', () => {
    expect(decode(ACK)).toBe(ApiFrameKind.Response);
    expect(decoder).toMatchObject({ id: 4711, status: 200, orderId: 12569099453, timeMs: 1660801715639 });
    expect(decoder.limits.slice(0, decoder.limitCount)).toEqual([
      { type: LimitType.ORDERS, intervalMs: 10_000, count: 12 },
      { type: LimitType.ORDERS, intervalMs: 86_400_000, count: 4043 },
      { type: LimitType.REQUEST_WEIGHT, intervalMs: 60_000, count: 321 },
    ]);
  });

  it('reads an order status', () => {
    expect(decode(STATUS)).toBe(ApiFrameKind.Response);
    expect(decoder.orderStatus).toBe(OrderStatus.PartiallyFilled);
    expect(decoder.executedUnits(5)).toBe(635);
    expect(decoder.executedUnits(4)).toBeLessThan(0);
  });

  it('reads refusals and bans', () => {
    decode(REFUSAL);
    expect(decoder).toMatchObject({ id: 9, status: 400, errorCode: -2010, errorText: REFUSAL.error.msg });
    decode(BAN);
    expect(decoder).toMatchObject({
      status: 418,
      errorCode: -1003,
      retryAt: 1659146400000,
      timeMs: 1659142907531,
    });
  });

  it('forgets the frame before', () => {
    decode(BAN);
    decode({ id: 1, status: 200, result: {} });
    expect(decoder).toMatchObject({ errorCode: 0, errorText: '', retryAt: -1, orderId: 0, limitCount: 0 });
  });

  it('finds the event in its frame', () => {
    const frame = Buffer.from(JSON.stringify(EVENT));
    expect(decoder.decode(frame)).toBe(ApiFrameKind.Event);
    expect(JSON.parse(frame.subarray(decoder.eventStart, decoder.eventEnd).toString())).toEqual(EVENT.event);
  });

  it('takes keys in any order, unknown ones, and results of any shape', () => {
    const shuffled = `{"rateLimits":[],"x":{"y":[1,{}]},"result":{"transactTime":1,"orderId":7,"symbol":"A"},"status":200,"id":3}`;
    expect(decode(shuffled)).toBe(ApiFrameKind.Response);
    expect(decoder).toMatchObject({ id: 3, orderId: 7 });
    expect(decode({ id: 3, status: 200, result: [] })).toBe(ApiFrameKind.Response);
    expect(decode({ id: null, status: 401, error: { code: -2015, msg: 'x' } })).toBe(ApiFrameKind.Response);
    expect(decoder.id).toBe(-1);
    expect(decode({ id: 'text', status: 200 })).toBe(ApiFrameKind.Response);
    expect(decoder.id).toBe(-1);
  });

  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"id":1}',
    '{"status":200}',
    '{"id":1,"status":200}x',
    '{"id":1.5,"status":200}',
    '{"id":1,"status":"200"}',
    '{"id":1,"status":200,"result":{"orderId":"7"}}',
  ])('calls %s malformed', (frame) => {
    expect(decode(frame)).toBe(ApiFrameKind.Malformed);
  });

  it('survives truncated, mutated and random frames', () => {
    const frames = [ACK, STATUS, REFUSAL, BAN, EVENT].map((frame) => Buffer.from(JSON.stringify(frame)));
    for (const frame of frames) {
      for (let cut = 0; cut < frame.length; cut++) {
        expect(decoder.decode(frame.subarray(0, cut))).toBe(ApiFrameKind.Malformed);
      }
    }
    const mutation = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(
        fc.constantFrom(...frames),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (frame, changes) => {
          const copy = Buffer.from(frame);
          for (const { at, byte } of changes) copy[at % copy.length] = byte;
          const kind = decoder.decode(copy);
          if (kind === ApiFrameKind.Malformed) return;
          // Whatever it accepts, a full parser accepts too, and sees the same id.
          const parsed = JSON.parse(copy.toString('latin1')) as { id?: unknown };
          if (kind === ApiFrameKind.Response && Number.isSafeInteger(parsed.id))
            expect(decoder.id).toBe(parsed.id);
        },
      ),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decoder.decode(bytes)),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => void decode(text)),
      { numRuns: 500 },
    );
  });

  it('survives deep nesting, huge numbers and huge text', () => {
    for (const frame of [
      '['.repeat(100_000),
      `{"id":1,"status":200,"result":${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}}`,
      `{"id":${'9'.repeat(400)},"status":200}`,
      `{"id":1,"status":400,"error":{"code":-1,"msg":"${'x'.repeat(1_000_000)}"}}`,
      `{"id":1,"status":200,"result":{"executedQty":"${'1'.repeat(10_000)}"}}`,
    ]) {
      expect(() => decode(frame)).not.toThrow();
    }
  });
});

describe('orderStatusFrom', () => {
  it('maps every documented status and no other', () => {
    expect(
      [
        'NEW',
        'PENDING_NEW',
        'PARTIALLY_FILLED',
        'FILLED',
        'CANCELED',
        'REJECTED',
        'EXPIRED',
        'EXPIRED_IN_MATCH',
        'X',
      ].map(orderStatusFrom),
    ).toEqual(
      [1, 1, 2, 3, 4, 5, 6, 6, 7].map(
        (i) =>
          [
            undefined,
            OrderStatus.Accepted,
            OrderStatus.PartiallyFilled,
            OrderStatus.Filled,
            OrderStatus.Canceled,
            OrderStatus.Rejected,
            OrderStatus.Expired,
            undefined,
          ][i],
      ),
    );
  });
});
