/** What is wrong with journal bytes. */
export type JournalErrorCode =
  /** The bytes end inside a record, as after a crash while writing. */
  | 'TW_JOURNAL_TRUNCATED'
  /** Not a journal, or bytes no writer would have produced. */
  | 'TW_JOURNAL_MALFORMED'
  /** A record's checksum does not match its bytes. */
  | 'TW_JOURNAL_CHECKSUM'
  /** Written by a version this one does not read. */
  | 'TW_JOURNAL_VERSION'
  /** Durable records are damaged or missing: the journal cannot be continued before it is restored. */
  | 'TW_JOURNAL_DAMAGED';

/** Damaged journal bytes: `offset` is where, counted from the start of the buffer or file; `file` names it where known. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly code: JournalErrorCode;
  readonly offset: number;
  /** Without the place. */
  readonly reason: string;
  readonly file: string | undefined;

  constructor(code: JournalErrorCode, offset: number, what: string, file?: string) {
    super(`journal${file === undefined ? '' : ` ${file}`}, offset ${offset}: ${what}`);
    this.code = code;
    this.offset = offset;
    this.reason = what;
    this.file = file;
  }
}
