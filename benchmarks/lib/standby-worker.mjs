/**
 * A standby on a thread of its own: follows the journal at `workerData.port` into `workerData.folder`, and with
 * `workerData.replay` applies it to a kernel as well.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { FolderReplicaStore, ReplicationClient } from '@tradewind/engine/ha';
import { FolderDisk, Replay, recoverJournal } from '@tradewind/engine/journal';
import { makeKernel, OPTIONS } from './durability-rig.mjs';

const disk = new FolderDisk(workerData.folder);
const store = new FolderReplicaStore(disk, { segmentBytes: 2 ** 26 }, recoverJournal(disk).position);
while (!store.prepare());
const replay = workerData.replay ? new Replay(makeKernel, OPTIONS) : undefined;
const client = new ReplicationClient({
  store,
  node: 'standby',
  secret: undefined,
  nowUs: () => performance.now() * 1000,
  listener: { onRecord: (record) => replay?.apply(record), onReset() {} },
});
client.follow('127.0.0.1', workerData.port);
parentPort.once('message', () => {
  client.close();
  store.close();
  parentPort.postMessage({ differences: replay?.differences ?? 0 });
  parentPort.close();
});
