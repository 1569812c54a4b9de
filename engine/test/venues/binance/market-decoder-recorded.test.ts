import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readRecording, recordingFiles } from '../../../src/backtest/index.js';
import { FrameKind } from '../../../src/venues/binance/decode-codes.js';
import { BinanceDecoder } from '../../../src/venues/binance/market-decoder.js';
import { decodeNaively, decodeWith, instrument } from './market-fixtures.js';

const RECORDINGS = join(process.env.TRADEWIND_RECORDINGS ?? resolve('../shared/recordings'), 'binance');
const recorded = existsSync(RECORDINGS) ? it.each : it.skip.each;
/** With as many decimals as the venue prints: some resting orders are finer than the increments of their day. */
const RECORDED = [instrument(0, 'BTCUSDT', 8, 8), instrument(1, 'BTCUSD_PERP', 1, 0)];
/** Every frame is decoded; the plain decoding of each would take too long. */
const COMPARE_EVERY = 29;

describe('Binance decoder on recorded frames', () => {
  recorded([['hftbacktest_spot_btcusdt'], ['hftbacktest_usdm_btcusdt'], ['hftbacktest_cm_btcusd_perp']])(
    'decodes %s as the oracle does',
    async (name) => {
      const decoder = new BinanceDecoder(RECORDED);
      let frames = 0;
      let failed = 0;
      const different: string[] = [];
      for await (const { kind, bytes } of readRecording(await recordingFiles(join(RECORDINGS, name)))) {
        if (kind !== 'frame') continue;
        if (frames++ % COMPARE_EVERY !== 0) {
          if (decoder.decode(bytes) === FrameKind.Failed) failed++;
          continue;
        }
        const text = Buffer.from(bytes).toString();
        const ours = sorted(decodeWith(decoder, bytes));
        if (ours !== sorted(decodeNaively(text, RECORDED))) different.push(text);
      }
      expect(frames).toBeGreaterThan(90_000);
      expect({ failed, different }).toEqual({ failed: 0, different: [] });
    },
    180_000,
  );
});

/** JSON with the keys in order, so that equal values have equal texts. */
function sorted(value: object): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
