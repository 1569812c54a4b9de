import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OrderType, Side, StateHash, TimeInForce } from '../../../src/domain/index.js';
import type {
  ExchangeTrade,
  PlaceRequest,
  SelfTradePrevention,
  SymbolSpec,
} from '../../../src/simulator/matching/index.js';
import { Exchange } from '../../../src/simulator/matching/index.js';
import { isOpen, NaiveExchange } from './naive-exchange.js';

const ONE = 10n ** 18n;
const CENT = 10n ** 10n;
const ACCOUNTS = 3;
const BASE = [400n, 60n, 150n];
const QUOTE = [40_000n, 6_000n, 15_000n];
const MAKER = [1000n, 0n, -200n];
const TAKER = [1500n, 1000n, 0n];

const spec: SymbolSpec = {
  symbol: 'AAABBB',
  base: 'AAA',
  quote: 'BBB',
  pricePrecision: 0,
  sizePrecision: 0,
  filters: { price: { min: 1, max: 0, step: 1 }, lot: { min: 1, max: 0, step: 1 } },
};

type Operation =
  | { kind: 'place'; request: PlaceRequest }
  | { kind: 'cancel'; pick: number }
  | { kind: 'amend'; pick: number; quantity: number };

const side = fc.constantFrom(Side.Buy, Side.Sell);
const price = fc.integer({ min: 92, max: 108 });
const quantity = fc.integer({ min: 1, max: 25 });

function requests(modes: readonly SelfTradePrevention[], icebergs: boolean): fc.Arbitrary<PlaceRequest> {
  const common = {
    account: fc.integer({ min: 0, max: ACCOUNTS - 1 }),
    symbol: fc.constant(0),
    side,
    selfTradePrevention: fc.constantFrom(...modes),
  };
  const timeInForce = fc.constantFrom(TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK);
  const limit = fc.constant(OrderType.Limit);
  const priced = { ...common, quantity, price };
  const choices: { weight: number; arbitrary: fc.Arbitrary<PlaceRequest> }[] = [
    { weight: 8, arbitrary: fc.record({ ...priced, type: limit }) },
    { weight: 4, arbitrary: fc.record({ ...priced, type: limit, timeInForce }) },
    { weight: 3, arbitrary: fc.record({ ...priced, type: limit, postOnly: fc.constant(true) }) },
    { weight: 3, arbitrary: fc.record({ ...common, quantity, type: fc.constant(OrderType.Market) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        ...common,
        type: fc.constant(OrderType.Market),
        quoteQuantity: fc.integer({ min: 1, max: 4000 }).map((value) => BigInt(value) * ONE),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        ...common,
        quantity,
        stopPrice: price,
        type: fc.constantFrom(OrderType.StopMarket, OrderType.TakeProfitMarket),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        ...priced,
        stopPrice: price,
        timeInForce,
        type: fc.constantFrom(OrderType.StopLimit, OrderType.TakeProfitLimit),
      }),
    },
  ];
  if (icebergs) {
    choices.push({
      weight: 5,
      arbitrary: fc
        .record({ ...priced, type: limit, part: fc.integer({ min: 1, max: 5 }) })
        .map(({ part, ...rest }) => ({ ...rest, icebergQuantity: Math.min(part, rest.quantity) })),
    });
  }
  return fc.oneof(...choices);
}

function operations(modes: readonly SelfTradePrevention[], icebergs: boolean): fc.Arbitrary<Operation[]> {
  const pick = fc.nat();
  return fc.array(
    fc.oneof(
      {
        weight: 8,
        arbitrary: requests(modes, icebergs).map((request) => ({ kind: 'place' as const, request })),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('amend' as const), pick, quantity }) },
    ),
    { minLength: 1, maxLength: 60 },
  );
}

/** Both exchanges side by side; every step is compared. */
class Pair {
  readonly fast = new Exchange({ symbols: [spec] });
  readonly naive = new NaiveExchange(
    BASE.map((amount) => amount * 10n ** 8n),
    QUOTE.map((amount) => amount * 10n ** 8n),
    MAKER,
    TAKER,
  );
  readonly trades: ExchangeTrade[] = [];
  /** The book as someone hears of it who only listens. */
  readonly heard = [new Map<number, number>(), new Map<number, number>()];
  #updates = 0;

