import { loadavg } from 'node:os';
import { BareSync, benchParent } from '../lib/bare-sync.mjs';
import { DurabilityRig } from '../lib/durability-rig.mjs';
import { Samples } from '../lib/measure.mjs';
import { row } from '../lib/report.mjs';

export const title =
  'durability: what it costs that an order waits until its event is on the disk, or on the standby';

const MODES = ['async', 'fsync-before-send', 'replicated-before-send'];
/** Counted rounds, of all modes in turn; one before them warms up. */
const ROUNDS = 6;
const FLOOD_MS = 500;
const PACED_MS = 800;
const SYNCS = 100;

export async function run() {
  const before = loadavg()[0];
  const rigs = [];
  const bare = new BareSync(SYNCS);
  const times = MODES.map(() => new Samples(ROUNDS));
  const waits = MODES.map(() => new Samples(ROUNDS * PACED_MS));
  const syncs = new Samples(ROUNDS * SYNCS);
  let unsent;
  try {
    for (const mode of MODES) rigs.push(await DurabilityRig.start(mode));
    for (let round = -1; round < ROUNDS; round++) {
      for (const [i, rig] of rigs.entries()) {
        const each = await rig.flood(FLOOD_MS);
        if (round >= 0) times[i].add(each);
        await rig.pace(PACED_MS, round >= 0 ? waits[i] : undefined);
      }
      if (round >= 0) bare.measure(SYNCS, syncs);
    }
    unsent = rigs.map((rig, i) => `${rig.unsent} ${MODES[i]}`).join(', ');
  } finally {
    for (const rig of rigs) await rig.close();
    bare.close();
  }
  const device = row('bare write and fdatasync of 256 bytes', 'us', syncs.summary());
  const rows = [device];
  for (const [i, mode] of MODES.entries()) {
    const name = `orders sent and acknowledged, ${mode}: each, by slice`;
    rows.push(row(name, 'us', times[i].summary(), mode === 'async' ? { budget: 'orders' } : {}));
  }
  for (const [i, mode] of MODES.entries()) {
    const isAsync = mode === 'async';
    rows.push(row(`tick to trade, ${mode}`, 'us', waits[i].summary(), isAsync ? {} : { ratioTo: device }));
  }
  const load = `load average ${before.toFixed(1)} before, ${loadavg()[0].toFixed(1)} after`;
  const where = `commit interval 1 ms, journals in ${benchParent()}; ${load}`;
  return { frames: [where, `orders denied or given up as the journal took too long: ${unsent}`], rows };
}
