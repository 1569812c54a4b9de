import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINE_LEASE_TIMING, timingProblems } from '../../../src/ha/index.js';
import { LeasePair } from './support/lease-pair.js';
import { SERVERS, type StoreServer } from './support/stores.js';

/** On a machine that is busy with other tests nothing here is about speed; the order of the times is the same. */
const PATIENT = {
  ...ENGINE_LEASE_TIMING,
  requestTimeoutMs: 200,
  renewEveryMs: 400,
  observeEveryMs: 100,
  selfFenceMs: 1_500,
  expireAfterMs: 2_200,
};

for (const [kind, { missing, start }] of Object.entries(SERVERS)) {
  const suite = missing === undefined ? describe : describe.skip;
  suite(`two processes over a lease in ${kind}${missing === undefined ? '' : ` (needs ${missing})`}`, () => {
    let server: StoreServer;
    let pair: LeasePair | undefined;

    beforeAll(async () => {
      expect(timingProblems(PATIENT)).toEqual([]);
      server = await start();
    }, 60_000);
    afterAll(() => server.stop());

    async function withPair(work: (pair: LeasePair) => Promise<void>): Promise<void> {
      pair = await LeasePair.open(server.place(), PATIENT);
      try {
        await pair.start('a');
        await pair.order('a');
        await pair.start('b');
        await work(pair);
        expect(pair.late()).toEqual([]);
      } finally {
        await pair.close();
      }
    }

    test(
      'a killed leader is replaced, under a higher epoch and told who it was taken from',
      () =>
        withPair(async (pair) => {
          pair.signal('a', 'SIGKILL');
          const promoted = await pair.hears(({ node, kind }) => node === 'b' && kind === 'promote');
          expect(promoted).toMatchObject({ epoch: 2, from: { host: 'a', expired: true } });
          expect((await pair.order('b')).epoch).toBe(2);
        }),
      60_000,
    );

    test(
      'a leader that was stopped wakes to a closed gate, and serves as standby',
      () =>
        withPair(async (pair) => {
          pair.signal('a', 'SIGSTOP');
          await pair.order('b');
          pair.signal('a', 'SIGCONT');
          await pair.hears(({ node, kind }) => node === 'a' && kind === 'fenced');
          const from = pair.heard.length;
          await new Promise((resolve) => setTimeout(resolve, 300));
          expect(pair.heard.slice(from).some(({ node, kind }) => node === 'a' && kind === 'order')).toBe(
            false,
          );
          pair.signal('b', 'SIGKILL');
          expect((await pair.order('a')).epoch).toBe(3);
        }),
      60_000,
    );

    test(
      'a leader whose trading thread stands still loses the lease',
      () =>
        withPair(async (pair) => {
          pair.say('a', 'block 8000');
          expect((await pair.order('b')).epoch).toBe(2);
          const fenced = await pair.hears(({ node, kind }) => node === 'a' && kind === 'fenced');
          expect(fenced.why).toMatch(/not renewed/);
        }),
      60_000,
    );

    test(
      'a handover is taken by a willing standby, and taken back without one',
      () =>
        withPair(async (pair) => {
          pair.say('a', 'handover');
          const ended = await pair.hears(({ node, kind }) => node === 'a' && kind === 'handover-ended');
          expect(ended.result?.done).toMatchObject({ to: 'b', epoch: 2 });
          expect((await pair.order('b')).epoch).toBe(2);
          expect(pair.heard.find(({ node, kind }) => node === 'b' && kind === 'promote')!.from).toEqual({
            expired: false,
          });

          pair.say('a', 'willing no');
          await new Promise((resolve) => setTimeout(resolve, 200));
          pair.say('b', 'handover');
          const refused = await pair.hears(({ node, kind }) => node === 'b' && kind === 'handover-ended');
          expect(refused.result?.failed).toMatch(/nobody accepted/);
          expect((await pair.order('b')).epoch).toBe(2);
          // Alone and unwilling it leaves a dead leader's lease; once willing it takes it.
          pair.signal('b', 'SIGKILL');
          await new Promise((resolve) => setTimeout(resolve, 3_500));
          expect(pair.heard.some(({ epoch }) => epoch === 3)).toBe(false);
          pair.say('a', 'willing yes');
          expect((await pair.order('a')).epoch).toBe(3);
        }),
      90_000,
    );

    test(
      'a side that ends in order lets the lease go at once',
      () =>
        withPair(async (pair) => {
          pair.say('a', 'close');
          const promoted = await pair.hears(({ node, kind }) => node === 'b' && kind === 'promote');
          expect(promoted.from).toEqual({ expired: false });
          await pair.exited('a');
        }),
      60_000,
    );
  });
}
