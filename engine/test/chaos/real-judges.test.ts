import { describe, expect, it } from '@jest/globals';
import {
  type Check,
  epochOf,
  fillKey,
  LeadershipJudge,
  type LedgerEntry,
  LimitJudge,
  type Limits,
  parseLedgerLine,
  type StoreFacts,
  SurvivorJudge,
  spreadOf,
} from '../../chaos/real/src/judge/index.js';
import { Random } from '../../chaos/real/src/random.js';

const LIMITS: Limits = {
  maxPosition: { SOLUSDT: 1_000 },
  maxOpenOrders: 4,
  ordersPerSecond: 100,
  burst: 10,
};

/** A few hundred orders of two leaders, as a venue that is told nothing wrong writes them down. */
class History {
  readonly entries: LedgerEntry[] = [
    { kind: 'head', symbols: [{ symbol: 'SOLUSDT', pricePrecision: 2, sizePrecision: 3 }] },
  ];
  readonly orders = new Set<string>();
  readonly fills = new Set<string>();
  readonly open = new Map<number, { id: string; side: 'B' | 'S'; leaves: number }>();
  position = 0;
  us = 1_000_000;
  #orderId = 0;
  #tradeId = 0;
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
    for (let i = 0; i < 300; i++) this.#step(i < 150 ? 5 : 6);
  }

  get facts(): StoreFacts {
    return {
      orders: this.orders,
      fills: this.fills,
      positions: positionOf(this.position),
      open: new Set([...this.open.values()].map(({ id }) => id)),
    };
  }

  #step(epoch: number): void {
    this.us += 20_000;
    const [first] = this.open;
    const side = this.#random.next() < 0.5 ? 'B' : 'S';
    // Three orders of 100 more stay within the limit.
    const hasRoom = Math.abs(this.position + (side === 'B' ? 300 : -300)) <= 1_000;
    if (first === undefined) this.place(epoch, hasRoom ? side : side === 'B' ? 'S' : 'B', 100);
    else if (hasRoom && this.open.size < 3 && this.#random.next() < 0.5) this.place(epoch, side, 100);
    else if (this.#random.next() < 0.3) this.trade(first[0], Math.min(first[1].leaves, 60));
    else this.cancel(first[0], epoch);
  }

  place(epoch: number, side: 'B' | 'S', quantity: number): string {
    const orderId = ++this.#orderId;
    const id = `tw${epoch.toString(32)}x${orderId.toString(32)}`;
    const fact = { us: this.us, account: 0, symbol: 0, orderId };
    this.entries.push({ kind: 'accepted', ...fact, clientOrderId: id, side, price: 15_000, quantity });
    this.request(epoch, 'order.place', id);
    this.orders.add(id);
    this.open.set(orderId, { id, side, leaves: quantity });
    return id;
  }

  trade(orderId: number, quantity: number): void {
    const order = this.open.get(orderId)!;
    order.leaves -= quantity;
    this.position += order.side === 'B' ? quantity : -quantity;
    const { side, leaves } = order;
    const tradeId = ++this.#tradeId;
    const fact = { us: this.us, account: 0, symbol: 0, orderId };
    this.entries.push({ kind: 'traded', ...fact, tradeId, side, price: 15_000, quantity, leaves });
    this.fills.add(fillKey('SOLUSDT', side, tradeId));
    if (leaves === 0) this.open.delete(orderId);
  }

  cancel(orderId: number, epoch: number): void {
    const { id } = this.open.get(orderId)!;
    const fact = { us: this.us, account: 0, symbol: 0, orderId };
    this.entries.push({ kind: 'changed', ...fact, execution: 'CANCELED', leaves: 0 });
    this.request(epoch, 'order.cancel', id);
    this.open.delete(orderId);
  }

  /** Each leader has a connection of its own. */
  request(epoch: number, method: string, clientOrderId: string): void {
    this.entries.push({
      ...{ kind: 'request', us: this.us, peer: `10.0.0.${epoch}:1`, account: 0, method, clientOrderId },
      ...{ status: 200, code: 0 },
    });
  }
}

/** The ledger has 3 decimals, the store's facts 8. */
const positionOf = (units: number) => new Map([['SOLUSDT', units * 10 ** 5]]);

