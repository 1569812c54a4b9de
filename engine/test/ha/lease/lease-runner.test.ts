import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ENGINE_LEASE_TIMING, type LeaseRow, type LeaseStore, NOBODY } from '../../../src/ha/lease/index.js';
import { LeaseRunner } from '../../../src/ha/lease/thread/lease-runner.js';
import { LeaseSlots } from '../../../src/ha/lease/thread/lease-slots.js';
import type { FromLease } from '../../../src/ha/lease/thread/messages.js';

/** A lease that was let go by somebody who had traded. */
const RELEASED: LeaseRow = {
  ...{ holder: NOBODY, epoch: 7, version: 3, writeId: 'w', updatedAt: '', instanceId: '' },
  ...{ renewEveryMs: 100, expireAfterMs: 400, historyEpoch: 7 },
};

describe('LeaseRunner', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  function start(row: LeaseRow) {
    const written: LeaseRow[] = [];
    const told: FromLease[] = [];
    const store = {
      read: async () => row,
      write: async (next: LeaseRow) => {
        written.push(next);
        return { kind: 'stored' };
      },
    } as unknown as LeaseStore;
    const slots = LeaseSlots.fresh();
    const runner = new LeaseRunner(
      {
        ...{ node: 'b', instanceId: 'b1', timing: ENGINE_LEASE_TIMING, stallMs: 1e9, epochFloor: 1 },
        ...{ acceptWithinMs: 1_000, handoverQuietMs: 1_000, unwilling: undefined },
      },
      store,
      slots,
      (message) => told.push(message),
    );
    slots.beat();
    runner.start();
    return { runner, written, told };
  }

  it('claims a lease that was let go only for somebody who knows what its row tells of the history', async () => {
    const { runner, written, told } = start(RELEASED);
    // Said while the row was not read yet.
    runner.onMessage({ kind: 'unwilling', why: undefined, knowsHistory: false });
    await jest.advanceTimersByTimeAsync(200);
    expect(written).toEqual([]);
    expect(told.find(({ kind }) => kind === 'leader')).toMatchObject({ leader: { historyEpoch: 7 } });
    runner.onMessage({ kind: 'unwilling', why: undefined, knowsHistory: true });
    await jest.advanceTimersByTimeAsync(200);
    expect(written[0]).toMatchObject({ holder: 'b', epoch: 8 });
    runner.stop();
  });

  it('claims one under which nobody has traded at once', async () => {
    const { historyEpoch: _, ...row } = RELEASED;
    const { runner, written } = start(row);
    await jest.advanceTimersByTimeAsync(100);
    expect(written[0]).toMatchObject({ holder: 'b', epoch: 8 });
    runner.stop();
  });
});
