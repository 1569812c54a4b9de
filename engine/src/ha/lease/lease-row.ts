import { z } from 'zod';

/** The item of the lease table both hosts of an environment compete for. */
export const LEASE_KEY = 'engine';

/** Nobody holds the lease. */
export const NOBODY = 'none';

/** Instance id of a holder whose right was withdrawn. */
export const REVOKED = 'revoked';

const natural = z.number().int().min(0);

/** The lease as stored; attribute names are the contract with the CDK, the functions and the runbooks. */
export const leaseRowSchema = z.object({
  /** Fencing epoch: one more with every change of holder, never reused. */
  epoch: natural,
  /** One more with every write; the compare-and-set token. */
  version: natural,
  /** Host that may run the engine, or `none`. */
  holder: z.string().min(1),
  /** Life of the holder, so that a replaced one is not taken for the old one; `revoked` after a forced takeover. */
  instanceId: z.string(),
  /** The holder's own times, milliseconds: an observer waits for the longer of both sides' expiry. */
  renewEveryMs: natural,
  expireAfterMs: natural,
  /** Host that was cut off: it may neither hold nor claim. */
  fenced: z.string().min(1).optional(),
  /**
   * A planned handover: the holder asks, the other side accepts, then the holder lets go. `requested`: a person asks the
   * holder to ask.
   */
  handover: z.enum(['requested', 'asked', 'accepted']).optional(),
  /** Where the holder streams its journal from, `host:port`, once it does. */
  address: z.string().max(300).optional(),
  /** Epoch of the last holder that began to trade: from then on there is a history, which a side without one must not forget. */
  historyEpoch: natural.optional(),
  /** Unique per write, so that a writer whose reply was lost recognizes its own write. */
  writeId: z.string().min(1),
  /** ISO time of the write, for people; no decision reads it. */
  updatedAt: z.string(),
});

/** See {@link leaseRowSchema}. */
export type LeaseRow = z.infer<typeof leaseRowSchema>;

/**
 * The row with the holder's right withdrawn: a higher epoch, and an instance that is nobody. The holder learns of it with
 * its next renewal, so that unlike a lease that was let go this one may be claimed only once it has run out.
 */
export function revoke(row: LeaseRow): LeaseRow {
  return { ...row, epoch: row.epoch + 1, instanceId: REVOKED };
}

/** True when `host` may be running an engine under this row. */
export function holds(row: LeaseRow | undefined, host: string): boolean {
  return row?.holder === host && row.instanceId !== REVOKED;
}
