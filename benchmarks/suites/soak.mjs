import { setTimeout as sleep } from 'node:timers/promises';
import { parseDuration } from '@tradewind/engine/config';
import { Samples } from '../lib/measure.mjs';
import { checkEngine, withVenue } from '../lib/processes.mjs';
import { row } from '../lib/report.mjs';
import { slope } from '../lib/slope.mjs';

export const title =
  'soak: a whole engine with journal and market makers at 10,000 messages a second for as long as --for says';

const PER_SECOND = 10_000;
const SYMBOLS = ['BTCUSDT', 'T000USD'];
const INTERVALS = 60;
const SHORTEST_MS = 2_000;
/** Before it the compiler works and caches fill: the slope of the memory is taken after it. */
const WARM_UP_SHARE = 0.1;

export async function run() {
  const ms = parseDuration(process.env.TRADEWIND_BENCH_SOAK ?? '60s');
  const interval = Math.max(SHORTEST_MS, ms / INTERVALS);
  let stopped = false;
  let cut = () => {};
  const stop = () => {
    stopped = true;
    cut();
    console.log('stopping: what there is so far follows');
  };
  // More than once: npm and the terminal may both say so.
  process.on('SIGINT', stop);
  try {
    return await withVenue({}, async ({ venue, engine }) => {
      const trader = await engine({ symbols: SYMBOLS, strategy: 'market-maker', journal: true });
      const sending = venue.call('pace', { to: 'stream', perSecond: PER_SECOND });
      cut = () => trader.call('cut');
      const readings = [];
      const began = performance.now();
      const seconds = () => (performance.now() - began) / 1_000;
      while (!stopped && seconds() * 1_000 < ms) {
        const reading = await trader.call('measure', { ms: Math.min(interval, ms - seconds() * 1_000) });
        const tickToTradeUs = await trader.call('intervalUs');
        readings.push({ ...reading, tickToTradeUs, at: seconds() });
        print(readings.at(-1));
      }
      await venue.call('hush');
      const sent = await sending;
      // What is on its way arrives.
      await sleep(500);
      await checkEngine(trader, { mayDeny: true });
      const { messages, denied } = await trader.call('status');
      const whole = await trader.call('tickToTradeUs');
      const counts = await venue.call('counts');
      const told = `${messages.toLocaleString('en-US')} of ${sent.toLocaleString('en-US')} messages, ${counts.orders} orders, ${counts.cancels} cancels, ${denied} denied`;
      return {
        frames: [
          `${venue.ready.source}; ${SYMBOLS.length} market makers`,
          `${seconds().toFixed(0)} s: ${told}`,
        ],
        rows: rows(readings, whole),
        series: series(readings),
      };
    });
  } finally {
    process.off('SIGINT', stop);
  }
}

function print({ at, messages, ns, tickToTradeUs, rssMiB, heapMiB, gcMs }) {
  const { p50, p99, p999, max } = tickToTradeUs ?? { p50: 0, p99: 0, p999: 0, max: 0 };
  const latency = [p50, p99, p999, max].map((us) => us.toFixed(0)).join(' / ');
  const rate = Math.round((messages / ns) * 1e9);
  const pauses = `${gcMs.length} collections, at most ${Math.max(0, ...gcMs).toFixed(1)} ms`;
  console.log(
    `${at.toFixed(0).padStart(6)} s  ${rate}/s  tick to trade p50/p99/p99.9/max ${latency} us  ` +
      `resident ${rssMiB.toFixed(1)} MiB, heap ${heapMiB.toFixed(1)}  ${pauses}`,
  );
}

function rows(readings, whole) {
  if (readings.length === 0) throw new Error('ended before anything was measured');
  const pauses = readings.flatMap(({ gcMs }) => gcMs);
  const resident = samplesOf(readings.map(({ rssMiB }) => rssMiB));
  const found = [row('resident', 'MiB', resident)];
  if (whole !== undefined)
    found.unshift(row('tick to trade, engine side', 'us', whole, { budget: 'tick-to-trade' }));
  if (pauses.length > 0) found.push(row('collection: pause', 'ms', { ...samplesOf(pauses), mean: 0 }));
  const settled = readings.slice(Math.ceil(readings.length * WARM_UP_SHARE));
  if (settled.length > 1) {
    const each = slope(settled.map(({ at, rssMiB }) => [at / 3_600, rssMiB]));
    found.push(
      row('resident: growth an hour, after the first tenth', 'MiB', {
        count: settled.length,
        p50: each,
        p99: each,
        max: each,
      }),
    );
  }
  return found;
}

function samplesOf(values) {
  const samples = new Samples(values.length);
  for (const value of values) samples.add(value);
  return samples.summary();
}

function series(readings) {
  const x = readings.map(({ at }) => Math.round(at * 10) / 10);
  const percentile = (name) => readings.map(({ tickToTradeUs }) => tickToTradeUs?.[name] ?? null);
  const lines = Object.fromEntries(['p50', 'p99', 'p999', 'max'].map((name) => [name, percentile(name)]));
  const resident = {
    resident: readings.map(({ rssMiB }) => rssMiB),
    heap: readings.map(({ heapMiB }) => heapMiB),
  };
  const longest = readings.map(({ gcMs }) => Math.max(0, ...gcMs));
  const over = { suite: 'soak', xLabel: 'seconds', x };
  return [
    { ...over, name: 'tick to trade over time', unit: 'us', lines },
    { ...over, name: 'memory over time', unit: 'MiB', lines: resident },
    { ...over, name: 'longest collection over time', unit: 'ms', lines: { longest } },
  ];
}