/** Everything any judge says about a history and the store that claims to know it. */
function checksOf({ entries }: History, store: StoreFacts, strict = false): Check[] {
  const survivor = new SurvivorJudge({ strict });
  const judges = [new LeadershipJudge(), new LimitJudge(LIMITS), survivor];
  for (const entry of entries) for (const judge of judges) judge.accept(entry);
  survivor.compare(store);
  return [...new Set(judges.flatMap(({ violations }) => violations.map(({ check }) => check)))].sort();
}

const without = <T>(set: ReadonlySet<T>, ...items: readonly T[]) =>
  new Set([...set].filter((item) => !items.includes(item)));

/** What the venue did wrong, or the store got wrong; and what must be said of it. */
const MUTATIONS: readonly (readonly [string, readonly Check[], (history: History) => StoreFacts])[] = [
  [
    'an order is accepted a second time',
    ['order duplicated'],
    (history) => {
      const first = history.entries.find(
        (entry) => entry.kind === 'accepted' && entry.clientOrderId.startsWith('tw6'),
      )!;
      const end = { ...first, kind: 'changed', execution: 'CANCELED', leaves: 0, orderId: 9_999 } as const;
      history.entries.push({ ...first, orderId: 9_999, us: history.us } as LedgerEntry, end as LedgerEntry);
      return history.facts;
    },
  ],
  [
    'the old leader places an order after the new one has',
    ['two leaders'],
    (history) => {
      history.place(5, 'B', 10);
      return history.facts;
    },
  ],
  [
    'the old leader is refused an order after the new one placed one',
    ['two leaders'],
    (history) => {
      history.request(5, 'order.place', 'tw5xzz'.replaceAll('z', 'v'));
      return history.facts;
    },
  ],
  [
    'the old leader cancels after the new one has placed an order',
    ['two leaders'],
    (history) => {
      history.request(5, 'order.cancel', [...history.orders].at(-1)!);
      return history.facts;
    },
  ],
  [
    'an order with a fill is unknown to the survivor',
    ['order lost'],
    (history) => {
      const traded = history.entries.find((entry) => entry.kind === 'traded')!;
      const order = history.entries.find(
        (entry) => entry.kind === 'accepted' && entry.orderId === (traded as { orderId: number }).orderId,
      ) as { clientOrderId: string };
      return { ...history.facts, orders: without(history.orders, order.clientOrderId) };
    },
  ],
  [
    'an open order is unknown to the survivor',
    ['disagreement', 'order lost'],
    (history) => {
      const id = history.place(6, 'B', 10);
      const { facts } = history;
      return { ...facts, orders: without(facts.orders, id), open: without(facts.open, id) };
    },
  ],
  [
    'the survivor believes an order open that is not',
    ['disagreement'],
    (history) => {
      const id = history.place(6, 'S', 10);
      const { facts } = history;
      history.cancel([...history.open.keys()].at(-1)!, 6);
      return { ...history.facts, open: new Set([...facts.open, id]) };
    },
  ],
  [
    'a fill was not told to the survivor',
    ['disagreement', 'fill lost'],
    (history) => {
      const traded = history.entries.find((entry) => entry.kind === 'traded')! as { quantity: number };
      const fills = without(history.fills, [...history.fills][0]!);
      const positions = positionOf(history.position + traded.quantity);
      return { ...history.facts, fills, positions };
    },
  ],
  [
    'a fill was booked twice',
    ['fill booked twice'],
    (history) => ({ ...history.facts, positions: positionOf(history.position + 60) }),
  ],
  [
    'one more order than allowed is open',
    ['limit breached'],
    (history) => {
      while (history.open.size < 5) history.place(6, 'B', 1);
      return history.facts;
    },
  ],
  [
    'what is open would carry the position past its limit',
    ['limit breached'],
    (history) => {
      history.place(6, 'B', 1_001 - history.position);
      return history.facts;
    },
  ],
  [
    'orders come faster than allowed',
    ['limit breached'],
    (history) => {
      for (let i = 0; i < 10 + 25 + 1; i++) {
        history.place(6, 'B', 1);
        history.cancel([...history.open.keys()].at(-1)!, 6);
      }
      return history.facts;
    },
  ],
];

