import { checkEngine, withVenue } from '../lib/processes.mjs';
import { row } from '../lib/report.mjs';

export const title =
  'tick to trade: from a book update to the order it leads to, in the engine and seen from the venue, beside a bare echo';

/** Far below what either can take: it is about how long one takes, not about queues. */
const PER_SECOND = 1_000;
const SLICE_MS = 1_500;
const ROUNDS = { warmUp: 1, counted: 6 };
const WARM_UP = { window: 8, ms: 4_000 };

export async function run() {
  return await withVenue({ ticks: true }, async ({ venue, plain, engine }) => {
    await plain('echo');
    const trader = await engine({ strategy: 'taker', journal: true });
    // As many orders as a trading day's first minutes have, so that the compiler has done its work.
    await venue.call('orders', WARM_UP);
    for (let round = -ROUNDS.warmUp; round < ROUNDS.counted; round++) {
      if (round === 0) await trader.call('forget');
      for (const to of ['echo', 'stream']) {
        const ticks = { to, perSecond: PER_SECOND, ms: SLICE_MS, counted: round >= 0 };
        const unanswered = await venue.call('ticks', ticks);
        if (unanswered > 0) throw new Error(`${unanswered} ticks were not answered`);
      }
    }
    await checkEngine(trader);
    const echo = row(
      'bare echo client, from the venue',
      'us',
      await venue.call('latenciesUs', { to: 'echo' }),
    );
    const outside = await venue.call('latenciesUs', { to: 'stream' });
    const method = `${PER_SECOND} ticks a second at fixed times, each latency from when its tick was due; slices of ${SLICE_MS} ms in turn`;
    return {
      frames: [venue.ready.source, method],
      rows: [
        echo,
        row('engine, from the venue', 'us', outside, { budget: 'tick-to-trade-venue', ratioTo: echo }),
        row('engine, frame read to order written', 'us', await trader.call('tickToTradeUs'), {
          budget: 'tick-to-trade',
        }),
      ],
    };
  });
}
