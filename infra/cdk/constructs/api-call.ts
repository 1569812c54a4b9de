import { Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { AwsCustomResource, AwsCustomResourcePolicy, type AwsSdkCall } from 'aws-cdk-lib/custom-resources';
import { Construct, type IConstruct } from 'constructs';

export interface ApiPermission {
  readonly actions: readonly string[];
  /** @default - every resource, for reading actions that take none */
  readonly resources?: readonly string[];
  /** Why `resources` has a wildcard, a full sentence. */
  readonly wildcardReason?: string;
}

export interface ApiCallProps {
  /** Made at creation and at each change of the call. */
  readonly call: AwsSdkCall;
  readonly permissions: readonly ApiPermission[];
  /** Where the function that makes the call logs. */
  readonly logGroup?: ILogGroup;
}

const acknowledged = new WeakSet<IConstruct>();

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
    this.acknowledgeProvider();
    const inline =
      'The toolkit gives each call its rights in a policy of its own on the role all calls share; they end with the call.';
    Validations.of(this.resource).acknowledge(
      { id: 'NIST.800.53.R5-IAMNoInlinePolicy', reason: inline },
      { id: 'PCI.DSS.321-IAMNoInlinePolicy', reason: inline },
    );
    const unbound = permissions.filter(({ resources }) => !resources).flatMap(({ actions }) => actions);
    for (const { resources = [], wildcardReason } of permissions) {
      for (const resource of wildcardReason ? resources : []) {
        Validations.of(this.resource).acknowledge({
          id: `AwsSolutions-IAM5[Resource::${resource}]`,
          reason: wildcardReason as string,
        });
      }
    }
    if (unbound.length > 0) {
      Validations.of(this.resource).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::*]',
        reason: `EC2 knows no resource-level permission for ${unbound.join(', ')}, which only read.`,
      });
    }
  }

  /** The function is the toolkit's, one per stack, and runs during deployments alone. */
  private acknowledgeProvider(): void {
    const { grantPrincipal } = this.resource;
    if (!Construct.isConstruct(grantPrincipal)) return;
    const provider = grantPrincipal.node.scope;
    if (!provider || acknowledged.has(provider)) return;
    acknowledged.add(provider);
    const managed =
      'The toolkit gives its function the policy of AWS that lets a function write its log and nothing else.';
    const outside =
      'The function calls AWS APIs during deployments, the first of which makes the network it would stand in.';
    const deployment =
      'CloudFormation calls the function a few times in a deployment, waits for it and fails when it fails, so that nothing is lost or crowded out.';
    Validations.of(provider).acknowledge(
      {
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
        reason: managed,
      },
      { id: 'NIST.800.53.R5-LambdaInsideVPC', reason: outside },
      { id: 'PCI.DSS.321-LambdaInsideVPC', reason: outside },
      { id: 'NIST.800.53.R5-LambdaConcurrency', reason: deployment },
      { id: 'NIST.800.53.R5-LambdaDLQ', reason: deployment },
    );
  }

  /** A field of the answer, known at deployment, e.g. `PrefixLists.0.PrefixListId`. */
  field(path: string): string {
    return this.resource.getResponseField(path);
  }
}
