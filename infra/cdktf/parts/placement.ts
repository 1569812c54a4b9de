import { Fn, Token } from 'cdktf';
import { Construct } from 'constructs';
import type { EnvironmentPlan, PlacementGroupPlan } from '../../model/index.js';
import { CloudFormationStack, PlacementGroup } from '../resources/hosts.js';
import { placeOf } from './place.js';

export interface PlacementGroupRef {
  readonly name: string;
  readonly arn: string;
}

/**
 * The placement groups. `aws_placement_group` of provider 5 knows neither the strategy `precision-time` nor a parent
 * group, so where a plan has them the groups are made by one CloudFormation stack that holds nothing else.
 */
export class Placement extends Construct {
  private readonly groups: ReadonlyMap<PlacementGroupPlan['id'], PlacementGroupRef>;

  constructor(scope: Construct, plan: EnvironmentPlan) {
    super(scope, 'placement');
    const { groups } = plan.hosts;
    const timed = groups.some(({ strategy, parent }) => strategy === 'precision-time' || parent);
    this.groups = timed ? this.throughCloudFormation(plan) : this.direct(plan);
  }

  get(id: PlacementGroupPlan['id']): PlacementGroupRef {
    const found = this.groups.get(id);
    if (!found) throw new Error(`the plan has no placement group ${id}`);
    return found;
  }

  private direct({ hosts, names }: EnvironmentPlan): Map<PlacementGroupPlan['id'], PlacementGroupRef> {
    return new Map(
      hosts.groups.map(({ id }) => {
        const group = new PlacementGroup(this, id, { name: `${names.prefix}-${id}`, strategy: 'cluster' });
        return [id, { name: group.ref('name'), arn: group.ref('arn') }];
      }),
    );
  }

  private throughCloudFormation(plan: EnvironmentPlan): Map<PlacementGroupPlan['id'], PlacementGroupRef> {
    const { groups } = plan.hosts;
    const stack = new CloudFormationStack(this, 'groups', {
      name: plan.names.stack('PlacementGroups'),
      templateBody: JSON.stringify(placementTemplate(groups)),
    });
    return new Map(
      groups.map(({ id }) => {
        const name = Token.asString(Fn.lookup(stack.interpolationForAttribute('outputs'), logicalId(id), ''));
        return [id, { name, arn: placeOf(plan).arn('ec2', `placement-group/${name}`) }];
      }),
    );
  }
}

/** The CloudFormation template of the groups; an output per group has its name. */
export function placementTemplate(groups: readonly PlacementGroupPlan[]) {
  const each = <T>(value: (group: PlacementGroupPlan) => T): Record<string, T> =>
    Object.fromEntries(groups.map((group) => [logicalId(group.id), value(group)]));
  return {
    Description: 'Placement groups that the Terraform provider has no arguments for',
    Resources: each(({ strategy, parent }) => ({
      Type: 'AWS::EC2::PlacementGroup',
      Properties: {
        Strategy: strategy,
        ...(parent ? { ParentGroupId: { 'Fn::GetAtt': [logicalId(parent), 'GroupId'] } } : {}),
      },
    })),
    Outputs: each(({ id }) => ({ Value: { 'Fn::GetAtt': [logicalId(id), 'GroupName'] } })),
  };
}

/** `ClusterStandby` of `cluster-standby`. */
function logicalId(id: PlacementGroupPlan['id']): string {
  return id.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
