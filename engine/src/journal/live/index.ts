/**
 * live: the journal of a running engine. The trading thread appends to shared memory and never waits; another thread
 * writes, syncs and replicates.
 */
export { CommandHold, type Dispatch } from './command-hold.js';
export { FolderChores, type FolderChoresOptions } from './folder-chores.js';
export {
  type Durability,
  JournalFront,
  type JournalFrontOptions,
  type JournalPort,
} from './journal-front.js';
export type {
  FolderKeeping,
  FromJournalThread,
  JournalThreadSettings,
  JournalWorkerData,
  ReplicationListen,
  ToJournalThread,
} from './journal-protocol.js';
export { JournalPump, type JournalPumpOptions, type PumpListener } from './journal-pump.js';
export { PumpSignals } from './journal-signals.js';
export { JournalWatch, type JournalWatchOptions } from './journal-watch.js';
export { JournalThread, LiveJournal, type LiveJournalOptions } from './live-journal.js';
export { JournalRingReader } from './ring-reader.js';
export { SharedFolderChores, type SharedFolderChoresOptions } from './shared-folder-chores.js';
