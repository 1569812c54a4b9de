import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineInstrument } from '@tradewind/engine/domain';
import { syntheticItems } from './synthetic-frames.mjs';

/** What is replayed, and the instrument it is about. */
const SETS = {
  spot: {
    file: 'hftbacktest_spot_btcusdt_20240808.gz',
    pricePrecision: 2,
    sizePrecision: 8,
    sizeIncrement: 1000,
  },
  usdm: {
    file: 'hftbacktest_usdm_btcusdt_20240808.gz',
    pricePrecision: 1,
    sizePrecision: 3,
    sizeIncrement: 1,
  },
};

/**
 * Frames of one market in memory, first its snapshot.
 *
 * @param {keyof typeof SETS} name
 * @param {number} limit at most so many items
 */
export async function loadFrames(name, limit) {
  const { file, ...precisions } = SETS[name];
  const spec = {
    venueName: 'BINANCE',
    symbol: 'BTCUSDT',
    base: 'BTC',
    quote: 'USDT',
    priceIncrement: 1,
    minPrice: 0,
    maxPrice: 0,
    minQuantity: 0,
    maxQuantity: 0,
    minNotional: 0n,
    maxNotional: 0n,
    ...precisions,
  };
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const path = join(process.env.TRADEWIND_RECORDINGS ?? join(root, '../shared/recordings'), 'binance', file);
  const recorded = existsSync(path);
  const items = recorded ? await takeRecorded(path, limit) : syntheticItems(limit, precisions);
  return {
    name,
    items,
    spec,
    instrument: defineInstrument(0, 0, spec),
    source: recorded ? `recorded (${file})` : 'synthetic',
  };
}

async function takeRecorded(path, limit) {
  const { readRecording } = await import('@tradewind/engine/backtest');
  const taken = [];
  for await (const item of readRecording([path])) {
    // Readers may lend their buffers: a benchmark keeps its frames.
    const kept = { ...item, bytes: Uint8Array.from(item.bytes) };
    // The snapshot was answered while the stream ran; first, it needs no buffering, and the older diffs are dropped.
    if (kept.kind === 'rest') taken.unshift(kept);
    else taken.push(kept);
    if (taken.length === limit) break;
  }
  return taken;
}
