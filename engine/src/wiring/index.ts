/**
 * wiring: composes processes from rooms. A checked configuration enters, a running session leaves, and at its end a
 * summary and the proof that no order was left behind. The only room that sees all the others; it decides nothing about
 * trading.
 */
export { BookGuard } from './book-guard.js';
export { Engine, type EngineObserver, type MarketEventListener } from './engine.js';
export { sessionEpoch, takeEpoch } from './epoch.js';
export { LogObserver } from './log-observer.js';
export { makeKernel } from './make-kernel.js';
export { MetricsObserver } from './metrics-observer.js';
export { type RecordedMarket, recordedMarket } from './recorded-market.js';
export { Recorder } from './recorder.js';
export { type ReplayOptions, type ReplayResult, replayRecording } from './replay.js';
export { type LogReplayReport, replayEventLog } from './replay-log.js';
export { runLive, runPaper } from './run-engine.js';
export type { RunningEngine, RunOptions } from './run-options.js';
export { type SessionOptions, type SessionResult, TradingSession } from './session.js';
export { SessionError } from './session-error.js';
export { makeVenue, startSimulator } from './session-venue.js';
export { joinSharedSimulator, type SharedSimulator, serveSharedSimulator } from './shared-simulator.js';
export { type ShutdownOptions, type ShutdownReport, shutDown } from './shutdown.js';
export {
  commandPath,
  type SimulatorProcess,
  type SimulatorReady,
  type SimulatorSettings,
  startSimulatorProcess,
} from './simulator-process.js';
export { type PairStatus, readStatus, type SessionStatus, type SymbolStatus } from './status.js';
export { makeStrategies } from './strategies.js';
export { SwitchKeeper } from './switch-keeper.js';
export { TickToTrade } from './tick-to-trade.js';
export { type TradingSetting, TradingSwitch } from './trading-switch.js';
export { WarmFeed } from './warm-feed.js';
export { type WarmUpReport, warmUp } from './warm-up.js';
