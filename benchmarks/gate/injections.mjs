import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyTree } from './trees.mjs';

const DECODER = 'engine/dist/venues/binance/market-decoder.js';
const SIGNATURE = 'decode(frame, start = 0, end = frame.length) {';

/** Regressions that a gate has to find, as changes to a built decoder. */
export const INJECTIONS = {
  /** Every tenth message is decoded twice. */
  slowdown: (source) =>
    source.replace('class BinanceDecoder {', 'class BinanceDecoder {\n    injected = 0;').replace(
      SIGNATURE,
      `${SIGNATURE}
        if (++this.injected === 10) {
            this.injected = 0;
            this.decodeOnce(frame, start, end);
        }
        return this.decodeOnce(frame, start, end);
    }
    decodeOnce(frame, start, end) {`,
    ),
  /** One small object a message. */
  allocation: (source) =>
    source
      .replace('class BinanceDecoder {', 'class BinanceDecoder {\n    injected = null;')
      .replace(SIGNATURE, `${SIGNATURE}\n        this.injected = { start, end };`),
};

/** A copy of a built tree with a regression in it. Throws when the decoder is not as it was when this was written. */
export function inject(name, tree) {
  const copy = copyTree(tree);
  const path = join(copy.path, DECODER);
  const source = readFileSync(path, 'utf8');
  const changed = INJECTIONS[name](source);
  if (
    !changed.includes('injected') ||
    changed.split(SIGNATURE).length !== 2 ||
    !changed.includes('injected =')
  ) {
    copy.remove();
    throw new Error(`${DECODER} has changed: the injection ${name} has to be written anew`);
  }
  writeFileSync(path, changed);
  return copy;
}
