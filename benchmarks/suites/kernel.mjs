import { strict as assert } from 'node:assert';
import { percentageFees, replay } from '@tradewind/engine/backtest';
import { EventKind } from '@tradewind/engine/domain';
import { Kernel } from '@tradewind/engine/kernel';
import { MarketMaker } from '@tradewind/engine/strategies';
import { marketMaking } from '../lib/bench-kernel.mjs';
import { loadFrames } from '../lib/frames.mjs';
import { interleave, nanos, Samples } from '../lib/measure.mjs';
import { row } from '../lib/report.mjs';

export const title =
  'kernel, one event with a market-making strategy; and from a frame to the order it leads to';

const MESSAGES = 20_000;
const PLAN = { warmUp: 2, rounds: 4 };
export async function run() {
  const frames = await loadFrames('spot', MESSAGES);
  const { events, stateHash } = await recordEvents(frames);
  const { apply, marketData } = measureApply(events, stateHash);
  const tickToCommand = await measureTickToCommand(frames);
  return {
    frames: [
      `spot: ${frames.items.length} messages, ${frames.source}; ${events.length} events with simulated execution`,
    ],
    rows: [
      row('kernel.apply: any event', 'ns', apply.summary()),
      row('kernel.apply: book, quote or trade', 'ns', marketData.summary()),
      tickToCommand,
    ],
  };
}

function replayOptions({ items, spec }) {
  return {
    ...marketMaking(MarketMaker),
    recording: items,
    instruments: [spec],
    execution: {
      balances: { BTC: '10', USDT: '1000000' },
      fees: percentageFees({ makerBps: 1, takerBps: 1, asset: 'received' }),
    },
  };
}

/** What the kernel is told when the frames are replayed with simulated execution: copies, for the producers reuse theirs. */
async function recordEvents(frames) {
  const events = [];
  const { stateHash } = await replay({
    ...replayOptions(frames),
    onEvent: (event) =>
      events.push(event.kind === EventKind.InstrumentDefined ? { ...event } : structuredClone(event)),
  });
  return { events, stateHash };
}

function measureApply(events, stateHash) {
  const room = events.length * PLAN.rounds;
  const apply = new Samples(room);
  const marketData = new Samples(room);
  const pass = (counted) => {
    const kernel = new Kernel(marketMaking(MarketMaker));
    for (const event of events) {
      const start = nanos();
      kernel.apply(event);
      const took = nanos() - start;
      if (!counted) continue;
      apply.add(took);
      if (event.kind >= EventKind.BookSnapshot && event.kind <= EventKind.Trade) marketData.add(took);
    }
    assert.equal(kernel.stateHash(), stateHash, 'the kernel ended in another state');
  };
  interleave([pass], PLAN);
  return { apply, marketData };
}

/** Decode, book, strategy, risk and order state, without sockets: from a frame's bytes to the first order command. */
async function measureTickToCommand(frames) {
  await replay(replayOptions(frames));
  const summary = await replay(replayOptions(frames));
  const { count, p50, p99, max } = summary.tickToTradeUs;
  assert.ok(count > 0, 'no frame led to an order');
  return row('frame bytes to order command', 'us', { count, p50, p99, max });
}
