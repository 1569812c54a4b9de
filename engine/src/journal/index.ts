/**
 * journal: events and commands as bytes, and the files that keep them. Kernel events and command lists enter, files
 * leave; files enter, the same events leave. Bytes are versioned, checksummed and never trusted: damage is a typed
 * error with its offset. It never changes or reorders what it was given.
 */
export {
  BinaryReader,
  BinaryWriter,
  JournalError,
  type JournalErrorCode,
} from '../domain/index.js';
export * from './command-codec.js';
export { compressSegment, nextToCompress } from './compression.js';
export * from './crc32c.js';
export * from './disk.js';
export * from './event-codec.js';
export * from './event-encoder.js';
export * from './event-log-reader.js';
export * from './event-log-writer.js';
export {
  listSegments,
  openSegment,
  readEpochs,
  readJournal,
  type SegmentName,
} from './journal-reader.js';
export {
  type RecoveredKernel,
  type RecoverKernelOptions,
  recoverKernel,
} from './kernel-recovery.js';
export * from './live/index.js';
export * from './record.js';
export { RecordReader } from './record-reader.js';
export { type Cut, type RecoverOptions, type Recovery, recoverJournal } from './recovery.js';
export { carry, type KernelFactory, Replay } from './replay.js';
export { RestoreError, type RestoreProgress, type RestoreReport, restoreJournal } from './restore.js';
export { deleteOldSegments, type RetentionOptions } from './retention.js';
export * from './segment-format.js';
export { type SegmentEnd, SegmentReader } from './segment-reader.js';
export { SegmentWriter, type SegmentWriterOptions } from './segment-writer.js';
export { DIVERGED_PREFIX, installSnapshot, setAside } from './set-aside.js';
export { SharedFolder } from './shared-folder.js';
export {
  listSnapshots,
  neededByRecovery,
  readSnapshot,
  type Snapshot,
  type SnapshotFault,
  snapshotName,
  writeSnapshot,
} from './snapshot-file.js';
export { SnapshotMaker, type SnapshotMakerOptions, type SnapshotReport } from './snapshot-maker.js';
export { type SnapshotNews, SnapshotThread, type SnapshotThreadOptions } from './snapshot-thread.js';
export {
  describeSegments,
  type JournalReport,
  type SegmentReport,
  type SegmentState,
  verifyJournal,
} from './verify.js';
