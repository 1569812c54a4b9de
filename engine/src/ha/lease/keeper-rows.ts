import type { KeeperIdentity, Predecessor } from './keeper-types.js';
import { type LeaseRow, NOBODY } from './lease-row.js';
import type { LeaseTiming } from './lease-timing.js';

/** Rows as the keeper writes them; version and the marks of the write are set when it is sent. */

/** True when the row is `who`'s, in this life. */
export function isHeldBy(row: LeaseRow, who: KeeperIdentity): boolean {
  return row.holder === who.host && row.instanceId === who.instanceId;
}

/** Why `who`, who led under `epoch`, leads no more under this row; undefined when it still does. */
export function whyLost(row: LeaseRow | undefined, who: KeeperIdentity, epoch: number): string | undefined {
  if (row === undefined) return 'the row is gone';
  if (row.fenced === who.host) return 'this host was fenced';
  if (!isHeldBy(row, who) || row.epoch !== epoch) return `${row.holder} holds epoch ${row.epoch}`;
  return undefined;
}

/** A new term. Only the fence, and that there is a history, outlive the old one. */
export function claimedRow(
  who: KeeperIdentity,
  { renewEveryMs, expireAfterMs }: LeaseTiming,
  epoch: number,
  over: LeaseRow | undefined,
): LeaseRow {
  return {
    holder: who.host,
    instanceId: who.instanceId,
    renewEveryMs,
    expireAfterMs,
    epoch,
    version: 0,
    writeId: '',
    updatedAt: '',
    ...(who.address !== undefined && { address: who.address }),
    ...(over?.historyEpoch !== undefined && { historyEpoch: over.historyEpoch }),
    ...(over?.fenced !== undefined && { fenced: over.fenced }),
  };
}

/** The same term going on, with the state of a handover. */
export function renewedRow(
  { handover: _, address: __, ...rest }: LeaseRow,
  who: KeeperIdentity,
  handover: LeaseRow['handover'],
): LeaseRow {
  return {
    ...rest,
    ...(who.address !== undefined && { address: who.address }),
    ...(who.historyEpoch !== undefined && { historyEpoch: who.historyEpoch }),
    ...(handover !== undefined && { handover }),
  };
}

/** Nobody's: it may be claimed at once. */
export function releasedRow({ handover: _, address: __, ...rest }: LeaseRow): LeaseRow {
  return { ...rest, holder: NOBODY, instanceId: '' };
}

/** Whom a claim by `who` takes the lease from; `before` is what its last claim said. */
export function predecessorOf(
  row: LeaseRow | undefined,
  who: KeeperIdentity,
  before: Predecessor,
): Predecessor {
  if (row === undefined || row.holder === NOBODY) return { expired: false };
  // A claim of our own whose reply came too late: whom it was taken from is still to be fenced.
  return isHeldBy(row, who) ? before : { host: row.holder, expired: true };
}
