import {
  BackupClient,
  DescribeRestoreJobCommand,
  PutRestoreValidationResultCommand,
} from '@aws-sdk/client-backup';
import { DescribeTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeSnapshotsCommand, DescribeVolumesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { LEASE_KEY } from '@tradewind/engine/ha/lease';
import { decodeLeaseItem } from '@tradewind/engine/ha/lease/dynamo';
import { z } from 'zod';
import { createLog, type Log, parseInput } from '../../shared/index.js';
import { judgeDatabase, judgeTable, judgeVolume, type RestoredDatabase, type Verdict } from './checks.js';

const environmentSchema = z.object({
  ENVIRONMENT: z.string({ error: 'set it to the name of the environment' }).min(1),
});

/** EventBridge: source `aws.backup`, detail-type `Restore Job State Change`. */
const eventSchema = z.object({
  source: z.literal('aws.backup', { error: 'send events of AWS Backup only' }),
  'detail-type': z.literal('Restore Job State Change', { error: 'send Restore Job State Change only' }),
  detail: z.object({
    restoreJobId: z.string({ error: 'name the restore job' }).min(1),
    status: z.string({ error: 'say the status of the job' }),
    resourceType: z.string().optional(),
    createdResourceArn: z.string().optional(),
    /** Present when a restore-testing plan began the job. */
    restoreTestingPlanArn: z.string().optional(),
  }),
});

export interface RestoreDependencies {
  readonly backup: BackupClient;
  readonly ec2: EC2Client;
  readonly dynamodb: DynamoDBClient;
  readonly describeDatabase: (id: string) => Promise<RestoredDatabase>;
  readonly log: Log;
}

export interface RestoreResult {
  readonly restoreJobId: string;
  /** `PASSED OVER`: no restore test, or not finished. */
  readonly status: 'SUCCESSFUL' | 'FAILED' | 'PASSED OVER';
  readonly message: string;
}

/** AWS Backup keeps so many characters of the reason. */
const MESSAGE_LIMIT = 1_000;

/** Looks into what a restore test restored, and tells AWS Backup whether it could be used. */
export function createCheckRestore(
  dependencies: RestoreDependencies,
): (event: unknown) => Promise<RestoreResult> {
  const { backup, log } = dependencies;
  return async (raw) => {
    const { detail } = parseInput('event of check-restore', eventSchema, raw);
    const { restoreJobId, status } = detail;
    if (status !== 'COMPLETED' || detail.restoreTestingPlanArn === undefined) {
      return { restoreJobId, status: 'PASSED OVER', message: `job is ${status}` };
    }
    const job = await backup.send(new DescribeRestoreJobCommand({ RestoreJobId: restoreJobId }));
    const verdict = await judge(dependencies, {
      type: detail.resourceType ?? job.ResourceType ?? 'unknown',
      arn: detail.createdResourceArn ?? job.CreatedResourceArn,
      recoveryPointArn: job.RecoveryPointArn,
    });
    const passed = verdict.problems.length === 0;
    const result: RestoreResult = {
      restoreJobId,
      status: passed ? 'SUCCESSFUL' : 'FAILED',
      message: (passed ? verdict.seen : `${verdict.seen}: ${verdict.problems.join('; ')}`).slice(
        0,
        MESSAGE_LIMIT,
      ),
    };
    await backup.send(
      new PutRestoreValidationResultCommand({
        RestoreJobId: restoreJobId,
        ValidationStatus: passed ? 'SUCCESSFUL' : 'FAILED',
        ValidationStatusMessage: result.message,
      }),
    );
    log[passed ? 'info' : 'error']('restore judged', { ...result });
    return result;
  };
}

interface Restored {
  readonly type: string;
  readonly arn: string | undefined;
  readonly recoveryPointArn: string | undefined;
}

/** A resource that can not be looked at is not one that can be relied on: each failure is a verdict, not a crash. */
async function judge(dependencies: RestoreDependencies, restored: Restored): Promise<Verdict> {
  const { type, arn } = restored;
  if (arn === undefined) return { problems: ['the job names no restored resource'], seen: type };
  try {
    if (type === 'EBS') return await volume(dependencies, arn, restored.recoveryPointArn);
    if (type === 'DynamoDB') return await table(dependencies, arn);
    if (type === 'RDS') return judgeDatabase(await dependencies.describeDatabase(lastPart(arn)));
  } catch (error) {
    return {
      problems: [`could not be looked at: ${error instanceof Error ? error.message : error}`],
      seen: arn,
    };
  }
  return {
    problems: [`nothing is known about restored resources of type ${type}; add a check for it`],
    seen: arn,
  };
}

async function volume(
  { ec2 }: RestoreDependencies,
  arn: string,
  recoveryPointArn?: string,
): Promise<Verdict> {
  const id = lastPart(arn);
  const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [id] }));
  const found = Volumes?.[0];
  let expectedGiB: number | undefined;
  if (recoveryPointArn !== undefined) {
    const { Snapshots } = await ec2.send(
      new DescribeSnapshotsCommand({ SnapshotIds: [lastPart(recoveryPointArn)] }),
    );
    expectedGiB = Snapshots?.[0]?.VolumeSize;
  }
  return judgeVolume(
    { id, sizeGiB: found?.Size, encrypted: found?.Encrypted, state: found?.State },
    expectedGiB,
  );
}

async function table({ dynamodb }: RestoreDependencies, arn: string): Promise<Verdict> {
  const name = lastPart(arn);
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
  const keys = [...(Table?.KeySchema ?? [])]
    .sort((a, b) => Number(a.KeyType === 'RANGE') - Number(b.KeyType === 'RANGE'))
    .map(({ AttributeName }) => AttributeName ?? '');
  let lease: { epoch: number } | Error | undefined;
  if (keys.join() === 'leaseKey') {
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName: name, Key: { leaseKey: { S: LEASE_KEY } }, ConsistentRead: true }),
    );
    try {
      lease = Item && decodeLeaseItem(Item, name);
    } catch (error) {
      lease = error instanceof Error ? error : new Error(String(error));
    }
  }
  const encrypted = Table?.SSEDescription?.SSEType === 'KMS' && Table.SSEDescription.Status === 'ENABLED';
  return judgeTable({ name, status: Table?.TableStatus, keys, encrypted, lease });
}

/** `vol-1` of `arn:aws:ec2:r:a:volume/vol-1`, `db` of `arn:aws:rds:r:a:db:db`. */
function lastPart(arn: string): string {
  return arn.split(/[:/]/).at(-1)!;
}

let check: ReturnType<typeof createCheckRestore> | undefined;

/** What Lambda calls. */
export async function handler(event: unknown): Promise<RestoreResult> {
  if (check === undefined) {
    const { ENVIRONMENT } = parseInput('environment of check-restore', environmentSchema, process.env);
    check = createCheckRestore({
      backup: new BackupClient({}),
      ec2: new EC2Client({}),
      dynamodb: new DynamoDBClient({}),
      describeDatabase: describeInRds,
      log: createLog({ function: 'check-restore', environment: ENVIRONMENT }),
    });
  }
  return check(event);
}

async function describeInRds(id: string): Promise<RestoredDatabase> {
  const { DescribeDBInstancesCommand, RDSClient } = await import('@aws-sdk/client-rds');
  const { DBInstances } = await new RDSClient({}).send(
    new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }),
  );
  return { id, status: DBInstances?.[0]?.DBInstanceStatus, encrypted: DBInstances?.[0]?.StorageEncrypted };
}
