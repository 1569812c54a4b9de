import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from '../lib/child.mjs';
import { symbolsOf } from '../lib/decoder-feed.mjs';
import { NOT_COLLECTED, perMessage } from '../lib/heap-growth.mjs';
import { Samples } from '../lib/measure.mjs';
import { checkEngine, withVenue } from '../lib/processes.mjs';
import { row } from '../lib/report.mjs';

export const title =
  'memory: what a message leaves on the heap, what an instrument takes, and what collecting garbage costs';

const STEADY = new URL('../lib/clients/steady-process.mjs', import.meta.url);
const ALLOCATION = { frames: 20_000, warmUp: 400_000, messages: 250_000, slices: 8 };
/** The whole of it is never more than one engine's: ten connections of twenty instruments. */
const SIZES = [
  { connections: 1, instruments: 1 },
  { connections: 1, instruments: 20 },
  { connections: 10, instruments: 200 },
];
const RUN = { perSecond: 10_000, ms: 3_000, readings: 3 };
const FLOOD_MS = 5_000;

export async function run() {
  const { rows: steady, source } = await allocation();
  const sizes = [];
  const resident = [];
  for (const size of SIZES) {
    const { rows, rssMiB } = await residentMemory(size);
    sizes.push(...rows);
    resident.push(rssMiB);
  }
  const [first, last] = [SIZES[0], SIZES.at(-1)];
  const each = (resident.at(-1) - resident[0]) / (last.instruments - first.instruments);
  const { pauses, flooded } = await collections();
  const perInstrument = row('resident, per instrument', 'MiB', { count: 1, p50: each, p99: each, max: each });
  return {
    frames: [
      source,
      `resident: a whole engine, ${RUN.perSecond.toLocaleString('en-US')} messages a second over WebSockets, connectors of one venue`,
      flooded,
    ],
    rows: [...steady, ...sizes, perInstrument, pauses],
    series: [
      {
        ...{ name: 'resident memory by instruments', unit: 'MiB', xLabel: 'instruments' },
        ...{ x: SIZES.map(({ instruments }) => instruments), lines: { resident } },
      },
    ],
  };
}

/** Decoder, book and kernel alone, by slices in which nothing is collected: what is left on the heap is all that was allocated. */
async function allocation() {
  const { frames, warmUp, messages, slices } = ALLOCATION;
  const child = await Child.start(STEADY, { messages: frames }, NOT_COLLECTED);
  try {
    await child.call('warmUp', { messages: warmUp });
    const found = await perMessage((count) => child.call('run', { messages: count }), { messages, slices });
    const samples = new Samples(slices);
    for (const bytes of found.perMessage) samples.add(bytes);
    const name = `decode, book and kernel: heap growth of a message, by ${found.messages.toLocaleString('en-US')}`;
    const repeated = `slices with a collection are repeated at half the length: ${found.gcs} collections`;
    return {
      source: `${child.ready}; ${repeated}`,
      rows: [row(name, 'B', samples.summary(), { budget: 'allocation' })],
    };
  } finally {
    await child.stop();
  }
}

async function residentMemory({ connections, instruments }) {
  return await withVenue({}, async ({ venue, engine }) => {
    const symbols = symbolsOf(instruments);
    const child = await engine({ symbols, strategy: 'market-maker', journal: true, connections });
    const [rss, heap] = [new Samples(RUN.readings), new Samples(RUN.readings)];
    for (let i = 0; i < RUN.readings; i++) {
      const sending = venue.call('pace', {
        to: 'stream',
        perSecond: RUN.perSecond,
        ms: RUN.ms / RUN.readings,
      });
      const { rssMiB, heapMiB } = await child.call('measure', { ms: RUN.ms / RUN.readings });
      await sending;
      rss.add(rssMiB);
      heap.add(heapMiB);
    }
    const name = `${instruments} instruments on ${connections} connections`;
    const held = instruments === 200 ? { budget: 'memory' } : {};
    const resident = row(`${name}: resident`, 'MiB', rss.summary(), held);
    return { rows: [resident, row(`${name}: heap`, 'MiB', heap.summary())], rssMiB: resident.p50 };
  });
}

/** The sockets allocate (`ws` makes a Buffer of each message): how often that is collected, and for how long. */
async function collections() {
  return await withVenue({}, async ({ venue, engine }) => {
    const child = await engine({ strategy: 'none', journal: false });
    const sending = venue.call('flood', { to: 'stream', ms: FLOOD_MS });
    await sleep(500);
    const { messages, gcMs } = await child.call('measure', { ms: FLOOD_MS - 1_000 });
    await sending;
    await checkEngine(child);
    const samples = new Samples(gcMs.length);
    for (const ms of gcMs) samples.add(ms);
    const name = 'collection while flooded through a WebSocket: pause';
    const none = { count: 1, p50: 0, p99: 0, max: 0 };
    const pauses = row(name, 'ms', gcMs.length === 0 ? none : { ...samples.summary(), mean: 0 });
    return {
      pauses,
      flooded: `${gcMs.length} collections in ${messages.toLocaleString('en-US')} messages of a flood`,
    };
  });
}
