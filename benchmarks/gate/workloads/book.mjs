import { loadFrames } from '../../lib/frames.mjs';

const MESSAGES = 8_000;

/** Messages of a market's stream, from their bytes to the book after them. */
export const workload = {
  question: 'does a market data message cost more?',
  async prepare(engine, share) {
    const count = Math.ceil(MESSAGES * share);
    const { InstrumentBook } = await engine('book/index.js');
    const { BinanceDecoder } = await engine('venues/binance/market-decoder.js');
    const { FrameKind } = await engine('venues/binance/decode-codes.js');
    const { DepthSynchronizer } = await engine('venues/binance/depth-synchronizer.js');
    const { SnapshotDecoder } = await engine('venues/binance/snapshot-decoder.js');
    const { items, instrument } = await loadFrames('spot', count);
    const snapshot = items.find(({ kind }) => kind === 'rest').bytes;
    const frames = items.filter(({ kind }) => kind === 'frame').map(({ bytes }) => bytes);
    const decoder = new BinanceDecoder([instrument]);
    const snapshots = new SnapshotDecoder();
    const book = new InstrumentBook();
    const synchronizer = new DepthSynchronizer(0, {
      onBook: (update) => book.apply(update),
      onFault: (_instrument, fault) => book.setStatus(fault),
    });
    const slice = () => {
      synchronizer.start(0);
      snapshots.decode(snapshot, instrument);
      synchronizer.onSnapshot(synchronizer.takeRequest(), snapshots.snapshot, 0);
      for (let i = 0; i < frames.length; i++) {
        const kind = decoder.decode(frames[i]);
        if (kind === FrameKind.Depth) synchronizer.onDelta(decoder.depth, decoder.previousId, 0);
        else if (kind === FrameKind.Quote) book.applyQuote(decoder.quote);
      }
      if (book.levels.bidCount === 0) throw new Error('an empty book: nothing was measured');
    };
    return { slice, operations: frames.length };
  },
};
