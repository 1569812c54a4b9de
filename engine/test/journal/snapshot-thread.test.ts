import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EventKind, type KernelEvent } from '../../src/domain/index.js';
import {
  encodeEvent,
  encodeOptions,
  FolderDisk,
  JOURNAL_START,
  makeRecord,
  PumpSignals,
  RecordType,
  readSnapshot,
  SegmentWriter,
  type SnapshotNews,
  SnapshotThread,
} from '../../src/journal/index.js';
import { makeSignals } from '../../src/journal/live/journal-signals.js';
import { Kernel } from '../../src/kernel/index.js';
import { bookUpdate, instrument, opening, openLimits, START } from '../kernel/support/fixtures.js';

const OPTIONS = { version: 'test', config: { staleAfterUs: 777 } };
const EVENTS = 1200;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tradewind-snapshots-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function* events(): Generator<KernelEvent> {
  yield* opening([instrument()]);
  for (let i = 1; ; i++) {
    const tsInit = START + i * 100;
    yield bookUpdate(EventKind.BookSnapshot, tsInit, 0, [i, i], [[100 + (i % 7), i]], [[200 - (i % 5), i]]);
    yield { kind: EventKind.Timer, tsEvent: 0, tsInit: tsInit + (i % 3) * 1000 };
  }
}

/** A journal of a kernel with the options, and its state's hash after every record. */
function write(changed = -1): { hashes: string[]; writer: SegmentWriter } {
  const kernel = new Kernel({ limits: openLimits, strategies: [], staleAfterUs: 777 });
  const writer = SegmentWriter.open(new FolderDisk(folder), { segmentBytes: 64 * 1024 }, JOURNAL_START);
  const hashes = ['', kernel.stateHash()];
  writer.append(makeRecord(RecordType.Options, 1, 7, START, (out) => out.raw(encodeOptions(OPTIONS))));
  for (const event of events()) {
    if (hashes.length > EVENTS) break;
    kernel.apply(event);
    const sequence = hashes.push(kernel.stateHash()) - 1;
    writer.append(
      makeRecord(RecordType.Event, sequence, 7, event.tsInit, (out) => {
        encodeEvent(event, out);
        // No commands, but for the one record that says there were.
        if (sequence === changed) out.u32(0);
      }),
    );
  }
  writer.sync();
  return { hashes, writer };
}

/** A thread, and what it tells, in order. */
function start(signals: SharedArrayBuffer, kernelModule: string) {
  const queue: SnapshotNews[] = [];
  let wake = () => {};
  const thread = new SnapshotThread(kernelModule);
  thread.begin({ folder, every: 500, today: OPTIONS, progress: { signals, start: 0 } }, (news) => {
    queue.push(news);
    wake();
  });
  const next = async (): Promise<SnapshotNews> => {
    while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return queue.shift()!;
  };
  return { thread, next };
}

const MODULE = new URL('./support/kernel-module.mjs', import.meta.url).href;

describe('SnapshotThread', () => {
  it('makes a snapshot of what is durable, when it is time', async () => {
    const { hashes, writer } = write();
    const signals = makeSignals(0);
    const pump = new PumpSignals(signals, 0);
    const { thread, next } = start(signals, MODULE);
    try {
      expect(await next()).toEqual({ kind: 'ready' });
      for (const synced of [700, EVENTS]) {
        pump.publishSynced(synced);
        const made = await next();
        expect(made).toMatchObject({
          kind: 'made',
          report: { sequence: synced, differences: 0, reports: [], faults: [] },
        });
        expect(readSnapshot(new FolderDisk(folder), synced)).toMatchObject({
          sequence: synced,
          epoch: 7,
          stateHash: hashes[synced],
        });
      }
    } finally {
      await thread.stop();
      writer.close();
    }
  });

  it('tells of records that come out otherwise', async () => {
    const { writer } = write(321);
    const signals = makeSignals(0);
    new PumpSignals(signals, 0).publishSynced(600);
    const { thread, next } = start(signals, MODULE);
    try {
      expect(await next()).toEqual({ kind: 'ready' });
      expect(await next()).toMatchObject({
        kind: 'made',
        report: { differences: 1, reports: ['record 321: it leads to other commands'] },
      });
    } finally {
      await thread.stop();
      writer.close();
    }
  });

  it('waits until it is told to begin, and ends without', async () => {
    write();
    const thread = new SnapshotThread(MODULE);
    const before = readdirSync(folder);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(readdirSync(folder)).toEqual(before);
    await thread.stop();
  });

  it('says why it can not', async () => {
    const signals = makeSignals(0);
    const { thread, next } = start(signals, 'data:text/javascript,export const makeKernel = undefined;');
    try {
      expect(await next()).toEqual({ kind: 'ready' });
      new PumpSignals(signals, 0).publishSynced(500);
      expect(await next()).toMatchObject({ kind: 'failed', why: expect.stringMatching(/not a function/) });
    } finally {
      await thread.stop();
    }
  });
});
