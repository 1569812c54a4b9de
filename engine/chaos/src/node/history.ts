import {
  type JournalDisk,
  type Kernel,
  listSnapshots,
  type OptionsRecord,
  type RecoveredKernel,
  Replay,
  readJournal,
  readSnapshot,
  recoverKernel,
} from '../engine.js';
import { Violation } from '../violation.js';
import type { Archive } from './archive.js';
import { makeKernel, type PairSettings } from './settings.js';

/** What every record of a run was made under. */
export const TODAY: OptionsRecord = { version: 'chaos', config: {} };

/**
 * Brings a node's journal back to life, as the engine does, and holds the result against a replay of all there ever was:
 * of the first record on, with what `archive` has of it.
 */
export function recoverHistory(disk: JournalDisk, archive: Archive, settings: PairSettings): RecoveredKernel {
  const recovered = recoverKernel(disk, { makeKernel: () => makeKernel(settings), today: TODAY });
  const { differences, reports, kernel, position } = recovered;
  if (differences > 0) throw new Violation('commands differ', reports.join('; '));
  if (recovered.snapshotSequence === 0) return recovered;
  const whole = replayAll(archive.over(disk), settings);
  if (whole.sequence !== position.sequence || whole.kernel.stateHash() !== kernel.stateHash()) {
    throw new Violation(
      'state hash differs',
      `snapshot of ${recovered.snapshotSequence} and tail against a replay of all ${position.sequence} records`,
    );
  }
  return recovered;
}

/**
 * A kernel that has applied every record of a journal; of one that began with a snapshot of the leader's, all since the
 * oldest snapshot. Throws a Violation where it decides otherwise than was recorded.
 */
export function replayAll(
  disk: JournalDisk,
  settings: PairSettings,
): { readonly kernel: Kernel; readonly sequence: number } {
  const replay = new Replay(() => makeKernel(settings), TODAY);
  if (firstRecord(disk) !== 1) {
    const [oldest] = listSnapshots(disk);
    if (oldest !== undefined) replay.begin(readSnapshot(disk, oldest));
  }
  for (const record of readJournal(disk)) if (record.sequence > replay.sequence) replay.apply(record);
  if (replay.differences > 0) throw new Violation('commands differ', replay.reports.join('; '));
  return { kernel: replay.kernel, sequence: replay.sequence };
}

/** 0 when there is none. */
function firstRecord(disk: JournalDisk): number {
  for (const { sequence } of readJournal(disk)) return sequence;
  return 0;
}
