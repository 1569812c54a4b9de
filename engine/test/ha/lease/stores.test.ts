import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  changeLease,
  type LeasePlace,
  type LeaseRow,
  type OpenLeaseStore,
  openLeaseStore,
} from '../../../src/ha/index.js';
import { leaseRow, SERVERS, type StoreServer } from './support/stores.js';

/** Generous: what is tested is order, not speed. */
const TIMEOUT_MS = 10_000;

for (const [kind, { missing, start }] of Object.entries(SERVERS)) {
  const suite = missing === undefined ? describe : describe.skip;
  suite(`a lease in ${kind}${missing === undefined ? '' : ` (needs ${missing})`}`, () => {
    let server: StoreServer;
    const open: OpenLeaseStore[] = [];

    beforeAll(async () => {
      server = await start();
    }, 60_000);
    afterAll(async () => {
      for (const store of open) await store.close();
      await server.stop();
    });

    async function storeAt(place: LeasePlace): Promise<OpenLeaseStore> {
      const store = await openLeaseStore(place, TIMEOUT_MS);
      open.push(store);
      return store;
    }

    test('begins with no row, and gives back what was written, optional fields too', async () => {
      const place = server.place();
      const store = await storeAt(place);
      const other = await storeAt(place);
      expect(await store.read()).toBeUndefined();
      const row = leaseRow({ fenced: 'b', handover: 'requested', holder: 'a "quoted" name, ü' });
      expect(await store.write(row, undefined)).toEqual({ kind: 'stored' });
      expect(await store.read()).toEqual(row);
      expect(await other.read()).toEqual(row);
    });

    test('refuses a first row where there is one, and any other version than the present', async () => {
      const place = server.place();
      const one = await storeAt(place);
      const two = await storeAt(place);
      const row = leaseRow();
      expect(await one.write(row, undefined)).toEqual({ kind: 'stored' });
      expect(await two.write(leaseRow({ holder: 'b' }), undefined)).toEqual({ kind: 'conflict' });
      const second = leaseRow({ version: 2 });
      expect(await two.write(second, 1)).toEqual({ kind: 'stored' });
      expect(await one.write(leaseRow({ version: 2, holder: 'late' }), 1)).toEqual({ kind: 'conflict' });
      expect(await one.write(leaseRow({ version: 8 }), 7)).toEqual({ kind: 'conflict' });
      expect(await one.read()).toEqual(second);
    });

    test('of several who write at once exactly one succeeds, version after version', async () => {
      const place = server.place();
      const stores = await Promise.all([1, 2, 3].map(() => storeAt(place)));
      for (let version = 1; version <= 25; version += 1) {
        const rows = stores.map((_, index) => leaseRow({ version, holder: `h${index}` }));
        const expected = version === 1 ? undefined : version - 1;
        const outcomes = await Promise.all(stores.map((store, index) => store.write(rows[index]!, expected)));
        const stored = rows.filter((_, index) => outcomes[index]!.kind === 'stored');
        expect(stored).toHaveLength(1);
        expect(outcomes.filter(({ kind }) => kind === 'conflict')).toHaveLength(2);
        for (const store of stores) expect(await store.read()).toEqual(stored[0]);
      }
    }, 60_000);

    test('behaves as one register under any sequence of reads and writes from two sides', async () => {
      const step = fc.record({
        side: fc.nat(1),
        // Distance of the expected version from the present one; far more often right than wrong.
        off: fc.constantFrom(0, 0, 0, 0, 1, -1),
        holder: fc.constantFrom('a', 'b', 'none'),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
          const place = server.place();
          const stores = [await storeAt(place), await storeAt(place)];
          let model: LeaseRow | undefined;
          for (const { side, off, holder } of steps) {
            const present = model?.version ?? 0;
            const wanted = Math.max(0, present + off);
            const row = leaseRow({ version: wanted + 1, holder, epoch: wanted + 1 });
            const outcome = await stores[side]!.write(row, wanted === 0 ? undefined : wanted);
            expect(outcome.kind).toBe(wanted === present ? 'stored' : 'conflict');
            if (wanted === present) model = row;
            expect(await stores[1 - side]!.read()).toEqual(model);
          }
        }),
        { numRuns: 15 },
      );
    }, 120_000);

    test('is changed from outside while a holder renews', async () => {
      const place = server.place();
      const holder = await storeAt(place);
      const outside = await storeAt(place);
      await holder.write(leaseRow(), undefined);
      let renewals = 0;
      let ended = false;
      const renewing = (async () => {
        while (!ended) {
          const row = (await holder.read())!;
          const outcome = await holder.write({ ...row, version: row.version + 1 }, row.version);
          if (outcome.kind === 'stored') renewals += 1;
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      })();
      for (let change = 0; change < 5; change += 1) {
        const handover = change % 2 === 0 ? ('requested' as const) : ('accepted' as const);
        const row = await changeLease(outside, (now) => ({ ...now, handover }));
        expect(row?.handover).toBe(handover);
      }
      ended = true;
      await renewing;
      expect((await outside.read())!.version).toBe(1 + renewals + 5);
    }, 60_000);
  });
}
