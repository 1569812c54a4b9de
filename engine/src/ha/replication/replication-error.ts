/** What went wrong between the two of a pair. */
export type ReplicationErrorCode =
  /** Bytes that the other side should not have sent. */
  | 'TW_REPLICATION_PROTOCOL'
  /** The other side is of a version this one does not speak with. */
  | 'TW_REPLICATION_VERSION'
  /** The other side does not know the shared secret, or only one of the two has one. */
  | 'TW_REPLICATION_SECRET'
  /** The two histories can not be of one pair; or the other side's is older than ours. */
  | 'TW_REPLICATION_HISTORY'
  /** Nothing was heard for too long. */
  | 'TW_REPLICATION_SILENT'
  /** This side's journal can not be read or written. */
  | 'TW_REPLICATION_JOURNAL'
  /** The standby's disk is full. */
  | 'TW_REPLICATION_FULL'
  /** The other side said why it would not go on. */
  | 'TW_REPLICATION_REFUSED';

/** Ends one connection, not the process: the standby connects anew and the two find out again what they share. */
export class ReplicationError extends Error {
  override readonly name = 'ReplicationError';
  readonly code: ReplicationErrorCode;

  constructor(code: ReplicationErrorCode, message: string) {
    super(`replication: ${message}`);
    this.code = code;
  }
}
