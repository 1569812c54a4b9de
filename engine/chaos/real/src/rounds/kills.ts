import type { RoundBody } from './round.js';
import { followsAgain, restart, takeOver } from './takeover.js';

/** kill -9 of the leader at random points; the killed one comes back as standby before the next. */
export function kills(faults: number): RoundBody {
  return {
    name: 'kills',
    faults,
    async inject(context) {
      const { rig } = context;
      // Where no order goes out without the standby's word, the survivor waits for the killed one to come back.
      const waitsForBoth = rig.durability === 'replicated-before-send';
      const { old } = await takeOver(context, 'kill -9', false, async (leader) => {
        await rig.nodes[leader].kill();
        if (waitsForBoth) rig.nodes[leader].start();
      });
      if (waitsForBoth) await followsAgain(context, old);
      else await restart(context, old);
    },
  };
}
