import { loadFrames } from '../../lib/frames.mjs';

const MESSAGES = 12_000;

/** Messages of a market's stream, from their bytes to numbers. */
export const workload = {
  question: 'does a market data message cost more to read?',
  async prepare(engine, share) {
    const count = Math.ceil(MESSAGES * share);
    const { BinanceDecoder } = await engine('venues/binance/market-decoder.js');
    const { FrameKind } = await engine('venues/binance/decode-codes.js');
    const { items, instrument } = await loadFrames('spot', count);
    const frames = items.filter(({ kind }) => kind === 'frame').map(({ bytes }) => bytes);
    const decoder = new BinanceDecoder([instrument]);
    const slice = () => {
      let depths = 0;
      for (let i = 0; i < frames.length; i++) if (decoder.decode(frames[i]) === FrameKind.Depth) depths++;
      if (depths === 0) throw new Error('no depth message: nothing was measured');
    };
    return { slice, operations: frames.length };
  },
};
