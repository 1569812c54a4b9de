import { setTimeout as sleep } from 'node:timers/promises';
import { Samples } from '../lib/measure.mjs';
import { checkEngine, withVenue } from '../lib/processes.mjs';
import { row } from '../lib/report.mjs';

export const title =
  'wire to book: messages from another process through a WebSocket over loopback into the book, one core receiving';

const SLICE_MS = 700;
const SETTLE_MS = 150;
const ROUNDS = { warmUp: 1, counted: 6 };
/** Who receives: the path it connects under, and what it is. */
const RECEIVERS = {
  count: 'ws alone, frames counted',
  plain: 'ws, JSON.parse and sorted arrays',
  stream: 'engine: connector and kernel',
};

export async function run() {
  return await withVenue({}, async ({ venue, plain, engine }) => {
    const receivers = {
      count: await plain('count'),
      plain: await plain('plain'),
      stream: await engine({ strategy: 'none', journal: false }),
    };
    const slices = Object.fromEntries(Object.keys(RECEIVERS).map((kind) => [kind, []]));
    for (let round = -ROUNDS.warmUp; round < ROUNDS.counted; round++) {
      for (const kind of Object.keys(RECEIVERS)) {
        const slice = await flood(venue, receivers[kind], kind);
        if (round >= 0) slices[kind].push(slice);
      }
    }
    await checkEngine(receivers.stream);
    return { frames: [venue.ready.source], rows: rows(slices) };
  });
}

/** One receiver at a time, from when its socket's buffers are full. */
async function flood(venue, child, kind) {
  const sending = venue.call('flood', { to: kind, ms: SLICE_MS + 2 * SETTLE_MS });
  await sleep(SETTLE_MS);
  const slice = await child.call('measure', { ms: SLICE_MS });
  await sending;
  // What is in the sockets is taken by nobody else.
  await sleep(SETTLE_MS);
  return slice;
}

function rows(slices) {
  const each = (kind, what) => {
    const samples = new Samples(ROUNDS.counted);
    for (const { messages, ...slice } of slices[kind]) samples.add(slice[what] / messages);
    return samples.summary();
  };
  const wall = (kind, held) => row(`${RECEIVERS[kind]}: message, by slice`, 'ns', each(kind, 'ns'), held);
  // How many of them there would be in a second of a processor is no rate that was seen.
  const cpu = (kind, held) =>
    row(`${RECEIVERS[kind]}: processor time of a message`, 'ns', { ...each(kind, 'cpuNs'), mean: 0 }, held);
  const count = wall('count');
  const plain = wall('plain');
  const [countCpu, plainCpu] = [cpu('count'), cpu('plain')];
  return [
    ...[count, plain, wall('stream', { budget: 'wire', ratioTo: [count, plain] })],
    ...[countCpu, plainCpu, cpu('stream', { ratioTo: [countCpu, plainCpu] })],
  ];
}
