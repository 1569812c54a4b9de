import { beforeEach, describe, expect, it } from '@jest/globals';
import { BookFault, EventKind, LiquiditySide, Side } from '../../src/domain/index.js';
import { Kernel } from '../../src/kernel/index.js';
import { MetricRegistry } from '../../src/telemetry/index.js';
import { readStatus, type SessionStatus } from '../../src/wiring/index.js';
import { bookUpdate, instrument, opening, openLimits, START } from '../kernel/support/fixtures.js';
import { intent, ScriptedStrategy } from '../kernel/support/scripted-strategy.js';

describe('readStatus', () => {
  let kernel: Kernel;
  let strategy: ScriptedStrategy;
  const ticks = new MetricRegistry().histogram(
    'tradewind_ticks_seconds',
    'For the test',
    {},
    { scale: 1e-9 },
  );
  const status = (): SessionStatus => readStatus(kernel.view, 1_234, 56, ticks);

  beforeEach(() => {
    strategy = new ScriptedStrategy();
    kernel = new Kernel({ limits: openLimits, strategies: [strategy], staleAfterUs: 1e9 });
    // As Binance lists it: prices in cents, written with eight decimals.
    const listed = { pricePrecision: 8, priceIncrement: 1_000_000, sizePrecision: 8, sizeIncrement: 1_000 };
    const limits = {
      minPrice: 0,
      maxPrice: 0,
      minQuantity: 0,
      maxQuantity: 0,
      minNotional: 0n,
      maxNotional: 0n,
    };
    for (const event of opening([instrument(0, { ...listed, ...limits })])) kernel.apply(event);
  });

  it('shows nothing where there is nothing', () => {
    expect(status()).toMatchObject({
      elapsedMs: 1_234,
      messages: 56,
      marketData: 'Up',
      tradingState: 'Active',
      haltWhy: '',
      sent: 0,
      open: 0,
      symbols: [
        { book: 'Syncing', bid: '', ask: '', spreadBps: 0, ourBid: '', ourAsk: '', position: '0.00000' },
      ],
    });
    expect(status().tickToTradeUs).toEqual({ p50: 0, p99: 0, p999: 0 });
  });

  it('writes prices and quantities with the decimals they can have, and our best quotes', () => {
    const cents = (price: number) => price * 1_000_000;
    const [bid, ask] = [cents(6_184_150), cents(6_184_250)];
    kernel.apply(bookUpdate(EventKind.BookSnapshot, START + 1, 0, [1, 1], [[bid, 5e8]], [[ask, 5e8]]));
    strategy.on.timer = (context) => {
      const ours = (side: Side, price: number) => intent({ side, price: cents(price), quantity: 100_000 });
      for (const price of [6_184_000, 6_184_100]) context.submit(ours(Side.Buy, price));
      for (const price of [6_184_400, 6_184_300]) context.submit(ours(Side.Sell, price));
    };
    kernel.apply({ kind: EventKind.Timer, tsEvent: 0, tsInit: START + 2 });
    kernel.apply({
      kind: EventKind.OrderFilled,
      tsEvent: 0,
      tsInit: START + 3,
      epoch: 7,
      sequence: 1,
      tradeId: 't1',
      price: cents(6_184_000),
      quantity: 100_000,
      liquidity: LiquiditySide.Maker,
      feeAsset: 'USDT',
      fee: 0n,
    });
    const [symbol] = status().symbols;
    expect(symbol).toMatchObject({
      book: 'Valid',
      bid: '61841.50',
      ask: '61842.50',
      ourBid: '61841.00',
      ourAsk: '61843.00',
      position: '0.00100',
      base: 'BTC',
      quote: 'USDT',
      realized: 0,
    });
    expect(symbol!.spreadBps).toBeCloseTo(0.1617, 4);
    // Bought at 61840.00, the middle is 61842.00.
    expect(symbol!.unrealized).toBeCloseTo(0.002, 9);
    expect(status()).toMatchObject({ sent: 4, fills: 1, filled: 1, open: 3 });
  });

  it('names the fault of a book that is not to be trusted', () => {
    kernel.apply({
      kind: EventKind.BookStatus,
      tsEvent: 0,
      tsInit: START + 1,
      instrument: 0,
      fault: BookFault.DISCONNECTED,
    });
    expect(status().symbols[0]!.book).toBe('DISCONNECTED');
  });
});
