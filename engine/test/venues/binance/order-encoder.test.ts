import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  CLIENT_ORDER_ID_FORMATS,
  formatClientOrderId,
  formatUnits,
  OrderType,
  parseClientOrderId,
  Side,
  TimeInForce,
} from '../../../src/domain/index.js';
import { Signer, wsPayload } from '../../../src/venues/binance/auth.js';
import { ClientIdReader } from '../../../src/venues/binance/client-id-reader.js';
import { OrderEncoder } from '../../../src/venues/binance/order-encoder.js';
import { INSTRUMENTS } from './market-fixtures.js';
import { orderOf } from './private-fixtures.js';

const FORMAT = CLIENT_ORDER_ID_FORMATS.binance;
const signer = new Signer({ kind: 'hmac', apiKey: 'k'.repeat(64), secret: 'secret' });
const unsigned = new OrderEncoder(INSTRUMENTS, 5_000);
const signed = new OrderEncoder(INSTRUMENTS, 5_000, signer);

const epoch = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 ** 30 - 1 }));
const sequence = fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 2 ** 45 - 1 }));
const units = fc.oneof(
  fc.integer({ min: 1, max: 2_000_000 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);
const anyOrder = fc
  .record({
    instrument: fc.constantFrom(...INSTRUMENTS.map(({ index }) => index)),
    side: fc.constantFrom(...Object.values(Side)),
    type: fc.constantFrom(...Object.values(OrderType)),
    timeInForce: fc.constantFrom(...Object.values(TimeInForce)),
    postOnly: fc.boolean(),
    quantity: units,
    price: units,
    triggerPrice: units,
    epoch,
    sequence,
  })
  .map(({ sequence: at, ...intent }) => orderOf(at, intent));
const id = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const timestamp = fc.integer({ min: 0, max: 4_102_444_800_000 });
const venueOrderId = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));

/** What Binance's page says an order of ours must look like, written the slow way. */
function expectedPlace(order: ReturnType<typeof orderOf>, timestampMs: number): Record<string, unknown> {
  const instrument = INSTRUMENTS.find(({ index }) => index === order.instrument)!;
  const price = formatUnits(order.price, instrument.pricePrecision);
  const stopPrice = formatUnits(order.triggerPrice, instrument.pricePrecision);
  const timeInForce = ['GTC', 'IOC', 'FOK'][order.timeInForce];
  const byType: Record<number, object> = {
    [OrderType.Market]: { type: 'MARKET' },
    [OrderType.Limit]: order.postOnly
      ? { type: 'LIMIT_MAKER', price }
      : { type: 'LIMIT', timeInForce, price },
    [OrderType.StopMarket]: { type: 'STOP_LOSS', stopPrice },
    [OrderType.StopLimit]: { type: 'STOP_LOSS_LIMIT', timeInForce, price, stopPrice },
    [OrderType.TakeProfitMarket]: { type: 'TAKE_PROFIT', stopPrice },
    [OrderType.TakeProfitLimit]: { type: 'TAKE_PROFIT_LIMIT', timeInForce, price, stopPrice },
  };
  return {
    symbol: instrument.symbol,
    side: order.side === Side.Buy ? 'BUY' : 'SELL',
    ...byType[order.type],
    quantity: formatUnits(order.quantity, instrument.sizePrecision),
    newClientOrderId: formatClientOrderId(FORMAT, order.epoch, order.sequence),
    newOrderRespType: 'ACK',
    recvWindow: 5_000,
    timestamp: timestampMs,
  };
}

function expectedTarget(order: ReturnType<typeof orderOf>, orderId: number): Record<string, unknown> {
  const symbol = INSTRUMENTS.find(({ index }) => index === order.instrument)!.symbol;
  const own = formatClientOrderId(FORMAT, order.epoch, order.sequence);
  return { symbol, ...(orderId > 0 ? { orderId } : { origClientOrderId: own }) };
}

const withSignature = (params: Record<string, unknown>) => {
  const all = { ...params, apiKey: signer.apiKey } as Record<string, string>;
  return { ...all, signature: signer.sign(wsPayload(all)) };
};

describe('OrderEncoder', () => {
  it('writes order.place exactly', () => {
    fc.assert(
      fc.property(anyOrder, id, timestamp, (order, requestId, at) => {
        const params = expectedPlace(order, at);
        const request = { id: requestId, method: 'order.place', params };
        expect(JSON.parse(unsigned.place(requestId, order, at).toString())).toEqual(request);
        expect(JSON.parse(signed.place(requestId, order, at).toString())).toEqual({
          ...request,
          params: withSignature(params),
        });
      }),
      { numRuns: 300 },
    );
  });

  it('writes order.cancel and order.status exactly', () => {
    fc.assert(
      fc.property(anyOrder, id, timestamp, venueOrderId, (order, requestId, at, orderId) => {
        const target = { ...expectedTarget(order, orderId), recvWindow: 5_000, timestamp: at };
        const own = formatClientOrderId(FORMAT, order.epoch, order.sequence);
        const cancel = { ...target, newClientOrderId: `${own}-c` };
        const parse = (frame: Buffer) => JSON.parse(frame.toString()) as unknown;
        expect(parse(unsigned.cancel(requestId, order, orderId, at))).toEqual({
          id: requestId,
          method: 'order.cancel',
          params: cancel,
        });
        expect(parse(signed.cancel(requestId, order, orderId, at))).toEqual({
          id: requestId,
          method: 'order.cancel',
          params: withSignature(cancel),
        });
        expect(parse(unsigned.status(requestId, order, orderId, at))).toEqual({
          id: requestId,
          method: 'order.status',
          params: target,
        });
        expect(parse(signed.status(requestId, order, orderId, at))).toEqual({
          id: requestId,
          method: 'order.status',
          params: withSignature(target),
        });
      }),
      { numRuns: 200 },
    );
  });

  it('reuses one buffer', () => {
    const first = unsigned.place(1, orderOf(1), 1);
    expect(unsigned.place(2, orderOf(2), 2).buffer).toBe(first.buffer);
  });
});

describe('ClientIdReader', () => {
  const reader = new ClientIdReader();
  const read = (text: string) => {
    const bytes = Buffer.from(`..${text}..`);
    return reader.read(bytes, 2, bytes.length - 2)
      ? { epoch: reader.epoch, sequence: reader.sequence }
      : undefined;
  };

  it('reads back every id we can make, and the id of our cancel of it', () => {
    fc.assert(
      fc.property(epoch, sequence, (e, s) => {
        const text = formatClientOrderId(FORMAT, e, s);
        expect(read(text)).toEqual({ epoch: e, sequence: s });
        expect(read(`${text}-c`)).toEqual({ epoch: e, sequence: s });
      }),
      { numRuns: 300 },
    );
  });

  it('agrees with the domain about every other text', () => {
    const near = fc
      .array(fc.constantFrom('t', 'w', 'x', '0', '1', 'v', 'w', 'z', 'A', '-', 'c'), { maxLength: 20 })
      .map((chars) => chars.join(''));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          near,
          near.map((text) => `tw${text}`),
        ),
        (text) => {
          const own = text.endsWith('-c') ? text.slice(0, -2) : text;
          expect(read(text)).toEqual(parseClientOrderId(FORMAT, own));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
