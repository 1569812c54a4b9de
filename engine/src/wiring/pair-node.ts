import { join } from 'node:path';
import { HeldError, takeProcessLock } from './process-lock.js';
import { SessionError, unusable } from './session-error.js';

/** Who this process is in a pair, and what only it may write. */
export interface PairNode {
  readonly name: string;
  /** Of this node's own journal. */
  readonly folder: string;
  release(): void;
}

/** Names given to nodes that were given none, in the order they come. */
const NAMES = ['a', 'b'];

/**
 * Takes a node's name for the life of this process: the given one, or the first that is free. Throws a SessionError when
 * it runs already, or when both do.
 */
export function claimNode(stateDir: string, given: string | undefined): PairNode {
  for (const name of given === undefined ? NAMES : [given]) {
    const folder = join(stateDir, name);
    try {
      return { name, folder, release: takeProcessLock(join(folder, 'lock')) };
    } catch (error) {
      if (!(error instanceof HeldError)) throw unusable(stateDir, error);
      if (given !== undefined) {
        throw new SessionError(`ha.node (--node): ${name} is running already, as process ${error.pid}`);
      }
    }
  }
  throw new SessionError(
    `ha.node (--node): both ${NAMES.join(' and ')} of the pair in ${stateDir} are running already`,
  );
}
