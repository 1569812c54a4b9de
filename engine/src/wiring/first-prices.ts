import { z } from 'zod';
import { readRecording } from '../backtest/index.js';

const depth = z.looseObject({ bids: z.array(z.tuple([z.string(), z.string()])).min(1) });
const quote = z.looseObject({ data: z.looseObject({ s: z.string(), b: z.string(), B: z.string() }) });
/** A recording that has not quoted a symbol by then does not trade it. */
const LOOK_AT = 5_000;

/** The first price seen of each symbol, decimal text: from the venue's quotes, or its snapshots where the URL names one. */
export async function firstPrices(files: readonly string[]): Promise<Map<string, string>> {
  const prices = new Map<string, string>();
  let seen = 0;
  for await (const { kind, url, bytes } of readRecording(files)) {
    if (kind !== 'frame' && kind !== 'rest') continue;
    if (++seen > LOOK_AT) break;
    const text = Buffer.from(bytes).toString();
    if (kind === 'frame' ? !text.includes('bookTicker') : !text.includes('"bids"')) continue;
    const json: unknown = JSON.parse(text);
    const ticker = quote.safeParse(json);
    if (ticker.success) {
      const { s, b } = ticker.data.data;
      if (!prices.has(s)) prices.set(s, b);
      continue;
    }
    const symbol = /[?&]symbol=(\w+)/.exec(url ?? '')?.[1];
    const snapshot = depth.safeParse(json);
    if (symbol !== undefined && snapshot.success && !prices.has(symbol)) {
      prices.set(symbol, snapshot.data.bids[0]![0]);
    }
  }
  return prices;
}
