import type { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { EngineRelease } from '../delivery/index.js';
import { type EnvironmentPlan, functionsOf } from '../model/index.js';
import { ArchiveStack } from './stacks/archive-stack.js';
import { BackupStack } from './stacks/backup-stack.js';
import { DataStack } from './stacks/data-stack.js';
import { FailoverStack } from './stacks/failover-stack.js';
import { KeysStack } from './stacks/keys-stack.js';
import { NetworkStack } from './stacks/network-stack.js';
import { ObservabilityStack } from './stacks/observability-stack.js';
import { OperationsStack } from './stacks/operations-stack.js';
import { SecretsStack } from './stacks/secrets-stack.js';
import { StateStack } from './stacks/state-stack.js';
import { TradingStack } from './stacks/trading-stack.js';
import { TrailStack } from './stacks/trail-stack.js';

/** Puts the stacks of an environment into an app or a stage: those of a second Region first, which the first one copies into. */
export function buildEnvironment(app: Construct, plan: EnvironmentPlan, release: EngineRelease): void {
  const second = plan.dr ? buildRegion(app, plan.dr, release) : undefined;
  const home = buildRegion(app, plan, release);
  if (second) {
    // Replication and copies name what they write to, and must find it.
    home.archive.addStackDependency(second.archive);
    home.backup.addStackDependency(second.backup);
    home.data?.addStackDependency(second.keys);
  }
}

interface RegionStacks {
  readonly keys: Stack;
  readonly archive: Stack;
  readonly backup: Stack;
  readonly data?: Stack;
}

function buildRegion(app: Construct, plan: EnvironmentPlan, release: EngineRelease): RegionStacks {
  const keysStack = new KeysStack(app, { plan });
  const keys = keysStack.refs;
  if (plan.scope === 'copies') {
    return {
      keys: keysStack,
      archive: new ArchiveStack(app, { plan, keys }),
      backup: new BackupStack(app, { plan, keys }),
    };
  }
  const network = new NetworkStack(app, { plan, keys });
  const { logs } = network;
  const archive = new ArchiveStack(app, { plan, keys, logs });
  const state = new StateStack(app, { plan, keys }).refs;
  const trades = plan.config.venues.some((venue) => venue.secret);
  const secrets = trades ? new SecretsStack(app, { plan, keys }).refs : {};
  const data =
    Object.keys(plan.config.data).length > 0
      ? new DataStack(app, { plan, keys, network: network.refs })
      : undefined;
  const backup = new BackupStack(app, { plan, keys, state, ...(data ? { data: data.refs } : {}) });
  const trading = new TradingStack(app, {
    plan,
    keys,
    network: network.refs,
    state,
    secrets,
    release,
    ...(data ? { data: data.refs } : {}),
  }).refs;
  const topics = new ObservabilityStack(app, { plan, keys, trading, state }).refs;
  const shared = { plan, keys, state, trading, secrets, topics };
  // Without hosts and functions there is nothing in it, and CloudFormation takes no empty stack.
  const { standing } = plan.hosts;
  const functions =
    standing.length > 0 || functionsOf(plan.config, standing).length > 0
      ? new FailoverStack(app, { ...shared, network: network.refs, archive: archive.refs, logs }).refs
      : {};
  new OperationsStack(app, { ...shared, functions });
  // Elsewhere the trail of the organization will do.
  if (plan.config.stage === 'prod') new TrailStack(app, { plan, keys, logs });
  return { keys: keysStack, archive, backup, ...(data ? { data } : {}) };
}
