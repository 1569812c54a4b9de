import { Command } from 'commander';
import { loadConfig, resolveCredentials, venueEndpoints } from '../../config/index.js';
import { MetricRegistry, nullLogger, systemClock } from '../../telemetry/index.js';

export function venueCommand(): Command {
  const venue = new Command('venue').description('look at a venue');
  venue
    .command('check')
    .description('connectivity, clock offset, symbols, permissions and latency of the configured venue')
    .option('-c, --config <file>', 'configuration (default: the built-in simulator)')
    .option('--json', 'print JSON')
    .action(run);
  return venue;
}

async function run(flags: { config?: string; json?: boolean }): Promise<void> {
  const { config } = loadConfig(flags.config, process.env);
  const given = resolveCredentials(config, process.env);
  const { makeVenue, startSimulator } = await import('../../wiring/index.js');
  const telemetry = { logger: nullLogger, registry: new MetricRegistry() };
  const endpoints = venueEndpoints(config);
  const simulator = endpoints === undefined ? await startSimulator(config, telemetry) : undefined;
  try {
    const where = endpoints ?? simulator!.ready;
    const credentials =
      given ??
      (simulator && {
        apiKey: simulator.ready.apiKey,
        kind: 'ed25519' as const,
        secret: simulator.ready.privateKey,
      });
    const checks = await makeVenue(config, where, credentials, telemetry, systemClock).check();
    if (flags.json) process.stdout.write(`${JSON.stringify(checks, null, 2)}\n`);
    else {
      for (const { name, ok, detail } of checks) {
        process.stdout.write(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(18)} ${detail}\n`);
      }
    }
    if (!checks.every(({ ok }) => ok)) process.exitCode = 1;
  } finally {
    await simulator?.stop();
  }
}
