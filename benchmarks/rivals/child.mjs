/**
 * One comparison in a process of its own, so that no rival's types spoil the code that V8 made for another:
 * `node child.mjs book RIVAL MARKET | metrics | log`. Prints its summaries as JSON, or `{ missing }`.
 */
import { loadFrames } from '../lib/frames.mjs';
import { ccxtRival } from './ccxt-rival.mjs';
import { logsBeside } from './logs.mjs';
import { metricsBeside } from './metrics.mjs';
import { orderbooksRival } from './orderbooks-rival.mjs';
import { OurBook } from './our-book.mjs';
import { rivalPackage } from './packages.mjs';
import { PlainRival } from './plain-rival.mjs';
import { depthOnly, timeBooks } from './time-books.mjs';

const MESSAGES = 20_000;
const PLAN = { warmUp: 2, rounds: 4 };
/** By rival: what its package makes of the frames of a market. */
const BOOKS = {
  plain: () => PlainRival,
  ccxt: (market) => ccxtRival(rivalPackage('ccxt'), market),
  orderbooks: () => orderbooksRival(rivalPackage('orderbooks')),
};

const [what, rival, market] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await measure())}\n`, () => process.exit());

async function measure() {
  if (what === 'metrics') return metricsBeside();
  if (what === 'log') return logsBeside();
  const frames = await loadFrames(market, MESSAGES);
  const depth = depthOnly(frames);
  const source = `${market}: ${depth.messages.length} depth messages, ${frames.source}`;
  let Book;
  try {
    Book = await BOOKS[rival](market);
  } catch (error) {
    return { missing: error.message };
  }
  return { source, ...timeBooks(depth, { ours: OurBook, rival: Book }, PLAN) };
}
