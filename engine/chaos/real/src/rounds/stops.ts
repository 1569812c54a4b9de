import { setTimeout as sleep } from 'node:timers/promises';
import type { RoundBody } from './round.js';
import { PATIENCE_MS, restart, takeOver } from './takeover.js';

const SHORTEST_MS = 1_000;
const LONGEST_MS = 30_000;

/** The leader stands still for a while and goes on as if nothing had happened: it must not send anything. */
export function stops(faults: number): RoundBody {
  return {
    name: 'stops',
    faults,
    async inject(context) {
      const { rig, random } = context;
      const stoppedMs = Math.round(random.between(SHORTEST_MS, LONGEST_MS));
      let since = 0;
      const { old } = await takeOver(
        context,
        'SIGSTOP',
        true,
        (leader) => {
          since = performance.now();
          rig.nodes[leader].signal('SIGSTOP');
        },
        { stoppedMs },
      );
      await sleep(Math.max(0, stoppedMs - (performance.now() - since)));
      rig.log('SIGCONT', { node: old });
      rig.nodes[old].signal('SIGCONT');
      // What it sent, and whether it may have: the venue's ledger tells.
      if (await endsSoon(() => !rig.nodes[old].isRunning)) await restart(context, old);
      await rig.settled(PATIENCE_MS);
    },
  };
}

const SOON_MS = 500;

/** Some may rather end than stand by. */
async function endsSoon(ended: () => boolean): Promise<boolean> {
  const deadline = performance.now() + SOON_MS;
  while (!ended() && performance.now() < deadline) await sleep(10);
  return ended();
}
