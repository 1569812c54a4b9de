import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Amount,
  BinaryReader,
  BinaryWriter,
  baseAmount,
  EventKind,
  JournalError,
  notional,
  OrderType,
  parseAmount,
  Side,
  StateHash,
} from '../../src/domain/index.js';
import { DUST, Portfolio } from '../../src/portfolio/index.js';
import { Exchange } from '../../src/simulator/matching/index.js';
import { instrument } from '../kernel/support/fixtures.js';

const btc = instrument(0);
const eth = instrument(1, { symbol: 'ETHUSDT', base: 'ETH' });
const ethBtc = instrument(2, { symbol: 'ETHBTC', base: 'ETH', quote: 'BTC', pricePrecision: 6 });
const ALL = [btc, eth, ethBtc];

/** A portfolio, and a venue that keeps the naivest of ledgers. */
class Desk {
  portfolio = new Portfolio();
  readonly ledger = new Map<string, Amount>();
  now = 1_000;

  constructor() {
    for (const each of ALL) this.portfolio.define(each);
    for (const asset of ['BTC', 'ETH', 'USDT', 'BNB']) this.ledger.set(asset, parseAmount('1000'));
  }

  add(asset: string, amount: Amount): void {
    this.now += 1_000;
    this.ledger.set(asset, (this.ledger.get(asset) ?? 0n) + amount);
  }

  fill(at: number, side: Side, price: number, quantity: number, feeAsset: string, fee: Amount): void {
    const traded = ALL[at]!;
    const sign = side === Side.Buy ? 1n : -1n;
    this.add(traded.base, sign * baseAmount(traded, quantity));
    this.add(traded.quote, -sign * notional(traded, price, quantity));
    this.add(feeAsset, -fee);
    this.portfolio.onFill(traded, side, price, quantity, feeAsset, fee);
  }

  tellTransfer(asset: string, amount: Amount, tsEvent: number): void {
    const kind = EventKind.BalanceTransfer;
    this.portfolio.drift.onTransfer({ kind, tsEvent, tsInit: 0, venue: 0, asset, amount });
  }

  /** Alarms raised. */
  reconcile(lastTradeIds: readonly string[] = ['1', '2', '3']): number {
    const { balances, drift } = this.portfolio;
    for (const [asset, total] of this.ledger) balances.set(0, asset, total / 3n, total - total / 3n, 0);
    const kind = EventKind.Reconciled;
    return drift.onReconciled({ kind, tsEvent: this.now, tsInit: 0, venue: 0, lastTradeIds }, balances);
  }

  of(asset: string) {
    return this.portfolio.drift.assets.find((each) => each.asset === asset)!;
  }

  hash(): string {
    const hash = new StateHash();
    this.portfolio.hashInto(hash);
    return hash.digest();
  }
}

const BUY_BTC = [0, Side.Buy, 10_000_00, 1_00000] as const;

