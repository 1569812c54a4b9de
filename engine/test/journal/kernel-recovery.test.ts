import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  listSnapshots,
  neededByRecovery,
  type RecoverKernelOptions,
  readSnapshot,
  recoverKernel,
  SnapshotMaker,
  snapshotName,
} from '../../src/journal/index.js';
import { type History, makeHistory } from '../kernel/support/history.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { HistoryJournal, kernelOf, optionsOf } from './support/journaled.js';

const LENGTH = 1500;
let history: History;
beforeAll(() => {
  history = makeHistory(5, LENGTH, undefined, true);
});

/** The options the last session ran under: a kernel of them is the one that was recorded. */
function options(extra: Partial<RecoverKernelOptions> = {}): RecoverKernelOptions {
  return { makeKernel: kernelOf, today: optionsOf(history.steps.at(-1)!.variant), ...extra };
}

/** A disk with the whole history, snapshots made by the way at the given records. */
function journaled(snapshotsAt: readonly number[] = [], seal = false): MemoryDisk {
  const disk = new MemoryDisk();
  const journal = new HistoryJournal(disk);
  const maker = new SnapshotMaker(disk, { makeKernel: kernelOf, today: optionsOf(0), every: 1 });
  let from = 0;
  for (const at of [...snapshotsAt].sort((a, b) => a - b)) {
    journal.write(history.steps.slice(from, at));
    from = at;
    const report = maker.step(journal.writer.synced);
    if (report !== undefined) expect(report).toMatchObject({ differences: 0, reports: [], faults: [] });
  }
  journal.write(history.steps.slice(from));
  if (seal) journal.seal(history.kernel.stateHash());
  else journal.writer.close();
  return disk;
}

