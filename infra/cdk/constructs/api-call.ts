import { Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, AwsCustomResourcePolicy, type AwsSdkCall } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';

export interface ApiPermission {
  readonly actions: readonly string[];
  /** @default - every resource, for reading actions that take none */
  readonly resources?: readonly string[];
}

export interface ApiCallProps {
  /** Made at creation and at each change of the call. */
  readonly call: AwsSdkCall;
  readonly permissions: readonly ApiPermission[];
  /** Where the function that makes the call logs. */
  readonly logGroup?: ILogGroup;
}

/** One call to an AWS API at deployment, for what CloudFormation can not say. The answer is never looked up at synthesis. */
export class ApiCall extends Construct {
  private readonly resource: AwsCustomResource;

  constructor(scope: Construct, id: string, { call, permissions, logGroup }: ApiCallProps) {
    super(scope, id);
    this.resource = new AwsCustomResource(this, 'Call', {
      onUpdate: call,
      policy: AwsCustomResourcePolicy.fromStatements(
        permissions.map(
          ({ actions, resources }) =>
            new iam.PolicyStatement({ actions: [...actions], resources: [...(resources ?? ['*'])] }),
        ),
      ),
      installLatestAwsSdk: false,
      ...(logGroup ? { logGroup } : {}),
    });
    const unbound = permissions.filter(({ resources }) => !resources).flatMap(({ actions }) => actions);
    if (unbound.length > 0) {
      Validations.of(this.resource).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: `EC2 knows no resource-level permission for ${unbound.join(', ')}, which only read.`,
      });
    }
  }

  /** A field of the answer, known at deployment, e.g. `PrefixLists.0.PrefixListId`. */
  field(path: string): string {
    return this.resource.getResponseField(path);
  }
}