describe('BalanceDrift', () => {
  it('explains fills with fees in the base, the quote and a third asset', () => {
    const desk = new Desk();
    desk.fill(...BUY_BTC, 'BNB', parseAmount('0.02'));
    desk.reconcile();
    desk.fill(...BUY_BTC, 'BTC', parseAmount('0.001'));
    desk.fill(0, Side.Sell, 10_100_00, 50000, 'USDT', parseAmount('5.05'));
    desk.fill(2, Side.Buy, 50_000, 2_00000, 'BNB', parseAmount('0.01'));
    expect(desk.reconcile()).toBe(0);
    expect(desk.portfolio.drift.assets.map(({ asset, drift }) => [asset, drift])).toEqual([
      ['BTC', 0n],
      ['USDT', 0n],
      ['ETH', 0n],
      ['BNB', 0n],
    ]);
    // Half a bitcoin more by the position, a thousandth less on the account: the fee.
    expect(desk.portfolio.drift.holding(0)).toEqual({
      traded: parseAmount('0.5'),
      baseFees: parseAmount('0.001'),
    });
  });

  it('raises one alarm for a drift, tells its size, and expects the new total from then on', () => {
    const desk = new Desk();
    desk.reconcile();
    desk.add('ETH', parseAmount('-3'));
    expect(desk.reconcile()).toBe(1);
    expect(desk.of('ETH')).toMatchObject({
      drift: parseAmount('-3'),
      unexplained: parseAmount('-3'),
      alarms: 1,
    });
    expect(desk.reconcile()).toBe(0);
    expect(desk.of('ETH')).toMatchObject({ drift: 0n, unexplained: parseAmount('-3'), alarms: 1 });
    expect(desk.portfolio.drift).toMatchObject({ alarms: 1, comparisons: 3 });
  });

  it('is silent about dust, until it adds up', () => {
    const desk = new Desk();
    desk.reconcile();
    desk.add('USDT', DUST);
    expect(desk.reconcile()).toBe(0);
    expect(desk.of('USDT').drift).toBe(DUST);
    desk.add('USDT', 1n);
    expect(desk.reconcile()).toBe(1);
    expect(desk.of('USDT').unexplained).toBe(DUST + 1n);
  });

  it('takes a transfer told late for the explanation of the alarm it caused', () => {
    const desk = new Desk();
    desk.reconcile();
    desk.add('USDT', parseAmount('40'));
    const at = desk.now;
    expect(desk.reconcile()).toBe(1);
    desk.tellTransfer('USDT', parseAmount('40'), at);
    expect(desk.of('USDT')).toMatchObject({ drift: 0n, unexplained: 0n });
    expect(desk.reconcile()).toBe(0);
  });

  it('expects nothing of an asset that appears after the baseline', () => {
    const desk = new Desk();
    desk.reconcile();
    desk.add('DOGE', parseAmount('7'));
    expect(desk.reconcile()).toBe(1);
    expect(desk.of('DOGE').unexplained).toBe(parseAmount('7'));
  });

  it('knows nothing of other venues', () => {
    const desk = new Desk();
    desk.reconcile();
    const { drift, balances } = desk.portfolio;
    balances.set(1, 'USDT', parseAmount('5'), 0n, 0);
    const kind = EventKind.Reconciled;
    const event = { kind, tsEvent: 1, tsInit: 0, venue: 1, lastTradeIds: ['', '', '', '9'] };
    expect(drift.onReconciled(event, balances)).toBe(0);
    expect(drift.lastTradeIds).toEqual(['1', '2', '3', '9']);
    expect(desk.reconcile(['4', '', '6'])).toBe(0);
    expect(drift.lastTradeIds).toEqual(['4', '2', '6', '9']);
  });

  it('leaves the state hash as it was before the first comparison', () => {
    const [with_, without] = [new Desk(), new Desk()];
    expect(with_.portfolio.drift.comparisons).toBe(0);
    const hash = new StateHash();
    without.portfolio.drift.hashInto(hash);
    expect(hash.digest()).toBe(new StateHash().digest());
    const before = with_.hash();
    with_.reconcile();
    expect(with_.hash()).not.toBe(before);
  });

  it('comes out as a naive ledger does, also when saved and loaded in between', () => {
    const amount = fc.bigInt({ min: 1n, max: 10n ** 22n });
    const asset = fc.constantFrom('BTC', 'ETH', 'USDT', 'BNB', 'DOGE');
    const step = fc.oneof(
      fc.record({
        do: fc.constant('fill' as const),
        at: fc.nat(2),
        side: fc.constantFrom(Side.Buy, Side.Sell),
        price: fc.integer({ min: 1, max: 100_000_00 }),
        quantity: fc.integer({ min: 1, max: 100_00000 }),
        feeAsset: asset,
        fee: fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }),
      }),
      fc.record({
        do: fc.constant('transfer' as const),
        asset,
        amount,
        sign: fc.constantFrom(1n, -1n),
        told: fc.boolean(),
      }),
      fc.record({ do: fc.constant('reconcile' as const) }),
      fc.record({ do: fc.constant('save' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const desk = new Desk();
        desk.reconcile();
        const unexplained = new Map<string, Amount>();
        for (const each of steps) {
          if (each.do === 'fill') {
            desk.fill(each.at, each.side, each.price, each.quantity, each.feeAsset, each.fee);
          } else if (each.do === 'transfer') {
            const signed = each.sign * each.amount * 10n ** 11n;
            desk.add(each.asset, signed);
            if (each.told) desk.tellTransfer(each.asset, signed, desk.now);
            else unexplained.set(each.asset, (unexplained.get(each.asset) ?? 0n) + signed);
          } else if (each.do === 'reconcile') desk.reconcile();
          else reload(desk);
        }
        desk.reconcile();
        for (const { asset: name, total, expected, unexplained: found } of desk.portfolio.drift.assets) {
          expect(total).toBe(desk.ledger.get(name) ?? 0n);
          expect(expected).toBe(total);
          expect(found).toBe(unexplained.get(name) ?? 0n);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('answers every cut of what it saved with a typed error', () => {
    const desk = new Desk();
    desk.reconcile();
    desk.fill(...BUY_BTC, 'BNB', 1n);
    const out = new BinaryWriter();
    desk.portfolio.drift.save(out);
    const bytes = out.bytes.slice();
    for (let length = 0; length < bytes.length; length++) {
      expect(() => new Portfolio().drift.load(new BinaryReader(bytes.subarray(0, length)))).toThrow(
        JournalError,
      );
    }
  });
});

function reload(desk: Desk): void {
  const before = desk.hash();
  const out = new BinaryWriter();
  desk.portfolio.save(out);
  const loaded = new Portfolio();
  const input = new BinaryReader(out.bytes.slice());
  loaded.load(input, ALL);
  input.end();
  desk.portfolio = loaded;
  expect(desk.hash()).toBe(before);
}

describe('against the matching engine', () => {
  it('explains every balance, trades within the account included', () => {
    const order = fc.record({
      side: fc.constantFrom(Side.Buy, Side.Sell),
      price: fc.integer({ min: 9_900_00, max: 10_100_00 }),
      quantity: fc.integer({ min: 1, max: 5_00000 }),
      ours: fc.boolean(),
    });
    let within = 0;
    fc.assert(
      fc.property(fc.array(order, { minLength: 5, maxLength: 60 }), (orders) => {
        const exchange = new Exchange({
          symbols: [
            {
              ...{ symbol: 'BTCUSDT', base: 'BTC', quote: 'USDT', pricePrecision: 2, sizePrecision: 5 },
              filters: { price: { min: 0, max: 0, step: 0 }, lot: { min: 0, max: 0, step: 0 } },
            },
          ],
        });
        const balances = { BTC: parseAmount('1000'), USDT: parseAmount('10000000') };
        const us = exchange.addAccount({ balances, makerRate: -100, takerRate: 1_000 });
        const crowd = exchange.addAccount({ internal: true });
        const portfolio = new Portfolio();
        portfolio.define(btc);
        exchange.listen({
          onExecution: ({ fill }) => {
            if (fill === undefined || fill.account !== us) return;
            portfolio.onFill(btc, fill.side, fill.price, fill.quantity, fill.feeAsset, fill.fee);
          },
        });
        const compare = () => {
          for (const { asset, free, locked } of exchange.balances(us)) {
            portfolio.balances.set(0, asset, free, locked, 0);
          }
          const base = { kind: EventKind.Reconciled, tsEvent: 0, tsInit: 0, venue: 0 };
          return portfolio.drift.onReconciled({ ...base, lastTradeIds: [] }, portfolio.balances);
        };
        compare();
        for (const [i, { ours, ...rest }] of orders.entries()) {
          const account = ours ? us : crowd;
          exchange.place({ account, symbol: 0, type: OrderType.Limit, ...rest }, i + 1);
          expect(compare()).toBe(0);
        }
        const ids = exchange.fills(us, 0).map(({ tradeId }) => tradeId);
        within += ids.length - new Set(ids).size;
        const { traded, baseFees } = portfolio.drift.holding(0);
        expect(exchange.balance(us, 'BTC').free + exchange.balance(us, 'BTC').locked).toBe(
          balances.BTC + traded - baseFees,
        );
        expect(traded).toBe(baseAmount(btc, portfolio.position(0).quantity));
      }),
      { numRuns: 100, seed: 1 },
    );
    expect(within).toBeGreaterThan(50);
  });
});
