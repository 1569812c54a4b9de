import { join } from 'node:path';
import {
  type Config,
  resolveCredentials,
  type TradingMode,
  tradingMode,
  venueEndpoints,
} from '../config/index.js';
import type { Logger } from '../telemetry/index.js';
import { startEngineTelemetry } from './engine-telemetry.js';
import { runPair } from './pair.js';
import { guardProcess } from './process-guard.js';
import type { RunOptions } from './run-options.js';
import type { SessionResult } from './session.js';
import { SessionError } from './session-error.js';
import { simulatorKey, simulatorSettings, startSimulator } from './session-venue.js';
import { joinSharedSimulator } from './shared-simulator.js';
import { type EngineContext, runSolo } from './solo.js';
import { warmUp } from './warm-up.js';

/**
 * Runs the engine as configured, to its orderly end, with play money: on the built-in simulator (started as a process of
 * its own unless the configuration says where one runs), on a real venue's public data with simulated execution, or on
 * the testnet.
 */
export async function runPaper(options: RunOptions): Promise<SessionResult> {
  const mode = tradingMode(options.loaded.config);
  if (mode === 'live') {
    throw new SessionError(
      'venue.environment is live and trading.paper is false: `tradewind paper` trades no real money (`tradewind live` does)',
    );
  }
  return runEngine(options, mode);
}

/** The same with real money. Throws a SessionError unless the configuration says three times that it is meant. */
export async function runLive(options: RunOptions): Promise<SessionResult> {
  const mode = tradingMode(options.loaded.config);
  if (mode !== 'live') {
    throw new SessionError(
      'trading.live: `tradewind live` trades real money, which the configuration must ask for: ' +
        'venue.environment: live, trading.paper: false and trading.live: true (`tradewind paper` trades play money)',
    );
  }
  return runEngine(options, mode);
}

async function runEngine(options: RunOptions, mode: TradingMode): Promise<SessionResult> {
  const { config } = options.loaded;
  const credentials = resolveCredentials(config, options.env);
  const telemetry = await startEngineTelemetry(config, credentials, options.stdoutLog);
  telemetry.logger.info('telemetry is up', {
    metrics: `http://${config.telemetry.host}:${telemetry.port}/metrics`,
  });
  const crash = guardProcess(telemetry);
  const context = { options, mode, telemetry, crashed: crash.signal };
  try {
    if (config.session.warmUp) await warm(telemetry.logger, options.signal);
    const where = venueEndpoints(config);
    if (where !== undefined) {
      const alone = { ...context, where, credentials, simulator: undefined };
      return await (config.ha.enabled ? runPair(alone) : runSolo(alone));
    }
    return await (config.ha.enabled ? onSharedSimulator(context, config) : onOwnSimulator(context, config));
  } finally {
    crash.release();
    await telemetry.close();
  }
}

/** Without it the first orders are only slower: no reason not to start. */
async function warm(logger: Logger, signal: AbortSignal): Promise<void> {
  try {
    logger.info('warmed up', { ...(await warmUp(signal)) });
  } catch (error) {
    logger.warn('not warmed up', { error });
  }
}

type BareContext = Omit<EngineContext, 'where' | 'credentials' | 'simulator'>;

async function onOwnSimulator(context: BareContext, config: Config): Promise<SessionResult> {
  const simulator = await startSimulator(config, context.telemetry);
  try {
    const { ready } = simulator;
    return await runSolo({ ...context, where: ready, credentials: simulatorKey(ready), simulator });
  } finally {
    await simulator.stop();
  }
}

/** The two of a pair trade at one simulated venue, which lives on when either is killed. */
async function onSharedSimulator(context: BareContext, config: Config): Promise<SessionResult> {
  const folder = join(config.session.stateDir, 'simulator');
  const { ready, leave } = await joinSharedSimulator(folder, simulatorSettings(config));
  context.telemetry.logger.info('simulated venue of the pair', { rest: ready.rest, control: ready.control });
  try {
    return await runPair({
      ...context,
      where: ready,
      credentials: simulatorKey(ready),
      simulator: undefined,
    });
  } finally {
    leave();
  }
}
