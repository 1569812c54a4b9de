import { LiveJournal, type LiveJournalOptions } from '../../journal/index.js';

/** Where the journal thread's JavaScript is: beside this file, or in the build when this file is still TypeScript. */
function entry(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../../dist/ha/replication/journal-worker.js', import.meta.url)
    : new URL('./journal-worker.js', import.meta.url);
}

/** Starts the journal on a thread of its own, which serves standbys too when told where. */
export function startJournal(options: LiveJournalOptions): Promise<LiveJournal> {
  return LiveJournal.open(entry(), options);
}
