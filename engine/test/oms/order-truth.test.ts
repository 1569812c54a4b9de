import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  EventKind,
  type Order,
  type OrderEvent,
  OrderStatus,
  Side,
  StateHash,
} from '../../src/domain/index.js';
import { isInFlight, isOpen, type OpenTotals, OrderManager } from '../../src/oms/index.js';
import { intentOf, notFound } from './order-events.js';
import {
  answersOf,
  finalReport,
  type History,
  historyArbitrary,
  messagesOf,
  truthOf,
} from './venue-history.js';

type Step = OrderEvent | { readonly cancel: number };

/** What arrives, in what order: everything needed, some of it twice, answers in between, all shuffled. */
interface Scenario {
  readonly histories: readonly History[];
  readonly steps: readonly Step[];
}

const scenario: fc.Arbitrary<Scenario> = fc
  .array(historyArbitrary, { minLength: 1, maxLength: 4 })
  .chain((histories) => {
    const ids = histories.map((_, i) => ({ epoch: 1, sequence: i + 1 }));
    const needed = histories.flatMap((history, i) => messagesOf(ids[i]!, history));
    const optional = [...needed, ...histories.flatMap((history, i) => answersOf(ids[i]!, history))];
    const cancels = histories.flatMap((history, i) => (history.cancel ? [{ cancel: i }] : []));
    return fc
      .array(fc.constantFrom(...optional), { maxLength: 12 })
      .chain((extra) => {
        const all: Step[] = [...needed, ...extra, ...cancels];
        return fc.shuffledSubarray(all, { minLength: all.length });
      })
      .map((steps) => ({ histories, steps: answersAfterRequests(steps) }));
  });

/** The venue cannot refuse a cancel before we ask for it: moves our requests before the answers. */
function answersAfterRequests(steps: readonly Step[]): Step[] {
  const isAnswer = (step: Step, order: number) =>
    'kind' in step &&
    step.sequence === order + 1 &&
    (step.kind === EventKind.CancelRejected || (step.kind === EventKind.SendFailed && !step.submit));
  const sorted = [...steps];
  for (const step of steps) {
    if (!('cancel' in step)) continue;
    const answer = sorted.findIndex((s) => isAnswer(s, step.cancel));
    const request = sorted.indexOf(step);
    if (answer >= 0 && answer < request) {
      sorted.splice(request, 1);
      sorted.splice(answer, 0, step);
    }
  }
  return sorted;
}

function begin(histories: readonly History[]): { manager: OrderManager; orders: Order[] } {
  const manager = new OrderManager({ queryAfterUs: 50 });
  manager.startSession(1);
  const orders = histories.map(({ quantity }, i) => {
    const side = i % 2 === 0 ? Side.Buy : Side.Sell;
    const order = manager.create(intentOf({ quantity, side, instrument: i % 3, strategy: i % 2 }), 0);
    manager.markSubmitted(order, 0);
    return order;
  });
  return { manager, orders };
}

function take(manager: OrderManager, orders: readonly Order[], step: Step, now: number): void {
  if ('cancel' in step) manager.requestCancel(orders[step.cancel]!, now);
  else manager.apply(step, now);
}

/** Throws in plain words: `expect` is too slow for something checked this often. */
function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`invariant broken: ${what}`);
}

/** Everything that must hold after each step, recounted from the orders themselves. */
function checkInvariants(manager: OrderManager, orders: readonly Order[]): void {
  const open = orders.filter((order) => isOpen(order.status));
  const listed = new Set<Order>();
  for (let order = manager.firstOpen(); order !== null; order = manager.nextOpen(order)) listed.add(order);
  must(listed.size === open.length && open.every((order) => listed.has(order)), 'open list');
  must(manager.openCount === open.length, 'open count');
  for (const { status, quantity, cumQuantity, leavesQuantity } of orders) {
    must(cumQuantity + leavesQuantity === quantity && leavesQuantity >= 0, 'cum + leaves = quantity');
    if (status === OrderStatus.PartiallyFilled)
      must(cumQuantity > 0 && leavesQuantity > 0, 'partially filled');
    if (status === OrderStatus.Accepted) must(cumQuantity === 0, 'accepted');
  }
  for (let instrument = 0; instrument < 3; instrument++) {
    const inInstrument = open.filter((order) => order.instrument === instrument);
    checkTotals(manager.totals(instrument), inInstrument);
    for (let strategy = 0; strategy < 2; strategy++) {
      const ofStrategy = inInstrument.filter((order) => order.strategy === strategy);
      checkTotals(manager.strategyTotals(strategy, instrument), ofStrategy);
    }
  }
  must(manager.inFlightCount >= open.filter((order) => isInFlight(order.status)).length, 'in flight');
}

function checkTotals(totals: OpenTotals, orders: readonly Order[]): void {
  const sum = (side: Side) =>
    orders.reduce((n, order) => n + (order.side === side ? order.leavesQuantity : 0), 0);
  must(totals.openCount === orders.length, 'count of a total');
  must(
    totals.openBuyQuantity === sum(Side.Buy) && totals.openSellQuantity === sum(Side.Sell),
    'sums of a total',
  );
}

