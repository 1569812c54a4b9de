/**
 * The one door to what is tested: the engine as built, and those of its inner parts that a run composes itself. Nothing
 * here is a double.
 */
export * from '../../dist/domain/index.js';
export { type LeaderSeen, NOBODY } from '../../dist/ha/index.js';
export type { LeaseRow, LeaseStore, LeaseTiming, WriteOutcome } from '../../dist/ha/lease/index.js';
export { LeaseSlots, monotonicMs, SendGate } from '../../dist/ha/lease/thread/index.js';
export { LeaseRunner } from '../../dist/ha/lease/thread/lease-runner.js';
export type { FromLease, ToLease } from '../../dist/ha/lease/thread/messages.js';
export { FolderReplicaStore } from '../../dist/ha/replication/replica-store.js';
export { ReplicationError } from '../../dist/ha/replication/replication-error.js';
export { ReplicationSink } from '../../dist/ha/replication/replication-sink.js';
export { ReplicationSource, refusal } from '../../dist/ha/replication/replication-source.js';
export {
  checksumRecords,
  type Durability,
  decodeEventRecord,
  encodeCommands,
  encodeOptions,
  FolderChores,
  type JournalDisk,
  type JournalFile,
  JournalFront,
  type JournalPosition,
  JournalPump,
  type JournalRecord,
  JournalRingReader,
  listSegments,
  listSnapshots,
  type OptionsRecord,
  PumpSignals,
  parseSegmentName,
  RecordType,
  type RecoveredKernel,
  type Recovery,
  Replay,
  readJournal,
  readSnapshot,
  recoverJournal,
  recoverKernel,
  SegmentWriter,
  SharedFolder,
  SharedFolderChores,
  SnapshotMaker,
  segmentName,
  snapshotName,
} from '../../dist/journal/index.js';
export { Kernel, type KernelOptions, type KernelView } from '../../dist/kernel/index.js';
export { isOpen } from '../../dist/oms/index.js';
export type { RiskLimits } from '../../dist/risk/index.js';
export type { Method } from '../../dist/simulator/binance/methods/method.js';
export { METHODS } from '../../dist/simulator/binance/methods/table.js';
export {
  type ResolvedOptions,
  resolveOptions as resolveSimulator,
} from '../../dist/simulator/binance/options.js';
export { errors, VenueError } from '../../dist/simulator/binance/protocol/errors.js';
export { type RawParams, readForm, withoutSignature } from '../../dist/simulator/binance/protocol/params.js';
export { encodeNonAscii } from '../../dist/simulator/binance/protocol/signing.js';
export { Dispatcher, type Outcome } from '../../dist/simulator/binance/server/dispatcher.js';
export { WsApiConnection as VenueSession } from '../../dist/simulator/binance/server/ws-api-connection.js';
export { Venue } from '../../dist/simulator/binance/venue.js';
export type { ArmedFault, Fault } from '../../dist/simulator/index.js';
export {
  type Exchange,
  type ExchangeFill,
  type ExchangeOrder,
  type ExecutionReport,
  FlowGenerator,
  Prng,
} from '../../dist/simulator/index.js';
export type { Strategy, StrategyContext, StrategyMemory } from '../../dist/strategies/index.js';
export { MarketMaker } from '../../dist/strategies/index.js';
export { type Clock, type Logger, MetricRegistry, nullLogger } from '../../dist/telemetry/index.js';
export { AccountApi } from '../../dist/venues/binance/account-api.js';
export { Signer } from '../../dist/venues/binance/auth.js';
export { BinanceExecution } from '../../dist/venues/binance/execution.js';
export { BinanceLimits } from '../../dist/venues/binance/limits.js';
export { type BinanceOptions, resolveOptions as resolveVenue } from '../../dist/venues/binance/options.js';
export { NotLeaderError, RestClient } from '../../dist/venues/binance/rest-client.js';
export type { RestPool } from '../../dist/venues/binance/rest-pool.js';
export { TimeSync } from '../../dist/venues/binance/time-sync.js';
export type { OpenSocket } from '../../dist/venues/binance/ws-api-connection.js';
export type { ExecutionPort, MarketDataPort } from '../../dist/venues/index.js';
export { Engine, type EngineObserver } from '../../dist/wiring/index.js';
export { resumeOf } from '../../dist/wiring/resume.js';
