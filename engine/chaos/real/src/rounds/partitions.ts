import { setTimeout as sleep } from 'node:timers/promises';
import type { Link } from '../rig/network.js';
import type { RoundBody, RoundContext } from './round.js';
import { PATIENCE_MS, takeOver } from './takeover.js';

const SHORTEST_MS = 300;
const LONGEST_MS = 4_000;

/** Between whom: the two engines; the leader and the lease store; the leader and both. */
const KINDS = ['pair', 'lease', 'both'] as const;

/** Links that lose everything for a while. Orders still reach the venue: that is what makes it dangerous. */
export function partitions(faults: number): RoundBody {
  return {
    name: 'partitions',
    faults,
    rig: { network: true },
    async inject(context, index) {
      const { rig, random } = context;
      const kind = KINDS[index % KINDS.length]!;
      const downMs = Math.round(random.between(SHORTEST_MS, LONGEST_MS));
      if (kind === 'pair') await betweenEngines(context, downMs);
      else {
        const cut: Link[] = [];
        await takeOver(
          context,
          `partition: ${kind}`,
          true,
          (leader) => {
            cut.push(`${leader}-lease`);
            if (kind === 'both') cut.push('pair');
            for (const link of cut) rig.network!.set(link, 'down');
          },
          { downMs },
        );
        await sleep(downMs);
        heal(context, cut);
      }
      await rig.settled(PATIENCE_MS);
    },
  };
}

/** Nobody loses the lease: the leader goes on alone, and the standby catches up when it hears of it again. */
async function betweenEngines(context: RoundContext, downMs: number): Promise<void> {
  const { rig, random, result } = context;
  await rig.watch.moreOrders(Math.floor(random.between(50, 800)), PATIENCE_MS);
  const { epoch } = rig.watch;
  rig.log('partition: pair', { epoch, downMs });
  rig.network!.set('pair', 'down');
  await sleep(downMs);
  heal(context, ['pair']);
  if (rig.watch.epoch !== epoch) result.unforced++;
}

function heal({ rig }: RoundContext, links: readonly Link[]): void {
  rig.log('healed', { links });
  for (const link of links) rig.network!.set(link, 'up');
}
