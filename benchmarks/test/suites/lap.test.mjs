import { describe, expect, it } from '@jest/globals';
import { PlainBook } from '../../lib/plain-book.mjs';
import { syntheticItems } from '../../lib/synthetic-frames.mjs';
import { frameBytes } from '../../lib/venue/frame-bytes.mjs';
import { LapStream, makeLap } from '../../lib/venue/lap.mjs';

const items = syntheticItems(400, { pricePrecision: 2, sizePrecision: 8 });
const text = (bytes) => Buffer.from(bytes).toString('latin1');
const dataOf = (bytes) => JSON.parse(text(bytes)).data;

describe('a stream of laps', () => {
  const [btc, other] = [makeLap(items), makeLap(items.slice(0, 200), 'T001USD')];
  const stream = new LapStream([btc, other]);
  const payloads = () => Array.from({ length: stream.messages }, (_, i) => Buffer.from(stream.payload(i)));
  const first = payloads();
  stream.nextRound();
  const second = payloads();

  it('is one unbroken stream of each market, whose book is the snapshot again after each round', () => {
    for (const [lap, symbol] of [
      [btc, 'BTCUSDT'],
      [other, 'T001USD'],
    ]) {
      const [start, book] = [new PlainBook(), new PlainBook()];
      start.onSnapshot(lap.snapshot);
      book.onSnapshot(lap.snapshot);
      const own = [...first, ...second].filter((bytes) => dataOf(bytes).s === symbol);
      const depths = own.map(dataOf).filter(({ e }) => e === 'depthUpdate');
      // Throws at a gap.
      for (const bytes of own) book.onMessage(bytes);
      expect([book.bids, book.asks]).toEqual([start.bids, start.asks]);
      expect(depths.slice(1).every(({ U }, i) => U === depths[i].u + 1)).toBe(true);
    }
  });

  it('never tells an id of a trade or a ticker twice', () => {
    const all = [...first, ...second].map(dataOf).filter(({ s }) => s === 'BTCUSDT');
    const trades = all.filter(({ e }) => e === 'trade').map(({ t }) => t);
    const tickers = all.filter(({ A }) => A !== undefined).map(({ u }) => u);
    expect(trades.length).toBeGreaterThan(50);
    expect(new Set(trades).size).toBe(trades.length);
    const half = tickers.length / 2;
    expect(Math.min(...tickers.slice(half))).toBeGreaterThan(Math.max(...tickers.slice(0, half)));
  });

  it('has the frames of any messages in a row as they go over the wire', () => {
    expect(stream.slice(3, 6)).toEqual(Buffer.concat(second.slice(3, 6).map(frameBytes)));
    expect(stream.slice(0, stream.messages).length).toBe(stream.byteLength);
  });
});

it('a frame says how long it is by the shortest of its three headers', () => {
  const headers = [125, 126, 65_535, 65_536].map((length) => {
    const bytes = frameBytes(Buffer.alloc(length, 'x'));
    return [bytes.length - length, bytes[0]];
  });
  expect(headers).toEqual([2, 4, 4, 10].map((length) => [length, 0x81]));
  expect(frameBytes(Buffer.alloc(65_536)).readBigUInt64BE(2)).toBe(65_536n);
});
