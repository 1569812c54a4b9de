import { S3Backend, type TerraformElement, TerraformStack } from 'cdktf';
import type { Construct, Node } from 'constructs';
import type { EngineRelease } from '../delivery/index.js';
import type { EnvironmentPlan } from '../model/index.js';
import { Alarms } from './parts/alarms.js';
import { Archive } from './parts/archive.js';
import { Backup, LockedVault } from './parts/backup.js';
import { DataServices } from './parts/data-services.js';
import { Failover } from './parts/failover.js';
import { HostRole } from './parts/host-role.js';
import { type KeyArns, Keys } from './parts/keys.js';
import { LogGroups } from './parts/log-groups.js';
import { Network } from './parts/network.js';
import { Operations } from './parts/operations.js';
import { Placement } from './parts/placement.js';
import { Releases } from './parts/releases.js';
import { Secrets } from './parts/secrets.js';
import { State } from './parts/state.js';
import { Trading } from './parts/trading.js';
import { AwsProvider, TERRAFORM_VERSION } from './resources/provider.js';

/**
 * One plan as one Terraform root module with a state of its own. The second Region is another such module rather than an
 * aliased provider: on the day it is needed, nothing of it may wait for a Region that does not answer.
 */
export class TerraformEnvironment extends TerraformStack {
  constructor(scope: Construct, id: string, plan: EnvironmentPlan, release: EngineRelease) {
    super(scope, id);
    const { config, names } = plan;
    new S3Backend(this, {
      bucket: names.bucket('terraform-state', config.region),
      key: `${config.name}/terraform.tfstate`,
      region: config.region,
      encrypt: true,
      useLockfile: true,
      allowedAccountIds: [config.account],
    });
    this.addOverride('terraform.required_version', TERRAFORM_VERSION);
    new AwsProvider(this, 'aws', {
      region: config.region,
      allowedAccountIds: [config.account],
      defaultTags: [{ tags: plan.tags }],
    });
    const keys = new Keys(this, plan).arns;
    new Archive(this, plan, keys);
    const { receivingVault, lock } = plan.backup;
    if (receivingVault) new LockedVault(this, 'copies', plan, { name: receivingVault, lock, keys });
    if (plan.scope === 'full') this.addFull(plan, keys, release);
  }

  private addFull(plan: EnvironmentPlan, keys: KeyArns, release: EngineRelease): void {
    const logs = new LogGroups(this, plan, keys.audit);
    const network = new Network(this, plan, logs);
    const state = new State(this, plan, network, keys);
    const secrets = new Secrets(this, plan, keys.secrets);
    const releases = new Releases(this, plan, release);
    const role = new HostRole(this, plan, {
      secrets: secrets.arns,
      releases: releases.objects,
      keys,
    });
    const trading = new Trading(this, plan, {
      network,
      state,
      keys,
      placement: new Placement(this, plan),
      instanceProfileArn: role.instanceProfileArn,
    });
    const data = new DataServices(this, { plan, keys, network }, role.name);
    new Backup(this, plan, { keys, leaseTableArn: state.leaseTable.arn, data });
    const { topics } = new Alarms(this, plan, keys, trading, state);
    const around = { plan, keys, network, state, trading, topics, secretArns: secrets.arns };
    const failover = new Failover(this, { ...around, secrets, logGroup: logs.require('functions') });
    new Operations(this, around, failover);
  }

  /** `network_host-primary` rather than a hash: an address a person types after `-target` or `-replace`. */
  protected override allocateLogicalId(element: TerraformElement | Node): string {
    const path = 'path' in element ? element.path : element.node.path;
    return path.split('/').slice(1).join('_');
  }
}
