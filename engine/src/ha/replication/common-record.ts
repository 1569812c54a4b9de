import type { EpochStart } from './messages.js';

/** What a journal holds, in terms of epochs: oldest first, each up to before the next one begins. */
export interface History {
  readonly epochs: readonly EpochStart[];
  /** Of the last record; 0: none. */
  readonly last: number;
}

/**
 * The last record two journals share; 0 when they share none. Within an epoch there is one writer, so that records of the
 * same sequence and epoch are the same, and so are all before them: the last one in the latest epoch both have decides.
 */
export function lastCommon(a: History, b: History): number {
  for (let i = a.epochs.length - 1; i >= 0; i--) {
    const { epoch, firstSequence } = a.epochs[i]!;
    const at = b.epochs.findIndex((other) => other.epoch === epoch);
    if (at < 0) continue;
    const end = Math.min(endOf(a, i), endOf(b, at));
    if (end >= Math.max(firstSequence, b.epochs[at]!.firstSequence)) return end;
  }
  return 0;
}

function endOf({ epochs, last }: History, index: number): number {
  const next = epochs[index + 1];
  return next === undefined ? last : next.firstSequence - 1;
}
