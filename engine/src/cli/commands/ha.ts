import { Command } from 'commander';
import { type Config, loadConfig } from '../../config/index.js';
import {
  leasePlace,
  leaseSettingProblems,
  lookAtLease,
  type OpenLeaseStore,
  openLeaseStore,
  requestHandover,
} from '../../ha/index.js';
import { leaseFacts, renderLease, renderOutcome, renderStage } from '../ha-view.js';
import { durationOption } from '../options.js';

/** One look from outside is not in a hurry: the leader's own requests are. */
const PATIENCE_MS = 2_000;
const WITHIN_MS = 15_000;

/**
 * `ha status` and `ha handover`: what the lease says, and a leader asked to let go. Exit codes: 0 somebody leads, or the
 * other one does now; 1 not, or the store was not reached; 2 wrong arguments or configuration.
 */
export function haCommand(): Command {
  const command = new Command('ha').description('the pair: who leads, and a planned handover to the standby');
  command
    .command('status')
    .description('who leads, as the lease says it (exit code 1: nobody, or it does not renew)')
    .option('-c, --config <file>', 'configuration of either engine of the pair')
    .option('--json', 'one line of JSON')
    .action(async (flags: { config?: string; json?: boolean }) => {
      const { config } = loadConfig(flags.config, process.env);
      await withStore(config, async (store) => {
        const look = await lookAtLease(store, config.ha.lease.observeEveryMs);
        const text = flags.json ? JSON.stringify(leaseFacts(look)) : renderLease(look);
        process.stdout.write(`${text}\n`);
        if (!look.renewed) process.exitCode = 1;
      });
    });
  command
    .command('handover')
    .description('the leader stops, the standby goes on (exit code 1: it did not come to that)')
    .option('-c, --config <file>', 'configuration of either engine of the pair')
    .option('--within <duration>', 'take the question back after this long', durationOption, WITHIN_MS)
    .action(async (flags: { config?: string; within: number }) => {
      const { config } = loadConfig(flags.config, process.env);
      await withStore(config, async (store) => {
        const outcome = await requestHandover(store, {
          everyMs: config.ha.lease.observeEveryMs,
          withinMs: flags.within,
          onStep: (stage) => process.stderr.write(`${renderStage(stage)}\n`),
        });
        if (outcome.kind === 'refused') throw new Error(`handover: ${outcome.why}`);
        process.stdout.write(`${renderOutcome(outcome)}\n`);
      });
    });
  return command;
}

async function withStore(config: Config, work: (store: OpenLeaseStore) => Promise<void>): Promise<void> {
  const { lease } = config.ha;
  const [problem] = leaseSettingProblems(lease);
  if (problem !== undefined) throw new Error(`ha.lease.${problem.setting} ${problem.message}`);
  const store = await openLeaseStore(leasePlace(lease), Math.max(PATIENCE_MS, lease.requestTimeoutMs));
  try {
    await work(store);
  } finally {
    await store.close();
  }
}
