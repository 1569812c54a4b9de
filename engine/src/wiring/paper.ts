import { setTimeout as sleep } from 'node:timers/promises';
import { constantLatency, percentageFees, SimulatedExecution } from '../backtest/index.js';
import {
  type Config,
  type LoadedConfig,
  type ResolvedCredentials,
  resolveCredentials,
  simulatorBalances,
  simulatorListings,
  tradingMode,
  type VenueEndpoints,
  venueEndpoints,
} from '../config/index.js';
import { type Clock, type Logger, startTelemetry, systemClock, type Telemetry } from '../telemetry/index.js';
import { createBinanceVenue, type ExecutionPort, type Venue } from '../venues/index.js';
import type { MarketEventListener } from './engine.js';
import { sessionEpoch } from './epoch.js';
import { makeKernel } from './make-kernel.js';
import { type SessionResult, TradingSession } from './session.js';
import { SessionError } from './session-error.js';
import { type SimulatorProcess, startSimulatorProcess } from './simulator-process.js';
import type { SessionStatus } from './status.js';
import { TickToTrade } from './tick-to-trade.js';

export interface PaperOptions {
  readonly loaded: LoadedConfig;
  readonly version: string;
  readonly env?: NodeJS.ProcessEnv;
  /** JSON log lines on standard output. */
  readonly stdoutLog: boolean;
  /** Aborted: end in order, as at the end of `forMs`. */
  readonly signal: AbortSignal;
  /** Ends by itself after this long, milliseconds. */
  readonly forMs?: number;
  readonly onStart?: (running: RunningPaper) => void;
  /** Called once when it begins to end. */
  readonly onStopping?: () => void;
}

/** What an owner may look at while it runs. */
export interface RunningPaper {
  readonly logger: Logger;
  /** Of `/metrics`, `/health` and `/ready`. */
  readonly telemetryPort: number | null;
  status(): SessionStatus;
}

/**
 * Runs the engine as configured, to its orderly end: on the built-in simulator (started as a process of its own unless
 * the configuration says where one runs), on a real venue's public data with simulated execution, or on the testnet.
 */
export async function runPaper(options: PaperOptions): Promise<SessionResult> {
  const { config } = options.loaded;
  const mode = tradingMode(config);
  if (mode === 'live') {
    throw new SessionError(
      'venue.environment is live and trading.paper is false: `tradewind paper` trades no real money',
    );
  }
  const credentials = resolveCredentials(config, options.env);
  const telemetry = await startTelemetry({
    port: config.telemetry.port,
    host: config.telemetry.host,
    logLevel: config.log.level,
    logFile: config.log.file,
    stdout: options.stdoutLog,
    secrets: credentials === undefined ? [] : [credentials.secret, credentials.apiKey],
  });
  telemetry.logger.info('telemetry is up', {
    metrics: `http://${config.telemetry.host}:${telemetry.port}/metrics`,
  });
  const crash = guardProcess(telemetry);
  let simulator: SimulatorProcess | undefined;
  try {
    const endpoints = venueEndpoints(config);
    if (endpoints === undefined) simulator = await startSimulator(config, telemetry);
    return await trade(
      options,
      telemetry,
      crash.signal,
      endpoints ?? simulator!.ready,
      credentials,
      simulator,
    );
  } finally {
    crash.release();
    await simulator?.stop();
    await telemetry.close();
  }
}

