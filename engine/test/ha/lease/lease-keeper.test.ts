import { describe, expect, it } from '@jest/globals';
import { ENGINE_LEASE_TIMING, type LeaseRow, NOBODY } from '../../../src/ha/lease/index.js';
import type { KeeperAction, KeeperIdentity } from '../../../src/ha/lease/keeper-types.js';
import { LeaseKeeper } from '../../../src/ha/lease/lease-keeper.js';

const RELEASED: LeaseRow = {
  ...{ holder: NOBODY, epoch: 7, version: 3, writeId: 'w', updatedAt: '', instanceId: '' },
  ...{ renewEveryMs: 100, expireAfterMs: 400 },
};
const STORED = { kind: 'stored' } as const;
const written = (actions: readonly KeeperAction[]) =>
  actions.flatMap((action) => (action.kind === 'write' ? [action.row] : []));

/** A keeper that leads since 10 ms, and whose first renewal, of 110 ms, is on its way. */
function renewing() {
  const identity: KeeperIdentity = { host: 'a', instanceId: 'a1' };
  let writes = 0;
  const keeper = new LeaseKeeper({
    ...{ identity, timing: ENGINE_LEASE_TIMING, wallClock: () => '' },
    nextWriteId: () => `w${++writes}`,
  });
  const [stop] = keeper.begin();
  if (stop?.kind !== 'stop-engine') throw new Error('it does not begin by stopping the engine');
  expect(keeper.onEngineDead(0, stop.serial)).toEqual([{ kind: 'read' }]);
  expect(written(keeper.onRead(10, RELEASED))).toMatchObject([{ holder: 'a', epoch: 8 }]);
  keeper.onWritten(10, STORED);
  expect(written(keeper.tick(109))).toEqual([]);
  expect(written(keeper.tick(110))).toMatchObject([{ holder: 'a', version: 5 }]);
  return { keeper, identity };
}

describe('a keeper that leads', () => {
  it('renews when its time has come', () => {
    const { keeper } = renewing();
    expect(written(keeper.onWritten(120, STORED))).toEqual([]);
    expect(written(keeper.tick(209))).toEqual([]);
    expect(written(keeper.tick(210))).toHaveLength(1);
  });

  it('writes what it is to tell at once, also behind a renewal that is on its way without it', () => {
    const { keeper, identity } = renewing();
    identity.historyEpoch = 8;
    keeper.lookNow();
    expect(keeper.tick(115)).toEqual([]);
    expect(written(keeper.onWritten(120, STORED))).toMatchObject([{ historyEpoch: 8 }]);
    // Once, and no faster than before afterwards.
    expect(written(keeper.onWritten(125, STORED))).toEqual([]);
    expect(written(keeper.tick(219))).toEqual([]);
    expect(written(keeper.tick(220))).toHaveLength(1);
  });

  it('asks the other side at once, also behind a renewal', () => {
    const { keeper } = renewing();
    expect(keeper.askHandover()).toBe(true);
    expect(written(keeper.onWritten(120, STORED))).toMatchObject([{ handover: 'asked' }]);
  });
});
