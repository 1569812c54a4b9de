import { Worker } from 'node:worker_threads';
import type { Broken } from './run.js';
import type { RunResult } from './run-result.js';

export interface SeedTask {
  readonly seed: number;
  readonly broken: Broken;
}

export interface SeedRange {
  readonly from: number;
  readonly count: number;
  /** Threads. */
  readonly jobs: number;
  readonly broken: Broken;
}

/**
 * Runs every seed of a range, each on one of several threads, and hands over the results as they come. Stops early when
 * the listener answers false. Seeds share nothing, so their results do not depend on how many threads there are.
 */
export function runSeeds(range: SeedRange, onResult: (result: RunResult) => unknown): Promise<void> {
  const { from, count, jobs, broken } = range;
  let next = from;
  const last = from + count - 1;
  let stopped = false;
  const work = async () => {
    const worker = new Worker(new URL('./seed-worker.js', import.meta.url));
    try {
      while (!stopped && next <= last) {
        const result = await ask(worker, { seed: next++, broken });
        if (!stopped && onResult(result) === false) stopped = true;
      }
    } finally {
      await worker.terminate();
    }
  };
  return Promise.all(Array.from({ length: Math.min(jobs, count) }, work)).then(() => undefined);
}

function ask(worker: Worker, task: SeedTask): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const done = () => {
      worker.off('message', onMessage);
      worker.off('error', onError);
    };
    const onMessage = (result: RunResult) => {
      done();
      resolve(result);
    };
    const onError = (error: Error) => {
      done();
      reject(new Error(`chaos: seed ${task.seed} ended its thread: ${error.stack ?? error.message}`));
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.postMessage(task);
  });
}
