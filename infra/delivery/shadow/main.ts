import { readFileSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { STRICT } from './differences.js';
import { shadowConfig } from './shadow-config.js';
import { renderShadowReport, shadowReport } from './shadow-report.js';

/** Exit codes: 0 within tolerance, 1 beyond it, 2 an input that can not be used. */
const BEYOND = 1;
const UNUSABLE = 2;

const number = (most: number) => (text: string) => {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= most)) {
    throw new InvalidArgumentError(`write a number from 0 to ${most}`);
  }
  return value;
};

const program = new Command('shadow')
  .exitOverride()
  .description('A version beside the live one: its configuration, and how it differs');

program
  .command('config')
  .description('write the configuration of a shadow, made from the live one')
  .argument('<engine.yaml>')
  .argument('<shadow.yaml>')
  .requiredOption('--folder <folder>', 'where the shadow may write')
  .requiredOption('--record <file>', 'event log it records to')
  .option('--metrics-port <port>', 'of its own metrics', number(65_535), 9465)
  .action((from: string, to: string, flags: { folder: string; record: string; metricsPort: number }) => {
    const { folder, record: recordTo, metricsPort } = flags;
    writeFileSync(to, shadowConfig(readFileSync(from, 'utf8'), { folder, recordTo, metricsPort }));
  });

program
  .command('report')
  .description(
    'replay the event log of one version through the engine of this release and report every difference',
  )
  .requiredOption('--log <file>', 'event log (session.recordTo) of the other version')
  .requiredOption('-c, --config <file>', 'engine configuration of this side')
  .option('--json <file>', 'write the report as JSON too')
  .option(
    '--changed-share <share>',
    'share of decisions that may differ, 0 to 1',
    number(1),
    STRICT.changedShare,
  )
  .option('--orders <share>', 'by how much the number of orders may differ, 0 to 1', number(1), STRICT.orders)
  .option('--price-bps <bps>', 'by how much prices may differ on average', number(10_000), STRICT.priceBps)
  .action(
    (flags: {
      log: string;
      config: string;
      json?: string;
      changedShare: number;
      orders: number;
      priceBps: number;
    }) => {
      const { log, config, json, changedShare, orders, priceBps } = flags;
      const report = shadowReport(log, config, { changedShare, orders, priceBps });
      if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
      process.stdout.write(`${renderShadowReport(report)}\n`);
      if (report.findings.length > 0) process.exitCode = BEYOND;
    },
  );

try {
  program.parse();
} catch (error) {
  const { code, message } = error as Error & { readonly code?: string };
  // Commander has said it already; asking for help is no mistake.
  if (!code?.startsWith('commander.')) process.stderr.write(`shadow: ${message}\n`);
  process.exitCode = code === 'commander.helpDisplayed' || code === 'commander.help' ? 0 : UNUSABLE;
}