  constructor() {
    for (let i = 0; i < ACCOUNTS; i++) {
      this.fast.addAccount({
        balances: { AAA: BASE[i]! * ONE, BBB: QUOTE[i]! * ONE },
        makerRate: Number(MAKER[i]),
        takerRate: Number(TAKER[i]),
      });
    }
    this.fast.listen({
      onTrade: (trade) => this.trades.push(trade),
      onLevel: (_, changed, at, total, updateId) => {
        expect(updateId).toBe(++this.#updates);
        if (total === 0) this.heard[changed]!.delete(at);
        else this.heard[changed]!.set(at, total);
      },
    });
  }

  apply(operation: Operation, now: number): void {
    if (operation.kind === 'place') {
      const result = this.fast.place(operation.request, now);
      const expected = this.naive.place(operation.request);
      expect(result.ok ? result.order.orderId : result.error.code).toBe(expected);
    } else {
      const known = this.naive.orders;
      if (known.length === 0) return;
      const { id, account } = known[operation.pick % known.length]!;
      const reference = { account, symbol: 0, orderId: id };
      if (operation.kind === 'cancel') {
        expect(this.fast.cancel(reference, now).ok).toBe(this.naive.cancel(id));
      } else {
        const result = this.fast.amend({ ...reference, newQuantity: operation.quantity }, now);
        expect(result.ok).toBe(this.naive.amend(id, operation.quantity));
      }
    }
    this.compare();
  }

  compare(): void {
    const { fast, naive } = this;
    const trades = this.trades.map(({ price: at, quantity: traded, aggressor, buyOrderId, sellOrderId }) => {
      const [taker, maker] = aggressor === Side.Buy ? [buyOrderId, sellOrderId] : [sellOrderId, buyOrderId];
      return { price: at, quantity: traded, taker, maker };
    });
    expect(trades).toEqual(naive.trades);
    const depth = fast.depth(0, 1000);
    expect(depth.bids).toEqual(naive.levels(Side.Buy));
    expect(depth.asks).toEqual(naive.levels(Side.Sell));
    expect([...this.heard[Side.Buy]!].sort((a, b) => b[0] - a[0])).toEqual(depth.bids);
    expect([...this.heard[Side.Sell]!].sort((a, b) => a[0] - b[0])).toEqual(depth.asks);
    const { bid, ask } = fast.top(0);
    if (bid > 0 && ask > 0) expect(bid).toBeLessThan(ask);
    const state = (order: { status: string; quantity: number }, ...numbers: number[]) =>
      `${order.status} ${order.quantity} ${numbers.join(' ')}`;
    const seen: string[] = [];
    const expected: string[] = [];
    for (const order of naive.orders) {
      const found = fast.order({ account: order.account, symbol: 0, orderId: order.id })!;
      const { cumQuantity, leavesQuantity, preventedQuantity } = found;
      seen.push(state(found, cumQuantity, leavesQuantity, preventedQuantity));
      expected.push(state(order, order.cum, order.leaves, order.prevented));
      if (isOpen(order) && cumQuantity + leavesQuantity + preventedQuantity !== found.quantity) {
        throw new Error(`order ${order.id} does not add up`);
      }
    }
    expect(seen).toEqual(expected);
    const sum = { AAA: fast.feesCollected('AAA'), BBB: fast.feesCollected('BBB') };
    for (let account = 0; account < ACCOUNTS; account++) {
      const locked = naive.locked(account);
      for (const [asset, total, aside] of [
        ['AAA', naive.base[account]!, locked.base],
        ['BBB', naive.quote[account]!, locked.quote],
      ] as const) {
        const balance = fast.balance(account, asset);
        expect(balance).toEqual({ asset, free: (total - aside) * CENT, locked: aside * CENT });
        expect(balance.free).toBeGreaterThanOrEqual(0n);
        sum[asset] += balance.free + balance.locked;
      }
    }
    expect(sum.AAA).toBe(BASE.reduce((a, b) => a + b) * ONE);
    expect(sum.BBB).toBe(QUOTE.reduce((a, b) => a + b) * ONE);
  }
}

function run(list: readonly Operation[]): Pair {
  const pair = new Pair();
  list.forEach((operation, index) => {
    pair.apply(operation, 1_000_000 * (index + 1));
  });
  return pair;
}

describe('the exchange against a naive oracle', () => {
  const every: readonly SelfTradePrevention[] = [
    'NONE',
    'EXPIRE_TAKER',
    'EXPIRE_MAKER',
    'EXPIRE_BOTH',
    'DECREMENT',
  ];

  it('agrees on trades, book, order states, balances and fees after every operation', () => {
    fc.assert(
      fc.property(operations(every, false), (list) => {
        run(list);
      }),
      { numRuns: 120 },
    );
  });

  it('agrees with icebergs in the book', () => {
    fc.assert(
      fc.property(operations(['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'], true), (list) => {
        run(list);
      }),
      { numRuns: 120 },
    );
  });

  it('fills a fill-or-kill order whole or not at all, and never lets a post-only order take', () => {
    fc.assert(
      fc.property(operations(every, true), (list) => {
        const fast = new Exchange({ symbols: [spec] });
        for (let i = 0; i < ACCOUNTS; i++) {
          fast.addAccount({ balances: { AAA: BASE[i]! * ONE, BBB: QUOTE[i]! * ONE } });
        }
        const orders = [];
        for (const operation of list) {
          if (operation.kind !== 'place') continue;
          const result = fast.place(operation.request, 1);
          if (!result.ok) continue;
          orders.push(result.order);
          if (result.order.postOnly) expect(result.fills).toEqual([]);
          if (result.order.timeInForce === TimeInForce.FOK && !result.order.armed) {
            expect([0, result.order.quantity]).toContain(result.order.cumQuantity);
          }
        }
        for (let account = 0; account < ACCOUNTS; account++) {
          for (const fill of fast.fills(account, 0)) {
            if (fill.maker) continue;
            const taker = orders.find((order) => order.orderId === fill.orderId);
            expect(taker?.postOnly).toBe(false);
          }
          for (const balance of fast.balances(account)) {
            expect(balance.free >= 0n && balance.locked >= 0n).toBe(true);
          }
          fast.cancelAll(account, 0, 2);
        }
        for (let account = 0; account < ACCOUNTS; account++) {
          for (const balance of fast.balances(account)) expect(balance.locked).toBe(0n);
        }
        expect(fast.depth(0, 100)).toMatchObject({ bids: [], asks: [] });
      }),
      { numRuns: 200 },
    );
  });

  it('ends in the same state hash when the same operations are repeated', () => {
    fc.assert(
      fc.property(operations(every, true), (list) => {
        const hashes = [1, 2].map(() => {
          const fast = new Exchange({ symbols: [spec] });
          for (let i = 0; i < ACCOUNTS; i++)
            fast.addAccount({ balances: { AAA: BASE[i]! * ONE, BBB: QUOTE[i]! * ONE } });
          for (const operation of list) if (operation.kind === 'place') fast.place(operation.request, 1);
          const hash = new StateHash();
          fast.hashInto(hash);
          return hash.digest();
        });
        expect(hashes[0]).toBe(hashes[1]);
      }),
      { numRuns: 50 },
    );
  });
});
