import { statSync } from 'node:fs';
import { join } from 'node:path';
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
  readJournal,
  SnapshotMaker,
  verifyJournal,
} from '../../src/journal/index.js';
import { CommandBuffer } from '../../src/kernel/command-buffer.js';
import { createSimulator } from '../../src/simulator/index.js';
import { startTelemetry } from '../../src/telemetry/index.js';
import { openHistory, optionsOf } from '../../src/wiring/history.js';
import { makeKernel } from '../../src/wiring/kernel-of-options.js';
import { NodeJournal } from '../../src/wiring/node-journal.js';
import type { EngineContext } from '../../src/wiring/solo.js';
import { Standby } from '../../src/wiring/standby.js';
import { TickToTrade } from '../../src/wiring/tick-to-trade.js';
import { eventually, itBuilt, temporaryFolder } from '../e2e/support/engine-process.js';
import { Forwarder } from '../e2e/support/forwarder.js';

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

const NOWHERE: Pick<EngineContext, 'where' | 'credentials'> = {
  where: { rest: 'http://127.0.0.1:9', stream: 'ws://127.0.0.1:9', wsApi: 'ws://127.0.0.1:9' },
  credentials: undefined,
};

/** A standby of `journal`; where its venue can not be reached, what is of interest is its own journal. */
async function standBy(journal: LiveJournal, folder: string, journalConfig: object = {}, venue = NOWHERE) {
  const config = parseConfig(
    Buffer.from(
      JSON.stringify({
        ...{ ha: { enabled: true }, journal: journalConfig },
        venue: { reconnect: { minDelayMs: '20ms', maxDelayMs: '100ms' } },
      }),
    ),
  );
  const telemetry = await startTelemetry({});
  cleanUps.push(() => telemetry.close());
  const context = {
    options: { loaded: { config, digest: '' } },
    telemetry,
    ...venue,
  } as unknown as EngineContext;
  const will: (string | undefined)[] = [];
  const lease = { leaseAgeMs: 0 };
  const unfit: Error[] = [];
  const leadership = {
    gate: { open: () => false },
    status: () => lease,
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
  const promote = async () => {
    isOver = true;
    return await standby.promote();
  };
  return { standby, end, promote, disk, unfit, lease, config, telemetry, whyNot: () => will.at(-1) };
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
    'that is not logged on at the venue does not take over from a leader that lives, and does from one that is dead',
    async () => {
      const simulator = await createSimulator({ flow: { seed: 7, tickMs: 20, eventsPerSecond: 40 } });
      cleanUps.push(() => simulator.close());
      const wsApi = await Forwarder.to(simulator.wsApiUrl);
      cleanUps.push(() => wsApi.cut());
      wsApi.cut();
      const { apiKey, privateKey: secret } = simulator.demo!.ed25519;
      const journal = await leader(temporaryFolder(), 1 << 30);
      append(journal, 10);
      const { standby, lease, whyNot, end } = await standBy(
        journal,
        temporaryFolder(),
        {},
        {
          credentials: { apiKey, kind: 'ed25519', secret },
          where: {
            rest: simulator.restUrl,
            stream: simulator.streamUrl,
            wsApi: wsApi.by(simulator.wsApiUrl),
          },
        },
      );
      const without = 'without its sessions at the venue';
      await eventually('its books are good', () => standby.fitness.books > 0);
      expect(standby.fitness.unwilling).toBe(without);
      await eventually('its will', () => whyNot() === without);
      // Nobody else would: it can go on trying.
      lease.leaseAgeMs = 10_000;
      expect(standby.fitness.unwilling).toBeUndefined();
      lease.leaseAgeMs = 0;
      expect(standby.fitness.unwilling).toBe(without);
      await wsApi.mend();
      await eventually('it would take over', () => standby.fitness.unwilling === undefined);
      wsApi.cut();
      await eventually('it would not', () => standby.fitness.unwilling === without);
      await end();
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

  itBuilt(
    'keeps its folder while it follows: snapshots, compressed segments, and no more of them than it is to keep',
    async () => {
      const folder = temporaryFolder();
      const journal = await leader(temporaryFolder(), 1 << 30);
      const settings = { segmentBytes: 64 * 1024, snapshotEvery: 1_000, retainBytes: 1 << 20 };
      const { end, unfit } = await standBy(journal, folder, settings);
      const disk = new FolderDisk(folder);
      const kept = () => listSegments(disk).filter(({ compressed }) => compressed).length;
      append(journal, 8_000);
      await eventually('it compresses', () => kept() > 2);
      await eventually('its oldest segments are gone', () => {
        if (journal.backlogBytes < 1 << 18) append(journal, 2_000);
        return listSegments(disk)[0]!.firstSequence > 1;
      });
      const last = journal.appended;
      await eventually('it has everything', () => journal.acked === last);
      await eventually('a snapshot of late', () => (listSnapshots(disk).at(-1) ?? 0) > last - 2_000);
      await eventually('it is as small as it is to be', () => {
        const bytes = listSegments(disk).reduce((sum, { name }) => sum + sizeOf(folder, name), 0);
        return bytes < settings.retainBytes + 2 * settings.segmentBytes;
      });
      expect(unfit).toEqual([]);
      await end();
      expect(damageOf(folder)).toEqual([]);
      expect(disk.list().filter((name) => /partial|\.new$/.test(name))).toEqual([]);
    },
    60_000,
  );

  itBuilt(
    'that takes over in the midst of tidying up goes on from its last record at once, and tidies up as a leader',
    async () => {
      const folder = temporaryFolder();
      const journal = await leader(temporaryFolder(), 1 << 30);
      const settings = { segmentBytes: 2 << 20, snapshotEvery: 1_000 };
      const { promote, config, telemetry } = await standBy(journal, folder, settings);
      const disk = new FolderDisk(folder);
      await eventually('a segment is being compressed', () => {
        if (journal.backlogBytes < 1 << 18) append(journal, 2_000);
        return disk.list().some((name) => name.endsWith('.partial')) ? true : undefined;
      });
      const { history, threads } = await promote();
      const { sequence } = history.position;
      const next = await NodeJournal.open(history, { config, epoch: 8, telemetry, threads });
      append(next.port, 10);
      expect(await next.flush(false)).toBe(true);
      await eventually('the segment is compressed', () => listSegments(disk)[0]!.compressed);
      await next.close('0123456789abcdef');
      // Its settings, ten events, the seal.
      expect([...readJournal(disk, { from: sequence })].at(-1)).toMatchObject({
        sequence: sequence + 12,
        epoch: 8,
      });
      expect(damageOf(folder)).toEqual([]);
      expect(disk.list().filter((name) => /partial|\.new$/.test(name))).toEqual([]);
    },
    60_000,
  );
});

/** 0 where it was compressed or deleted since it was listed. */
function sizeOf(folder: string, name: string): number {
  return statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
}

function damageOf(folder: string): unknown {
  const steps = verifyJournal(new FolderDisk(folder));
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value.damage;
  }
}
