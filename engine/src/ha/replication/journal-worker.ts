/** Entry point of the journal's thread: the pump, its folder's chores and the door for standbys, one loop. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import {
  FolderChores,
  FolderDisk,
  type FromJournalThread,
  JournalPump,
  JournalRingReader,
  type JournalWorkerData,
  listSnapshots,
  PumpSignals,
  SegmentWriter,
  snapshotName,
  type ToJournalThread,
} from '../../journal/index.js';
import { systemClock } from '../../telemetry/index.js';
import { IdleChores } from './idle-chores.js';
import { ReplicationServer } from './replication-server.js';

/** The thread looks at the ring so often while records come, and so often when none has come for a while. */
const BUSY_MS = 1;
const IDLE_MS = 5;
const IDLE_AFTER_US = 50_000;

const nowUs = (): number => systemClock.nanos() / 1000;

async function run(data: JournalWorkerData, port: MessagePort): Promise<void> {
  const tell = (message: FromJournalThread): void => port.postMessage(message);
  const disk = new FolderDisk(data.folder);
  const signals = new PumpSignals(data.signals, data.at.sequence);
  const ring = new JournalRingReader(data.ring);
  const writer = SegmentWriter.open(disk, { segmentBytes: data.segmentBytes }, data.at);
  const server =
    data.replication === undefined
      ? undefined
      : await ReplicationServer.listen({
          ...data.replication,
          disk,
          journal: writer,
          epoch: data.epoch,
          nowUs,
          wallUs: systemClock.nowUs,
          newestSnapshot: () => {
            const sequence = listSnapshots(disk).at(-1);
            return sequence === undefined ? undefined : { name: snapshotName(sequence), sequence };
          },
          onStandby: (node, isConnected, why) => tell({ type: 'standby', node, isConnected, why }),
          onProgress: () => {
            publish();
            signals.ring();
          },
        });
  const publish = (): void => {
    if (server === undefined) return;
    signals.publishStandbys(server.standbys);
    // A standby that is catching up is behind where this journal began: there is nothing to tell of yet.
    signals.publishAcked(Math.max(server.acked, data.at.sequence));
    signals.publishLag(server.lagBytes, server.lagUs(nowUs()));
  };
  const pump = new JournalPump({
    ring,
    writer,
    disk,
    signals,
    epoch: data.epoch,
    commitIntervalUs: data.commitIntervalMs * 1000,
    segmentBytes: data.segmentBytes,
    keepFreeBytes: data.keepFreeBytes,
    listener: server,
    onFailure: (error) => tell({ type: 'failure', message: error?.message ?? null }),
  });
  const chores = new FolderChores({
    disk,
    retainBytes: data.retainBytes,
    compress: data.compress,
    neededByStandby: () =>
      server === undefined || server.standbys === 0 ? Number.POSITIVE_INFINITY : server.acked + 1,
  });

  let patienceMs: number | undefined;
  port.on('message', (message: ToJournalThread) => {
    if (message.type === 'close') patienceMs = message.standbyPatienceMs;
  });
  tell({ type: 'started', port: server?.port });

  const isIdle = (): boolean => ring.isEmpty && signals.wanted <= writer.synced;
  let busyUs = nowUs();
  for (;;) {
    const now = nowUs();
    if (!ring.isEmpty) busyUs = now;
    const wait = pump.step(now);
    let isMore = wait === 0;
    if (server?.step(now) === true) isMore = true;
    publish();
    // Chores are for when everything is on the disk, unless that is hardly ever so.
    const isQuiet = !isMore && pump.isDrained;
    if ((isQuiet || chores.isOverdue(now)) && chores.step(now)) isMore = true;
    if (patienceMs !== undefined && pump.isDrained) break;
    if (isMore) await new Promise(setImmediate);
    else {
      const tick = now - busyUs < IDLE_AFTER_US ? BUSY_MS : IDLE_MS;
      await signals.sleep(
        Math.min(tick, Math.max(0.1, wait / 1000)),
        pump.error === undefined ? isIdle : () => true,
      );
    }
  }
  const deadline = nowUs() + patienceMs * 1000;
  while (server !== undefined && server.standbys > 0 && server.acked < writer.synced && nowUs() < deadline) {
    const isMore = server.step(nowUs());
    await new Promise((resolve) => (isMore ? setImmediate(resolve) : setTimeout(resolve, BUSY_MS)));
  }
  publish();
  chores.close();
  pump.close();
  await server?.close(patienceMs);
  tell({ type: 'closed' });
  port.close();
}

if (parentPort !== null) {
  const port = parentPort;
  let idle: IdleChores | undefined;
  port.on('message', (message: ToJournalThread) => {
    if (message.type === 'close') return;
    // Whatever comes next: two must not be at work in a folder.
    idle?.close();
    if (message.type === 'keep') idle = new IdleChores(message.folder, nowUs);
    if (message.type === 'discard') process.exit();
    if (message.type !== 'begin') return;
    idle = undefined;
    run(message.journal, port).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      port.postMessage({ type: 'refused', message: why } satisfies FromJournalThread);
      // Told above where it was starting; where it was running, the trading thread sees the thread end.
      port.close();
      process.exitCode = 1;
    });
  });
}
