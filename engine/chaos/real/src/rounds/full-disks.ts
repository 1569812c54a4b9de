import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeName } from '../rig/rig.js';
import type { RoundBody, RoundContext } from './round.js';
import { PATIENCE_MS, restart } from './takeover.js';

const DISK_MB = 1_024;
const SHORTEST_MS = 2_000;
const LONGEST_MS = 8_000;

/**
 * No byte is left for the leader's journal. It may go on as long as what it has allocated lasts, stop trading or give the
 * lead away: what it may not do is lose what it was told. Then there is room again.
 */
export function fullDisks(faults: number): RoundBody {
  return {
    name: 'full disks',
    faults,
    rig: { diskMb: DISK_MB },
    async inject(context) {
      const { rig, random } = context;
      await rig.watch.moreOrders(Math.floor(random.between(50, 800)), PATIENCE_MS);
      const { leader } = await rig.settled(PATIENCE_MS);
      const { epoch } = rig.watch;
      rig.log('disk full', { node: leader, epoch });
      rig.disks![leader].fill();
      await sleep(Math.round(random.between(SHORTEST_MS, LONGEST_MS)));
      rig.log('disk relieved', {
        node: leader,
        epoch: rig.watch.epoch,
        running: rig.nodes[leader].isRunning,
      });
      rig.disks![leader].relieve();
      await mend(context, leader);
    },
  };
}

/** A leader that stopped trading is restarted by whoever runs it, as a supervisor would. */
async function mend(context: RoundContext, name: NodeName): Promise<void> {
  const { rig } = context;
  const { orders } = rig.watch;
  const deadline = performance.now() + 3_000;
  while (rig.watch.orders < orders + 20 && performance.now() < deadline) await sleep(20);
  if (rig.watch.orders < orders + 20) {
    rig.log('does not trade again by itself', { node: name });
    await rig.nodes[name].kill();
  }
  if (!rig.nodes[name].isRunning) {
    await rig.watch.moreOrders(1, PATIENCE_MS);
    await restart(context, name);
  }
  await rig.settled(PATIENCE_MS);
}
