import type { Config } from '../config/index.js';
import { prepareJournal } from '../ha/index.js';
import {
  type JournalThread,
  type SharedFolder,
  type SnapshotNews,
  SnapshotThread,
} from '../journal/index.js';
import type { Logger } from '../telemetry/index.js';
import type { History } from './history.js';

/** Tests run from the sources, and a worker needs JavaScript: theirs is the built one. */
const KERNEL_MODULE = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/wiring/kernel-of-options.js' : './kernel-of-options.js',
  import.meta.url,
).href;

/**
 * The two threads of a journal. To start a thread and load its code takes some 100 ms, to tell one that is there where to
 * begin takes one: a standby has them already. Until it leads its own store is the one writer in its folder, which they keep
 * as a leader's: the same threads that will do it then, so that none has to be waited for.
 */
export class JournalThreads {
  readonly journal: JournalThread = prepareJournal();
  readonly snapshots = new SnapshotThread(KERNEL_MODULE);

  /** Makes snapshots of a standby's journal, and compresses and deletes its segments, until they are told of a leader's. */
  keep({ disk, options }: History, shared: SharedFolder, { journal }: Config, logger: Logger): void {
    const { snapshotEvery: every, retainBytes, compress } = journal;
    const folder = { folder: disk.path, shared: shared.memory };
    this.journal.keep({ ...folder, retainBytes, compress });
    this.snapshots.begin({ folder: disk.path, every, today: options, progress: folder }, (news) =>
      logSnapshot(news, logger),
    );
  }

  /** Ends threads that were not given a journal to write. */
  async discard(): Promise<void> {
    await Promise.all([this.journal.discard(), this.snapshots.stop()]);
  }
}

/** What the thread that makes snapshots tells, for people. */
export function logSnapshot(news: SnapshotNews, logger: Logger): void {
  if (news.kind === 'failed') logger.error('no snapshot could be made', { why: news.why });
  else if (news.kind === 'made') {
    logger.info('snapshot made', { ...news.report, ms: Math.round(news.ms) });
  }
}
