import {
  type JournalDisk,
  type Kernel,
  type OptionsRecord,
  type RecoveredKernel,
  Replay,
  readJournal,
  recoverKernel,
} from '../engine.js';
import { Violation } from '../violation.js';
import { makeKernel, type PairSettings } from './settings.js';

/** What every record of a run was made under. */
export const TODAY: OptionsRecord = { version: 'chaos', config: {} };

/** Brings a node's journal back to life, as the engine does, and holds the result against a replay from the first record. */
export function recoverHistory(disk: JournalDisk, settings: PairSettings): RecoveredKernel {
  const recovered = recoverKernel(disk, { makeKernel: () => makeKernel(settings), today: TODAY });
  const { differences, reports, kernel, position } = recovered;
  if (differences > 0) throw new Violation('commands differ', reports.join('; '));
  if (recovered.snapshotSequence === 0 || !reachesBack(disk)) return recovered;
  const whole = replayAll(disk, settings);
  if (whole.sequence !== position.sequence || whole.kernel.stateHash() !== kernel.stateHash()) {
    throw new Violation(
      'state hash differs',
      `snapshot of ${recovered.snapshotSequence} and tail against a replay of all ${position.sequence} records`,
    );
  }
  return recovered;
}

/** Whether the journal is there from its first record on: one that began with a snapshot of the leader's is not. */
export function reachesBack(disk: JournalDisk): boolean {
  for (const { sequence } of readJournal(disk)) return sequence === 1;
  return true;
}

/** A kernel that has applied every record of a journal. Throws a Violation where it decides otherwise than was recorded. */
export function replayAll(
  disk: JournalDisk,
  settings: PairSettings,
): { readonly kernel: Kernel; readonly sequence: number } {
  const replay = new Replay(() => makeKernel(settings), TODAY);
  for (const record of readJournal(disk)) replay.apply(record);
  if (replay.differences > 0) throw new Violation('commands differ', replay.reports.join('; '));
  return { kernel: replay.kernel, sequence: replay.sequence };
}
