import { setTimeout as sleep } from 'node:timers/promises';
import { BinanceReplayFeed, readRecording, recordedInstruments, recordingFiles } from '../backtest/index.js';
import type { Listing } from '../config/index.js';
import { defineInstrument, EventKind, formatUnits, type Instrument } from '../domain/index.js';
import type { RecordedSource } from '../simulator/index.js';
import { firstPrices } from './first-prices.js';

/** A recording as a market for the simulator to serve: what it lists, and the traffic at the pace it was recorded. */
export interface RecordedMarket {
  readonly listings: readonly Listing[];
  readonly source: RecordedSource;
}

/** Events nearer than this are not waited for: a timer is no more exact. */
const SLACK_US = 2_000;

/**
 * Opens the recording at `path` (see `recordingFiles`). It is played from the start when it ends, for as long as the
 * simulator runs. `onEnd` hears of each end, and of what stopped it for good.
 */
export async function recordedMarket(
  path: string,
  onEnd: (error?: unknown) => void = () => {},
): Promise<RecordedMarket> {
  const files = await recordingFiles(path);
  const specs = await recordedInstruments(files);
  const prices = await firstPrices(files);
  const instruments = specs.map((spec, index) => defineInstrument(index, 0, spec));
  return {
    listings: specs.map(({ symbol, base, quote, pricePrecision, sizePrecision }) => ({
      symbol,
      base,
      quote,
      tickSize: formatUnits(1, pricePrecision),
      stepSize: formatUnits(1, sizePrecision),
      startPrice: prices.get(symbol) ?? '1',
    })),
    source: {
      start(apply) {
        const stopped = new AbortController();
        const play = async () => {
          while (!stopped.signal.aborted) {
            await playOnce(files, instruments, apply, stopped.signal);
            if (!stopped.signal.aborted) onEnd();
          }
        };
        play().catch((error: unknown) => {
          if (!stopped.signal.aborted) onEnd(error);
        });
        return { stop: () => stopped.abort() };
      },
    },
  };
}

async function playOnce(
  files: readonly string[],
  instruments: readonly Instrument[],
  apply: Parameters<RecordedSource['start']>[0],
  signal: AbortSignal,
): Promise<void> {
  const feed = new BinanceReplayFeed(instruments, (event) => {
    const { BookSnapshot, BookDelta, Trade } = EventKind;
    if (event.kind !== BookSnapshot && event.kind !== BookDelta && event.kind !== Trade) return;
    apply(instruments[event.instrument]!.symbol, event);
  });
  const startUs = performance.now() * 1000;
  let first = Number.NaN;
  let now = 0;
  for await (const item of readRecording(files)) {
    if (Number.isNaN(first)) first = item.tsUs;
    now = Math.max(now, item.tsUs);
    const earlyUs = now - first - (performance.now() * 1000 - startUs);
    if (earlyUs > SLACK_US) await sleep(earlyUs / 1000, undefined, { signal });
    if (signal.aborted) return;
    feed.onItem(item, now);
  }
}
