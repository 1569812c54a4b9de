import type { JournalPosition } from '../segment-format.js';

/** What the trading thread and the journal's thread say to each other beside their shared memory. Plain data only. */

export interface ReplicationListen {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly secret: string | undefined;
  /** Name of this one of the pair, for people. */
  readonly node: string;
}

/** How the journal is written. */
export interface JournalThreadSettings {
  /** Its folder, which must exist. */
  readonly folder: string;
  /** Where it continues. */
  readonly at: JournalPosition;
  /** Fencing epoch of every record. */
  readonly epoch: number;
  readonly segmentBytes: number;
  /** Records of this long are made durable together. */
  readonly commitIntervalMs: number;
  /** Bytes of the disk left to others. */
  readonly keepFreeBytes: number;
  /** Closed segments are deleted, oldest first, beyond this; never those recovery needs. */
  readonly retainBytes: number;
  /** Whether closed segments are compressed. */
  readonly compress: boolean;
  /** Where standbys are served; absent: nowhere. */
  readonly replication?: ReplicationListen | undefined;
}

export interface JournalWorkerData extends JournalThreadSettings {
  readonly ring: SharedArrayBuffer;
  readonly signals: SharedArrayBuffer;
}

/** What a journal's thread does while another one writes in the folder. */
export interface FolderKeeping {
  readonly folder: string;
  readonly retainBytes: number;
  readonly compress: boolean;
  /** Memory of the `SharedFolder`. */
  readonly shared: SharedArrayBuffer;
}

export type ToJournalThread =
  /** Until it begins it compresses and deletes closed segments there. */
  | { readonly type: 'keep'; readonly folder: FolderKeeping }
  /** From then on it writes and serves; before that it only waits. */
  | { readonly type: 'begin'; readonly journal: JournalWorkerData }
  /** Ends once everything appended is durable; waits so long for standbys to have it too. */
  | { readonly type: 'close'; readonly standbyPatienceMs: number }
  /** Ends one that did not begin. */
  | { readonly type: 'discard' };

export type FromJournalThread =
  | { readonly type: 'started'; readonly port: number | undefined }
  /** It could not start. */
  | { readonly type: 'refused'; readonly message: string }
  /** Writing failed, and is tried again; null: it works again. */
  | { readonly type: 'failure'; readonly message: string | null }
  | { readonly type: 'standby'; readonly node: string; readonly isConnected: boolean; readonly why: string }
  | { readonly type: 'closed' };