describe('the judges of real runs', () => {
  it('say nothing of a history in which nothing is wrong', () => {
    for (let seed = 0; seed < 50; seed++) {
      const history = new History(seed);
      expect(history.fills.size).toBeGreaterThan(10);
      expect({ seed, checks: checksOf(history, history.facts, true) }).toEqual({ seed, checks: [] });
    }
  });

  it.each(MUTATIONS)('find that %s', (_what, checks, mutate) => {
    for (let seed = 0; seed < 15; seed++) {
      const history = new History(seed);
      const store = mutate(history);
      expect({ seed, checks: checksOf(history, store) }).toEqual({ seed, checks: [...checks].sort() });
    }
  });

  it('count an order that ended untraded and unheard of, and call it lost where every order is replicated first', () => {
    const history = new History(1);
    const closed = new Set(
      history.entries.flatMap((entry) =>
        entry.kind === 'changed' && entry.leaves === 0 ? [entry.orderId] : [],
      ),
    );
    const traded = new Set(
      history.entries.flatMap((entry) => (entry.kind === 'traded' ? [entry.orderId] : [])),
    );
    const ended = history.entries.find(
      (entry) => entry.kind === 'accepted' && closed.has(entry.orderId) && !traded.has(entry.orderId),
    ) as { clientOrderId: string };
    const store = { ...history.facts, orders: without(history.orders, ended.clientOrderId) };
    expect(checksOf(history, store, true)).toEqual(['order lost']);
    expect(checksOf(history, store, false)).toEqual([]);
    const judge = new SurvivorJudge({ strict: false });
    for (const entry of history.entries) judge.accept(entry);
    judge.compare(store);
    expect(judge.unseen).toBe(1);
  });

  it('tell when each leader began', () => {
    const judge = new LeadershipJudge();
    const { entries } = new History(3);
    for (const entry of entries) judge.accept(entry);
    expect(judge.terms.map(({ epoch }) => epoch)).toEqual([5, 6]);
    const begun = entries.find(
      (entry) => entry.kind === 'accepted' && entry.clientOrderId.startsWith('tw6x'),
    )!;
    expect(judge.terms[1]!.firstOrderUs).toBe((begun as { us: number }).us);
  });
});

describe('lines of a ledger', () => {
  it('are read as they were written', () => {
    expect(parseLedgerLine('["H",1,[["SOLUSDT",2,3]]]')).toEqual({
      kind: 'head',
      symbols: [{ symbol: 'SOLUSDT', pricePrecision: 2, sizePrecision: 3 }],
    });
    expect(parseLedgerLine('["N",7,0,0,1,"tw5x1","B",15000,100]')).toEqual({
      ...{ kind: 'accepted', us: 7, account: 0, symbol: 0, orderId: 1 },
      ...{ clientOrderId: 'tw5x1', side: 'B', price: 15_000, quantity: 100 },
    });
    expect(parseLedgerLine('["T",8,0,0,1,33,"B",15000,40,60]')).toMatchObject({ tradeId: 33, leaves: 60 });
    expect(parseLedgerLine('["X",9,0,0,1,"EXPIRED",0]')).toMatchObject({ execution: 'EXPIRED', leaves: 0 });
    expect(parseLedgerLine('["R",9,"::1:7",0,"order.place","tw5x1",400,-2010]')).toMatchObject({
      ...{ peer: '::1:7', method: 'order.place', status: 400, code: -2010 },
    });
  });

  it.each([
    ['', /not a line of a venue's ledger/],
    ['{}', /not a line/],
    ['["Z"]', /not a line/],
    ['["N",7,0,0,1,"tw5x1","X",15000,100]', /not a line/],
    ['["N",7.5,0,0,1,"tw5x1","B",15000,100]', /not a line/],
    ['["T",8,0,0,1,33,"B",15000,40]', /not a line/],
    ['["H",1,[[7,2,3]]]', /not a line/],
    ['["H",2,[]]', /a ledger of format 2, this reads 1/],
  ])('%s is none', (line, why) => {
    expect(() => parseLedgerLine(line)).toThrow(why);
  });

  it('an epoch is read from our own ids alone', () => {
    expect(epochOf('tw10x7')).toBe(32);
    for (const id of ['', 'tw', 'twx7', 'tw1x', 'xtw1x7', 'tw1x7-c', 'web_1'])
      expect(epochOf(id)).toBeUndefined();
  });
});

describe('spreads', () => {
  it('are by nearest rank', () => {
    expect(spreadOf([])).toBeUndefined();
    expect(spreadOf([3])).toEqual({ count: 1, p50: 3, p99: 3, max: 3 });
    const hundred = Array.from({ length: 200 }, (_, i) => 200 - i);
    expect(spreadOf(hundred)).toEqual({ count: 200, p50: 100, p99: 198, max: 200 });
  });
});
