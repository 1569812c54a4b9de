import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { BookUpdate } from '../../../src/domain/index.js';
import { EventKind, parseUnits, Side } from '../../../src/domain/index.js';
import { RecordedFlow } from '../../../src/simulator/flow/index.js';
import { Exchange } from '../../../src/simulator/matching/index.js';

const recordings = process.env.TRADEWIND_RECORDINGS ?? resolve('..', 'shared', 'recordings');
const file = resolve(recordings, 'binance', 'hftbacktest_spot_btcusdt_20240808.gz');
const maybe = existsSync(file) ? it : it.skip;

type Text = [price: string, size: string][];
interface Frame {
  e?: string;
  lastUpdateId?: number;
  u?: number;
  b?: Text;
  a?: Text;
  bids?: Text;
  asks?: Text;
  p?: string;
  q?: string;
  m?: boolean;
  t?: number;
}

const prices = (levels: Text) => Float64Array.from(levels, ([price]) => parseUnits(price, 2));
/** Some old orders in the book are finer than today's step. */
const SIZE_PRECISION = 8;
const sizes = (levels: Text) => Float64Array.from(levels, ([, size]) => parseUnits(size, SIZE_PRECISION));

function update(kind: BookUpdate['kind'], bids: Text, asks: Text): BookUpdate {
  return {
    kind,
    tsEvent: 0,
    tsInit: 0,
    instrument: 0,
    firstId: 0,
    lastId: 0,
    bidCount: bids.length,
    askCount: asks.length,
    bidPrices: prices(bids),
    bidSizes: sizes(bids),
    askPrices: prices(asks),
    askSizes: sizes(asks),
  };
}

describe('a recording of Binance spot', () => {
  maybe('drives the book to exactly what was recorded, and prints every trade', () => {
    const filters = { price: { min: 1, max: 0, step: 1 }, lot: { min: 1, max: 0, step: 1 } };
    const spec = {
      symbol: 'BTCUSDT',
      base: 'BTC',
      quote: 'USDT',
      pricePrecision: 2,
      sizePrecision: SIZE_PRECISION,
      filters,
    };
    const exchange = new Exchange({ symbols: [spec] });
    const flow = new RecordedFlow({ exchange, symbol: 0 });
    let printed = 0;
    let wanted = 0;
    exchange.listen({
      onTrade: ({ quantity }) => {
        printed += quantity;
      },
    });
    const recorded = [new Map<number, number>(), new Map<number, number>()] as const;
    const apply = (event: BookUpdate) => {
      const note = (levels: Map<number, number>, at: Float64Array, size: Float64Array) =>
        at.forEach((price, i) => {
          if (size[i] === 0) levels.delete(price);
          else levels.set(price, size[i]!);
        });
      note(recorded[Side.Buy], event.bidPrices, event.bidSizes);
      note(recorded[Side.Sell], event.askPrices, event.askSizes);
      flow.apply(event, 1);
    };
    let lastId = 0;
    let applied = 0;
    const waiting: Frame[] = [];
    const delta = ({ u, b, a }: Frame) => {
      if (u! <= lastId) return;
      lastId = u!;
      apply(update(EventKind.BookDelta, b!, a!));
      if (++applied % 50 !== 0) return;
      const { bids, asks } = exchange.depth(0, 100_000);
      expect(bids).toEqual([...recorded[Side.Buy]].sort((x, y) => y[0] - x[0]));
      expect(asks).toEqual([...recorded[Side.Sell]].sort((x, y) => x[0] - y[0]));
    };
    const lines = gunzipSync(readFileSync(file)).toString('latin1').split('\n').slice(0, 20_000);
    for (const line of lines) {
      if (line === '') continue;
      const message = JSON.parse(line.slice(line.indexOf(' ') + 1)) as Frame & { data?: Frame };
      const frame = message.data ?? message;
      if (frame.lastUpdateId !== undefined) {
        lastId = frame.lastUpdateId;
        apply(update(EventKind.BookSnapshot, frame.bids!, frame.asks!));
        waiting.forEach(delta);
      } else if (frame.e === 'depthUpdate') {
        if (lastId === 0) waiting.push(frame);
        else delta(frame);
      } else if (frame.e === 'trade' && lastId > 0) {
        const quantity = parseUnits(frame.q!, SIZE_PRECISION);
        wanted += quantity;
        const price = parseUnits(frame.p!, 2);
        const aggressor = frame.m ? Side.Sell : Side.Buy;
        const base = { tsEvent: 0, tsInit: 0, instrument: 0, tradeId: frame.t! };
        flow.apply({ ...base, kind: EventKind.Trade, price, quantity, aggressor }, 1);
      }
    }
    expect(applied).toBeGreaterThan(500);
    expect(wanted).toBeGreaterThan(0);
    expect(printed).toBe(wanted);
  });
});
