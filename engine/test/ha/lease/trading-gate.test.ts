import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, jest } from '@jest/globals';
import {
  ENGINE_LEASE_TIMING,
  Leadership,
  type LeadershipOptions,
  NOBODY,
  openLeaseStore,
} from '../../../src/ha/index.js';
import { eventually, itBuilt, temporaryFolder } from '../../e2e/support/engine-process.js';
import { leaseRow } from './support/stores.js';

/** Renewed so seldom that nobody would wait for it. */
const timing = {
  ...ENGINE_LEASE_TIMING,
  requestTimeoutMs: 1_000,
  renewEveryMs: 30_000,
  observeEveryMs: 50,
  selfFenceMs: 60_000,
  expireAfterMs: 80_000,
};
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  jest.restoreAllMocks();
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A lease that somebody let go who never traded: the next one has it at once. */
async function freeLease() {
  const folder = temporaryFolder();
  const store = await openLeaseStore({ kind: 'file', path: folder }, 1_000);
  await store.write(leaseRow({ holder: NOBODY }), undefined);
  return { folder, store };
}

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
      const { folder, store } = await freeLease();
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
      const { folder, store } = await freeLease();
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
      const { folder } = await freeLease();
      const { leadership, ended, told } = await start(folder, 'a', { acceptWithinMs: 50 });
      leadership.promoted();
      const mail = keepMail();
      leadership.askHandover();
      // The answer comes while this thread is busy, and lies before it when it asks again.
      await eventually('an answer', () => mail.kinds.includes('handover-failed'));
      leadership.askHandover();
      mail.deliver();
      await eventually('the first answer', () => told.includes('handover failed, and was asked for anew'));
      expect(ended).toEqual([]);
      await eventually('the second answer', () => ended.length > 0);
      expect(ended).toEqual([{ failed: expect.stringMatching(/^nobody accepted/) }]);
    },
    60_000,
  );
});

/** Keeps what the lease thread says from this one, as a thread that is busy would, until it is delivered. */
function keepMail() {
  const kept: (() => void)[] = [];
  const kinds: string[] = [];
  const emit = Worker.prototype.emit as (this: Worker, ...event: unknown[]) => boolean;
  const keeping = jest.spyOn(Worker.prototype, 'emit').mockImplementation(function (
    this: Worker,
    ...event: unknown[]
  ) {
    if (event[0] !== 'message') return emit.apply(this, event);
    kinds.push((event[1] as { kind: string }).kind);
    kept.push(() => emit.apply(this, event));
    return true;
  } as typeof Worker.prototype.emit);
  return {
    kinds,
    deliver() {
      keeping.mockRestore();
      for (const give of kept.splice(0)) give();
    },
  };
}
