import type { RoundBody } from './round.js';
import { restart, takeOver } from './takeover.js';

/** kill -9 of the leader at random points; the killed one comes back as standby before the next. */
export function kills(faults: number): RoundBody {
  return {
    name: 'kills',
    faults,
    async inject(context) {
      const { rig } = context;
      const { old } = await takeOver(context, 'kill -9', false, (leader) => rig.nodes[leader].kill());
      await restart(context, old);
    },
  };
}
