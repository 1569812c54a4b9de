import { Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { PolicyStatement } from '../../model/index.js';

export interface StatementRoleProps {
  /** @default - named by CloudFormation */
  readonly roleName?: string;
  /** Who it is for, a sentence. */
  readonly description: string;
  readonly assumedBy: iam.IPrincipal;
  /** Everything it may do. */
  readonly statements: readonly PolicyStatement[];
  /** By `Sid`: why a statement has to name its resources with a wildcard, a full sentence. @default - none has */
  readonly wildcardReasons?: Readonly<Record<string, string>>;
}

/** A role whose one managed policy is the given statements: what the model decided, and nothing a construct adds quietly. */
export class StatementRole extends Construct {
  readonly role: iam.Role;
  readonly policy: iam.ManagedPolicy | undefined;

  constructor(scope: Construct, id: string, props: StatementRoleProps) {
    super(scope, id);
    this.role = new iam.Role(this, 'Resource', {
      ...(props.roleName ? { roleName: props.roleName } : {}),
      description: props.description,
      assumedBy: props.assumedBy,
    });
    if (props.statements.length === 0) return;
    this.policy = new iam.ManagedPolicy(this, 'Policy', {
      description: props.description,
      document: iam.PolicyDocument.fromJson({ Version: '2012-10-17', Statement: props.statements }),
      roles: [this.role],
    });
    acknowledgeWildcards(this.policy, props.statements, props.wildcardReasons ?? {});
  }
}

/** One acknowledgment for each text with a star: cdk-nag tells its findings apart by them. */
export function acknowledgeWildcards(
  policy: iam.ManagedPolicy,
  statements: readonly PolicyStatement[],
  reasons: Readonly<Record<string, string>>,
): void {
  const found = new Map<string, Set<string>>();
  const note = (what: string, sid: string) => {
    const reason = reasons[sid];
    if (reason === undefined)
      throw new Error(`statement ${sid} has the wildcard ${what} and no reason for it`);
    found.set(what, (found.get(what) ?? new Set()).add(reason));
  };
  for (const { Sid, Action, Resource } of statements) {
    for (const action of Action.filter((text) => text.includes('*'))) note(`Action::${action}`, Sid);
    for (const resource of Resource.filter((text) => text.includes('*'))) note(`Resource::${resource}`, Sid);
  }
  for (const [what, texts] of found) {
    Validations.of(policy).acknowledge({ id: `AwsSolutions-IAM5[${what}]`, reason: [...texts].join(' ') });
  }
}
