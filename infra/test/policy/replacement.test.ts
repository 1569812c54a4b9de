import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { GUARDED_TYPES } from '../../cdk/policy/index.js';
import {
  type Change,
  compare,
  type GoldenStack,
  normalize,
  readGolden,
  writeGolden,
} from '../../cdk/policy/replacement/index.js';
import { infraPath } from '../../model/index.js';
import type { Json } from './mutations/mutation.js';

const NAME = 'prod-virginia';
const golden = readGolden(infraPath('golden', NAME));

/** The committed environment with something changed in the first resource of a type. */
function changed(type: string, edit: (resource: Json, stack: Json, logicalId: string) => void): Change[] {
  const current = structuredClone(golden) as Record<string, Json>;
  for (const stack of Object.values(current)) {
    const found = Object.entries<Json>(stack.Resources).find(([, resource]) => resource.Type === type);
    if (!found) continue;
    edit(found[1], stack, found[0]);
    return compare(golden, current);
  }
  throw new Error(`${NAME} has no ${type}`);
}

const property =
  (key: string, value: unknown) =>
  ({ Properties }: Json) => {
    Properties[key] = value;
  };

/** What somebody does, to which type, and what the gate says about it. */
const REFUSED: ReadonlyArray<
  readonly [what: string, type: string, edit: (resource: Json, stack: Json, id: string) => void, says: RegExp]
> = [
  [
    'renames the construct of the database',
    'AWS::RDS::DBInstance',
    (resource, stack, id) => {
      delete stack.Resources[id];
      stack.Resources.Renamed = resource;
    },
    /logical id would change to Renamed/,
  ],
  [
    'moves the database to another key',
    'AWS::RDS::DBInstance',
    property('KmsKeyId', 'arn:aws:kms:x:1:key/2'),
    /would be replaced because of KmsKeyId/,
  ],
  [
    'stops encrypting the database',
    'AWS::RDS::DBInstance',
    property('StorageEncrypted', false),
    /would be replaced because of StorageEncrypted/,
  ],
  [
    'unprotects the database',
    'AWS::RDS::DBInstance',
    property('DeletionProtection', false),
    /would lose DeletionProtection/,
  ],
  [
    'lets the database go with its stack',
    'AWS::RDS::DBInstance',
    (resource) => {
      resource.DeletionPolicy = 'Delete';
    },
    /would lose DeletionPolicy Retain/,
  ],
  [
    'changes the key schema of the lease',
    'AWS::DynamoDB::Table',
    property('KeySchema', [{ AttributeName: 'id', KeyType: 'HASH' }]),
    /be replaced because of .*KeySchema/,
  ],
  [
    'renames the lease table',
    'AWS::DynamoDB::Table',
    property('TableName', 'tradewind-lease-2'),
    /would be replaced because of TableName/,
  ],
  [
    'unprotects the lease table',
    'AWS::DynamoDB::Table',
    property('DeletionProtectionEnabled', false),
    /would lose DeletionProtectionEnabled/,
  ],
  [
    'drops the retention of a bucket',
    'AWS::S3::Bucket',
    (resource) => {
      delete resource.DeletionPolicy;
    },
    /would lose DeletionPolicy Retain/,
  ],
  [
    'drops what keeps a replaced bucket',
    'AWS::S3::Bucket',
    (resource) => {
      delete resource.UpdateReplacePolicy;
    },
    /would lose UpdateReplacePolicy Retain/,
  ],
  [
    'removes a bucket',
    'AWS::S3::Bucket',
    (_, stack, id) => {
      delete stack.Resources[id];
    },
    /would be deleted, or left behind/,
  ],
  [
    'renames a bucket',
    'AWS::S3::Bucket',
    property('BucketName', 'tradewind-other'),
    /would be replaced because of BucketName/,
  ],
  [
    'renames the vault',
    'AWS::Backup::BackupVault',
    property('BackupVaultName', 'tradewind-other'),
    /would be replaced because of BackupVaultName/,
  ],
  [
    'gives the vault another key',
    'AWS::Backup::BackupVault',
    property('EncryptionKeyArn', 'arn:aws:kms:x:1:key/2'),
    /would be replaced because of EncryptionKeyArn/,
  ],
  [
    'removes a key',
    'AWS::KMS::Key',
    (_, stack, id) => {
      delete stack.Resources[id];
    },
    /would be deleted, or left behind/,
  ],
  [
    'turns a secret into another',
    'AWS::SecretsManager::Secret',
    property('Name', 'tradewind/other'),
    /would be replaced because of Name/,
  ],
  [
    'removes a journal volume',
    'AWS::EC2::Volume',
    (_, stack, id) => {
      delete stack.Resources[id];
    },
    /would be deleted, or left behind/,
  ],
  [
    'changes the domain of a whitelisted address',
    'AWS::EC2::EIP',
    property('NetworkBorderGroup', 'us-east-1-wl1'),
    /replaced because of NetworkBorderGroup/,
  ],
  [
    'removes a whitelisted address',
    'AWS::EC2::EIP',
    (_, stack, id) => {
      delete stack.Resources[id];
    },
    /would be deleted, or left behind/,
  ],
  [
    'changes the strategy of a placement group',
    'AWS::EC2::PlacementGroup',
    property('Strategy', 'spread'),
    /would be replaced because of Strategy/,
  ],
  [
    'adds a tag to a placement group',
    'AWS::EC2::PlacementGroup',
    property('Tags', [{ Key: 'a', Value: 'b' }]),
    /would be replaced because of Tags/,
  ],
  [
    'moves a host to another subnet',
    'AWS::EC2::Instance',
    property('SubnetId', 'subnet-0aaaaaaaa'),
    /replaced because of SubnetId/,
  ],
  [
    'gives a host another launch template',
    'AWS::EC2::Instance',
    property('LaunchTemplate', { LaunchTemplateId: 'lt-0', Version: '9' }),
    /be replaced because of LaunchTemplate/,
  ],
  [
    'moves an interface to another subnet',
    'AWS::EC2::NetworkInterface',
    property('SubnetId', 'subnet-0aaaaaaaa'),
    /be replaced because of SubnetId/,
  ],
  [
    'turns off encryption in Redis',
    'AWS::ElastiCache::ReplicationGroup',
    property('AtRestEncryptionEnabled', false),
    /be replaced because of AtRestEncryptionEnabled/,
  ],
  [
    'renames the Kafka cluster',
    'AWS::MSK::Cluster',
    property('ClusterName', 'other'),
    /would be replaced because of ClusterName/,
  ],
  [
    'changes a type under the same id',
    'AWS::EC2::EIP',
    (resource) => {
      resource.Type = 'AWS::SNS::Topic';
      resource.Properties = {};
    },
    /would be replaced/,
  ],
];

