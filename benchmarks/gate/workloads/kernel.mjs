import { percentageFees, replay } from '@tradewind/engine/backtest';
import { EventKind } from '@tradewind/engine/domain';
import { marketMaking } from '../../lib/bench-kernel.mjs';
import { loadFrames } from '../../lib/frames.mjs';

const MESSAGES = 4_000;

/** Events of a market-making session, market data and the life of its orders, through the kernel. */
export const workload = {
  question: 'does an event cost the kernel more, with strategy, risk and order state?',
  uncountable: 'each slice takes a new kernel, and when V8 compiles that anew decides the count',
  async prepare(engine, share) {
    const { Kernel } = await engine('kernel/index.js');
    const { MarketMaker } = await engine('strategies/index.js');
    const events = await record(Math.ceil(MESSAGES * share));
    let kernel;
    const reset = () => {
      kernel = new Kernel(marketMaking(MarketMaker));
    };
    const slice = () => {
      for (let i = 0; i < events.length; i++) kernel.apply(events[i]);
      if (kernel.view.orders.counters.submitted === 0) throw new Error('no order: nothing was measured');
    };
    return { reset, slice, operations: events.length };
  },
};

/** What this tree's kernel is told when the frames are replayed with simulated execution; copies. */
async function record(count) {
  const { MarketMaker } = await import('@tradewind/engine/strategies');
  const { items, spec } = await loadFrames('spot', count);
  const events = [];
  await replay({
    ...marketMaking(MarketMaker),
    recording: items,
    instruments: [spec],
    execution: {
      balances: { BTC: '10', USDT: '1000000' },
      fees: percentageFees({ makerBps: 1, takerBps: 1, asset: 'received' }),
    },
    onEvent: (event) =>
      events.push(event.kind === EventKind.InstrumentDefined ? { ...event } : structuredClone(event)),
  });
  return events;
}
