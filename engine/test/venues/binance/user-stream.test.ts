import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LiquiditySide, OrderStatus, parseAmount, RejectReason } from '../../../src/domain/index.js';
import { UserStreamAction } from '../../../src/venues/binance/user-stream.js';
import { executionReport, kindsOf, userStreamUnderTest } from './private-fixtures.js';

const TRADE = {
  x: 'TRADE',
  X: 'PARTIALLY_FILLED',
  l: '0.25000000',
  L: '50000.01000000',
  z: '0.25000000',
  n: '0.00012345',
  N: 'BNB',
  t: 77,
  m: true,
};
let under: ReturnType<typeof userStreamUnderTest>;
beforeEach(() => {
  under = userStreamUnderTest();
});
const { None, Reconcile, Resubscribe, Replace } = UserStreamAction;
const base = { tsEvent: 1499405658657000, tsInit: 0, epoch: 7, sequence: 1 };

describe('UserStream', () => {
  it('tells an accepted order', () => {
    expect(under.receive(executionReport())).toBe(None);
    expect(under.events).toEqual([{ kind: 30, ...base, venueOrderId: '4293153' }]);
    expect(under.registry.find(7, 1)).toMatchObject({ venueOrderId: 4293153, closed: false });
  });

  it('tells a fill with its trade id, fee and liquidity side', () => {
    expect(under.receive(executionReport(TRADE))).toBe(None);
    expect(under.events).toEqual([
      {
        kind: 32,
        ...base,
        tradeId: '77',
        price: 5_000_001,
        quantity: 25_000,
        liquidity: LiquiditySide.Maker,
        feeAsset: 'BNB',
        fee: parseAmount('0.00012345'),
      },
    ]);
    expect(under.registry.find(7, 1)).toMatchObject({ cumQuantity: 25_000 });
  });

  it('passes a fill once, however often it is told', () => {
    under.receive(executionReport(TRADE));
    under.receive(executionReport(TRADE));
    expect(under.events).toHaveLength(1);
  });

  it('passes both sides of a trade between two orders of ours, each once', () => {
    for (const c of ['tw7x1', 'tw7x2', 'tw7x1', 'tw7x2']) under.receive(executionReport({ ...TRADE, c }));
    expect(under.events).toMatchObject([
      { sequence: 1, tradeId: '77' },
      { sequence: 2, tradeId: '77' },
    ]);
  });

  it.each(['NEW', 'TRADE', 'REPLACED', 'TRADE_PREVENTION'])(
    'has the venue asked about an order nobody knows: %s',
    (x) => {
      expect(under.receive(executionReport({ ...TRADE, x, c: 'tw7xv8' }))).toBe(UserStreamAction.Adopt);
      expect(under.events).toEqual([]);
      expect(under.registry.find(7, 1_000)).toBeUndefined();
    },
  );

  it.each(['CANCELED', 'REJECTED', 'EXPIRED'])('asks nothing about one that has ended: %s', (x) => {
    expect(under.receive(executionReport({ x, X: x, c: 'tw7xv8' }))).toBe(None);
    expect(under.events).toEqual([]);
  });

  it('touches nothing of a later leader', () => {
    expect(under.receive(executionReport({ ...TRADE, c: 'tw8x1' }))).toBe(None);
    expect(under.events).toEqual([]);
    expect(under.metrics.superseding.value).toBe(1);
  });

  it('reports each order that is not ours, also where two symbols have one order id', () => {
    for (const s of ['BTCUSDT', 'ETHUSDT', 'BTCUSDT', 'ETHUSDT']) {
      under.receive(executionReport({ s, i: 901, c: 'web_1' }));
    }
    expect(under.metrics.foreignOrders.value).toBe(2);
    for (const s of ['BTCUSDT', 'ETHUSDT', 'ETHUSDT']) {
      under.receive(executionReport({ s, i: 902, c: 'tw8x1' }));
    }
    expect(under.metrics.superseding.value).toBe(2);
  });

  it('tells money that came and went', () => {
    const update = { e: 'balanceUpdate', E: 1, a: 'BTC', d: '100.5', T: 1_573_200_697_068 };
    expect(under.receive(update)).toBe(None);
    expect(under.receive({ ...update, d: '-0.00000001' })).toBe(None);
    const told = { kind: 22, tsEvent: 1_573_200_697_068_000, tsInit: 0, venue: 0, asset: 'BTC' };
    expect(under.events).toEqual([
      { ...told, amount: parseAmount('100.5') },
      { ...told, amount: parseAmount('-0.00000001') },
    ]);
  });

  it.each([{ d: 'much' }, { d: undefined }, { a: undefined }, { T: undefined }, { d: 5 }, { T: -1 }])(
    'asks about a transfer that cannot be read: %j',
    (change) => {
      const update = { e: 'balanceUpdate', E: 1, a: 'BTC', d: '1', T: 1_573_200_697_068, ...change };
      expect(under.receive(update)).toBe(Reconcile);
      expect(under.events).toEqual([]);
    },
  );

  it.each([
    ['CANCELED', OrderStatus.Canceled, 'OrderCanceled'],
    ['EXPIRED', OrderStatus.Expired, 'OrderExpired'],
  ])('says first how much was filled when an order ends with a fill untold: %s', (x, status, kind) => {
    under.receive(executionReport(TRADE));
    expect(under.receive(executionReport({ x, X: x, z: '0.75000000' }))).toBe(None);
    expect(kindsOf(under.events)).toEqual(['OrderFilled', 'OrderReport', kind]);
    expect(under.events[1]).toMatchObject({ status, cumQuantity: 75_000, venueOrderId: '4293153' });
    under.receive(executionReport({ ...TRADE, c: 'tw7x2', t: 78 }));
    under.receive(executionReport({ x, X: x, c: 'tw7x2', z: '0.25000000' }));
    expect(kindsOf(under.events.slice(3))).toEqual(['OrderFilled', kind]);
  });

  it('says how much was filled when a fill shows that one before it was not told', () => {
    under.receive(executionReport({ ...TRADE, X: 'FILLED', z: '1.00000000' }));
    expect(kindsOf(under.events)).toEqual(['OrderFilled', 'OrderReport']);
    expect(under.events[1]).toMatchObject({ status: OrderStatus.Filled, cumQuantity: 100_000 });
  });

  it.each([
    ['CANCELED', OrderStatus.Canceled],
    ['EXPIRED', OrderStatus.Expired],
  ])('takes no order for open again whose late fill shows another one untold: %s', (x, status) => {
    under.receive(executionReport({ x, X: x }));
    expect(under.receive(executionReport({ ...TRADE, z: '0.75000000' }))).toBe(None);
    expect(kindsOf(under.events).slice(1)).toEqual(['OrderFilled', 'OrderReport']);
    expect(under.events[2]).toMatchObject({ status, cumQuantity: 75_000 });
    expect(under.registry.find(7, 1)).toMatchObject({ closed: true });
    expect(under.registry.openCount).toBe(0);
  });

  it('takes one for open that was refused and is filled all the same', () => {
    under.receive(executionReport({ x: 'REJECTED', X: 'REJECTED' }));
    under.receive(executionReport({ ...TRADE, z: '0.75000000' }));
    expect(under.events.at(-1)).toMatchObject({ status: OrderStatus.PartiallyFilled });
    expect(under.registry.openCount).toBe(1);
  });

  it('has the venue asked about an order nobody knows that ended with a fill', () => {
    const ended = executionReport({ x: 'CANCELED', X: 'CANCELED', c: 'tw7xv8', z: '0.25000000' });
    expect(under.receive(ended)).toBe(UserStreamAction.Adopt);
  });

  it.each(['CANCELED', 'TRADE'])('asks when how much was filled can not be read: %s', (x) => {
    expect(under.receive(executionReport({ ...TRADE, x, X: 'CANCELED', z: 'much' }))).toBe(Reconcile);
  });

  it('reads the order from C when a cancel names itself in c', () => {
    under.receive(executionReport({ x: 'CANCELED', X: 'CANCELED', c: 'web_abc', C: 'tw7x1' }));
    under.receive(executionReport({ x: 'CANCELED', X: 'CANCELED', c: 'tw7x2-c', C: 'tw7x2' }));
    // Canceled by the venue itself: no cancel, no C.
    under.receive(executionReport({ x: 'CANCELED', X: 'CANCELED', c: 'tw7x3', C: '' }));
    expect(kindsOf(under.events)).toEqual(['OrderCanceled', 'OrderCanceled', 'OrderCanceled']);
    expect(under.events.map((event) => 'sequence' in event && event.sequence)).toEqual([1, 2, 3]);
  });

  it('leaves foreign orders alone, and remembers their trades as not ours', () => {
    expect(under.receive(executionReport({ c: 'someone-else' }))).toBe(None);
    expect(under.receive(executionReport({ ...TRADE, c: 'x', s: 'ETHUSDT' }))).toBe(None);
    expect(under.receive(executionReport({ s: 'DOGEUSDT' }))).toBe(None);
    expect(under.events).toEqual([]);
    expect(under.metrics.foreign.value).toBe(3);
    expect(under.registry.hasTrade(3, 77, null)).toBe(true);
  });

  it.each([
    ['INSUFFICIENT_BALANCES', RejectReason.INSUFFICIENT_BALANCE],
    ['WOULD_MATCH_IMMEDIATELY', RejectReason.POST_ONLY_WOULD_TAKE],
    ['STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY', RejectReason.TRIGGER_WOULD_FIRE],
    ['SOMETHING_NEW', RejectReason.UNKNOWN],
  ])('tells a rejection %s', (r, reason) => {
    under.receive(executionReport({ x: 'REJECTED', X: 'REJECTED', r }));
    expect(under.events).toEqual([{ kind: 31, ...base, reason, text: r }]);
  });

  it.each([
    [{ x: 'EXPIRED', X: 'EXPIRED', eR: 'UNFILLED_IOC_QUANTITY_EXPIRED' }, RejectReason.NO_LIQUIDITY],
    [{ x: 'EXPIRED', X: 'EXPIRED', eR: 'INSUFFICIENT_LIQUIDITY' }, RejectReason.NO_LIQUIDITY],
    [{ x: 'EXPIRED', X: 'EXPIRED' }, RejectReason.UNKNOWN],
    [{ x: 'TRADE_PREVENTION', X: 'EXPIRED_IN_MATCH' }, RejectReason.SELF_TRADE_PREVENTION],
    [{ x: 'EXPIRED', X: 'EXPIRED_IN_MATCH' }, RejectReason.SELF_TRADE_PREVENTION],
  ])('tells an expiry %j', (fields, reason) => {
    under.receive(executionReport(fields));
    expect(under.events).toEqual([{ kind: 34, ...base, reason }]);
  });

  it('has an order asked about that someone else changed', () => {
    under.receive(executionReport({ x: 'REPLACED', c: 'other', C: 'tw7x1' }));
    under.receive(executionReport({ x: 'TRADE_PREVENTION', X: 'PARTIALLY_FILLED' }));
    expect(kindsOf(under.events)).toEqual(['OutcomeUnknown', 'OutcomeUnknown']);
  });

  it('tells when a stop is placed and when it is triggered', () => {
    under.receive(executionReport({ o: 'STOP_LOSS_LIMIT', w: false }));
    under.receive(executionReport({ o: 'STOP_LOSS_LIMIT', w: true }));
    expect(kindsOf(under.events)).toEqual(['OrderAccepted', 'OrderAccepted', 'OrderTriggered']);
  });

  it('tells balances', () => {
    const B = [
      { a: 'ETH', f: '10000.000000', l: '0.5' },
      { a: 'USDT', f: '0', l: '1' },
    ];
    expect(under.receive({ e: 'outboundAccountPosition', E: 1564034571105, u: 1564034571073, B })).toBe(None);
    expect(under.events).toEqual([
      {
        kind: 21,
        tsEvent: 1564034571073000,
        tsInit: 0,
        venue: 0,
        asset: 'ETH',
        free: parseAmount('10000'),
        locked: parseAmount('0.5'),
      },
      {
        kind: 21,
        tsEvent: 1564034571073000,
        tsInit: 0,
        venue: 0,
        asset: 'USDT',
        free: 0n,
        locked: parseAmount('1'),
      },
    ]);
  });

  it('asks for what only its owner can do', () => {
    expect(under.receive({ e: 'eventStreamTerminated', E: 1 })).toBe(Resubscribe);
    expect(under.receive({ e: 'serverShutdown', E: 1 })).toBe(Replace);
    expect(under.receive({ E: 1, x: [], e: 'somethingNew' })).toBe(None);
  });

  it.each([
    ['a fill without a price', { ...TRADE, L: undefined }],
    ['a fill of more decimals than the instrument has', { ...TRADE, L: '50000.012' }],
    ['a fill of nothing', { ...TRADE, l: '0.00000000' }],
    ['a fill without a trade id', { ...TRADE, t: -1 }],
    ['a fill whose fee is no number', { ...TRADE, n: 'free' }],
    ['a negative fill', { ...TRADE, l: '-1' }],
    ['an unknown kind of execution', { x: 'CALCULATED' }],
    ['no order id', { i: 0 }],
    ['an order id that is text', { i: '12' }],
    ['no client order id', { c: '' }],
    ['no symbol', { s: undefined }],
  ])('wants the truth when it cannot read %s', (_, fields) => {
    expect(under.receive(executionReport(fields))).toBe(Reconcile);
    expect(under.events).toEqual([]);
  });

  it('wants the truth when it cannot read a balance or an event at all', () => {
    expect(under.receive({ e: 'outboundAccountPosition', B: [{ a: 'BTC', f: 'x', l: '0' }] })).toBe(
      Reconcile,
    );
    expect(under.receive({ e: 'outboundAccountPosition', B: [{ a: 'BTC' }] })).toBe(Reconcile);
    expect(under.receive({ e: 'outboundAccountPosition' })).toBe(Reconcile);
    for (const event of ['{}', '[]', '7', '{"e":7}', '{"e":null}'])
      expect(under.receive(event)).toBe(Reconcile);
  });

  it('holds live events back while the truth is being fetched, then tells each fill once', () => {
    under.registry.remember(7, 1, 7);
    under.outlet.hold();
    under.receive(executionReport(TRADE));
    under.receive(executionReport({ ...TRADE, t: 78 }));
    expect(under.events).toEqual([]);
    under.outlet.pass({
      kind: 32,
      ...base,
      tradeId: '77',
      price: 5_000_001,
      quantity: 25_000,
      liquidity: LiquiditySide.Maker,
      feeAsset: 'BNB',
      fee: 0n,
    });
    under.outlet.release();
    expect(under.events.map((event) => 'tradeId' in event && event.tradeId)).toEqual(['77', '78']);
  });

  it('never throws on mutated, truncated or random events, and never tells a foreign order', () => {
    const frames = [
      executionReport(TRADE),
      executionReport(),
      { e: 'outboundAccountPosition', u: 1, B: [{ a: 'BTC', f: '1.0', l: '0.0' }] },
    ].map((event) => Buffer.from(JSON.stringify(event)));
    const receive = (bytes: Uint8Array) => under.stream.receive(bytes, 0, bytes.length);
    for (const frame of frames) {
      for (let cut = 0; cut < frame.length; cut++)
        expect(() => receive(frame.subarray(0, cut))).not.toThrow();
    }
    const mutation = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(
        fc.constantFrom(...frames),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (frame, changes) => {
          const copy = Buffer.from(frame);
          for (const { at, byte } of changes) copy[at % copy.length] = byte;
          receive(copy);
        },
      ),
      { numRuns: 2_000 },
    );
    const wild = fc.dictionary(
      fc.constantFrom(...Object.keys(executionReport()), 'eR', 'B', 'u'),
      fc.oneof(
        fc.jsonValue({ maxDepth: 2 }),
        fc.constantFrom('TRADE', 'NEW', 'executionReport', 'tw7x9', 'BTCUSDT', '1.5', 12),
      ),
    );
    fc.assert(
      fc.property(wild, (fields) => {
        under.receive({ ...executionReport(TRADE), ...fields });
        under.receive({ ...fields, e: 'outboundAccountPosition' });
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void receive(bytes)),
      { numRuns: 300 },
    );
  });
});
