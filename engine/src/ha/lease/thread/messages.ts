import type { Predecessor } from '../keeper-types.js';
import type { LeaseTiming } from '../lease-timing.js';
import type { LeasePlace } from '../open-lease-store.js';

/** What the lease thread is given at its start. */
export interface RunnerOptions {
  /** Name of this side, compared with the row's `holder`. */
  readonly node: string;
  /** This run of the process. */
  readonly instanceId: string;
  readonly timing: LeaseTiming;
  /** A trading thread without a heartbeat for so long neither renews nor claims. */
  readonly stallMs: number;
  /** No claim takes a lower epoch. */
  readonly epochFloor: number;
  /** The other side must accept a handover within this time, and the trading thread release the lease within as much. */
  readonly acceptWithinMs: number;
  /** After a handover the other side must claim within this time; then this one may again. */
  readonly handoverQuietMs: number;
  /** Why this side does not claim at first; undefined when it would. */
  readonly unwilling: string | undefined;
}

export interface LeaseWorkerData {
  readonly place: LeasePlace;
  readonly slots: SharedArrayBuffer;
  readonly options: RunnerOptions;
}

/** The holder as the row names it. */
export interface LeaderSeen {
  readonly holder: string;
  readonly epoch: number;
  /** Where its journal can be had, `host:port`; undefined while it does not stream it. */
  readonly address: string | undefined;
  /** Epoch of the last holder that began to trade; undefined when none ever did. */
  readonly historyEpoch: number | undefined;
}

/** From the trading thread. */
export type ToLease =
  /** It has heard that it may not send, and stopped. */
  | { readonly kind: 'fence-heard'; readonly serial: number }
  /** Why it would not lead, if so; and whether it knew, when it said so, that somebody has traded under the lease. */
  | { readonly kind: 'unwilling'; readonly why: string | undefined; readonly knowsHistory: boolean }
  /** `serial` grows with each question. */
  | { readonly kind: 'ask-handover'; readonly serial: number }
  /** It has stopped sending. Without `quietMs` the lease is left to the other side, for a while. */
  | { readonly kind: 'release'; readonly why: string; readonly quietMs: number | undefined }
  /** Where this side's journal can be had while it leads. */
  | { readonly kind: 'announce'; readonly address: string | undefined }
  /** It began to trade under this epoch. */
  | { readonly kind: 'trading'; readonly epoch: number }
  | { readonly kind: 'close' };

/** To the trading thread. */
export type FromLease =
  | { readonly kind: 'started' }
  | { readonly kind: 'not-started'; readonly error: string }
  | { readonly kind: 'promote'; readonly epoch: number; readonly from: Predecessor }
  /** Who leads by the row, whenever that changes. */
  | { readonly kind: 'leader'; readonly leader: LeaderSeen }
  | { readonly kind: 'fenced'; readonly serial: number; readonly why: string }
  | { readonly kind: 'handover' }
  | { readonly kind: 'handover-done'; readonly result: Readonly<Record<string, unknown>> }
  /** `serial` of the last question that was heard of here. */
  | { readonly kind: 'handover-failed'; readonly serial: number; readonly why: string }
  /** The answer to `release`: the lease is let go, or was lost or not held. */
  | { readonly kind: 'let-go' }
  | { readonly kind: 'tell'; readonly what: string; readonly detail: Readonly<Record<string, unknown>> };