describe('recoverKernel', () => {
  it('replays a whole journal of many sessions and options to the state that was recorded', () => {
    const variants = new Set(history.steps.map(({ variant }) => variant));
    expect(variants.size).toBe(3);
    const seen: number[] = [];
    const recovered = recoverKernel(
      journaled([], true),
      options({ onProgress: (done, total) => void seen.push(done, total) }),
    );
    expect(recovered).toMatchObject({
      events: LENGTH,
      snapshotSequence: 0,
      differences: 0,
      reports: [],
      faults: [],
      isSealed: true,
    });
    expect(recovered.kernel.stateHash()).toBe(history.kernel.stateHash());
    expect(seen.at(-1)).toBe(recovered.position.sequence);
  });

  it('comes to the same from any snapshot and the tail after it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: LENGTH }), { minLength: 1, maxLength: 5 }), (at) => {
        const recovered = recoverKernel(journaled(at), options());
        expect(recovered.kernel.stateHash()).toBe(history.kernel.stateHash());
        expect(recovered).toMatchObject({ differences: 0, reports: [], faults: [] });
        expect(recovered.snapshotSequence).toBeGreaterThanOrEqual(Math.max(...at));
        expect(recovered.events).toBe(LENGTH - Math.max(...at));
      }),
      { numRuns: 10 },
    );
  });

  it('skips damaged snapshots for older ones, and tells of them', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: 1, max: 3 }),
        (at, flip, count) => {
          const disk = journaled([300, 600, 900]);
          const names = listSnapshots(disk).reverse().slice(0, count).map(snapshotName);
          for (const name of names) {
            const bytes = disk.bytes(name).slice();
            bytes[at % bytes.length]! ^= flip;
            disk.put(name, bytes);
          }
          const recovered = recoverKernel(disk, options());
          expect(recovered.faults.map(({ name }) => name).sort()).toEqual(names.sort());
          expect(recovered.events).toBe(LENGTH - [600, 300, 0][count - 1]!);
          expect(recovered.kernel.stateHash()).toBe(history.kernel.stateHash());
        },
      ),
      { numRuns: 8 },
    );
  });

  it('skips the snapshot of another history', () => {
    const disk = journaled([500, 1000]);
    const other = journaled([700, 1000]);
    const last = snapshotName(listSnapshots(disk).at(-1)!);
    const stranger = other.bytes(last).slice();
    const changed = journaled([500]);
    // The same sequence, made after a record that this journal does not hold there.
    const journal = new MemoryDisk();
    const steps = history.steps.map((step) => ({ ...step, event: { ...step.event, tsEvent: 1 } }));
    const writer = new HistoryJournal(journal);
    writer.write(steps);
    writer.writer.close();
    for (const name of journal.list()) changed.put(name, journal.bytes(name));
    changed.put(last, stranger);
    const recovered = recoverKernel(changed, options());
    expect(recovered.snapshotSequence).toBe(0);
    expect(recovered.faults.map(({ why }) => why)).toEqual([
      expect.stringMatching(/another history/),
      expect.stringMatching(/another history/),
    ]);
  });

  it('refuses a journal that ends before its newest snapshot: something durable is lost', () => {
    const disk = journaled([LENGTH]);
    const last = disk
      .list()
      .filter((name) => name.endsWith('.twj'))
      .at(-1)!;
    disk.remove(last);
    expect(() => recoverKernel(disk, options())).toThrow(/was durable/);
  });

  it('counts what comes out otherwise and goes on', () => {
    const disk = new MemoryDisk();
    const journal = new HistoryJournal(disk);
    const at = history.steps.findIndex(({ commands }) => commands.length > 0);
    const steps = history.steps.map((step, i) => (i === at ? { ...step, commands: Buffer.alloc(0) } : step));
    journal.write(steps);
    journal.seal('0123456789abcdef');
    const recovered = recoverKernel(disk, options());
    expect(recovered.differences).toBe(2);
    expect(recovered.reports).toEqual([
      expect.stringMatching(/^record \d+: it leads to other commands$/),
      expect.stringMatching(/^record \d+ \(seal\): sealed with state 0123456789abcdef, replayed to /),
    ]);
    expect(recovered.kernel.stateHash()).toBe(history.kernel.stateHash());
  });

  it('goes on with an empty folder, and with options that nobody can use any more', () => {
    expect(recoverKernel(new MemoryDisk(), options())).toMatchObject({
      events: 0,
      position: { sequence: 0 },
    });
    let calls = 0;
    const recovered = recoverKernel(
      journaled(),
      options({
        makeKernel: (each) => {
          if ((each.config as { variant: number }).variant === 1 && calls++ === 0)
            throw new RangeError('gone');
          return kernelOf(each);
        },
      }),
    );
    expect(recovered.reports[0]).toMatch(/version test can not be used .*: gone/);
  });

  it('loses nothing durable to a loss of power at any step of making a snapshot', () => {
    const complete = journaled([800]);
    const operations = complete.operations;
    for (let stop = 0; stop < 12; stop++) {
      const disk = journaled([800]);
      expect(disk.operations).toBe(operations);
      const maker = new SnapshotMaker(disk, { makeKernel: kernelOf, today: optionsOf(0), every: 1 });
      let left = stop;
      disk.onOperation = () => {
        if (left-- === 0) throw new Error('power');
      };
      let done = false;
      try {
        maker.step(LENGTH);
        done = true;
      } catch {}
      disk.onOperation = undefined;
      disk.crash(() => 0.5);
      const recovered = recoverKernel(disk, options());
      expect(recovered.kernel.stateHash()).toBe(history.kernel.stateHash());
      expect(recovered.faults).toEqual([]);
      if (done) expect(recovered.snapshotSequence).toBe(LENGTH);
    }
  });
});

describe('SnapshotMaker', () => {
  it('waits until it is time, reads nothing beyond what is durable, and keeps three', () => {
    const disk = journaled();
    const maker = new SnapshotMaker(disk, { makeKernel: kernelOf, today: optionsOf(0), every: 200 });
    expect(maker.step(199)).toBeUndefined();
    for (const synced of [300, 499, 500, 800, 1200]) maker.step(synced);
    expect(listSnapshots(disk)).toEqual([500, 800, 1200]);
    expect(neededByRecovery(disk)).toBe(500);
    expect(readSnapshot(disk, 800).sequence).toBe(800);
  });
});
