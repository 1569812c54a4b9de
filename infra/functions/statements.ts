import type { PolicyStatement } from '../model/index.js';

/** ARNs and names a function's rights are about; a back end gives its own references. */
export interface FunctionArns {
  /** `aws`, `aws-cn`, ... */
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly leaseTable: string;
  /** KMS keys: of the lease table, volumes and topics; of the archive; of the exchange keys; the one that signs. */
  readonly keys: {
    readonly data: string;
    readonly audit?: string;
    readonly secrets?: string;
    readonly signing?: string;
  };
  readonly instances: readonly string[];
  /** Of the hosts' own subnets; none where they share one and can only be stopped. */
  readonly networkAcls: readonly string[];
  readonly networkInterfaces: readonly string[];
  readonly routeTables: readonly string[];
  /** Of the venues' keys. */
  readonly secrets: readonly string[];
  /** Where messages for people go. */
  readonly topics: readonly string[];
  /** SSM command documents: the venue check and the reload. */
  readonly commandDocuments: readonly string[];
  /** The archive bucket. */
  readonly archive?: string;
}

type Allow = Omit<PolicyStatement, 'Effect'>;

const allow = (statement: Allow): PolicyStatement => ({ Effect: 'Allow', ...statement });

/** What has no resources in IAM is at least kept to the environment's Region. */
const inRegion = ({ region }: FunctionArns) => ({ StringEquals: { 'aws:RequestedRegion': region } });

const through = ({ region }: FunctionArns, service: string) => ({
  StringEquals: { 'kms:ViaService': `${service}.${region}.amazonaws.com` },
});

