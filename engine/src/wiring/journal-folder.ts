import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Config, venueEndpoints } from '../config/index.js';
import { HeldError, takeProcessLock } from './process-lock.js';
import { SessionError, unusable } from './session-error.js';

/** A journal's folder, for this process alone. */
export interface JournalFolder {
  readonly path: string;
  release(): void;
}

/** Whether the venue still knows our orders after this process has ended: only then there is something to go on from. */
export function venueOutlivesUs(config: Config): boolean {
  if (config.venue.environment === 'simulator') return venueEndpoints(config) !== undefined;
  return !config.trading.paper;
}

/**
 * The folder an engine by itself keeps its journal in. Where orders and positions end with the process (the built-in
 * simulator, simulated execution), each run begins a journal of its own, and the last run's is kept as `<dir>.previous`.
 * Throws a SessionError when another engine uses the folder.
 */
export function claimJournalFolder(config: Config): JournalFolder {
  const { dir } = config.journal;
  const release = lock(dir);
  if (!venueOutlivesUs(config)) keepPrevious(dir);
  return { path: dir, release };
}

function lock(dir: string): () => void {
  try {
    return takeProcessLock(`${dir}.lock`);
  } catch (error) {
    if (!(error instanceof HeldError)) throw unusable(dirname(dir), error);
    throw new SessionError(
      `journal.dir: ${dir} is in use by process ${error.pid}: end that engine, or name another session.stateDir`,
    );
  }
}

function keepPrevious(dir: string): void {
  const previous = `${dir}.previous`;
  rmSync(previous, { recursive: true, force: true });
  try {
    renameSync(dir, previous);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
