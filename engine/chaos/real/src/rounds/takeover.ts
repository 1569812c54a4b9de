import type { Term } from '../judge/index.js';
import type { NodeName } from '../rig/rig.js';
import { nowUs } from '../rig/waiting.js';
import type { RoundContext } from './round.js';

/** Within this a takeover or a restart has happened, or never will. */
export const PATIENCE_MS = 60_000;

export interface Takeover {
  readonly old: NodeName;
  readonly term: Term;
}

/**
 * Does to the leader what ends its rule, after trading for a random time, and waits for the first order of another leader.
 * `fences`: the old one lives and will find itself fenced.
 */
export async function takeOver(
  { rig, random, result }: RoundContext,
  fault: string,
  fences: boolean,
  strike: (leader: NodeName) => void | Promise<void>,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<Takeover> {
  await rig.watch.moreOrders(Math.floor(random.between(50, 800)), PATIENCE_MS);
  const { leader } = await rig.settled(PATIENCE_MS);
  const { epoch } = rig.watch;
  const struckUs = nowUs();
  rig.log(fault, { node: leader, epoch, fences, ...detail });
  await strike(leader);
  const term = await rig.watch.nextLeader(epoch, PATIENCE_MS);
  const ms = (term.firstOrderUs - struckUs) / 1000;
  rig.log('taken over', { epoch: term.epoch, ms });
  result.failoversMs.push(ms);
  return { old: leader, term };
}

/** Starts a node whose process has ended, and waits until it could take over. */
export async function restart(context: RoundContext, name: NodeName): Promise<void> {
  context.rig.nodes[name].start();
  await followsAgain(context, name);
}

/** Waits until a node that was started could take over. */
export async function followsAgain({ rig, result }: RoundContext, name: NodeName): Promise<void> {
  await rig.settled(PATIENCE_MS);
  const ms = performance.now() - rig.nodes[name].startedMs;
  rig.log('follows again', { node: name, ms });
  result.recoveriesMs.push(ms);
}
