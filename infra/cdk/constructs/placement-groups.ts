import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { HostPlan, PlacementGroupPlan } from '../../model/index.js';

export interface PlacementGroupsProps {
  readonly groups: readonly PlacementGroupPlan[];
}

const IDS: Readonly<Record<PlacementGroupPlan['id'], string>> = {
  'precision-time': 'PrecisionTime',
  cluster: 'Cluster',
  'cluster-standby': 'ClusterStandby',
};

/**
 * The groups hosts stand in. L1, for the L2 knows neither the strategy `precision-time` nor the link of a cluster group to
 * such a group. Untagged: a changed tag would replace the group and every host in it.
 */
export class PlacementGroups extends Construct {
  readonly #groups = new Map<PlacementGroupPlan['id'], ec2.CfnPlacementGroup>();

  constructor(scope: Construct, id: string, { groups }: PlacementGroupsProps) {
    super(scope, id);
    for (const group of groups) {
      const parent = group.parent === undefined ? undefined : this.#groups.get(group.parent);
      const resource = new ec2.CfnPlacementGroup(this, IDS[group.id], {
        strategy: group.strategy,
        ...(parent ? { parentGroupId: parent.attrGroupId } : {}),
      });
      if (parent || group.strategy === 'precision-time') {
        // cfn-lint 1.51 has not heard of these groups (June 2026): strategy, link and the id as an attribute.
        resource.addMetadata('cfn-lint', { config: { ignore_checks: ['E3030', 'E3002', 'E1010'] } });
      }
      this.#groups.set(group.id, resource);
    }
  }

  /** The group a host is launched into: our own by name, the venue's by id; undefined where it stands in none. */
  placementOf({ group, sharedGroupId }: HostPlan): ec2.CfnLaunchTemplate.PlacementProperty | undefined {
    if (sharedGroupId) return { groupId: sharedGroupId };
    const resource = group && this.#groups.get(group);
    return resource && { groupName: resource.ref };
  }

  /** ARN of our own group of a host, for what is reserved in it. */
  arnOf({ group }: HostPlan): string | undefined {
    const resource = group && this.#groups.get(group);
    return (
      resource &&
      Stack.of(this).formatArn({
        service: 'ec2',
        resource: 'placement-group',
        resourceName: resource.ref,
      })
    );
  }
}
