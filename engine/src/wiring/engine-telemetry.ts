import type { Config, ResolvedCredentials } from '../config/index.js';
import { startTelemetry, type Telemetry, TelemetryError } from '../telemetry/index.js';

/**
 * The telemetry of an engine. Two of a pair on one machine have one configuration, so the second takes the port after
 * `telemetry.port`; a lease on this machine's disk is what says that they are on one. Rejects with a TelemetryError.
 */
export async function startEngineTelemetry(
  config: Config,
  credentials: ResolvedCredentials | undefined,
  stdoutLog: boolean,
): Promise<Telemetry> {
  const { port, host } = config.telemetry;
  const start = (on: number) =>
    startTelemetry({
      ...{ port: on, host, logLevel: config.log.level, logFile: config.log.file, stdout: stdoutLog },
      secrets: credentials === undefined ? [] : [credentials.secret, credentials.apiKey],
    });
  const isShared = config.ha.enabled && config.ha.lease.kind === 'file' && port > 0 && port < 65_535;
  try {
    return await start(port);
  } catch (error) {
    if (!isShared || !(error instanceof TelemetryError) || error.key !== 'telemetry.port') throw error;
    return await start(port + 1);
  }
}
