import { setTimeout as sleep } from 'node:timers/promises';
import type { RoundBody } from './round.js';
import { PATIENCE_MS, restart, takeOver } from './takeover.js';

const LARGEST_S = 300;
const SETTLE_MS = 1_000;

/** Wall clocks are set, on one engine or both. Trading goes on; every other time the leader is killed under the new time. */
export function clockJumps(faults: number): RoundBody {
  return {
    name: 'clock jumps',
    faults,
    rig: { clocks: true },
    async inject(context, index) {
      const { rig, random } = context;
      const seconds = (random.next() < 0.5 ? -1 : 1) * Math.round(random.between(1, LARGEST_S));
      const nodes = random.pick([['a'], ['b'], ['a', 'b']] as const);
      rig.log('clock set', { nodes, seconds });
      for (const name of nodes) rig.clocks![name].set(seconds);
      await sleep(SETTLE_MS);
      await rig.watch.moreOrders(20, PATIENCE_MS);
      if (index % 2 === 0) {
        const { old } = await takeOver(context, 'kill -9', false, (leader) => rig.nodes[leader].kill());
        await restart(context, old);
      }
      await rig.settled(PATIENCE_MS);
    },
  };
}
