import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import {
  percentageFees,
  type RecordedItem,
  type ReplayOptions,
  readRecording,
  replay,
} from '../../src/backtest/index.js';
import type { InstrumentSpec } from '../../src/domain/index.js';
import { Joiner, LIMITS, SPEC } from './replay-kit.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const directory = join(process.env.TRADEWIND_RECORDINGS ?? join(root, '../shared/recordings'), 'binance');
const recorded = existsSync(directory) ? it : it.skip;

async function* first(count: number, name: string): AsyncGenerator<RecordedItem> {
  let left = count;
  for await (const item of readRecording([join(directory, name)])) {
    if (left-- === 0) return;
    yield item;
  }
}

function options(recording: ReplayOptions['recording'], spec: InstrumentSpec, spot: boolean): ReplayOptions {
  return {
    recording,
    instruments: [spec],
    strategies: [new Joiner(spot ? 1_000_000 : 10)],
    limits: LIMITS,
    staleAfterUs: 5_000_000,
    execution: {
      balances: { BTC: '10', USDT: '1000000' },
      funding: spot ? 'cash' : 'margin',
      fees: percentageFees({ makerBps: 1, takerBps: 1, asset: spot ? 'received' : 'quote' }),
    },
  };
}

// Levels hold quantities finer than today's lot size, left from before it was coarsened: precision 8, increment 0.00001.
const SPOT: InstrumentSpec = { ...SPEC, sizePrecision: 8, sizeIncrement: 1_000, minQuantity: 1_000 };
const FUTURES: InstrumentSpec = { ...SPEC, priceIncrement: 10, sizePrecision: 3 };

describe('replay of recorded traffic', () => {
  recorded('Binance spot: every depth message applied in sequence, and traded on', async () => {
    const items = first(12_000, 'hftbacktest_spot_btcusdt_20240808.gz');
    const summary = await replay(options(items, SPOT, true));
    const { depth, books, dropped } = summary.feed;
    expect(summary.feed).toMatchObject({ messages: 11_999, failures: 0, faults: 0, snapshots: 1 });
    expect(books + dropped).toBe(depth + 1);
    expect(depth).toBeGreaterThan(500);
    expect(summary.books.BTCUSDT!.state).toBe('Valid');
    expect(summary.orders.filled).toBeGreaterThan(0);
    expect(summary.orders.sent).toBe(
      summary.orders.filled + summary.orders.canceled + summary.orders.rejected,
    );
  });

  recorded('Binance USD-M futures: the previous update id holds throughout', async () => {
    const items = first(8_000, 'hftbacktest_usdm_btcusdt_20240808.gz');
    const summary = await replay(options(items, FUTURES, false));
    const { depth, books, dropped } = summary.feed;
    expect(summary.feed).toMatchObject({ messages: 7_999, failures: 0, faults: 0, snapshots: 1 });
    expect(books + dropped).toBe(depth + 1);
    expect(summary.books.BTCUSDT!.state).toBe('Valid');
    expect(summary.orders.filled).toBeGreaterThan(0);
  });

  recorded('gives the same state hash twice', async () => {
    const again = () => replay(options(first(4_000, 'hftbacktest_spot_btcusdt_20240808.gz'), SPOT, true));
    const [one, two] = [await again(), await again()];
    expect(two.stateHash).toBe(one.stateHash);
    expect(two.orders).toEqual(one.orders);
    expect(two.pnl).toEqual(one.pnl);
  });
});
