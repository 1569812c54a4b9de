import { fileURLToPath } from 'node:url';
import { LogCatalog, LogRing, MetricRegistry } from '@tradewind/engine/telemetry';
import { workload as encode } from '../gate/workloads/encode.mjs';
import { workload as risk } from '../gate/workloads/risk.mjs';
import { BATCH } from '../lib/budgets.mjs';
import { DecoderFeed, specsOf } from '../lib/decoder-feed.mjs';
import { loadFrames } from '../lib/frames.mjs';
import { KernelRig } from '../lib/kernel-rig.mjs';
import { nanos, Samples } from '../lib/measure.mjs';
import { row } from '../lib/report.mjs';

export const title =
  'stages: what each step of the trading line costs by itself: risk, strategy, encoding, a metric, a log record';

const DIST = new URL('../../engine/dist/', import.meta.url);
const BATCHES = 20_000;
const WARM_UP = 5_000;
const FRAMES = 20_000;
const STRATEGY = { warmUp: 100_000, messages: 100_000 };

export async function run() {
  const checks = await gateWorkload(risk, 20_000);
  const orders = await gateWorkload(encode, 15_000);
  const { decision, source } = await strategyDecision();
  return {
    frames: [source, `all but the strategy: by batches of ${BATCH}, each the mean of its batch`],
    rows: [
      row('risk: all pre-trade checks, some of them denying', 'ns', timed(checks), { budget: 'risk' }),
      decision,
      row('order encode, and of every fourth its cancel', 'ns', timed(orders), { budget: 'encode' }),
      row('metric: a counter', 'ns', timed(counters()), { budget: 'metric' }),
      row('metric: a histogram', 'ns', timed(histograms()), { budget: 'metric' }),
      row('log: a record of four fields', 'ns', timed(logRecords()), { budget: 'log' }),
    ],
  };
}

/** The work of the regression gate's, a batch at a time. */
async function gateWorkload(workload, whole) {
  const engine = (module) => import(fileURLToPath(new URL(module, DIST)));
  const { slice } = await workload.prepare(engine, BATCH / whole);
  return slice;
}

function timed(batch) {
  const samples = new Samples(BATCHES);
  for (let i = -WARM_UP; i < BATCHES; i++) {
    const start = nanos();
    batch();
    const took = nanos() - start;
    if (i >= 0) samples.add(took / BATCH);
  }
  return samples.summary();
}

function counters() {
  const counter = new MetricRegistry().counter('tradewind_bench_messages_total', 'Messages.');
  return () => {
    for (let i = 0; i < BATCH; i++) counter.add(1);
  };
}

function histograms() {
  const scale = { scale: 1e-9 };
  const histogram = new MetricRegistry().histogram('tradewind_bench_latency_seconds', 'Latency.', {}, scale);
  let value = 0;
  return () => {
    for (let i = 0; i < BATCH; i++) {
      value = (value + 7_919) % 2_000_000;
      histogram.record(value);
    }
  };
}

function logRecords() {
  const code = new LogCatalog().define('info', 'order sent', ['instrument', 'side', 'price', 'quantity']);
  const ring = new LogRing({ capacity: BATCH * (BATCHES + WARM_UP + 1) });
  let at = 0;
  return () => {
    for (let i = 0; i < BATCH; i++) ring.write(code, ++at, 1, 0, 1_000_000, 5);
    if (ring.dropped > 0) throw new Error('log records were lost');
  };
}

/** A market maker's look at each change of the book, and where it acts, risk and order state with it. */
async function strategyDecision() {
  const { items, spec, source } = await loadFrames('spot', FRAMES);
  const rig = new KernelRig(specsOf(spec, 1), 1);
  const [maker] = rig.makers;
  const decide = maker.onBook.bind(maker);
  const samples = new Samples(STRATEGY.messages);
  let counted = false;
  maker.onBook = (context, instrument) => {
    const start = nanos();
    decide(context, instrument);
    const took = nanos() - start;
    if (counted) samples.add(took);
  };
  const feed = new DecoderFeed(items, rig.instruments, (event) => rig.apply(event));
  for (let i = 0; i < STRATEGY.warmUp; i++) feed.step();
  counted = true;
  const before = rig.commands;
  for (let i = 0; i < STRATEGY.messages; i++) feed.step();
  const acted = rig.commands - before;
  const decision = row('strategy: a look at the book, and what it asks for', 'ns', samples.summary(), {
    budget: 'strategy',
  });
  if (acted === 0) throw new Error('the market maker did nothing');
  return {
    decision,
    source: `strategy: ${items.length} messages, ${source}, again and again; ${acted} orders and cancels, with risk and order state`,
  };
}
