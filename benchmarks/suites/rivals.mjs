import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { row } from '../lib/report.mjs';
import { VERSIONS } from '../rivals/packages.mjs';

export const title = 'the same work done by what is published, each beside ours in a process of its own';

const CHILD = fileURLToPath(new URL('../rivals/child.mjs', import.meta.url));
/** By rival: what it is called in rows. */
const BOOKS = {
  plain: 'JSON.parse + sorted arrays',
  ccxt: `ccxt.pro ${VERSIONS.ccxt}`,
  orderbooks: `orderbooks ${VERSIONS.orderbooks}`,
};
export async function run() {
  const sources = new Set();
  const rows = [];
  for (const market of ['spot', 'usdm']) {
    for (const [rival, label] of Object.entries(BOOKS)) {
      const figures = await measure('book', rival, market);
      if (figures.missing === undefined) {
        sources.add(figures.source);
        rows.push(...bookRows(`${market} ${label}`, figures));
      } else sources.add(`${label} is not here, skipped: ${figures.missing}`);
    }
  }
  rows.push(...logRows(await measure('log')), ...metricRows(await measure('metrics')));
  return { frames: [...sources], rows };
}

async function measure(...args) {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, ...args], { timeout: 600_000 });
  return JSON.parse(stdout);
}

function bookRows(name, { ours, rival }) {
  const theirs = row(`${name}: depth message`, 'ns', rival);
  return [theirs, row(`${name}: ours beside it`, 'ns', ours, { ratioTo: theirs })];
}

function logRows({ naive, buffered, ours }) {
  const pino = row('pino to a file: log call', 'ns', naive);
  const held = row('pino, buffered: log call', 'ns', buffered);
  return [pino, held, row('log call: ours beside them', 'ns', ours, { ratioTo: [pino, held] })];
}

function metricRows({ naive, bound, ours, naiveLatency, ourLatency }) {
  const inc = row('prom-client: counter', 'ns', naive);
  const child = row('prom-client, labels bound: counter', 'ns', bound);
  const observe = row('prom-client: histogram', 'ns', naiveLatency);
  return [
    inc,
    child,
    row('counter: ours beside them', 'ns', ours, { ratioTo: [inc, child] }),
    observe,
    row('histogram: ours beside it', 'ns', ourLatency, { ratioTo: observe }),
  ];
}
