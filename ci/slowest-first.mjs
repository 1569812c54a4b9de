import { createRequire } from 'node:module';
import { relative, sep } from 'node:path';

const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/**
 * Files that take longest, longest first. A fresh clone has no times of an earlier run, and jest would begin with the
 * largest files: one of these then comes last and runs while the other cores have nothing left to do. Those that mostly
 * wait are spread among those that compute.
 */
export const SLOWEST = [
  'infra/test/cdktf/terraform.test.ts',
  'engine/test/ha/lease/leadership.e2e.test.ts',
  'infra/test/policy/mutations.test.ts',
  'infra/test/agent/agent-pair.e2e.test.ts',
  'engine/test/chaos/mutations.test.ts',
  'engine/test/e2e/pair.e2e.test.ts',
  'infra/test/policy/cfn-lint.test.ts',
  'engine/test/e2e/faults.e2e.test.ts',
  'infra/test/cdk/retired-host.test.ts',
  'engine/test/e2e/pair-cut-off.e2e.test.ts',
  'engine/test/e2e/paper.e2e.test.ts',
  'engine/test/cli/cli.e2e.test.ts',
  'infra/test/delivery/tradewind-release.test.ts',
  'benchmarks/test/gate/injections.test.mjs',
  'engine/test/e2e/role-changes.e2e.test.ts',
  'infra/test/policy/mutations-real.test.ts',
  'infra/test/policy/environments.test.ts',
  'infra/test/host/name-record.test.ts',
  'engine/test/backtest/recording.test.ts',
  'engine/test/wiring/standby.test.ts',
  'infra/test/delivery/shadow.test.ts',
  'ci/test/docs.test.mjs',
  'engine/test/host/tune.test.ts',
  'infra/test/cdk/pipeline-policy.test.ts',
  'engine/test/e2e/pair-ailing.e2e.test.ts',
  'infra/test/delivery/release.test.ts',
  'engine/test/host/host-command.test.ts',
  'infra/test/cdk/warm-region.test.ts',
  'infra/test/host/archive-records.test.ts',
  'engine/test/journal/recovery.test.ts',
  'infra/test/host/bootstrap.test.ts',
  'infra/test/cdktf/retired-host.test.ts',
  'engine/test/e2e/record-replay.e2e.test.ts',
  'infra/test/cdktf/coverage.test.ts',
  'infra/test/policy/rules-hold.test.ts',
  'engine/test/ha/lease/trading-gate.test.ts',
  'engine/test/e2e/crash.e2e.test.ts',
  'engine/test/venues/binance/market-decoder-recorded.test.ts',
];

/** Starts the slowest files first, the others in jest's own order. */
export default class SlowestFirst extends Sequencer {
  sort(tests) {
    const rank = new Map(SLOWEST.map((file, index) => [file, index]));
    const rankOf = ({ path, context }) =>
      rank.get(relative(context.config.rootDir, path).replaceAll(sep, '/')) ?? SLOWEST.length;
    return [...super.sort(tests)].sort((a, b) => rankOf(a) - rankOf(b));
  }
}
