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

  function start(first: LeaseRow) {
    let row = first;
    const written: LeaseRow[] = [];
    const told: FromLease[] = [];
    const store: LeaseStore = {
      read: async () => row,
      write: async (next, expected) => {
        if (expected !== row.version) return { kind: 'conflict' };
        written.push(next);
        row = next;
        return { kind: 'stored' };
      },
    };
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
    const accept = () => {
      row = { ...row, handover: 'accepted', version: row.version + 1, writeId: 'x' };
    };
    return { runner, written, told, accept, row: () => row };
  }

  /** One that leads, beside a side that does not answer before it is made to accept. */
  async function lead() {
    const { runner, told, accept, row } = start(RELEASED);
    runner.onMessage({ kind: 'unwilling', why: undefined, knowsHistory: true });
    await jest.advanceTimersByTimeAsync(200);
    expect(row().holder).toBe('b');
    const ask = (serial: number) => runner.onMessage({ kind: 'ask-handover', serial });
    const answers = () => told.filter(({ kind }) => /^handover/.test(kind));
    return { runner, ask, accept, answers, row };
  }

  it('gives the other side the whole time to answer whoever asks last, whatever was asked before', async () => {
    const { runner, ask, answers } = await lead();
    ask(1);
    await jest.advanceTimersByTimeAsync(900);
    ask(2);
    await jest.advanceTimersByTimeAsync(900);
    expect(answers()).toEqual([]);
    await jest.advanceTimersByTimeAsync(200);
    expect(answers()).toMatchObject([{ kind: 'handover-failed', serial: 2 }]);
    runner.stop();
  });

  it('does not take back what is accepted already when it is asked again', async () => {
    const { runner, ask, accept, answers, row } = await lead();
    ask(1);
    await jest.advanceTimersByTimeAsync(200);
    expect(row().handover).toBe('asked');
    accept();
    await jest.advanceTimersByTimeAsync(200);
    expect(answers()).toEqual([{ kind: 'handover' }]);
    ask(2);
    await jest.advanceTimersByTimeAsync(200);
    expect(row().handover).toBe('accepted');
    runner.onMessage({ kind: 'release', why: 'handover', quietMs: undefined });
    await jest.advanceTimersByTimeAsync(200);
    expect(row().holder).toBe(NOBODY);
    expect(answers()).toEqual([{ kind: 'handover' }]);
    runner.stop();
  });

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
