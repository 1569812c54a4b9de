import { constantLatency, percentageFees, SimulatedExecution } from '../backtest/index.js';
import {
  type Config,
  type ResolvedCredentials,
  simulatorBalances,
  simulatorListings,
  type VenueEndpoints,
} from '../config/index.js';
import { type Clock, systemClock, type Telemetry } from '../telemetry/index.js';
import { createBinanceVenue, type ExecutionPort, type Venue } from '../venues/index.js';
import type { MarketEventListener } from './engine.js';
import { SessionError } from './session-error.js';
import {
  type SimulatorProcess,
  type SimulatorReady,
  type SimulatorSettings,
  startSimulatorProcess,
} from './simulator-process.js';
import type { TickToTrade } from './tick-to-trade.js';

/** What keeps an engine that leads no more from sending. */
export interface Fence {
  /** Asked right before each order, cancel and amendment leaves. */
  readonly maySend?: () => boolean;
  /** The venue has orders of ours of a higher epoch: somebody else leads. */
  readonly onSuperseded: (epoch: number) => void;
}

/** Venue of the configuration at `where`. */
export function makeVenue(
  config: Config,
  where: VenueEndpoints,
  credentials: ResolvedCredentials | undefined,
  telemetry: Pick<Telemetry, 'logger' | 'registry'>,
  clock: Clock,
  tickToTrade?: TickToTrade,
  fence?: Fence,
): Venue {
  const { venue } = config;
  return createBinanceVenue({
    venueIndex: 0,
    endpoints: { rest: where.rest, stream: where.stream, wsApi: where.wsApi },
    ...(credentials !== undefined && { credentials }),
    clock,
    logger: telemetry.logger.child({ venue: venue.name }),
    metrics: telemetry.registry,
    depthLimit: venue.bookDepth,
    recvWindowMs: venue.recvWindowMs,
    restTimeoutMs: venue.restTimeoutMs,
    requestTimeoutMs: venue.requestTimeoutMs,
    auditIntervalMs: venue.auditIntervalMs,
    heartbeat: venue.heartbeat,
    reconnect: venue.reconnect,
    orderEntry: venue.orderEntry,
    ...fence,
    ...(tickToTrade !== undefined && { onFrame: tickToTrade.onFrame, onSend: tickToTrade.onSend }),
  });
}

/** The simulated venue a configuration describes. */
export function simulatorSettings(config: Config): SimulatorSettings {
  const { simulator } = config;
  return {
    host: simulator.host,
    port: simulator.port,
    seed: simulator.seed,
    flowTickMs: simulator.flowTickMs,
    makerBps: simulator.makerBps,
    takerBps: simulator.takerBps,
    balances: simulatorBalances(config),
    symbols: simulatorListings(config),
    ...(simulator.recording !== undefined && { recording: simulator.recording }),
  };
}

/** Starts the simulated venue the configuration describes, as a process of its own. */
export async function startSimulator(
  config: Config,
  telemetry: Pick<Telemetry, 'logger'>,
): Promise<SimulatorProcess> {
  const process_ = await startSimulatorProcess(simulatorSettings(config));
  telemetry.logger.info('simulated venue is up', {
    process: process_.pid,
    rest: process_.ready.rest,
    control: process_.ready.control,
  });
  return process_;
}

/** The key of the simulator's play account. */
export function simulatorKey(ready: SimulatorReady): ResolvedCredentials {
  return { apiKey: ready.apiKey, kind: 'ed25519', secret: ready.privateKey };
}

/** Orders go to the venue. Throws a SessionError without credentials. */
export function venueExecution(venue: Venue): { execution: ExecutionPort; market: undefined } {
  if (venue.execution === undefined) {
    throw new SessionError(
      'venue.credentials is missing: orders to this venue need an API key, by reference ({env: NAME} or {file: PATH})',
    );
  }
  return { execution: venue.execution, market: undefined };
}

/** Orders are filled here, against the venue's public data. */
export function simulatedExecution(
  config: Config,
  tickToTrade: TickToTrade,
): { execution: ExecutionPort; market: MarketEventListener } {
  const { simulator } = config;
  const execution = new SimulatedExecution({
    balances: simulatorBalances(config),
    fees: percentageFees({ makerBps: simulator.makerBps, takerBps: simulator.takerBps, asset: 'received' }),
    latency: constantLatency({ entryUs: 5_000, responseUs: 1_000 }),
    onSend: () => tickToTrade.onSend(systemClock.nanos()),
  });
  return { execution, market: execution };
}
