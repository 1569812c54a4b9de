import { prepareJournal } from '../ha/index.js';
import { type JournalThread, SnapshotThread } from '../journal/index.js';

const KERNEL_MODULE = new URL('./kernel-of-options.js', import.meta.url).href;

/**
 * The two threads of a leader's journal before it leads. To start a thread and load its code takes some 100 ms, to tell
 * one that waits where to begin takes one. Until then they know of no folder: the standby's own store is the one writer there.
 */
export class JournalThreads {
  readonly journal: JournalThread = prepareJournal();
  readonly snapshots = new SnapshotThread(KERNEL_MODULE);

  /** Ends threads that were never given a journal. */
  async discard(): Promise<void> {
    await Promise.all([this.journal.discard(), this.snapshots.stop()]);
  }
}
