import { parentPort } from 'node:worker_threads';
import { runSeed } from './run.js';
import type { SeedTask } from './seed-pool.js';

/** One thread of the pool: a seed comes in, its result goes out. */
parentPort!.on('message', async ({ seed, broken }: SeedTask) => {
  parentPort!.postMessage(await runSeed(seed, broken));
});
