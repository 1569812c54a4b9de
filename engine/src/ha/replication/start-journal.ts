import { JournalThread, LiveJournal, type LiveJournalOptions } from '../../journal/index.js';

/** Where the journal thread's JavaScript is: beside this file, or in the build when this file is still TypeScript. */
function entry(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../../dist/ha/replication/journal-worker.js', import.meta.url)
    : new URL('./journal-worker.js', import.meta.url);
}

/** Starts the journal's thread, which waits until there is a journal for it. */
export function prepareJournal(): JournalThread {
  return new JournalThread(entry());
}

/** Starts the journal on a thread of its own, `prepared` if it is still there; serves standbys too when told where. */
export function startJournal(options: LiveJournalOptions, prepared?: JournalThread): Promise<LiveJournal> {
  const thread = prepared === undefined || prepared.hasEnded ? prepareJournal() : prepared;
  return LiveJournal.open(thread, options);
}
