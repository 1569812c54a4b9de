import { parentPort } from 'node:worker_threads';
import type { Mutation } from './mutation.js';
import { runSeed } from './run.js';

/** One thread of the pool: a seed comes in, its result goes out. */
parentPort!.on('message', async ({ seed, mutation }: { seed: number; mutation: Mutation | undefined }) => {
  parentPort!.postMessage(await runSeed(seed, mutation === undefined ? {} : { mutation }));
});
