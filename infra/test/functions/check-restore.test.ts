import {
  BackupClient,
  DescribeRestoreJobCommand,
  PutRestoreValidationResultCommand,
} from '@aws-sdk/client-backup';
import { DescribeTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
  EC2Client,
  type Volume,
} from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { encodeLeaseItem } from '@tradewind/engine/ha/lease/dynamo';
import { mockClient } from 'aws-sdk-client-mock';
import { createCheckRestore } from '../../functions/check-restore/handler.js';
import { leaseRow, memoryLog } from './support/lease.js';

const backup = mockClient(BackupClient);
const ec2 = mockClient(EC2Client);
const dynamodb = mockClient(DynamoDBClient);
const region = { region: 'eu-west-1' };
const ARN = 'arn:aws:';

function check(database = { status: 'available', encrypted: true }) {
  return createCheckRestore({
    backup: new BackupClient(region),
    ec2: new EC2Client(region),
    dynamodb: new DynamoDBClient(region),
    describeDatabase: async (id) => ({ id, ...database }),
    log: memoryLog().log,
  });
}

const event = (detail: Record<string, unknown>) => ({
  source: 'aws.backup',
  'detail-type': 'Restore Job State Change',
  detail: {
    restoreJobId: 'job-1',
    status: 'COMPLETED',
    restoreTestingPlanArn: `${ARN}backup:plan`,
    ...detail,
  },
});

const told = () => backup.commandCalls(PutRestoreValidationResultCommand).map(({ args }) => args[0].input);

beforeEach(() => {
  backup.on(DescribeRestoreJobCommand).resolves({
    RecoveryPointArn: `${ARN}ec2:eu-west-1::snapshot/snap-1`,
    CreatedResourceArn: `${ARN}ec2:eu-west-1:111122223333:volume/vol-1`,
    ResourceType: 'EBS',
  });
  backup.on(PutRestoreValidationResultCommand).resolves({});
});
afterEach(() => {
  for (const mock of [backup, ec2, dynamodb]) mock.reset();
});

describe('a restored volume', () => {
  const found = (volume: Partial<Volume>) => {
    ec2
      .on(DescribeSnapshotsCommand, { SnapshotIds: ['snap-1'] })
      .resolves({ Snapshots: [{ VolumeSize: 200 }] });
    ec2
      .on(DescribeVolumesCommand, { VolumeIds: ['vol-1'] })
      .resolves({ Volumes: [{ Size: 200, Encrypted: true, State: 'available', ...volume }] });
  };

  test('that is whole and encrypted passes', async () => {
    found({});
    await expect(check()(event({}))).resolves.toMatchObject({ status: 'SUCCESSFUL' });
    expect(told()).toEqual([
      {
        RestoreJobId: 'job-1',
        ValidationStatus: 'SUCCESSFUL',
        ValidationStatusMessage: 'volume vol-1, 200 GiB, encrypted true, available',
      },
    ]);
  });

  test.each([
    [{ Encrypted: false }, 'is not encrypted'],
    [{ Size: 100 }, 'has 100 GiB, its snapshot 200 GiB'],
    [{ State: 'error' as const }, 'is error'],
  ])('%j fails with its reason', async (volume, reason) => {
    found(volume);
    await expect(check()(event({}))).resolves.toMatchObject({ status: 'FAILED' });
    expect(told()).toMatchObject([
      { ValidationStatus: 'FAILED', ValidationStatusMessage: expect.stringContaining(reason) },
    ]);
  });

  test('that can not be looked at fails, it does not crash', async () => {
    ec2.on(DescribeVolumesCommand).rejects(new Error('InvalidVolume.NotFound'));
    await expect(check()(event({}))).resolves.toMatchObject({
      status: 'FAILED',
      message: expect.stringContaining('could not be looked at: InvalidVolume.NotFound'),
    });
  });
});

describe('a restored lease table', () => {
  const restored = event({
    resourceType: 'DynamoDB',
    createdResourceArn: `${ARN}dynamodb:eu-west-1:1:table/awsbackup-restore-test-1`,
  });
  const found = (keys: string[], item: object | undefined, kms = true) => {
    dynamodb.on(DescribeTableCommand).resolves({
      Table: {
        TableStatus: 'ACTIVE',
        KeySchema: keys.map((AttributeName, index) => ({
          AttributeName,
          KeyType: index === 0 ? 'HASH' : 'RANGE',
        })),
        ...(kms && { SSEDescription: { SSEType: 'KMS', Status: 'ENABLED' } }),
      },
    });
    dynamodb.on(GetItemCommand).resolves(item === undefined ? {} : { Item: item as never });
  };

  test('with a lease in it passes', async () => {
    found(['leaseKey'], encodeLeaseItem(leaseRow()));
    await expect(check()(restored)).resolves.toMatchObject({
      status: 'SUCCESSFUL',
      message: 'table awsbackup-restore-test-1, ACTIVE, keys leaseKey, epoch 5',
    });
  });

  test.each<[string, string[], object | undefined, boolean, string]>([
    ['without the item', ['leaseKey'], undefined, true, 'has no lease item'],
    [
      'with something else in it',
      ['leaseKey'],
      { leaseKey: { S: 'engine' }, epoch: { S: 'x' } },
      true,
      'is no lease: epoch',
    ],
    ['with other keys', ['id', 'sort'], undefined, true, 'has the keys id, sort instead of leaseKey'],
    [
      'without our key',
      ['leaseKey'],
      encodeLeaseItem(leaseRow()),
      false,
      'is not encrypted with a key of ours',
    ],
  ])('%s fails', async (_, keys, item, kms, reason) => {
    found(keys, item, kms);
    await expect(check()(restored)).resolves.toMatchObject({
      status: 'FAILED',
      message: expect.stringContaining(reason),
    });
  });
});

describe('a restored database', () => {
  const restored = event({
    resourceType: 'RDS',
    createdResourceArn: `${ARN}rds:eu-west-1:1:db:awsbackup-restore-test-2`,
  });
  test('passes when it is available and encrypted, and fails otherwise', async () => {
    await expect(check()(restored)).resolves.toMatchObject({ status: 'SUCCESSFUL' });
    await expect(check({ status: 'creating', encrypted: false })(restored)).resolves.toMatchObject({
      status: 'FAILED',
      message: 'database awsbackup-restore-test-2, creating, encrypted false: is creating; is not encrypted',
    });
  });
});

test('a type nobody thought of fails rather than passing unseen', async () => {
  await expect(check()(event({ resourceType: 'EFS', createdResourceArn: 'arn:x' }))).resolves.toMatchObject({
    status: 'FAILED',
    message: expect.stringContaining('nothing is known about restored resources of type EFS'),
  });
});

test('jobs that are no test, or not over, are passed over; other events are refused', async () => {
  await expect(check()(event({ restoreTestingPlanArn: undefined }))).resolves.toMatchObject({
    status: 'PASSED OVER',
  });
  await expect(check()(event({ status: 'RUNNING' }))).resolves.toMatchObject({ status: 'PASSED OVER' });
  expect(told()).toEqual([]);
  await expect(check()({ source: 'aws.ec2' })).rejects.toThrow(
    'event of check-restore: source "aws.ec2": send events of AWS Backup only',
  );
});
