import { S3Backend, type TerraformElement, TerraformStack } from 'cdktf';
import type { Construct, Node } from 'constructs';
import type { EnvironmentPlan } from '../model/index.js';
import { HostRole } from './parts/host-role.js';
import { Keys } from './parts/keys.js';
import { LogGroups } from './parts/log-groups.js';
import { Network } from './parts/network.js';
import { placeOf } from './parts/place.js';
import { Placement } from './parts/placement.js';
import { State } from './parts/state.js';
import { Trading } from './parts/trading.js';
import { AwsProvider, TERRAFORM_VERSION } from './resources/provider.js';

/**
 * One plan as one Terraform root module with a state of its own. The second Region is another such module rather than an
 * aliased provider: on the day it is needed, nothing of it may wait for a Region that does not answer.
 */
export class TerraformEnvironment extends TerraformStack {
  constructor(scope: Construct, id: string, plan: EnvironmentPlan) {
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
    if (plan.scope === 'full') this.addFull(plan, keys);
  }

  private addFull(plan: EnvironmentPlan, keys: Keys['arns']): void {
    const logs = new LogGroups(this, plan, keys.audit);
    const network = new Network(this, plan, logs);
    const state = new State(this, plan, network, keys);
    const { partition } = placeOf(plan);
    const role = new HostRole(this, plan, {
      leaseTable: state.leaseTable.arn,
      secrets: [],
      logGroups: (['engine', 'host', 'audit'] as const).map((id) => logs.require(id).arn),
      archiveBucket: `arn:${partition}:s3:::${plan.archive.bucket}`,
      releases: `arn:${partition}:s3:::${plan.names.bucket('releases', plan.config.region)}/*.tar.gz`,
      keys,
    });
    new Trading(this, plan, {
      network,
      state,
      keys,
      placement: new Placement(this, plan),
      instanceProfileArn: role.instanceProfileArn,
    });
  }

  /** `network_host-primary` rather than a hash: an address a person types after `-target` or `-replace`. */
  protected override allocateLogicalId(element: TerraformElement | Node): string {
    const path = 'path' in element ? element.path : element.node.path;
    return path.split('/').slice(1).join('_');
  }
}