function expectTruth(orders: readonly Order[], histories: readonly History[]): void {
  expect(orders.map(({ status, cumQuantity }) => ({ status, cumQuantity }))).toEqual(histories.map(truthOf));
}

describe('order state against the truth', () => {
  it('ends in the truth whatever the interleaving, repeats and late messages, with nothing illegal', () => {
    fc.assert(
      fc.property(scenario, ({ histories, steps }) => {
        const { manager, orders } = begin(histories);
        steps.forEach((step, now) => {
          take(manager, orders, step, now);
          checkInvariants(manager, orders);
        });
        expectTruth(orders, histories);
        for (const order of orders) expect(order.cumCost).toBe(costOf(histories[order.sequence - 1]!));
        expect(manager.counters).toMatchObject({ illegal: 0, unknown: 0, overfills: 0, reopened: 0 });
        expect(manager.counters.fills).toBe(histories.reduce((n, history) => n + history.fills.length, 0));
        expect(manager.counters.acked).toBe(
          histories.filter((h) => h.end !== 'unsent' && h.end !== 'rejected').length,
        );
      }),
      { numRuns: 400 },
    );
  });

  it('finds back to the truth after the venue has wrongly denied knowing an order', () => {
    const withMistake = scenario
      .filter(({ histories }) => histories.every(({ end }) => end !== 'unsent'))
      .chain((s) => fc.nat(s.steps.length).map((at) => ({ ...s, at })));
    fc.assert(
      fc.property(withMistake, ({ histories, steps, at }) => {
        const { manager, orders } = begin(histories);
        const mistakes = orders.map((order) => notFound(order, true));
        const amends = orders.map((order, i) => finalReport(order, histories[i]!));
        [...steps.slice(0, at), ...mistakes, ...steps.slice(at), ...amends].forEach((step, now) => {
          take(manager, orders, step, now);
          checkInvariants(manager, orders);
        });
        expectTruth(orders, histories);
        expect(manager.counters).toMatchObject({ illegal: 0, unknown: 0, overfills: 0 });
      }),
      { numRuns: 200 },
    );
  });

  it('forgets no order: whoever is owed an answer is asked about', () => {
    fc.assert(
      fc.property(scenario, ({ histories, steps }) => {
        const { manager, orders } = begin(histories);
        steps.slice(0, steps.length >> 1).forEach((step, now) => {
          take(manager, orders, step, now);
        });
        const asked = new Set<Order>();
        manager.due(1e15, (order) => asked.add(order));
        for (const order of orders) if (isInFlight(order.status)) expect(asked).toContain(order);
        expect(asked.size).toBe(manager.inFlightCount);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps its sums and never loses a fill, whatever nonsense arrives', () => {
    const nonsense = scenario.chain((s) =>
      fc
        .array(fc.constantFrom(...s.steps), { maxLength: 30 })
        .chain((steps) => fc.tuple(fc.constant(s.histories), fc.constant(steps), fc.nat(2), fc.nat(6))),
    );
    fc.assert(
      fc.property(nonsense, ([histories, steps, rotate, cum]) => {
        const { manager, orders } = begin(histories);
        const booked = new Set<string>();
        steps.forEach((step, now) => {
          // Messages of one order told about another: contradictions of every kind.
          const mixed =
            'cancel' in step
              ? step
              : {
                  ...step,
                  sequence: ((step.sequence - 1 + rotate) % orders.length) + 1,
                  ...('cumQuantity' in step ? { cumQuantity: cum } : {}),
                };
          if ('cancel' in mixed) {
            take(manager, orders, mixed, now);
          } else {
            const change = manager.apply(mixed as OrderEvent, now);
            if (mixed.kind === EventKind.OrderFilled) {
              const order = orders[mixed.sequence - 1]!;
              const key = `${order.instrument}/${order.side}/${mixed.tradeId}`;
              expect(change.fillQuantity).toBe(booked.has(key) ? 0 : mixed.quantity);
              expect(change.duplicate).toBe(booked.has(key));
              booked.add(key);
            }
          }
          checkInvariants(manager, orders);
        });
        expect(manager.counters.fills).toBe(booked.size);
      }),
      { numRuns: 200 },
    );
  });

  it('is deterministic: the same events give the same hash, other events another', () => {
    const hashAfter = ({ histories, steps }: Scenario) => {
      const { manager, orders } = begin(histories);
      steps.forEach((step, now) => {
        take(manager, orders, step, now);
      });
      const hash = new StateHash();
      manager.hashInto(hash);
      return hash.digest();
    };
    fc.assert(
      fc.property(scenario, (s) => {
        expect(hashAfter(s)).toBe(hashAfter(s));
        expect(hashAfter(s)).not.toBe(
          hashAfter({ ...s, steps: [...s.steps, notFound({ epoch: 9, sequence: 9 }, true)] }),
        );
      }),
      { numRuns: 40 },
    );
  });
});

function costOf(history: History): bigint {
  return history.fills.reduce((sum, quantity, i) => sum + BigInt(quantity) * BigInt(100 + i), 0n);
}
