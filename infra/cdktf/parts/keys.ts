import { Construct } from 'constructs';
import type { EnvironmentPlan } from '../../model/index.js';
import { KEPT } from '../resources/aws-resource.js';
import { KmsAlias, KmsKey } from '../resources/identity.js';
import { placeOf } from './place.js';
import { policyDocument, type Statement } from './policy.js';

/** ARNs of the keys; `KeyRefs` of the CDK says what each is for. */
export interface KeyArns {
  readonly data: string;
  readonly audit: string;
  readonly secrets: string;
  /** Present with `archive.checkpoints`. */
  readonly signing?: string;
}

/** What is locked for years under a key would be as lost with it as if it were deleted. */
const INDELIBLE: Statement = {
  Sid: 'NeverDeletedOrDisabled',
  Effect: 'Deny',
  Principal: '*',
  Action: ['kms:ScheduleKeyDeletion', 'kms:DisableKey'],
  Resource: '*',
};

/** The keys that are not brought: rotated yearly where KMS can, aliased and kept. */
export class Keys extends Construct {
  readonly arns: KeyArns;

  constructor(
    scope: Construct,
    private readonly plan: EnvironmentPlan,
  ) {
    super(scope, 'keys');
    const { config, names, archive, backup } = plan;
    const { existing } = config.keys;
    const recordsLocked = archive.mode === 'COMPLIANCE' ? [INDELIBLE] : [];
    const backupsLocked = backup.lock?.changeableForDays === undefined ? [] : [INDELIBLE];
    const { arn, region } = placeOf(plan);
    this.arns = {
      data:
        existing.data ??
        this.create('data', 'volumes, tables, databases, backups, topics', [
          {
            Sid: 'AlarmsPublishToTopics',
            Effect: 'Allow',
            Principal: {
              Service: ['cloudwatch.amazonaws.com', 'events.amazonaws.com', 'backup.amazonaws.com'],
            },
            Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
            Resource: '*',
            Condition: {
              ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': arn('sns', `${names.prefix}-*`) },
            },
          },
          ...backupsLocked,
        ]),
      audit:
        existing.audit ??
        this.create('audit', 'audit archive and logs', [
          {
            Sid: 'LogGroupsOfThisEnvironment',
            Effect: 'Allow',
            Principal: { Service: `logs.${region}.amazonaws.com` },
            Action: [
              'kms:Encrypt',
              'kms:Decrypt',
              'kms:ReEncrypt*',
              'kms:GenerateDataKey*',
              'kms:DescribeKey',
            ],
            Resource: '*',
            Condition: {
              ArnLike: {
                'kms:EncryptionContext:aws:logs:arn': arn('logs', `log-group:${names.logGroup('*')}`),
              },
            },
          },
          ...recordsLocked,
        ]),
      secrets: existing.secrets ?? this.create('secrets', 'exchange keys', []),
      ...(archive.checkpoints
        ? { signing: this.create('signing', 'signs archive checkpoints', recordsLocked) }
        : {}),
    };
  }

  private create(purpose: keyof KeyArns, use: string, statements: readonly Statement[]): string {
    const { config, names } = this.plan;
    const key = new KmsKey(
      this,
      purpose,
      {
        description: `${names.prefix}: ${use}`,
        deletionWindowInDays: config.keys.deletionWindowDays,
        ...(purpose === 'signing'
          ? { keyUsage: 'SIGN_VERIFY', customerMasterKeySpec: 'ECC_NIST_P256' }
          : { enableKeyRotation: true }),
        policy: policyDocument(
          {
            Sid: 'AccountDecidesByIam',
            Effect: 'Allow',
            Principal: { AWS: placeOf(this.plan).arn('iam', 'root', 'global') },
            Action: 'kms:*',
            Resource: '*',
          },
          ...statements,
        ),
      },
      KEPT,
    );
    new KmsAlias(this, `${purpose}-alias`, { name: names.keyAlias(purpose), targetKeyId: key.ref('id') });
    return key.ref('arn');
  }
}