async function trade(
  options: PaperOptions,
  telemetry: Telemetry,
  crashed: AbortSignal,
  where: VenueEndpoints | SimulatorProcess['ready'],
  given: ResolvedCredentials | undefined,
  simulator: SimulatorProcess | undefined,
): Promise<SessionResult> {
  const { config, digest } = options.loaded;
  const mode = tradingMode(config);
  const tickToTrade = new TickToTrade(telemetry.registry);
  const credentials = given ?? simulatorKey(simulator);
  const venue = makeVenue(
    config,
    where,
    mode === 'paper' ? undefined : credentials,
    telemetry,
    systemClock,
    tickToTrade,
  );
  const { execution, market } =
    mode === 'paper' ? simulatedExecution(config, tickToTrade) : venueExecution(venue);
  const session = new TradingSession({
    config,
    configDigest: digest,
    version: options.version,
    telemetry,
    clock: systemClock,
    marketData: venue.marketData,
    execution,
    ...(market !== undefined && { market }),
    tickToTrade,
    kernel: makeKernel(config),
    takeEpoch: () => sessionEpoch(config, systemClock.nowUs()),
  });
  const ended = new AbortController();
  const end = AbortSignal.any([options.signal, crashed, ended.signal]);
  let over = false;
  void simulator?.exited.then((how) => {
    if (end.aborted || over) return;
    telemetry.logger.error('the simulator ended', { how });
    ended.abort(new SessionError(`the simulator ended ${how}: start again`));
  });
  try {
    if (!end.aborted) await unlessAborted(session.start(), end);
    if (!end.aborted) {
      options.onStart?.({
        logger: telemetry.logger,
        telemetryPort: telemetry.port,
        status: () => session.status(),
      });
      await waitFor(options.forMs, end);
    }
  } catch (error) {
    // A start that failed or was interrupted may have sent orders: end in order all the same.
    over = true;
    // Its message says it all: the command prints it, and where in our code it came from helps nobody.
    telemetry.logger.error(
      'session failed',
      error instanceof SessionError ? { why: error.message } : { error },
    );
    options.onStopping?.();
    await session.stop();
    throw error;
  }
  options.onStopping?.();
  over = true;
  const result = await session.stop();
  telemetry.logger.info('summary', { summary: result.summary, shutdown: result.shutdown.detail });
  if (crashed.aborted) throw crashed.reason;
  if (ended.signal.aborted) throw ended.signal.reason;
  return result;
}

/** Venue of the configuration at `where`. */
export function makeVenue(
  config: Config,
  where: VenueEndpoints,
  credentials: ResolvedCredentials | undefined,
  telemetry: Pick<Telemetry, 'logger' | 'registry'>,
  clock: Clock,
  tickToTrade?: TickToTrade,
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
    ...(tickToTrade !== undefined && { onFrame: tickToTrade.onFrame, onSend: tickToTrade.onSend }),
  });
}

/** Starts the simulated venue the configuration describes, as a process of its own. */
export async function startSimulator(
  config: Config,
  telemetry: Pick<Telemetry, 'logger'>,
): Promise<SimulatorProcess> {
  const { simulator } = config;
  const process_ = await startSimulatorProcess({
    host: simulator.host,
    port: simulator.port,
    seed: simulator.seed,
    flowTickMs: simulator.flowTickMs,
    makerBps: simulator.makerBps,
    takerBps: simulator.takerBps,
    balances: simulatorBalances(config),
    symbols: simulatorListings(config),
    ...(simulator.recording !== undefined && { recording: simulator.recording }),
  });
  telemetry.logger.info('simulated venue is up', {
    process: process_.pid,
    rest: process_.ready.rest,
    control: process_.ready.control,
  });
  return process_;
}

function simulatorKey(simulator: SimulatorProcess | undefined): ResolvedCredentials | undefined {
  if (simulator === undefined) return undefined;
  return { apiKey: simulator.ready.apiKey, kind: 'ed25519', secret: simulator.ready.privateKey };
}

function venueExecution(venue: Venue): { execution: ExecutionPort; market: undefined } {
  if (venue.execution === undefined) {
    throw new SessionError(
      'venue.credentials is missing: orders to this venue need an API key, by reference ({env: NAME} or {file: PATH})',
    );
  }
  return { execution: venue.execution, market: undefined };
}

function simulatedExecution(
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

async function waitFor(forMs: number | undefined, signal: AbortSignal): Promise<void> {
  // A timer holds at most 2^31-1 ms: a longer wait is several.
  const step = 2 ** 31 - 1;
  for (let left = forMs ?? Number.POSITIVE_INFINITY; left > 0 && !signal.aborted; left -= step) {
    await sleep(Math.min(left, step), undefined, { signal }).catch(() => {});
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return Promise.race([
    work,
    new Promise<undefined>((resolve) => {
      if (signal.aborted) resolve(undefined);
      else signal.addEventListener('abort', () => resolve(undefined), { once: true });
    }),
  ]);
}

/** An exception nobody caught must not leave orders behind: it ends the session in order instead of the process at once. */
function guardProcess(telemetry: Telemetry): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const onError = (error: unknown) => {
    telemetry.fatal(error, 'unexpected error: ending the session');
    controller.abort(error instanceof Error ? error : new Error(String(error)));
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  return {
    signal: controller.signal,
    release() {
      process.off('uncaughtException', onError);
      process.off('unhandledRejection', onError);
    },
  };
}