describe('the replacement gate', () => {
  test('has committed templates to compare with', () => {
    expect(Object.keys(golden).length).toBeGreaterThan(10);
    expect(compare(golden, structuredClone(golden))).toEqual([]);
  });

  test.each(REFUSED)('refuses who %s', (_, type, edit, says) => {
    const refused = changed(type, edit).filter((change) => change.refused);
    expect(refused.map((change) => change.refused)).toContainEqual(expect.stringMatching(says));
    expect(refused.every((change) => GUARDED_TYPES.has(change.type))).toBe(true);
  });

  test('refuses a stack that loses its termination protection', () => {
    const [name, stack] = Object.entries(golden).find(([, one]) => one.terminationProtection)!;
    const current = { ...golden, [name]: { ...stack, terminationProtection: false } };
    expect(compare(golden, current)).toMatchObject([
      { logicalId: name, refused: 'the stack would lose its termination protection' },
    ]);
  });

  test('refuses to lose a whole stack of data', () => {
    const { [`Tradewind-${NAME}-State`]: lost, ...rest } = golden;
    const refused = compare(golden, rest).filter((change) => change.refused);
    const guarded = Object.values((lost as GoldenStack).Resources).filter(({ Type }) =>
      GUARDED_TYPES.has(Type),
    );
    expect(refused).toHaveLength(guarded.length);
  });

  test.each([
    ['an alarm threshold', 'AWS::CloudWatch::Alarm', property('Threshold', 12_345)],
    ['a tag on a bucket', 'AWS::S3::Bucket', property('Tags', [{ Key: 'reviewed', Value: 'yes' }])],
    ['another monitoring interval', 'AWS::RDS::DBInstance', property('MonitoringInterval', 30)],
    ['more storage', 'AWS::RDS::DBInstance', property('AllocatedStorage', '400')],
    ['a function’s memory', 'AWS::Lambda::Function', property('MemorySize', 512)],
  ] as const)('lets %s pass, and shows it', (_, type, edit) => {
    const changes = changed(type, edit);
    expect(changes).toMatchObject([{ type, kind: 'changed' }]);
    expect(changes.some((change) => change.refused)).toBe(false);
  });

  test('replaces what holds nothing without asking', () => {
    const changes = changed('AWS::CloudWatch::Alarm', property('AlarmName', 'tradewind-other'));
    expect(changes).toMatchObject([{ kind: 'replaced' }]);
    expect(changes[0]).not.toHaveProperty('refused');
  });

  test('adds without asking', () => {
    const current = structuredClone(golden) as Record<string, Json>;
    Object.values(current)[0].Resources.New = { Type: 'AWS::S3::Bucket', Properties: {} };
    const changes = compare(golden, current);
    expect(changes).toMatchObject([{ kind: 'added', logicalId: 'New' }]);
    expect(changes[0]).not.toHaveProperty('refused');
  });

  test('does not see which asset is deployed', () => {
    const stack = (hash: string) =>
      normalize({
        name: 'Fixture',
        region: 'us-east-1',
        stateful: false,
        template: {
          Resources: {
            Function: {
              Type: 'AWS::Lambda::Function',
              Properties: { Code: { S3Key: `${hash.repeat(64)}.zip` } },
              Metadata: { 'aws:asset:path': hash },
            } as Json,
          },
        },
      });
    expect(stack('a')).toEqual(stack('b'));
  });

  test('writes what it reads', () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'tradewind-golden-')), NAME);
    writeGolden(folder, golden);
    expect(readGolden(folder)).toEqual(golden);
    expect(readGolden(join(folder, 'absent'))).toEqual({});
  });
});
