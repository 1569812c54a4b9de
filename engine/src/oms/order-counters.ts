import type { BinaryReader, BinaryWriter, StateHash } from '../domain/index.js';

/** Running totals since the manager was made. None ever goes down. */
export interface OrderCounters {
  /** Orders sent (handed to the venue's connector). */
  readonly submitted: number;
  /** Orders the venue has shown it took. */
  readonly acked: number;
  /** Orders filled in full. */
  readonly filled: number;
  /** Fills booked. */
  readonly fills: number;
  /** Times an order became Canceled; a late fill may complete such an order afterwards. */
  readonly canceled: number;
  /** Orders refused by us, failed sends included. */
  readonly denied: number;
  readonly rejected: number;
  readonly expired: number;
  /** Events that cannot have happened by the rules. */
  readonly illegal: number;
  /** Fills told more than once. */
  readonly duplicates: number;
  /** Events about orders we do not know. */
  readonly unknown: number;
  /** Fills beyond an order's quantity. */
  readonly overfills: number;
  /** Times a report told of fills that had not arrived. */
  readonly fillsMissing: number;
  /** Orders taken for ended that came back to life. */
  readonly reopened: number;
  /** Questions asked of venues. */
  readonly queries: number;
  /** Orders of ours that the venue told of and this store did not know. */
  readonly adopted: number;
}

/** In the order they are saved in. */
const FIELDS = [
  'submitted',
  'acked',
  'filled',
  'fills',
  'canceled',
  'denied',
  'rejected',
  'expired',
  'illegal',
  'duplicates',
  'unknown',
  'overfills',
  'fillsMissing',
  'reopened',
  'queries',
  'adopted',
] as const satisfies readonly (keyof OrderCounters)[];

export class MutableOrderCounters implements OrderCounters {
  submitted = 0;
  acked = 0;
  filled = 0;
  fills = 0;
  canceled = 0;
  denied = 0;
  rejected = 0;
  expired = 0;
  illegal = 0;
  duplicates = 0;
  unknown = 0;
  overfills = 0;
  fillsMissing = 0;
  reopened = 0;
  queries = 0;
  adopted = 0;

  hashInto(hash: StateHash): void {
    hash.int(this.submitted).int(this.acked).int(this.filled).int(this.fills).int(this.canceled);
    hash.int(this.denied).int(this.rejected).int(this.expired).int(this.illegal).int(this.duplicates);
    hash.int(this.unknown).int(this.overfills).int(this.fillsMissing).int(this.reopened).int(this.queries);
    // Absent while 0: hashes of sessions that adopted nothing are those of earlier versions.
    if (this.adopted !== 0) hash.int(this.adopted);
  }

  save(out: BinaryWriter): void {
    for (const field of FIELDS) out.number(this[field]);
  }

  load(input: BinaryReader): void {
    for (const field of FIELDS) this[field] = input.integer(field, 0);
  }
}
