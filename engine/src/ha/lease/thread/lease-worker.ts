/** Entry point of the lease thread: the keeper and its store, away from the trading thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { openLeaseStore } from '../open-lease-store.js';
import { LeaseRunner } from './lease-runner.js';
import { LeaseSlots } from './lease-slots.js';
import type { FromLease, LeaseWorkerData, ToLease } from './messages.js';

async function run(data: LeaseWorkerData, port: NonNullable<typeof parentPort>): Promise<void> {
  const { place, options } = data;
  const store = await openLeaseStore(place, options.timing.requestTimeoutMs);
  const post = (message: FromLease) => port.postMessage(message);
  const runner = new LeaseRunner(options, store, new LeaseSlots(data.slots), post);
  port.on('message', (message: ToLease) => {
    if (message.kind !== 'close') {
      runner.onMessage(message);
      return;
    }
    runner.stop();
    void store.close().finally(() => port.close());
  });
  runner.start();
  post({ kind: 'started' });
}

if (parentPort !== null) {
  const port = parentPort;
  run(workerData as LeaseWorkerData, port).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    port.postMessage({ kind: 'not-started', error: message } satisfies FromLease);
    port.close();
  });
}
