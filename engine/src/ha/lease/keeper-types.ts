import type { LeaseRow } from './lease-row.js';

/** Who this side is. */
export interface KeeperIdentity {
  /** Name of the host or node; compared with the row's `holder`. */
  readonly host: string;
  /** Its present life (EC2 instance, run of a process), so that a replaced one is not taken for the old one. */
  readonly instanceId: string;
  /** Where its journal can be had, `host:port`; told with the next write when it changes. */
  address?: string | undefined;
  /** Epoch under which it began to trade; told with the next write. */
  historyEpoch?: number | undefined;
}

/**
 * - `securing`: nobody knows whether the engine runs here; it is being killed. Where everybody begins.
 * - `observing`: the engine is dead here; the lease is watched and claimed when it may be.
 * - `leading`: this host holds the lease and may run the engine.
 * - `yielding`: still holding and renewing while the engine stops; then the lease is given up.
 */
export type KeeperPhase = 'securing' | 'observing' | 'leading' | 'yielding';

/** Why and how to give the lease up. */
export interface YieldRequest {
  readonly reason: string;
  /** `graceful`: the engine cancels its orders first. `kill`: it cannot, or must not. */
  readonly how: 'graceful' | 'kill';
  /** This host does not claim for so long afterwards, milliseconds; Infinity: until the agent starts again. */
  readonly quietMs: number;
  /** That time ends as soon as the other side has the lease. */
  readonly untilTaken?: boolean;
  /** An engine that is still alive after this long is left to the guard and the lease to expire, milliseconds. */
  readonly patienceMs: number;
}

/** What the keeper wants done; the caller does it at once and reports back where it says so. */
export type KeeperAction =
  /** Read the lease; answer with `onRead`. */
  | { readonly kind: 'read' }
  /** Compare-and-set; answer with `onWritten`. */
  | { readonly kind: 'write'; readonly row: LeaseRow; readonly expected: number | undefined }
  /** The lease is ours: run the awaited steps of a promotion, then call `startEngine`. */
  | { readonly kind: 'promote'; readonly epoch: number; readonly from: Predecessor }
  /** The engine may run until `deadlineMs`, for the guard. */
  | { readonly kind: 'permit'; readonly epoch: number; readonly deadlineMs: number }
  /** Start the engine, unless `deadlineMs` has passed by then. */
  | { readonly kind: 'start-engine'; readonly epoch: number; readonly deadlineMs: number }
  /** End the engine's process; answer with `onEngineDead(serial)`. */
  | {
      readonly kind: 'stop-engine';
      readonly how: 'graceful' | 'kill';
      readonly serial: number;
      readonly reason: string;
    }
  /** Something a person may want to know. */
  | { readonly kind: 'tell'; readonly what: string; readonly detail: Readonly<Record<string, unknown>> };

/** Who held the lease before, and whether it is known to have stopped. */
export interface Predecessor {
  /** Host, or undefined when nobody did. */
  readonly host?: string;
  /** True when its lease ran out: its engine must be dead, but nobody said so. Such a host is to be fenced. */
  readonly expired: boolean;
}

/** What the keeper knows, for status and metrics. */
export interface KeeperView {
  readonly phase: KeeperPhase;
  /** The last row seen. */
  readonly row: LeaseRow | undefined;
  /** Milliseconds since the version was first seen here; Infinity before the first read. */
  readonly leaseAgeMs: number;
  /** Until when the engine may run without another renewal, this host's clock; -Infinity when it may not. */
  readonly permittedUntilMs: number;
  /** Why this host does not claim; undefined when it would. */
  readonly unwilling: string | undefined;
}

/** A write this keeper sent and not yet heard of. */
export interface SentWrite {
  readonly purpose: 'claim' | 'renew' | 'release' | 'accept';
  readonly row: LeaseRow;
  readonly sentAtMs: number;
  readonly from: Predecessor;
}
