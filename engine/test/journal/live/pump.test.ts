import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventKind, JournalState } from '../../../src/domain/index.js';
import { JOURNAL_START, readJournal, recoverJournal, SegmentWriter } from '../../../src/journal/index.js';
import { type Durability, JournalFront } from '../../../src/journal/live/journal-front.js';
import { JournalPump } from '../../../src/journal/live/journal-pump.js';
import { PumpSignals } from '../../../src/journal/live/journal-signals.js';
import { JournalRingReader } from '../../../src/journal/live/ring-reader.js';
import { CommandBuffer } from '../../../src/kernel/command-buffer.js';
import { MemoryDisk } from '../../support/memory-disk.js';

const NONE = new CommandBuffer();
const SEGMENT = 2048;

function setUp(disk = new MemoryDisk(), durability: Durability = 'async', keepFreeBytes = 0) {
  const front = new JournalFront({ ringBytes: 4096, spillBytes: 1 << 20, durability, start: 0 });
  const writer = SegmentWriter.open(disk, { segmentBytes: SEGMENT }, JOURNAL_START);
  const failures: (string | undefined)[] = [];
  const fed: number[] = [];
  const pump = new JournalPump({
    ring: new JournalRingReader(front.ring.buffer),
    writer,
    disk,
    signals: new PumpSignals(front.signalMemory, 0),
    epoch: 7,
    commitIntervalUs: 1_000,
    segmentBytes: SEGMENT,
    keepFreeBytes,
    listener: {
      onWritten: (bytes, first, last) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        let at = 0;
        for (let sequence = first; sequence <= last; sequence++) {
          fed.push(view.getFloat64(at + 8, true));
          at += view.getUint32(at + 4, true);
        }
        expect(at).toBe(bytes.length);
      },
    },
    onFailure: (error) => failures.push(error?.message),
  });
  const append = (tsInit: number) => front.append({ kind: EventKind.Timer, tsEvent: 0, tsInit }, NONE);
  return { disk, front, writer, pump, failures, fed, append };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const stored = (disk: MemoryDisk) =>
  [...readJournal(disk)].map(({ sequence, epoch, tsInit }) => {
    expect([epoch, tsInit]).toEqual([7, sequence * 10]);
    return sequence;
  });

describe('JournalPump', () => {
  it('commits in groups: a sync per interval, at once for a record that commands wait for', () => {
    const { disk, front, pump, append } = setUp();
    for (let t = 1; t < 20; t++) pump.step(t);
    let syncs = 0;
    disk.onOperation = (name) => {
      if (name === 'sync') syncs++;
    };
    append(10);
    expect(pump.step(100)).toBe(1_000);
    syncs = 0; // The segment's header took one.
    expect([front.written, front.synced]).toEqual([1, 0]);
    append(20);
    expect(pump.step(900)).toBe(200);
    expect([front.written, front.synced, syncs]).toEqual([2, 0, 0]);
    pump.step(1_100);
    expect([front.written, front.synced, syncs]).toEqual([2, 2, 1]);
    front.want(append(30));
    pump.step(1_101);
    expect([front.synced, front.safe, front.backlogBytes]).toEqual([3, 3, 0]);
  });

  it('loses nothing and overtakes nothing, whatever the disk refuses and when', () => {
    const action = fc.oneof(
      { weight: 4, arbitrary: fc.record({ append: fc.integer({ min: 1, max: 60 }) }) },
      { weight: 4, arbitrary: fc.record({ step: fc.integer({ min: 1, max: 5_000 }) }) },
      { weight: 1, arbitrary: fc.record({ fail: fc.integer({ min: 0, max: 3_000 }) }) },
      { weight: 1, arbitrary: fc.constant('mend' as const) },
    );
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 60 }),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        (actions, random) => {
          const { disk, front, pump, fed, append, writer } = setUp();
          let appended = 0;
          let now = 1;
          let seenSynced = 0;
          for (const item of actions) {
            if (item === 'mend') disk.failWritesAfter(undefined);
            else if ('append' in item)
              for (let i = 0; i < item.append; i++) expect(append(++appended * 10)).toBe(appended);
            else if ('fail' in item) disk.failWritesAfter(item.fail);
            else {
              now += item.step;
              pump.step(now);
              front.settle();
            }
            expect(front.written).toBe(writer.written);
            expect(front.synced).toBeGreaterThanOrEqual(seenSynced);
            seenSynced = front.synced;
          }
          const synced = front.synced;
          disk.failWritesAfter(undefined);
          for (let i = 0; !pump.isDrained || front.backlogBytes > 0; i++) {
            expect(i).toBeLessThan(1_000);
            front.settle();
            now += 2_000_000;
            pump.step(now);
          }
          expect(front.state).toBe(JournalState.Ok);
          expect(stored(disk)).toEqual(numbers(1, appended));
          expect(fed).toEqual(numbers(1, appended));
          // What was told to be durable is, also after a loss of power.
          disk.crash(() => random.next().value);
          const { position } = recoverJournal(disk);
          expect(position.sequence).toBeGreaterThanOrEqual(Math.max(synced, front.synced));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('tells of a full disk, tries again later and later, and of its end', () => {
    const { disk, front, pump, failures, append } = setUp();
    append(10);
    pump.step(1);
    disk.failWritesAfter(0);
    append(20);
    const waits: number[] = [];
    let now = 2;
    for (let i = 0; i < 9; i++) {
      waits.push(pump.step(now));
      now += waits.at(-1)!;
    }
    expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 640_000, 1_000_000, 1_000_000]);
    expect([front.state, failures.length]).toEqual([JournalState.Failed, 1]);
    // What had been written is durable all the same.
    expect(front.synced).toBe(1);
    disk.failWritesAfter(undefined);
    pump.step(now);
    expect([front.state, failures.at(-1), front.written]).toEqual([JournalState.Ok, undefined, 2]);
  });

  it('stays failed when a sync failed: no one knows what such a device kept', () => {
    const { disk, front, pump, append } = setUp();
    append(10);
    pump.step(1);
    disk.failSyncsAfter(0);
    pump.step(2_000);
    disk.failSyncsAfter(undefined);
    for (let now = 1e6; now < 1e7; now += 1e6) pump.step(now);
    expect([front.state, front.synced]).toEqual([JournalState.Failed, 0]);
  });

  it('leaves space to others', () => {
    const disk = new MemoryDisk({ capacity: 3 * SEGMENT });
    const { front, pump, failures, append } = setUp(disk, 'async', 2 * SEGMENT);
    disk.put('foreign', new Uint8Array(SEGMENT + 1));
    append(10);
    pump.step(1);
    expect([front.state, front.written]).toEqual([JournalState.Failed, 0]);
    expect(failures).toEqual(["4095 bytes are free on the journal's disk, and 4096 are kept for others"]);
    disk.remove('foreign');
    pump.step(1e6);
    expect([front.state, front.written]).toEqual([JournalState.Ok, 1]);
  });

  it('does not call it a failure while only the file after this one is refused', () => {
    const { disk, front, pump, append } = setUp();
    append(10);
    for (let now = 1; now < 1e4; now += 1_000) pump.step(now);
    disk.failWritesAfter(0);
    for (let now = 1e4; now < 1e7; now += 1e6) pump.step(now);
    expect([front.state, front.synced]).toEqual([JournalState.Ok, 1]);
  });
});
