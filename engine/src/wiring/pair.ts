import { PairMember } from './pair-member.js';
import { claimNode } from './pair-node.js';
import type { SessionResult } from './session.js';
import type { EngineContext } from './solo.js';

/**
 * One of a pair, to its end: stands by until the lease is this side's, leads until it is not, and stands by again. Each
 * time it begins from what its own journal says, so that a takeover and a restart are the same thing.
 */
export async function runPair(context: EngineContext): Promise<SessionResult> {
  const { config } = context.options.loaded;
  const node = claimNode(config.session.stateDir, config.ha.node);
  try {
    const member = await PairMember.start(context, node);
    try {
      return await member.run();
    } finally {
      await member.close();
    }
  } finally {
    node.release();
  }
}
