import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as cloudtrail from 'aws-cdk-lib/aws-cloudtrail';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { EnvironmentPlan } from '../../model/index.js';
import { StatementRole } from './statement-role.js';

export interface AuditTrailProps {
  readonly plan: EnvironmentPlan;
  /** Encrypts the files; its policy must let CloudTrail use it. */
  readonly key: kms.IKey;
  /** The log group `audit`: what can be searched and what an engineer reads. */
  readonly logGroup: logs.ILogGroup;
}

/**
 * Who did what, for production: every management call (reading an exchange key and starting a document among them) and every
 * object read or written in the audit archive. An organization's own trail seldom has object events, so this one stands
 * beside it. Files carry digests (log file validation) and are kept as long as records.
 */
export class AuditTrail extends Construct {
  constructor(scope: Construct, id: string, { plan, key, logGroup }: AuditTrailProps) {
    super(scope, id);
    const { names, archive } = plan;
    const { account, region, partition } = Stack.of(this);
    const trailArn = `arn:${partition}:cloudtrail:${region}:${account}:trail/${names.prefix}`;
    const bucket = this.#files(plan, key, trailArn);
    const streams = `arn:${partition}:logs:${region}:${account}:log-group:${names.logGroup('audit')}:log-stream:${account}_CloudTrail_${region}*`;
    // Where nothing but copies stands, no other trail sees who reads them.
    const copies = plan.dr?.scope === 'copies' ? archive.replica : undefined;
    const watched = [archive.bucket, ...(copies ? [copies.bucket] : [])];
    const { role, policy } = new StatementRole(this, 'Delivery', {
      description: `CloudTrail writes the audit log of ${plan.config.name}.`,
      // No condition on the source: CloudTrail does not say it when it takes on this role, and would be refused.
      assumedBy: new iam.ServicePrincipal('cloudtrail.amazonaws.com'),
      statements: [
        {
          Sid: 'WriteAuditLog',
          Effect: 'Allow',
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: [streams],
        },
      ],
      wildcardReasons: {
        WriteAuditLog: 'CloudTrail names its log streams itself and adds suffixes to account and Region.',
      },
    });
    const trail = new cloudtrail.CfnTrail(this, 'Trail', {
      trailName: names.prefix,
      isLogging: true,
      s3BucketName: bucket.bucketName,
      kmsKeyId: key.keyArn,
      cloudWatchLogsLogGroupArn: logGroup.logGroupArn,
      cloudWatchLogsRoleArn: role.roleArn,
      enableLogFileValidation: true,
      includeGlobalServiceEvents: true,
      // What is done to IAM is an event of one Region, seldom this one. The trail of a second Region would repeat it all.
      isMultiRegionTrail: plan.place === 'home',
      eventSelectors: [
        {
          includeManagementEvents: true,
          readWriteType: 'All',
          // Calls to KMS come with every encrypted read and would drown the rest.
          excludeManagementEventSources: ['kms.amazonaws.com'],
          dataResources: [
            {
              type: 'AWS::S3::Object',
              values: watched.map((name) => `arn:${partition}:s3:::${name}/`),
            },
          ],
        },
      ],
    });
    if (bucket.policy) trail.node.addDependency(bucket.policy);
    if (policy) trail.node.addDependency(policy);
  }

  #files({ names, retention, config }: EnvironmentPlan, key: kms.IKey, trailArn: string): s3.Bucket {
    const bucket = new s3.Bucket(this, 'Files', {
      bucketName: names.bucket('trail', config.region),
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [
        {
          id: 'records',
          transitions: [
            { storageClass: s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transitionAfter: Duration.days(90) },
          ],
          expiration: Duration.days(retention.auditLogDays),
          noncurrentVersionExpiration: Duration.days(retention.auditLogDays),
        },
      ],
    });
    const cloudTrail = new iam.ServicePrincipal('cloudtrail.amazonaws.com');
    const conditions = { StringEquals: { 'aws:SourceArn': trailArn } };
    bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'TrailChecksBucket',
        principals: [cloudTrail],
        actions: ['s3:GetBucketAcl'],
        resources: [bucket.bucketArn],
        conditions,
      }),
    );
    bucket.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'TrailWritesFiles',
        principals: [cloudTrail],
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects(`AWSLogs/${config.account}/*`)],
        conditions,
      }),
    );
    const logging =
      'The bucket holds the trail itself: who reads it is a management and object event of the organization trail, and an access log of it would need a log in turn.';
    const replication =
      'The trails of both Regions are files apart; the digests make a lost or changed file evident, and the same events are in the log group audit.';
    Validations.of(bucket).acknowledge(
      { id: 'AwsSolutions-S1', reason: logging },
      { id: 'NIST.800.53.R5-S3BucketLoggingEnabled', reason: logging },
      { id: 'PCI.DSS.321-S3BucketLoggingEnabled', reason: logging },
      { id: 'NIST.800.53.R5-S3BucketReplicationEnabled', reason: replication },
      { id: 'PCI.DSS.321-S3BucketReplicationEnabled', reason: replication },
    );
    return bucket;
  }
}
