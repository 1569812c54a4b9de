import { DurabilityRig } from '../lib/durability-rig.mjs';
import { Samples } from '../lib/measure.mjs';
import { checkEngine, withVenue } from '../lib/processes.mjs';
import { row } from '../lib/report.mjs';

export const title =
  'orders: how many a second go through risk, order state and journal to a venue and are acknowledged';

const SLICE_MS = 800;
const ROUNDS = { warmUp: 1, counted: 6 };
/** On their way at a time. */
const WINDOW = 64;

/**
 * Twice: with the least of a protocol, so that the figure is the engine's own, and in Binance's over WebSockets as a trading
 * session has it, where each order is caused by a tick and answered by three frames.
 */
export async function run() {
  return await withVenue({ ticks: true }, async ({ venue, engine }) => {
    const trader = await engine({ strategy: 'taker', journal: true });
    const rig = await DurabilityRig.start('async');
    const [bare, whole, cpu] = Array.from({ length: 3 }, () => new Samples(ROUNDS.counted));
    let rigUnsent;
    try {
      for (let round = -ROUNDS.warmUp; round < ROUNDS.counted; round++) {
        const each = await rig.flood(SLICE_MS);
        const busy = trader.call('measure', { ms: SLICE_MS });
        const { orders, ns } = await venue.call('orders', { window: WINDOW, ms: SLICE_MS });
        const { cpuNs, sent } = await busy;
        if (round < 0) continue;
        bare.add(each);
        whole.add(ns / 1_000 / orders);
        cpu.add(cpuNs / 1_000 / sent);
      }
      rigUnsent = rig.unsent;
    } finally {
      await rig.close();
    }
    await checkEngine(trader);
    const name = 'order sent and acknowledged, by slice';
    const own = row(`${name}: 256-byte orders over TCP`, 'us', bare.summary(), { budget: 'orders' });
    return {
      frames: [`${WINDOW} orders on their way at a time, journal async; ${rigUnsent} denied or given up`],
      rows: [
        own,
        row(`${name}: Binance's protocol over WebSockets`, 'us', whole.summary(), {
          budget: 'orders',
          ratioTo: own,
        }),
        row("processor time of an order in Binance's protocol, all threads", 'us', {
          ...cpu.summary(),
          mean: 0,
        }),
      ],
    };
  });
}
