import { setTimeout as sleep } from 'node:timers/promises';
import { DecoderFeed, specsOf, symbolsOf } from '../lib/decoder-feed.mjs';
import { loadFrames } from '../lib/frames.mjs';
import { KernelRig } from '../lib/kernel-rig.mjs';
import { nanos, Samples } from '../lib/measure.mjs';
import { checkEngine, withVenue } from '../lib/processes.mjs';
import { row } from '../lib/report.mjs';

export const title = 'scale: what a message costs as instruments, strategies and connections grow';

const MESSAGES = 20_000;
const INSTRUMENTS = [1, 10, 50, 200];
const STRATEGIES = [1, 5, 20, 50];
const CONNECTIONS = [1, 3, 10];
/** Kept small: a slice is as many messages as fit in some tens of milliseconds. */
const BATCH = 5_000;
const ROUNDS = { warmUp: 12, counted: 12 };
const FLOOD = { settleMs: 150, ms: 700, rounds: 4 };

export async function run() {
  const frames = await loadFrames('spot', MESSAGES);
  const instruments = measure(
    INSTRUMENTS.map((count) => ({ count, rig: rigOf(frames, count, 1) })),
    (count) => `${count} instruments, 1 market maker: message`,
  );
  const strategies = measure(
    STRATEGIES.map((count) => ({ count, rig: rigOf(frames, 1, count) })),
    (count) => `1 instrument, ${count} market makers: message`,
  );
  const connections = [];
  for (const count of CONNECTIONS) connections.push(await overWire(count, connections[0]));
  return {
    frames: [
      `spot: ${frames.items.length} messages, ${frames.source}, again and again; one thread, no sockets, orders acknowledged at once`,
      'connections: connectors of one venue with 20 instruments each, over WebSockets; an engine is configured with one venue',
    ],
    rows: [...instruments, ...strategies, ...connections],
    series: [
      growth('instruments', INSTRUMENTS, instruments),
      growth('market makers', STRATEGIES, strategies),
      growth('connections', CONNECTIONS, connections),
    ],
  };
}

function growth(xLabel, x, rows) {
  return {
    name: `cost of a message by ${xLabel}`,
    unit: 'ns',
    xLabel,
    x,
    lines: { p50: rows.map(({ p50 }) => p50) },
  };
}

function rigOf({ items, spec }, instruments, strategies) {
  const rig = new KernelRig(specsOf(spec, instruments), strategies);
  const some = items.slice(0, Math.max(100, Math.ceil(MESSAGES / instruments)));
  const feed = new DecoderFeed(some, rig.instruments, (event) => rig.apply(event));
  return { rig, feed };
}

/** The sizes in turn, slice by slice; each with what it costs against the first. */
function measure(sizes, nameOf) {
  const samples = sizes.map(() => new Samples(ROUNDS.counted));
  for (let round = -ROUNDS.warmUp; round < ROUNDS.counted; round++) {
    for (const [i, { rig }] of sizes.entries()) {
      const start = nanos();
      for (let n = 0; n < BATCH; n++) rig.feed.step();
      if (round >= 0) samples[i].add((nanos() - start) / BATCH);
    }
  }
  const rows = [];
  for (const [i, { count, rig }] of sizes.entries()) {
    if (rig.rig.commands === 0) throw new Error('the market makers did nothing');
    rows.push(row(nameOf(count), 'ns', samples[i].summary(), i === 0 ? {} : { ratioTo: rows[0] }));
  }
  return rows;
}

/** Processor time of a message through connectors that share it, all flooded. */
async function overWire(connections, first) {
  return await withVenue({}, async ({ venue, engine }) => {
    const symbols = symbolsOf(20 * connections);
    const receiver = await engine({ symbols, strategy: 'none', journal: false, connections });
    const samples = new Samples(FLOOD.rounds);
    for (let round = -1; round < FLOOD.rounds; round++) {
      const sending = venue.call('flood', { to: 'stream', ms: FLOOD.ms + 2 * FLOOD.settleMs });
      await sleep(FLOOD.settleMs);
      const { messages, cpuNs } = await receiver.call('measure', { ms: FLOOD.ms });
      await sending;
      if (round >= 0) samples.add(cpuNs / messages);
    }
    await checkEngine(receiver);
    const name = `${connections} connections of 20 instruments: processor time of a message`;
    return row(name, 'ns', { ...samples.summary(), mean: 0 }, first === undefined ? {} : { ratioTo: first });
  });
}
