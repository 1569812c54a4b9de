import { benchInstrument, benchOrder } from '../../lib/bench-instrument.mjs';

const CHECKS = 20_000;

/** Every pre-trade check on orders that pass, and on ones that are denied by each of the later ones. */
export const workload = {
  question: 'does an order pay more for its pre-trade checks?',
  async prepare(engine, share) {
    const count = Math.ceil(CHECKS * share);
    const { ConnectionState, EventKind, JournalState, defineInstrument, parseAmount } =
      await engine('domain/index.js');
    const { InstrumentBook } = await engine('book/index.js');
    const { Portfolio } = await engine('portfolio/index.js');
    const { RiskGate } = await engine('risk/index.js');
    const instrument = defineInstrument(0, 0, benchInstrument('BTCUSDT', 'BTC'));
    const portfolio = new Portfolio();
    const limits = {
      maxOrderQuantity: '1',
      maxOrderNotional: parseAmount('20000'),
      priceCollarBps: 500,
      maxPosition: { BTCUSDT: '1' },
      maxOpenOrders: 10,
      orderRate: { perSecond: 1e9, burst: 1e9 },
      maxDailyLoss: parseAmount('10000'),
      maxDrawdown: parseAmount('10000'),
      circuitBreakerBps: 500,
      capital: parseAmount('1000000'),
    };
    const gate = new RiskGate(limits, portfolio);
    portfolio.define(instrument);
    gate.define(instrument);
    const ts = 1_790_000_000_000_000;
    portfolio.balances.set(0, 'BTC', parseAmount('10'), 0n, ts);
    portfolio.balances.set(0, 'USDT', parseAmount('1000000'), 0n, ts);
    const book = new InstrumentBook();
    const levels = (from, step) => Float64Array.from({ length: 20 }, (_, i) => from + i * step);
    const sizes = new Float64Array(20).fill(200_000);
    book.apply({
      ...{ kind: EventKind.BookSnapshot, tsEvent: ts, tsInit: ts, instrument: 0, firstId: 1, lastId: 10 },
      ...{ bidCount: 20, bidPrices: levels(999_900, -100), bidSizes: sizes },
      ...{ askCount: 20, askPrices: levels(1_000_100, 100), askSizes: sizes },
    });
    portfolio.mark(0, book.bid, book.ask);
    const { Up } = ConnectionState;
    const view = {
      now: ts,
      epoch: 7,
      journal: JournalState.Ok,
      book,
      staleAfterUs: 2e6,
      orders: Up,
      user: Up,
    };
    const orders = Array.from({ length: 64 }, (_, i) => {
      const changes = [{}, { price: 990_000 }, { price: 1_080_000 }, { quantity: 90_000_000 }][i % 8] ?? {};
      return { ...benchOrder(ts), ...changes };
    });
    let sequence = 0;
    const slice = () => {
      let passed = 0;
      for (let i = 0; i < count; i++) {
        const order = orders[i & 63];
        order.sequence = ++sequence;
        if (gate.check(order, view) !== 0) continue;
        gate.approve(order);
        passed++;
      }
      if (passed < count / 2 || passed === count) throw new Error(`${passed} of ${count} passed`);
    };
    return { slice, operations: count };
  },
};
