import type { EnvironmentPlan } from './plan/environment-plan.js';

/** One statement of an endpoint policy, for any principal its condition lets through. */
export interface EndpointStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: '*';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: { readonly StringEquals: Readonly<Record<string, string>> };
}

interface Use {
  readonly actions: readonly string[];
  /** Everything the actions touch belongs to this account. The SSM agent also reads documents of AWS. */
  readonly ownResources?: boolean;
}

/** What a host does with each service. IAM says which of it a role may do, and on what. */
const USES: Readonly<Record<string, Use>> = {
  ssm: { actions: ['ssm:*'] },
  ssmmessages: { actions: ['ssmmessages:*'] },
  ec2messages: { actions: ['ec2messages:*'] },
  logs: { actions: ['logs:CreateLogStream', 'logs:DescribeLog*', 'logs:PutLogEvents'], ownResources: true },
  monitoring: {
    actions: ['cloudwatch:GetMetricData', 'cloudwatch:GetMetricStatistics', 'cloudwatch:PutMetricData'],
  },
  kms: {
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:GetPublicKey'],
    ownResources: true,
  },
  secretsmanager: {
    actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
    ownResources: true,
  },
  sts: { actions: ['sts:GetCallerIdentity'] },
  lambda: { actions: ['lambda:InvokeFunction'], ownResources: true },
  'aps-workspaces': { actions: ['aps:RemoteWrite', 'aps:QueryMetrics', 'aps:Get*'], ownResources: true },
};

/**
 * What the endpoint of a service lets through: principals of this account, so that a stolen key of somebody else's can
 * not carry our data out, and where the service allows it resources of this account alone.
 */
export function endpointAccess(
  { config, names }: Pick<EnvironmentPlan, 'config' | 'names'>,
  service: string,
  partition: string,
): readonly EndpointStatement[] {
  const { account, region } = config;
  const ours = { 'aws:PrincipalAccount': account };
  const allow = { Effect: 'Allow', Principal: '*' } as const;
  if (service === 's3') {
    return [
      {
        Sid: 'BucketsOfThisAccount',
        ...allow,
        Action: ['s3:GetObject*', 's3:PutObject*', 's3:AbortMultipartUpload', 's3:List*', 's3:GetBucket*'],
        Resource: ['*'],
        Condition: { StringEquals: { ...ours, 'aws:ResourceAccount': account } },
      },
      {
        Sid: 'PackagesOfAws',
        ...allow,
        Action: ['s3:GetObject'],
        Resource: packageBuckets(region).map((bucket) => `arn:${partition}:s3:::${bucket}/*`),
      },
    ];
  }
  if (service === 'dynamodb') {
    return [
      {
        Sid: 'TheLease',
        ...allow,
        Action: ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'DescribeTable'].map(
          (action) => `dynamodb:${action}`,
        ),
        Resource: [`arn:${partition}:dynamodb:${region}:${account}:table/${names.leaseTable}`],
        Condition: { StringEquals: ours },
      },
    ];
  }
  const use = USES[service];
  if (!use) throw new Error(`endpoint ${service}: say in endpoint-access.ts what hosts do with it`);
  return [
    {
      Sid: 'HostsOfThisAccount',
      ...allow,
      Action: use.actions,
      Resource: ['*'],
      Condition: {
        StringEquals: { ...ours, ...(use.ownResources ? { 'aws:ResourceAccount': account } : {}) },
      },
    },
  ];
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