function readLease(arns: FunctionArns, actions: readonly string[]): PolicyStatement[] {
  return [
    allow({
      Sid: 'Lease',
      Action: actions,
      Resource: [arns.leaseTable],
      Condition: {
        'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['engine'] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    }),
    allow({
      Sid: 'DecryptLease',
      Action: ['kms:Decrypt'],
      Resource: [arns.keys.data],
      Condition: through(arns, 'dynamodb'),
    }),
  ];
}

/** See `functions/fence`. */
export function fenceStatements(arns: FunctionArns): readonly PolicyStatement[] {
  return [
    ...readLease(arns, ['dynamodb:GetItem', 'dynamodb:PutItem']),
    ...(arns.networkAcls.length > 0
      ? [
          allow({
            Sid: 'DenyAtTheSubnet',
            Action: ['ec2:CreateNetworkAclEntry', 'ec2:DeleteNetworkAclEntry', 'ec2:ReplaceNetworkAclEntry'],
            Resource: arns.networkAcls,
          }),
        ]
      : []),
    allow({ Sid: 'StopTheHost', Action: ['ec2:StopInstances'], Resource: arns.instances }),
    allow({
      Sid: 'LookAtTheNetwork',
      Action: ['ec2:DescribeInstances', 'ec2:DescribeNetworkAcls'],
      Resource: ['*'],
      Condition: inRegion(arns),
    }),
  ];
}

/** See `functions/move-address`. */
export function moveAddressStatements(arns: FunctionArns): readonly PolicyStatement[] {
  return [
    ...readLease(arns, ['dynamodb:GetItem']),
    ...(arns.routeTables.length > 0
      ? [allow({ Sid: 'MoveTheRoute', Action: ['ec2:ReplaceRoute'], Resource: arns.routeTables })]
      : [
          allow({
            Sid: 'MoveTheAddress',
            Action: ['ec2:AssignPrivateIpAddresses'],
            Resource: arns.networkInterfaces,
          }),
        ]),
    allow({
      Sid: 'LookAtTheNetwork',
      Action: ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeRouteTables'],
      Resource: ['*'],
      Condition: inRegion(arns),
    }),
  ];
}

/** See `functions/rotate-secret`. */
export function rotateSecretStatements(arns: FunctionArns): readonly PolicyStatement[] {
  return [
    ...readLease(arns, ['dynamodb:GetItem']),
    allow({
      Sid: 'RotateKeys',
      Action: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:TagResource',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      Resource: arns.secrets,
    }),
    allow({
      Sid: 'EncryptKeys',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: [needed(arns.keys.secrets, 'keys.secrets', 'rotate-secret')],
      Condition: through(arns, 'secretsmanager'),
    }),
    allow({ Sid: 'TellPeople', Action: ['sns:Publish'], Resource: arns.topics }),
    allow({
      Sid: 'EncryptMessages',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: [arns.keys.data],
      Condition: through(arns, 'sns'),
    }),
    allow({
      Sid: 'RunOnHosts',
      Action: ['ssm:SendCommand'],
      Resource: [...arns.commandDocuments, ...arns.instances],
    }),
    allow({
      Sid: 'ReadResults',
      Action: ['ssm:GetCommandInvocation'],
      Resource: ['*'],
      Condition: inRegion(arns),
    }),
  ];
}

/** See `functions/checkpoint-archive`. */
export function checkpointArchiveStatements(arns: FunctionArns): readonly PolicyStatement[] {
  const bucket = needed(arns.archive, 'archive', 'checkpoint-archive');
  return [
    allow({ Sid: 'ListArchive', Action: ['s3:ListBucket', 's3:ListBucketVersions'], Resource: [bucket] }),
    allow({
      Sid: 'ReadArchive',
      Action: ['s3:GetObject', 's3:GetObjectRetention', 's3:GetObjectVersion'],
      Resource: [`${bucket}/*`],
    }),
    allow({ Sid: 'WriteCheckpoints', Action: ['s3:PutObject'], Resource: [`${bucket}/checkpoints/*`] }),
    allow({
      Sid: 'DecryptArchive',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: [needed(arns.keys.audit, 'keys.audit', 'checkpoint-archive')],
      Condition: through(arns, 's3'),
    }),
    allow({
      Sid: 'SignCheckpoints',
      Action: ['kms:GetPublicKey', 'kms:Sign'],
      Resource: [needed(arns.keys.signing, 'keys.signing', 'checkpoint-archive')],
    }),
    allow({
      Sid: 'CountFindings',
      Action: ['cloudwatch:PutMetricData'],
      Resource: ['*'],
      Condition: { StringEquals: { 'cloudwatch:namespace': 'Tradewind' } },
    }),
  ];
}

/** See `functions/check-restore`. AWS Backup names restored resources at random, under `awsbackup-restore-test-`. */
export function checkRestoreStatements(arns: FunctionArns): readonly PolicyStatement[] {
  const { partition, region, account } = arns;
  const restored = 'awsbackup-restore-test-*';
  return [
    allow({
      Sid: 'JudgeRestores',
      Action: ['backup:DescribeRestoreJob', 'backup:PutRestoreValidationResult'],
      Resource: ['*'],
      Condition: inRegion(arns),
    }),
    allow({
      Sid: 'LookAtVolumes',
      Action: ['ec2:DescribeSnapshots', 'ec2:DescribeVolumes'],
      Resource: ['*'],
      Condition: inRegion(arns),
    }),
    allow({
      Sid: 'LookAtTables',
      Action: ['dynamodb:DescribeTable', 'dynamodb:GetItem'],
      Resource: [`arn:${partition}:dynamodb:${region}:${account}:table/${restored}`],
    }),
    allow({
      Sid: 'DecryptTables',
      Action: ['kms:Decrypt'],
      Resource: [arns.keys.data],
      Condition: through(arns, 'dynamodb'),
    }),
    allow({
      Sid: 'LookAtDatabases',
      Action: ['rds:DescribeDBInstances'],
      Resource: [`arn:${partition}:rds:${region}:${account}:db:${restored}`],
    }),
  ];
}

function needed(arn: string | undefined, field: string, name: string): string {
  if (arn === undefined)
    throw new Error(`FunctionArns.${field}: missing, and ${name} can do nothing without; give its ARN`);
  return arn;
}
