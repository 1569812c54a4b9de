import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.js';
import { type KeyPlace, keyProvider, signingKeyProvider } from '../providers/index.js';
import type { KeyRefs } from '../refs.js';

/**
 * The keys everything else is encrypted with. Three rather than one, so that who reads exchange keys, who reads records
 * and who runs hosts can be told apart in IAM. The account's IAM says who uses a key; only services that act in their own
 * name are in its policy.
 */
export class KeysStack extends EnvironmentStack {
  readonly refs: KeyRefs;

  constructor(scope: Construct, props: EnvironmentStackProps) {
    super(scope, 'Keys', props, { stateful: true, description: 'Encryption and signing keys' });
    const { config, names, archive, backup } = this.plan;
    const { existing, deletionWindowDays } = config.keys;
    const key = (purpose: 'data' | 'audit' | 'secrets' | 'signing') => ({
      alias: names.keyAlias(purpose),
      deletionWindowDays,
    });
    const recordsLocked = archive.mode === 'COMPLIANCE';
    const backupsLocked = backup.lock?.changeableForDays !== undefined;

    this.refs = {
      data: keyProvider({
        ...key('data'),
        id: 'DataKey',
        description: `${names.prefix}: volumes, tables, databases, backups, topics`,
        existing: existing.data,
        indelible: backupsLocked,
        services: (place) => [alarmsPublish(place, names.prefix)],
      }).provide(this),
      audit: keyProvider({
        ...key('audit'),
        id: 'AuditKey',
        description: `${names.prefix}: audit archive and logs`,
        existing: existing.audit,
        indelible: recordsLocked,
        services: (place) => [
          logGroups(place, [names.logGroup('*'), `/aws/rds/instance/${names.database}/*`]),
          ...(config.stage === 'prod' ? [trailFiles(place, names.prefix)] : []),
        ],
      }).provide(this),
      secrets: keyProvider({
        ...key('secrets'),
        id: 'SecretsKey',
        description: `${names.prefix}: exchange keys`,
        existing: existing.secrets,
      }).provide(this),
      ...(archive.checkpoints
        ? {
            signing: signingKeyProvider({
              ...key('signing'),
              id: 'SigningKey',
              description: `${names.prefix}: signs archive checkpoints`,
              indelible: recordsLocked,
            }).provide(this),
          }
        : {}),
    };
  }
}

/** CloudWatch, EventBridge and Managed Prometheus publish to the encrypted topics of this environment. */
function alarmsPublish(place: KeyPlace, prefix: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'AlarmsPublishToTopics',
    principals: ['cloudwatch', 'events', 'aps'].map(
      (service) => new iam.ServicePrincipal(`${service}.amazonaws.com`),
    ),
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    resources: ['*'],
    conditions: {
      ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': place.arn('sns', `${prefix}-*`) },
    },
  });
}

/** CloudWatch Logs encrypts the log groups of this environment and no others. */
function logGroups(place: KeyPlace, patterns: readonly string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'LogGroupsOfThisEnvironment',
    principals: [new iam.ServicePrincipal(`logs.${place.region}.amazonaws.com`)],
    actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
    resources: ['*'],
    conditions: {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': patterns.map((pattern) =>
          place.arn('logs', `log-group:${pattern}`),
        ),
      },
    },
  });
}

/** CloudTrail encrypts the files of this environment's trail. */
function trailFiles(place: KeyPlace, trail: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'TrailOfThisEnvironment',
    principals: [new iam.ServicePrincipal('cloudtrail.amazonaws.com')],
    actions: ['kms:GenerateDataKey*', 'kms:DescribeKey'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceArn': place.arn('cloudtrail', `trail/${trail}`) } },
  });
}
