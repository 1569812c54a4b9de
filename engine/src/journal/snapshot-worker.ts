/** Entry point of the thread that makes snapshots. */
import { parentPort, workerData } from 'node:worker_threads';
import { FolderDisk } from './disk.js';
import { TradingSignals } from './live/journal-signals.js';
import type { KernelFactory } from './replay.js';
import { SharedFolder } from './shared-folder.js';
import { SnapshotMaker } from './snapshot-maker.js';
import type { SnapshotNews, SnapshotThreadOptions, ToSnapshotThread } from './snapshot-thread.js';

/** How often it looks whether it is time. */
const LOOK_MS = 250;

const port = parentPort!;
const tell = (news: SnapshotNews) => port.postMessage(news);

const { makeKernel } = (await import(workerData as string)) as { makeKernel: KernelFactory };
let timer: NodeJS.Timeout | undefined;

port.on('message', (message: ToSnapshotThread) => {
  if (message !== 'stop') return begin(message);
  clearInterval(timer);
  port.close();
});

function begin({ folder, every, today, progress }: SnapshotThreadOptions): void {
  clearInterval(timer);
  const shared = 'shared' in progress ? new SharedFolder(progress.shared) : undefined;
  const signals = 'signals' in progress ? new TradingSignals(progress.signals, progress.start) : undefined;
  const maker = new SnapshotMaker(new FolderDisk(folder), { makeKernel, today, every, shared });
  /** The same trouble again and again is told once. */
  let trouble = '';
  const look = () => {
    const began = performance.now();
    try {
      const report = maker.step(signals?.synced);
      if (report !== undefined) tell({ kind: 'made', report, ms: performance.now() - began });
      trouble = '';
    } catch (error) {
      if (maker.wasReplaced) return;
      const why = error instanceof Error ? error.message : String(error);
      if (why !== trouble) tell({ kind: 'failed', why });
      trouble = why;
    }
  };
  timer = setInterval(look, LOOK_MS);
  tell({ kind: 'ready' });
}
