import { join } from 'node:path';
import { PairMember } from './pair-member.js';
import { claimNode } from './pair-node.js';
import type { SessionResult } from './session.js';
import { SessionError } from './session-error.js';
import type { EngineContext } from './solo.js';

/**
 * One of a pair, to its end: stands by until the lease is this side's, leads until it is not, and stands by again. Each
 * time it begins from what its own journal says, so that a takeover and a restart are the same thing.
 */
export async function runPair(context: EngineContext): Promise<SessionResult> {
  const { config } = context.options.loaded;
  if (config.session.recordTo !== undefined) {
    throw new SessionError(
      'session.recordTo (--record): one of a pair has every event in its journal already, over all its terms: leave it out, ' +
        `and give \`tradewind replay\` the folder ${join(config.session.stateDir, config.ha.node ?? 'a', 'journal')}`,
    );
  }
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
