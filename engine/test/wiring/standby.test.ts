import { afterEach, describe, expect } from '@jest/globals';
import { parseConfig } from '../../src/config/index.js';
import { EventKind } from '../../src/domain/index.js';
import { type Leadership, startJournal } from '../../src/ha/index.js';
import {
  FolderDisk,
  JOURNAL_START,
  type LiveJournal,
  listSegments,
  listSnapshots,
  SnapshotMaker,
  verifyJournal,
} from '../../src/journal/index.js';
import { CommandBuffer } from '../../src/kernel/command-buffer.js';
import { startTelemetry } from '../../src/telemetry/index.js';
import { openHistory, optionsOf } from '../../src/wiring/history.js';
import { makeKernel } from '../../src/wiring/kernel-of-options.js';
import type { EngineContext } from '../../src/wiring/solo.js';
import { Standby } from '../../src/wiring/standby.js';
import { TickToTrade } from '../../src/wiring/tick-to-trade.js';
import { eventually, itBuilt, temporaryFolder } from '../e2e/support/engine-process.js';

const NOTHING = new CommandBuffer();
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function leader(folder: string, retainBytes: number): Promise<LiveJournal> {
  const journal = await startJournal({
    ...{ folder, at: JOURNAL_START, epoch: 7, durability: 'async' as const, segmentBytes: 64 * 1024 },
    ...{ ringBytes: 1 << 20, commitIntervalMs: 1, keepFreeBytes: 0, retainBytes, compress: false },
    replication: { host: '127.0.0.1', port: 0, secret: undefined, node: 'a' },
  });
  cleanUps.push(() => journal.kill());
  return journal;
}

/** A standby of `journal`, whose venue can not be reached: what is of interest is its own journal. */
async function standBy(journal: LiveJournal, folder: string) {
  const config = parseConfig(Buffer.from(JSON.stringify({ ha: { enabled: true } })));
  const telemetry = await startTelemetry({});
  cleanUps.push(() => telemetry.close());
  const context = {
    options: { loaded: { config, digest: '' } },
    telemetry,
    where: { rest: 'http://127.0.0.1:9', stream: 'ws://127.0.0.1:9', wsApi: 'ws://127.0.0.1:9' },
  } as unknown as EngineContext;
  const will: (string | undefined)[] = [];
  const unfit: Error[] = [];
  const leadership = {
    gate: { open: () => false },
    status: () => ({ leaseAgeMs: 0 }),
    willing: (isWilling: boolean, why?: string) => will.push(isWilling ? undefined : why),
  } as unknown as Leadership;
  const history = openHistory(folder, optionsOf(config, 'test'), telemetry.logger);
  const disk = { free: 1 << 30 };
  history.disk.freeBytes = () => disk.free;
  const standby = new Standby(context, history, {
    ...{ leadership, node: 'b', secret: undefined, tickToTrade: new TickToTrade(telemetry.registry) },
    ...{ onSuperseded: () => {}, onUnfit: (error: Error) => unfit.push(error) },
  });
  let isOver = false;
  const end = async () => {
    if (!isOver) await standby.end();
    isOver = true;
  };
  cleanUps.push(end);
  const address = `127.0.0.1:${journal.replicationPort}`;
  standby.follow({ holder: 'a', epoch: 7, address, historyEpoch: undefined });
  return { standby, end, disk, unfit, whyNot: () => will.at(-1) };
}

function append(journal: LiveJournal, count: number): void {
  for (let i = 0; i < count; i++) {
    journal.append({ kind: EventKind.Timer, tsEvent: 0, tsInit: journal.appended + 1 }, NOTHING);
  }
}

describe('a standby', () => {
  itBuilt(
    'whose disk is full says so, does not take over from a leader that lives, and goes on when there is room',
    async () => {
      const folder = temporaryFolder();
      const journal = await leader(temporaryFolder(), 1 << 30);
      append(journal, 10);
      const { standby, end, disk, unfit, whyNot } = await standBy(journal, folder);
      await eventually('the records', () => journal.acked === 10);
      await eventually('its will', () => whyNot() === 'without market data');
      disk.free = 1 << 20;
      // Free space is asked for every 8 MiB.
      const before = journal.appended;
      await eventually('the disk is found full', () => {
        if (journal.backlogBytes < 1 << 19) append(journal, 2_000);
        return whyNot() === 'its disk is full' ? true : undefined;
      });
      expect(journal.appended).toBeGreaterThan(before);
      expect(standby.fitness.unwilling).toBe('its disk is full');
      await eventually('the leader is without a standby', () => journal.standbys === 0);
      disk.free = 1 << 30;
      await eventually('it follows again', () => journal.acked === journal.appended);
      expect(standby.lag).toBe(0);
      expect(unfit).toEqual([]);
      await end();
      expect(damageOf(folder)).toEqual([]);
    },
    60_000,
  );

  itBuilt(
    'that was away for longer than the leader keeps its records goes on from a snapshot, and can be started again at once',
    async () => {
      const [folder, theirs] = [temporaryFolder(), temporaryFolder()];
      const journal = await leader(theirs, 1 << 17);
      append(journal, 6_000);
      await eventually('the records', () => journal.synced === 6_000);
      const disk = new FolderDisk(theirs);
      const today = optionsOf(parseConfig(Buffer.from('{}')), 'test');
      new SnapshotMaker(disk, { makeKernel, today, every: 1 }).step(6_000);
      append(journal, 6_000);
      await eventually('the oldest records are gone', () => listSegments(disk)[0]!.firstSequence > 1);
      const first = await standBy(journal, folder);
      await eventually('it has everything', () => journal.acked === 12_000);
      expect(first.unfit).toEqual([]);
      expect(first.standby.lag).toBe(0);
      await first.end();
      expect(listSnapshots(new FolderDisk(folder))).toEqual([6_000]);
      append(journal, 10);
      await standBy(journal, folder);
      await eventually('it has what came meanwhile', () => journal.acked === 12_010);
      expect(damageOf(folder)).toEqual([]);
    },
    60_000,
  );
});

function damageOf(folder: string): unknown {
  const steps = verifyJournal(new FolderDisk(folder));
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value.damage;
  }
}
