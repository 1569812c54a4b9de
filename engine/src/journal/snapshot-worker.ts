/** Entry point of the thread that makes snapshots. */
import { parentPort, workerData } from 'node:worker_threads';
import { FolderDisk } from './disk.js';
import { TradingSignals } from './live/journal-signals.js';
import type { KernelFactory } from './replay.js';
import { SnapshotMaker } from './snapshot-maker.js';
import type { SnapshotNews, SnapshotThreadOptions } from './snapshot-thread.js';

/** How often it looks whether it is time. */
const LOOK_MS = 250;

const { folder, every, kernelModule, today, signals, start } = workerData as SnapshotThreadOptions;
const port = parentPort!;
const tell = (news: SnapshotNews) => port.postMessage(news);

const { makeKernel } = (await import(kernelModule)) as { makeKernel: KernelFactory };
const progress = new TradingSignals(signals, start);
const maker = new SnapshotMaker(new FolderDisk(folder), { makeKernel, today, every });

/** The same trouble again and again is told once. */
let trouble = '';
const look = () => {
  const began = performance.now();
  try {
    const report = maker.step(progress.synced);
    if (report !== undefined) tell({ kind: 'made', report, ms: performance.now() - began });
    trouble = '';
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (why !== trouble) tell({ kind: 'failed', why });
    trouble = why;
  }
};
const timer = setInterval(look, LOOK_MS);
port.on('message', () => {
  clearInterval(timer);
  port.close();
});
tell({ kind: 'ready' });
