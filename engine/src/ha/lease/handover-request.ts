import { setTimeout as sleep } from 'node:timers/promises';
import { changeLease } from './change-lease.js';
import { type LeaseRow, NOBODY } from './lease-row.js';
import type { LeaseStore } from './lease-store.js';
import { exactMonotonicMs } from './thread/monotonic.js';

/** The lease as somebody outside sees it. */
export interface LeaseLook {
  /** Undefined: nobody ever led, or the store was emptied. */
  readonly row: LeaseRow | undefined;
  /** True: the holder wrote while it was watched. */
  readonly renewed: boolean;
  /** How long the row was seen unchanged, milliseconds; no more is known of its age, for clocks are not compared. */
  readonly unchangedMs: number;
}

/** Watches the lease until it is renewed, or has stood still for as long as would let the other side take it. */
export async function lookAtLease(store: LeaseStore, everyMs: number): Promise<LeaseLook> {
  const first = await store.read();
  const seenAtMs = exactMonotonicMs();
  for (let row = first; ; ) {
    const unchangedMs = exactMonotonicMs() - seenAtMs;
    if (row?.version !== first?.version || row?.epoch !== first?.epoch) {
      return { row, renewed: true, unchangedMs };
    }
    // Nobody renews what nobody holds.
    if (row === undefined || row.holder === NOBODY || unchangedMs > row.expireAfterMs) {
      return { row, renewed: false, unchangedMs };
    }
    await sleep(everyMs);
    row = await store.read();
  }
}

export interface HandoverRequest {
  readonly everyMs: number;
  /** The question is taken back after this long. */
  readonly withinMs: number;
  /** Called with each state of the handover as it is reached. */
  readonly onStep?: (step: HandoverStage) => void;
}

/** `requested`: in the row. `asked`: the leader asks the standby. `accepted`: it is willing. `released`: the leader let go. */
export type HandoverStage = 'requested' | 'asked' | 'accepted' | 'released';

export type HandoverOutcome =
  | {
      readonly kind: 'done';
      readonly from: string;
      readonly to: string;
      readonly epoch: number;
      readonly tookMs: number;
    }
  /** The leader leads on, or whoever leads was not put there by this request. */
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Asks the leader to hand over, from outside, and waits for another holder. Whatever goes wrong, the question does not stay
 * behind. Rejects when the store cannot be reached.
 */
export async function requestHandover(
  store: LeaseStore,
  { everyMs, withinMs, onStep = () => {} }: HandoverRequest,
): Promise<HandoverOutcome> {
  const began = exactMonotonicMs();
  const { row: before, renewed, unchangedMs } = await lookAtLease(store, everyMs);
  if (before === undefined || before.holder === NOBODY) return refused('nobody leads: start an engine');
  const { holder, epoch } = before;
  if (!renewed) {
    return refused(
      `${holder} did not renew for ${Math.round(unchangedMs)} ms: it is dead or cut off, and a standby takes over by itself`,
    );
  }
  const same = (row: LeaseRow) => row.holder === holder && row.epoch === epoch;
  const asked = await changeLease(store, (row) =>
    same(row) && row.handover === undefined ? { ...row, handover: 'requested' } : undefined,
  );
  let stage: HandoverStage | undefined;
  const until = exactMonotonicMs() + withinMs;
  for (let row = asked; ; row = await store.read()) {
    if (row === undefined) return refused('the lease is gone');
    if (row.holder !== NOBODY && row.epoch !== epoch) {
      if (row.holder === holder) return refused(`the standby did not claim it: ${holder} leads again`);
      const tookMs = Math.round(exactMonotonicMs() - began);
      return { kind: 'done', from: holder, to: row.holder, epoch: row.epoch, tookMs };
    }
    const now = row.holder === NOBODY ? 'released' : row.handover;
    if (now === undefined) {
      return refused(`no standby accepted: is one running, caught up and not on hold? ${holder} leads on`);
    }
    if (now !== stage) onStep(now);
    stage = now;
    if (exactMonotonicMs() >= until) {
      await takeBack(store, same);
      return refused(`not done within ${withinMs} ms (${now}); the question was taken back`);
    }
    await sleep(everyMs);
  }
}

async function takeBack(store: LeaseStore, same: (row: LeaseRow) => boolean): Promise<void> {
  await changeLease(store, (row) => {
    if (!same(row) || row.handover === undefined) return undefined;
    const { handover: _, ...rest } = row;
    return rest;
  });
}

function refused(why: string): HandoverOutcome {
  return { kind: 'refused', why };
}
