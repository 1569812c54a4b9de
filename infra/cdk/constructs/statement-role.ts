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
  }
}
