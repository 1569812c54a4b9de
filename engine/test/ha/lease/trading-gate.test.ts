import { afterEach, describe, expect } from '@jest/globals';
import {
  ENGINE_LEASE_TIMING,
  Leadership,
  type LeadershipOptions,
  openLeaseStore,
} from '../../../src/ha/index.js';
import { eventually, itBuilt, temporaryFolder } from '../../e2e/support/engine-process.js';

/** Renewed so seldom that nobody would wait for it. */
const timing = {
  ...ENGINE_LEASE_TIMING,
  requestTimeoutMs: 1_000,
  renewEveryMs: 3_000,
  observeEveryMs: 50,
  selfFenceMs: 5_000,
  expireAfterMs: 7_000,
};
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(folder: string, node: string, more: Partial<LeadershipOptions> = {}) {
  let epoch: number | undefined;
  const ended: unknown[] = [];
  const told: string[] = [];
  const leadership = await Leadership.start({
    ...{ place: { kind: 'file', path: folder } as const, node, timing, ...more },
    events: {
      promote: (promoted) => {
        epoch = promoted;
      },
      ...{ fenced: () => {}, handover: () => {}, leader: () => {} },
      handoverEnded: (result) => ended.push(result),
      tell: (what) => told.push(what),
      failed: (error) => {
        throw error;
      },
    },
  });
  const beat = setInterval(() => leadership.heartbeat(), 10);
  cleanUps.push(async () => {
    await leadership.close();
    clearInterval(beat);
  });
  await eventually(`${node} leads`, () => epoch);
  return { leadership, epoch: epoch!, ended, told };
}

describe('the first to trade under a lease', () => {
  itBuilt(
    'sends nothing before the lease says that there is a history; whoever follows does not wait',
    async () => {
      const folder = temporaryFolder();
      const store = await openLeaseStore({ kind: 'file', path: folder }, 1_000);
      const { leadership, epoch } = await start(folder, 'a');
      expect(leadership.promoted()).toBe(true);
      expect((await store.read())!.historyEpoch).toBeUndefined();
      leadership.trading();
      expect(leadership.gate.open()).toBe(false);
      await eventually('the gate opens', () => leadership.gate.open());
      expect((await store.read())!.historyEpoch).toBe(epoch);

      await leadership.close();
      const next = await start(folder, 'b');
      expect(next.leadership.promoted()).toBe(true);
      next.leadership.trading();
      expect(next.leadership.gate.open()).toBe(true);
    },
    60_000,
  );

  itBuilt(
    'does not begin to send when it was told to stop in the meantime',
    async () => {
      const folder = temporaryFolder();
      const store = await openLeaseStore({ kind: 'file', path: folder }, 1_000);
      const { leadership, epoch } = await start(folder, 'a');
      leadership.promoted();
      leadership.trading();
      leadership.stopSending();
      await eventually('the lease tells', async () => (await store.read())!.historyEpoch === epoch);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(leadership.gate.open()).toBe(false);
    },
    60_000,
  );
});

describe('a leader that asks the other side to lead', () => {
  itBuilt(
    'and asked before hears nothing of the first question any more',
    async () => {
      const { leadership, ended, told } = await start(temporaryFolder(), 'a', { acceptWithinMs: 300 });
      leadership.promoted();
      leadership.askHandover();
      // The answer comes while this thread is busy, and lies before it when it asks again.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200);
      leadership.askHandover();
      await eventually('the first answer', () => told.includes('handover failed, and was asked for anew'));
      expect(ended).toEqual([]);
      await eventually('the second answer', () => ended.length > 0);
      expect(ended).toEqual([{ failed: expect.stringMatching(/^nobody accepted/) }]);
    },
    60_000,
  );
});
