import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../../src/config/index.js';
import {
  changeLease,
  type HandoverOutcome,
  type HandoverStage,
  type LeaseRow,
  LeaseSlots,
  leasePlace,
  leaseSettingProblems,
  leaseTiming,
  lookAtLease,
  type OpenLeaseStore,
  openLeaseStore,
  requestHandover,
  SendGate,
} from '../../../src/ha/index.js';
import { leaseRow } from './support/stores.js';

describe('a request to hand over, from outside', () => {
  let folder: string;
  let store: OpenLeaseStore;
  let ended: boolean;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tradewind-lease-'));
    store = await openLeaseStore({ kind: 'file', path: folder }, 1_000);
    ended = false;
  });
  afterEach(() => {
    ended = true;
    rmSync(folder, { recursive: true, force: true });
  });

  /** Plays the pair: each turn `next` says what the row becomes. */
  async function live(next: (row: LeaseRow) => LeaseRow): Promise<void> {
    while (!ended) {
      await changeLease(store, (row) => next(row));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  const request = async (withinMs = 5_000): Promise<[HandoverOutcome, HandoverStage[]]> => {
    const stages: HandoverStage[] = [];
    const onStep = (stage: HandoverStage) => stages.push(stage);
    const outcome = await requestHandover(store, { everyMs: 1, withinMs, onStep });
    return [outcome, stages];
  };

  test('is refused where nobody leads, and where the leader does not renew', async () => {
    expect((await request())[0]).toMatchObject({
      kind: 'refused',
      why: expect.stringMatching(/nobody leads/),
    });
    await store.write(leaseRow({ expireAfterMs: 30 }), undefined);
    const [outcome] = await request();
    expect(outcome).toMatchObject({ kind: 'refused', why: expect.stringMatching(/did not renew/) });
    expect((await store.read())!.handover).toBeUndefined();
    expect(await lookAtLease(store, 1)).toMatchObject({ renewed: false, row: { holder: 'a' } });
  });

  test('ends when the other side holds the lease', async () => {
    await store.write(leaseRow({ expireAfterMs: 10_000 }), undefined);
    let turns = 0;
    const playing = live((row) => {
      turns += row.handover === undefined ? 0 : 1;
      if (row.handover === 'requested') return { ...row, handover: 'asked' };
      if (row.handover === 'asked') return { ...row, handover: 'accepted' };
      if (row.handover === 'accepted' && turns > 4) {
        return leaseRow({ epoch: row.epoch + 1, holder: 'b', expireAfterMs: 10_000 });
      }
      return row;
    });
    const [outcome, stages] = await request();
    expect(outcome).toMatchObject({ kind: 'done', from: 'a', to: 'b', epoch: 2 });
    expect(stages[0]).toBe('requested');
    expect(await lookAtLease(store, 1)).toMatchObject({ renewed: true, row: { holder: 'b' } });
    ended = true;
    await playing;
  });

  test('is refused when the leader takes the question out again', async () => {
    await store.write(leaseRow({ expireAfterMs: 10_000 }), undefined);
    let turns = 0;
    const playing = live(({ handover, ...row }) => {
      if (handover === undefined) return row;
      turns += 1;
      return turns < 5 ? { ...row, handover: 'asked' } : row;
    });
    const [outcome] = await request();
    expect(outcome).toMatchObject({ kind: 'refused', why: expect.stringMatching(/no standby accepted/) });
    ended = true;
    await playing;
  });

  test('takes the question back when its time is over', async () => {
    await store.write(leaseRow({ expireAfterMs: 10_000 }), undefined);
    const playing = live((row) => row);
    const [outcome] = await request(50);
    expect(outcome).toMatchObject({ kind: 'refused', why: expect.stringMatching(/taken back/) });
    ended = true;
    await playing;
    expect((await store.read())!.handover).toBeUndefined();
  });
});

describe('the settings of a lease', () => {
  const { lease } = parseConfig(undefined).ha;

  test('go together as they are', () => {
    expect(leaseSettingProblems(lease)).toEqual([]);
    expect(leaseTiming(lease)).toMatchObject({ renewEveryMs: 100, selfFenceMs: 250, tickMs: 5 });
    expect(leasePlace(lease)).toEqual({ kind: 'file', path: expect.stringMatching(/lease$/) });
  });

  test.each([
    [{ kind: 'etcd' as const }, 'endpoints', /name the client URLs/],
    [{ kind: 'dynamodb' as const }, 'table', /name the DynamoDB table/],
    [{ kind: 'dynamodb' as const, table: 't', endpoints: ['a', 'b'] }, 'endpoints', /has several/],
    [{ selfFenceMs: 150 }, 'selfFenceMs', /is 150: one lost renewal .* at least .* = 200/],
    [{ expireAfterMs: 260 }, 'expireAfterMs', /is 260: two engines could run at once.*give at least 308/],
    [{ requestTimeoutMs: 51 }, 'requestTimeoutMs', /give at most 50/],
  ])('%j: %s is named with the fix', (change, setting, message) => {
    expect(leaseSettingProblems({ ...lease, ...change })).toContainEqual({
      setting,
      message: expect.stringMatching(message),
    });
  });
});

describe('the gate', () => {
  test('is open only while both the thread is armed and the deadline lies ahead', () => {
    const slots = LeaseSlots.fresh();
    const gate = new SendGate(slots);
    gate.arm(true);
    expect(gate.open()).toBe(false);
    slots.deadlineMs = Number.POSITIVE_INFINITY;
    expect(gate.open()).toBe(true);
    gate.arm(false);
    expect(gate.open()).toBe(false);
    gate.arm(true);
    slots.deadlineMs = Number(process.hrtime.bigint()) / 1e6 - 1;
    expect(gate.open()).toBe(false);
  });
});
