/**
 * replication: the leader's journal on the standby's disk. Written records enter at the leader, the same records leave at the
 * standby, in order and durable before they are acknowledged. Nothing a standby once had is deleted.
 */
export { type History, lastCommon } from './common-record.js';
export type { EpochStart } from './messages.js';
export { FolderReplicaStore, type ReplicaStore } from './replica-store.js';
export { ReplicationClient, type ReplicationClientOptions } from './replication-client.js';
export { ReplicationError, type ReplicationErrorCode } from './replication-error.js';
export { ReplicationServer, type ReplicationServerOptions } from './replication-server.js';
export { type ReplicaListener, ReplicationSink, type ReplicationSinkOptions } from './replication-sink.js';
export {
  type FrameSink,
  ReplicationSource,
  type ReplicationSourceOptions,
  refusal,
  type SnapshotFile,
} from './replication-source.js';
export { prepareJournal, startJournal } from './start-journal.js';
