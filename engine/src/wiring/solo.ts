import type { ResolvedCredentials, TradingMode, VenueEndpoints } from '../config/index.js';
import { systemClock, type Telemetry } from '../telemetry/index.js';
import { sessionEpoch } from './epoch.js';
import { type History, openHistory, optionsOf } from './history.js';
import { claimJournalFolder } from './journal-folder.js';
import { NodeJournal } from './node-journal.js';
import { unlessAborted, waitFor } from './process-guard.js';
import type { RunOptions } from './run-options.js';
import { type SessionResult, TradingSession } from './session.js';
import { SessionError } from './session-error.js';
import { makeVenue, simulatedExecution, venueExecution } from './session-venue.js';
import type { SimulatorProcess } from './simulator-process.js';
import { TickToTrade } from './tick-to-trade.js';

/** What every way to run the engine has in common. */
export interface EngineContext {
  readonly options: RunOptions;
  readonly mode: TradingMode;
  readonly telemetry: Telemetry;
  /** Aborted by an exception nobody caught. */
  readonly crashed: AbortSignal;
  readonly where: VenueEndpoints;
  readonly credentials: ResolvedCredentials | undefined;
  /** The simulator that lives and dies with this engine. */
  readonly simulator: SimulatorProcess | undefined;
}

/** One engine by itself, to its orderly end: it goes on from its journal where the venue still knows its orders. */
export async function runSolo(context: EngineContext): Promise<SessionResult> {
  const { options, telemetry } = context;
  const { config } = options.loaded;
  const folder = claimJournalFolder(config);
  try {
    const history = openHistory(folder.path, optionsOf(config, options.version), telemetry.logger);
    const epoch = Math.max(sessionEpoch(config, systemClock.nowUs()), history.position.epoch + 1);
    const journal = await NodeJournal.open(history, { config, epoch, telemetry });
    const superseded = new AbortController();
    const session = makeSession(context, history, journal, epoch, superseded);
    return await untilEnd(context, session, superseded.signal);
  } finally {
    folder.release();
  }
}

function makeSession(
  context: EngineContext,
  { kernel }: History,
  journal: NodeJournal,
  epoch: number,
  superseded: AbortController,
): TradingSession {
  const { options, mode, telemetry, where, credentials } = context;
  const { config, digest } = options.loaded;
  const tickToTrade = new TickToTrade(telemetry.registry);
  const isPaper = mode === 'paper';
  const venue = makeVenue(
    config,
    where,
    isPaper ? undefined : credentials,
    telemetry,
    systemClock,
    tickToTrade,
    {
      maySend: () => !superseded.signal.aborted,
      onSuperseded: (by) =>
        superseded.abort(
          new SessionError(
            `another engine trades on this account: it has orders of epoch ${by}, and ours is ${epoch}. ` +
              'Ours were left to it: end one of the two, or give each an account of its own',
          ),
        ),
    },
  );
  const { execution, market } = isPaper ? simulatedExecution(config, tickToTrade) : venueExecution(venue);
  return new TradingSession({
    ...{ config, configDigest: digest, version: options.version, telemetry, clock: systemClock },
    ...{ marketData: venue.marketData, execution, tickToTrade },
    ...(market !== undefined && { market }),
    ...{ kernel, takeEpoch: () => epoch, journal },
  });
}

/** From start to summary; whatever happens, the session is stopped in order. */
async function untilEnd(
  context: EngineContext,
  session: TradingSession,
  superseded: AbortSignal,
): Promise<SessionResult> {
  const { options, telemetry, crashed, simulator } = context;
  const ended = new AbortController();
  const end = AbortSignal.any([options.signal, crashed, ended.signal, superseded]);
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
  if (superseded.aborted) {
    await session.abandon('another engine leads');
    throw superseded.reason;
  }
  const result = await session.stop();
  telemetry.logger.info('summary', { summary: result.summary, shutdown: result.shutdown.detail });
  if (crashed.aborted) throw crashed.reason;
  if (ended.signal.aborted) throw ended.signal.reason;
  return result;
}
