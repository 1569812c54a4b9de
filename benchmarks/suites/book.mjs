import { strict as assert } from 'node:assert';
import { InstrumentBook } from '@tradewind/engine/book';
import { BinanceDecoder, DepthSynchronizer, FrameKind, SnapshotDecoder } from '@tradewind/engine/venues';
import { loadFrames } from '../lib/frames.mjs';
import { interleave, nanos, Samples } from '../lib/measure.mjs';
import { PlainBook } from '../lib/plain-book.mjs';
import { row } from '../lib/report.mjs';

export const title = 'decode + book, one message from its bytes to the updated book';

const MESSAGES = 20_000;
const PLAN = { warmUp: 2, rounds: 4 };

export async function run() {
  const rows = [];
  const sources = [];
  for (const market of ['spot', 'usdm']) {
    const frames = await loadFrames(market, MESSAGES);
    sources.push(`${market}: ${frames.items.length} messages, ${frames.source}`);
    rows.push(...measure(frames));
  }
  return { frames: sources, rows };
}

function measure({ name, items, instrument }) {
  const room = items.length * PLAN.rounds;
  const plain = { all: new Samples(room), depth: new Samples(room), book: undefined };
  const ours = {
    all: new Samples(room),
    depth: new Samples(room),
    level: new Samples(room),
    book: undefined,
  };
  interleave(
    [
      (counted) => {
        plain.book = plainPass(items, counted ? plain : undefined);
      },
      (counted) => {
        ours.book = ourPass(items, instrument, counted ? ours : undefined);
      },
    ],
    PLAN,
  );
  compare(plain.book, ours.book, instrument);
  const plainAll = row(`${name} plain: message`, 'ns', plain.all.summary());
  const plainDepth = row(`${name} plain: depth message`, 'ns', plain.depth.summary());
  return [
    plainAll,
    row(`${name}: message`, 'ns', ours.all.summary(), { budget: 'decode', ratioTo: plainAll }),
    plainDepth,
    row(`${name}: depth message`, 'ns', ours.depth.summary(), {
      budget: 'decode-ratio',
      ratioTo: plainDepth,
    }),
    row(`${name}: per level of a depth message`, 'ns', ours.level.summary()),
  ];
}

function plainPass(items, samples) {
  const book = new PlainBook();
  let ready = false;
  for (const { kind, bytes } of items) {
    if (kind === 'rest') {
      book.onSnapshot(bytes);
      ready = true;
    } else if (ready && kind === 'frame') {
      const start = nanos();
      book.onMessage(bytes);
      const took = nanos() - start;
      samples?.all.add(took);
      if (isDepth(bytes)) samples?.depth.add(took);
    }
  }
  return book;
}

function ourPass(items, instrument, samples) {
  const decoder = new BinanceDecoder([instrument]);
  const snapshots = new SnapshotDecoder();
  const book = new InstrumentBook();
  const synchronizer = new DepthSynchronizer(0, {
    onBook: (update) => book.apply(update),
    onFault: (_instrument, fault) => book.setStatus(fault),
  });
  synchronizer.start(0);
  let ready = false;
  for (const { kind, bytes } of items) {
    if (kind === 'rest') {
      snapshots.decode(bytes, instrument);
      synchronizer.onSnapshot(synchronizer.takeRequest(), snapshots.snapshot, 0);
      ready = true;
    } else if (ready && kind === 'frame') {
      const start = nanos();
      const decoded = decoder.decode(bytes);
      if (decoded === FrameKind.Depth) synchronizer.onDelta(decoder.depth, decoder.previousId, 0);
      else if (decoded === FrameKind.Quote) book.applyQuote(decoder.quote);
      const took = nanos() - start;
      if (samples === undefined) continue;
      samples.all.add(took);
      if (decoded !== FrameKind.Depth) continue;
      samples.depth.add(took);
      const levels = decoder.depth.bidCount + decoder.depth.askCount;
      if (levels > 0) samples.level.add(took / levels);
    }
  }
  return book;
}

/** Both must have built the same book, or nothing was measured. */
function compare(plain, ours, { pricePrecision, sizePrecision }) {
  const units = (levels) =>
    levels.map(([price, size]) => [
      Math.round(price * 10 ** pricePrecision),
      Math.round(size * 10 ** sizePrecision),
    ]);
  const { levels } = ours;
  const bids = Array.from({ length: levels.bidCount }, (_, i) => [levels.bidPrice(i), levels.bidSize(i)]);
  const asks = Array.from({ length: levels.askCount }, (_, i) => [levels.askPrice(i), levels.askSize(i)]);
  assert.ok(bids.length > 0 && asks.length > 0, 'an empty book');
  assert.deepEqual(bids, units(plain.bids), 'the bids differ');
  assert.deepEqual(asks, units(plain.asks), 'the asks differ');
}

const DEPTH = Buffer.from('@depth');

function isDepth(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(48, bytes.byteLength)).includes(DEPTH);
}
