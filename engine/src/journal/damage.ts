import { JournalError } from '../domain/index.js';

/** Something durable is damaged or missing: an error that names the place and says what can be done about it. */
export function damaged(segment: string, offset: number, what: string): JournalError {
  return new JournalError(
    'TW_JOURNAL_DAMAGED',
    offset,
    `${what}; nothing was changed: restore the folder from the standby or an archive (tradewind journal restore --from DIR)`,
    segment,
  );
}
