import { strict as assert } from 'node:assert';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventKind } from '@tradewind/engine/domain';
import {
  FolderDisk,
  listSnapshots,
  recoverKernel,
  SnapshotMaker,
  snapshotName,
} from '@tradewind/engine/journal';
import { row } from '../lib/report.mjs';
import { makeKernel, OPTIONS, writeJournal } from '../lib/synthetic-journal.mjs';

export const title = 'recovery: from a folder of journal files to the kernel as it was after the last event';

const EVENTS = 1_000_000;
/** The default of `journal.snapshotEvery`: a tail is never longer for long. */
const SNAPSHOT_EVERY = 250_000;
const LENGTHS = [125_000, 250_000, 500_000, EVENTS];
const SEGMENT_BYTES = 64 * 1024 * 1024;
const ROUNDS = 3;

export async function run() {
  const rows = [];
  const described = [];
  for (const length of LENGTHS) {
    const folder = mkdtempSync(join(tmpdir(), 'tradewind-recovery-'));
    try {
      const { stateHash, kinds } = writeJournal(new FolderDisk(folder), length, {
        segmentBytes: SEGMENT_BYTES,
        syncEvery: length,
      });
      described.push(describe(length, folder, kinds));
      rows.push(...bothRows(`${text(length)} events, no snapshot`, measure(folder, stateHash)));
      if (length === EVENTS) rows.push(...withSnapshots(folder, stateHash));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  return { frames: described, rows };
}

/** The longest tail, half of it, and none. */
function withSnapshots(folder, stateHash) {
  const disk = new FolderDisk(folder);
  const rows = [];
  for (const tail of [SNAPSHOT_EVERY, SNAPSHOT_EVERY / 2, 0]) {
    const maker = new SnapshotMaker(disk, { makeKernel, today: OPTIONS, every: 1 });
    const began = performance.now();
    const report = maker.step(EVENTS + 1 - tail);
    const made = performance.now() - began;
    assert.equal(report.differences, 0, report.reports.join());
    if (tail === SNAPSHOT_EVERY) {
      rows.push(
        figures(
          `making a snapshot of ${(report.bytes / 2 ** 20).toFixed(1)} MiB after ${text(report.events)} events, other thread`,
          [made],
        ),
      );
    }
    rows.push(
      ...bothRows(
        `${text(EVENTS)} events, snapshot and ${text(tail)} after it`,
        measure(folder, stateHash),
        'recovery',
      ),
    );
  }
  for (const sequence of listSnapshots(disk)) disk.remove(snapshotName(sequence));
  return rows;
}

/** Milliseconds of each round, by the clock and of the processor: on a busy machine the two differ. */
function measure(folder, stateHash) {
  const wall = [];
  const cpu = [];
  for (let i = 0; i < ROUNDS; i++) {
    const before = process.cpuUsage();
    const recovered = recoverKernel(new FolderDisk(folder), {
      makeKernel,
      today: OPTIONS,
      nowMs: () => performance.now(),
    });
    assert.equal(recovered.kernel.stateHash(), stateHash, 'recovered to another state');
    assert.deepEqual([recovered.differences, recovered.reports, recovered.faults], [0, [], []]);
    const { user, system } = process.cpuUsage(before);
    wall.push(recovered.ms);
    cpu.push((user + system) / 1000);
  }
  return { wall, cpu };
}

/** One row by the clock, one of the processor's time. */
function bothRows(name, { wall, cpu }, budget) {
  return [figures(name, wall, budget), figures('  of which computing', cpu)];
}

function figures(name, ms, budget) {
  const sorted = [...ms].sort((a, b) => a - b);
  const max = sorted.at(-1);
  const summary = { count: ms.length, p50: sorted[Math.floor(ms.length / 2)], p99: max, max };
  return row(name, 'ms', summary, { budget });
}

function describe(length, folder, kinds) {
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  const named = Object.entries(EventKind).filter(([, kind]) => kinds.has(kind));
  const shares = named
    .filter(([, kind]) => kinds.get(kind) / length > 0.0005)
    .map(([name, kind]) => `${name} ${((kinds.get(kind) / length) * 100).toFixed(1)} %`);
  return `${text(length)} events, ${(bytes / 2 ** 20).toFixed(0)} MiB (${shares.join(', ')})`;
}

function text(count) {
  return count.toLocaleString('en-US');
}
