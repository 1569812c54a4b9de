import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { segmentFiles, writtenEnd } from '../journal/segment-files.js';
import type { Random } from '../random.js';
import type { RoundBody } from './round.js';
import { restart, takeOver } from './takeover.js';

/** A batch that was on its way when the power went is not longer. */
const LONGEST_TEAR = 64 * 1024;
/** A segment's header is durable before anything is written behind it. */
const HEADER_BYTES = 64;

/** kill -9, and the end of the killed one's journal as a power failure may leave it: cut off, or overwritten by anything. */
export function tornTails(faults: number): RoundBody {
  return {
    name: 'torn tails',
    faults,
    async inject(context, index) {
      const { rig, random } = context;
      const { old } = await takeOver(context, 'kill -9', false, (leader) => rig.nodes[leader].kill());
      const tear = tearTail(rig.journalOf(old), random, index % 2 === 0 ? 'cut' : 'garbage');
      rig.log('torn', { node: old, ...tear });
      await restart(context, old);
    },
  };
}

interface Tear {
  readonly how: string;
  readonly segment: string;
  readonly offset: number;
  readonly bytes: number;
}

/** Damages the last bytes of the last segment. */
function tearTail(folder: string, random: Random, how: 'cut' | 'garbage'): Tear {
  const segment = segmentFiles(folder).at(-1);
  if (segment === undefined) return { how: 'nothing to tear', segment: '', offset: 0, bytes: 0 };
  const file = openSync(join(folder, segment), 'r+');
  try {
    const end = writtenEnd(file);
    const bytes = Math.max(0, Math.min(end - HEADER_BYTES, 1 + random.below(LONGEST_TEAR)));
    const offset = end - bytes;
    if (how === 'cut') ftruncateSync(file, offset);
    else writeSync(file, random.bytes(bytes), 0, bytes, offset);
    return { how, segment, offset, bytes };
  } finally {
    closeSync(file);
  }
}
