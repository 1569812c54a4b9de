/** A standby on a thread of its own: follows the journal at `workerData.port` into `workerData.folder`. */
import { parentPort, workerData } from 'node:worker_threads';
import { FolderReplicaStore, ReplicationClient } from '@tradewind/engine/ha';
import { FolderDisk, recoverJournal } from '@tradewind/engine/journal';

const disk = new FolderDisk(workerData.folder);
const store = new FolderReplicaStore(disk, { segmentBytes: 2 ** 26 }, recoverJournal(disk).position);
while (!store.prepare());
const client = new ReplicationClient({
  store,
  node: 'standby',
  secret: undefined,
  nowUs: () => performance.now() * 1000,
  listener: { onRecord() {}, onReset() {} },
});
client.follow('127.0.0.1', workerData.port);
parentPort.once('message', () => {
  client.close();
  store.close();
  parentPort.close();
});
