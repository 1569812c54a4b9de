import { mkdirSync } from 'node:fs';
import type { Config } from '../config/index.js';
import {
  FolderDisk,
  JournalError,
  type JournalPosition,
  type OptionsRecord,
  type Replay,
  recoverKernel,
} from '../journal/index.js';
import type { Kernel } from '../kernel/index.js';
import type { Logger } from '../telemetry/index.js';
import { makeKernel } from './kernel-of-options.js';
import { SessionError } from './session-error.js';

/** Bytes of a disk left to others: a full one would keep the kill switch and the next epoch from being kept. */
export const KEEPS_FREE_BYTES = 128 * 1024 * 1024;

/** A journal folder, ready to be continued, and the kernel it leads to. */
export interface History {
  readonly disk: FolderDisk;
  readonly kernel: Kernel;
  /** What a standby goes on with. */
  readonly replay: Replay;
  readonly position: JournalPosition;
  /** Settings and software that new records are made under. */
  readonly options: OptionsRecord;
}

/** What is written into the journal so that its records can be replayed under the settings they were made under. */
export function optionsOf(config: Config, version: string): OptionsRecord {
  return { version, config: JSON.parse(JSON.stringify(config)) };
}

/**
 * Brings the journal in `folder` back to life; an empty folder gives a new kernel. Throws a SessionError that says what to
 * do when it is damaged.
 */
export function openHistory(folder: string, options: OptionsRecord, logger: Logger): History {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new SessionError(`journal.dir: cannot be made: ${(error as Error).message}: name another folder`);
  }
  const disk = new FolderDisk(folder);
  try {
    const recovered = recoverKernel(disk, {
      makeKernel,
      today: options,
      nowMs: () => performance.now(),
    });
    const { kernel, replay, position, events, snapshotSequence, faults, differences, reports, cut, ms } =
      recovered;
    for (const fault of faults) logger.warn('a snapshot could not be used', { ...fault });
    if (cut !== undefined) logger.warn('the torn end of the journal was cut off and kept aside', { ...cut });
    if (differences > 0) {
      logger.error('the journal replays otherwise than it was recorded', { differences, reports });
    }
    if (position.sequence > 0) {
      const open = kernel.view.orders.openCount;
      logger.info('recovered from the journal', {
        ...{ folder, sequence: position.sequence, snapshotSequence, events, open },
        ms: Math.round(ms),
      });
    }
    return { disk, kernel, replay, position, options };
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    throw new SessionError(
      `journal.dir ${folder}: ${error.message}. The journal is not used and not changed. Restore it from the standby or the ` +
        `archive (tradewind journal restore --from DIR --dir ${folder}), or move it away to begin a new one: the venue will be asked about orders, not about what they were for`,
    );
  }
}
