import type { Stage } from './faults.js';
import type { Judge } from './judge.js';
import { replayAll } from './node/history.js';
import type { PairNode } from './node/pair-node.js';
import type { PairSettings } from './node/settings.js';
import { Violation } from './violation.js';

/** Leader, standby and a replay of each one's disk from its first record hold the same state at the same record. */
export function comparePair({ nodes }: Stage, judge: Judge, settings: PairSettings): void {
  const up = nodes.filter(({ kernel }) => kernel !== undefined);
  for (const node of up) {
    try {
      compareWithDisk(node, judge, settings);
    } catch (error) {
      if (error instanceof Violation)
        return void judge.breach(error.invariant, `${node.name}: ${error.message}`);
      return void judge.breach('journal not clean', `${node.name}: ${String(error)}`);
    }
  }
  const [a, b] = up;
  if (a === undefined || b === undefined) return;
  const [left, right] = [a.sequence, b.sequence];
  if (left !== right) judge.breach('state hash differs', `a is at record ${left}, b at ${right}`);
  else if (a.kernel!.stateHash() !== b.kernel!.stateHash()) {
    judge.breach('state hash differs', `leader and standby after record ${left}`);
  }
}

function compareWithDisk(node: PairNode, judge: Judge, settings: PairSettings): void {
  const disk = node.disk.mount({ boundary: () => {}, synced: () => {} });
  const { kernel, sequence } = replayAll(node.folder.archive.over(disk), settings);
  if (sequence !== node.sequence) {
    judge.breach(
      'state hash differs',
      `${node.name} applied record ${node.sequence}, its disk ends with ${sequence}`,
    );
  } else if (kernel.stateHash() !== node.kernel!.stateHash()) {
    judge.breach(
      'state hash differs',
      `${node.name}'s kernel and a replay of its disk after record ${sequence}`,
    );
  }
}
