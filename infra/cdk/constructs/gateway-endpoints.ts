import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

export interface GatewayEndpointsProps {
  readonly vpcId: string;
  readonly routeTableIds: readonly string[];
  /** The one table hosts write. */
  readonly leaseTable: string;
}

/**
 * S3 and DynamoDB without a way over the internet. Their policies keep a stolen key of somebody else's from carrying our
 * data out: only principals of this account, only what belongs to it. Besides, hosts fetch packages of Amazon Linux and
 * of the SSM agent from buckets of AWS.
 */
export class GatewayEndpoints extends Construct {
  constructor(scope: Construct, id: string, { vpcId, routeTableIds, leaseTable }: GatewayEndpointsProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const ours = { StringEquals: { 'aws:PrincipalAccount': stack.account } };
    const endpoint = (name: 's3' | 'dynamodb', statements: iam.PolicyStatement[]) =>
      new ec2.CfnVPCEndpoint(this, name === 's3' ? 'S3' : 'DynamoDb', {
        vpcId,
        serviceName: `com.amazonaws.${stack.region}.${name}`,
        vpcEndpointType: 'Gateway',
        routeTableIds: [...routeTableIds],
        policyDocument: new iam.PolicyDocument({ statements }),
      });
    endpoint('s3', [
      new iam.PolicyStatement({
        sid: 'BucketsOfThisAccount',
        principals: [new iam.AnyPrincipal()],
        actions: ['s3:GetObject*', 's3:PutObject*', 's3:AbortMultipartUpload', 's3:List*', 's3:GetBucket*'],
        resources: ['*'],
        conditions: {
          StringEquals: { ...ours.StringEquals, 'aws:ResourceAccount': stack.account },
        },
      }),
      new iam.PolicyStatement({
        sid: 'PackagesOfAws',
        principals: [new iam.AnyPrincipal()],
        actions: ['s3:GetObject'],
        resources: packageBuckets(stack.region).map((bucket) => `arn:${stack.partition}:s3:::${bucket}/*`),
      }),
    ]);
    endpoint('dynamodb', [
      new iam.PolicyStatement({
        sid: 'TheLease',
        principals: [new iam.AnyPrincipal()],
        actions: [
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
          'dynamodb:DeleteItem',
          'dynamodb:DescribeTable',
        ],
        resources: [stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName: leaseTable })],
        conditions: ours,
      }),
    ]);
  }
}

/** From the user guides of Amazon Linux 2023 (S3 access to its repositories) and of the SSM agent (its buckets). */
function packageBuckets(region: string): string[] {
  return [
    `al2023-repos-${region}-de612dc2`,
    `amazon-ssm-${region}`,
    `amazon-ssm-packages-${region}`,
    `aws-ssm-${region}`,
    `aws-ssm-document-attachments-${region}`,
    `patch-baseline-snapshot-${region}`,
    `${region}-birdwatcher-prod`,
  ];
}
