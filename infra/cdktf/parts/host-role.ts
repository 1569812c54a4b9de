import { Construct } from 'constructs';
import { type EnvironmentPlan, type HostAccessArns, hostAccess } from '../../model/index.js';
import { IamPolicy, IamRole, IamRolePolicyAttachment, InstanceProfile } from '../resources/identity.js';
import { placeOf } from './place.js';
import { policyDocument, trustOf } from './policy.js';

/** The role both hosts run under: what `hostAccess` lists and nothing more. */
export class HostRole extends Construct {
  readonly name: string;
  readonly instanceProfileArn: string;

  constructor(scope: Construct, plan: EnvironmentPlan, arns: Omit<HostAccessArns, 'partition'>) {
    super(scope, 'host-role');
    const { region, partition } = placeOf(plan);
    const named = (what: string) => plan.names.role(`${what}-${region}`);
    const role = new IamRole(this, 'role', {
      name: named('host'),
      description: `Trading hosts of ${plan.config.name}`,
      assumeRolePolicy: trustOf('ec2.amazonaws.com'),
    });
    for (const [purpose, statements] of Object.entries(hostAccess(plan, { ...arns, partition }))) {
      const policy = new IamPolicy(this, purpose, {
        name: named(`host-${purpose}`),
        description: `What hosts of ${plan.config.name} need for ${purpose}`,
        policy: policyDocument(...statements),
      });
      new IamRolePolicyAttachment(this, `${purpose}-in-use`, {
        role: role.ref('name'),
        policyArn: policy.ref('arn'),
      });
    }
    this.name = role.ref('name');
    this.instanceProfileArn = new InstanceProfile(this, 'profile', {
      name: named('host'),
      role: role.ref('name'),
    }).ref('arn');
  }
}
