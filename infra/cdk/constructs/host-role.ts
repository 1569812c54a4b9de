import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type EnvironmentPlan, type HostAccessArns, hostAccess } from '../../model/index.js';
import { acknowledgeWildcards } from './statement-role.js';

export interface HostRoleProps {
  readonly plan: EnvironmentPlan;
  readonly arns: HostAccessArns;
  /** Policies of other stacks, such as the one that signs in to the data services. */
  readonly also?: readonly iam.IManagedPolicy[];
}

/** Why a statement can not name its resources one by one, by its `Sid`. */
const WILDCARD_REASONS: Readonly<Record<string, string>> = {
  SendMetrics:
    'PutMetricData knows no resources; the condition allows the namespace of this environment alone.',
  ShipLogs: 'Streams of a log group are named after the instance, which does not exist yet.',
  ReadReleases:
    'A host that is replaced fetches the release it ran before, so every release of this account is readable.',
  ReadReleasePointer:
    'The two parameters below this path are the pointers to the offered and the running release.',
  AppendToArchive:
    'Objects are named by day and content; nothing outside the prefix of hosts can be written.',
  SendToPrometheus:
    'The workspace gets its random id after the role exists; the condition names the tag of its environment.',
  StartTakeover: 'The star is the version of one named document.',
  WatchTakeover: 'An execution is named by a random id when it begins.',
  RegisterWithSystemsManager: 'The instance that uses the role does not exist yet.',
  OpenSessions: 'The message service of Session Manager knows no resources.',
  RunCommands: 'The message service of Run Command knows no resources.',
};

/** The role both hosts run under: what `hostAccess` lists and nothing more. */
export class HostRole extends Construct {
  readonly roleArn: string;
  readonly instanceProfileArn: string;
  readonly instanceProfileName: string;

  constructor(scope: Construct, id: string, { plan, arns, also = [] }: HostRoleProps) {
    super(scope, id);
    const role = new iam.Role(this, 'Resource', {
      description: `Trading hosts of ${plan.config.name}`,
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      managedPolicies: [...also],
    });
    for (const [name, statements] of Object.entries(hostAccess(plan, arns))) {
      const policy = new iam.ManagedPolicy(this, name === 'trading' ? 'Trading' : 'Management', {
        description: `What hosts of ${plan.config.name} need for ${name}`,
        document: iam.PolicyDocument.fromJson({ Version: '2012-10-17', Statement: statements }),
        roles: [role],
      });
      acknowledgeWildcards(policy, statements, WILDCARD_REASONS);
    }
    this.roleArn = role.roleArn;
    const profile = new iam.CfnInstanceProfile(this, 'Profile', { roles: [role.roleName] });
    this.instanceProfileArn = profile.attrArn;
    this.instanceProfileName = profile.ref;
  }
}
