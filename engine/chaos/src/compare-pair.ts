import type { Stage } from './faults.js';
import type { Judge } from './judge.js';
import { replay } from './node/history.js';
import { makeKernel, type PairSettings } from './node/settings.js';
import { Violation } from './violation.js';

/** Leader, standby and a replay of each one's disk from its first record hold the same state at the same record. */
export function comparePair(stage: Stage, judge: Judge, settings: PairSettings): void {
  for (const node of stage.nodes) {
    const kernel = node.kernel;
    if (kernel === undefined) continue;
    try {
      const replayed = makeKernel(settings);
      const disk = node.disk.copy().mount({ boundary: () => {}, synced: () => {} });
      replay(disk, replayed);
      if (replayed.stateHash() !== kernel.stateHash()) {
        judge.breach('state hash differs', `${node.name}: its kernel and a replay of its disk`);
      }
    } catch (error) {
      if (error instanceof Violation) return judge.breach(error.invariant, `${node.name}: ${error.message}`);
      judge.breach('journal not clean', `${node.name}: ${String(error)}`);
    }
  }
}
