import { createHash } from 'node:crypto';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import type { KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../functions/checkpoint-archive/canonical-json.js';
import { retentionFindings } from '../../functions/checkpoint-archive/checkpoint.js';
import {
  checkpointEnvironment,
  createCheckpointArchive,
} from '../../functions/checkpoint-archive/handler.js';
import { MerkleTree } from '../../functions/checkpoint-archive/merkle-tree.js';
import { inOrder } from '../../functions/checkpoint-archive/ordered-pool.js';
import { hasOpenssl, KmsStandIn } from './support/kms-stand-in.js';
import { memoryLog } from './support/lease.js';
import { startMoto, testWithMoto } from './support/moto.js';

const sha256 = (...parts: (Buffer | string)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** RFC 6962, section 2.1, as it is written there. */
function treeHash(leaves: readonly string[]): Buffer {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return sha256(Buffer.from([0]), leaves[0]!);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(Buffer.from([1]), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

describe('the Merkle tree', () => {
  test('is that of RFC 6962 for any number of leaves', () => {
    expect(new MerkleTree().root()).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    const one = new MerkleTree();
    one.add('');
    expect(one.root()).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 70 }), (leaves) => {
        const tree = new MerkleTree();
        for (const leaf of leaves) tree.add(leaf);
        expect(tree.root()).toBe(treeHash(leaves).toString('hex'));
        expect(tree.size).toBe(leaves.length);
      }),
    );
  });
});

describe('canonical JSON', () => {
  test('is one text per value, whatever the order of its keys', () => {
    expect(canonicalJson({ b: [1, null, 'x'], a: { d: true, c: undefined } })).toBe(
      '{"a":{"d":true},"b":[1,null,"x"]}',
    );
    expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
    expect(() => canonicalJson(0.1)).toThrow('no safe integer');
  });
});

describe('the ordered pool', () => {
  test('keeps the order, never more than its width under way, and gives errors in their turn', async () => {
    let running = 0;
    let most = 0;
    const items = async function* () {
      for (let item = 0; item < 500; item += 1) yield item;
    };
    const results: number[] = [];
    const work = async (item: number) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, (item * 7) % 5));
      running -= 1;
      return item;
    };
    for await (const result of inOrder(items(), 16, work)) results.push(result);
    expect(results).toEqual(Array.from({ length: 500 }, (_, item) => item));
    expect(most).toBe(16);
    const failing = inOrder(items(), 4, async (item) => {
      if (item === 3) throw new Error('third');
      return item;
    });
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const item of failing) seen.push(item);
      })(),
    ).rejects.toThrow('third');
    expect(seen).toEqual([0, 1, 2]);
  });
});

describe('retention', () => {
  const written = new Date('2026-01-01T00:00:00Z');
  const object = { key: 'k', versionId: 'v', size: 1, sha256: 'x', lockMode: 'COMPLIANCE' };
  test.each([
    ['kept for the policy', '2026-01-31T00:00:00.000Z', 'COMPLIANCE', []],
    ['a day short', '2026-01-30T00:00:00.000Z', 'COMPLIANCE', ['retention-short']],
    ['not locked', undefined, undefined, ['retention-missing']],
    [
      'locked so that an administrator can undo it',
      '2026-03-01T00:00:00.000Z',
      'GOVERNANCE',
      ['retention-governance'],
    ],
  ])('%s', (_, retainUntil, lockMode, kinds) => {
    const found = retentionFindings({ ...object, retainUntil, lockMode }, written, 30);
    expect(found.map(({ kind }) => kind)).toEqual(kinds);
  });
});

const testSealed = hasOpenssl ? testWithMoto : test.skip;

describe('checkpoints', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let s3: S3Client;
  let kms: KmsStandIn | undefined;
  let cloudwatch: CloudWatchClient;
  const today = () => new Date().toISOString().slice(0, 10);
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);

  beforeAll(async () => {
    moto = await startMoto();
    if (!moto) return;
    s3 = new S3Client({ ...moto.config, forcePathStyle: true });
    if (hasOpenssl) kms = new KmsStandIn();
    cloudwatch = new CloudWatchClient(moto.config);
  }, 90_000);
  afterAll(async () => {
    for (const client of [s3, cloudwatch]) client?.destroy();
    kms?.remove();
    await moto?.stop();
  });

  /** An archive locked for `days`, with the function over it. */
  async function archive(bucket: string, days: number, policyDays = days) {
    await s3.send(
      new CreateBucketCommand({
        Bucket: bucket,
        ObjectLockEnabledForBucket: true,
        CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
      }),
    );
    await s3.send(
      new PutObjectLockConfigurationCommand({
        Bucket: bucket,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: days } },
        },
      }),
    );
    const { log, lines } = memoryLog();
    const environment = {
      ENVIRONMENT: bucket,
      BUCKET: bucket,
      PREFIXES: ['hosts/'],
      SIGNING_KEY: 'alias/signing',
      RETENTION_DAYS: policyDays,
    };
    const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    // Tomorrow, so that today is over.
    const run = createCheckpointArchive({
      environment,
      s3,
      kms: kms!.client,
      cloudwatch,
      log,
      now: () => inDays(1),
    });
    const rewrite = async (change: (text: string) => string) => {
      const Key = `checkpoints/${today()}.json`;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      await put(Key, change(await Body!.transformToString()));
    };
    return { bucket, put, run, lines, rewrite };
  }

  testSealed(
    '(moto_server, openssl) seals a day once, and finds it unchanged afterwards',
    async () => {
      const { put, run, bucket } = await archive('sealed', 30);
      for (let index = 0; index < 25; index += 1) await put(`hosts/primary/${index}.log`, `line ${index}\n`);
      await put('hosts/primary/3.log', 'a second version');
      await put('elsewhere/x', 'not under a prefix of the archive');
      const report = await run({ date: today() });
      expect(report).toMatchObject({ mode: 'checkpoint', objects: 26, findings: 0, first: [] });
      const again = await run({ time: inDays(1).toISOString() });
      expect(again).toMatchObject({ root: report.root, findings: 0 });
      await expect(run({ verify: { from: today(), to: today() } })).resolves.toMatchObject({
        mode: 'verify',
        days: 1,
        objects: 26,
        findings: 0,
        root: report.root,
      });
      const { Datapoints } = await cloudwatch.send(
        new GetMetricStatisticsCommand({
          Namespace: 'Tradewind',
          MetricName: 'ArchiveObjects',
          Dimensions: [{ Name: 'Environment', Value: bucket }],
          StartTime: inDays(-1),
          EndTime: inDays(1),
          Period: 86_400,
          Statistics: ['Maximum'],
        }),
      );
      expect(Datapoints?.[0]?.Maximum).toBe(26);
    },
    60_000,
  );

  testSealed(
    '(moto_server, openssl) finds what was added, deleted or kept too short',
    async () => {
      const { put, run, bucket, lines } = await archive('tampered', 5, 30);
      await put('hosts/a', 'one');
      await put('hosts/b', 'two');
      const sealed = await run({ date: today() });
      expect(sealed.first.map(({ kind }) => kind)).toEqual(['retention-short', 'retention-short']);
      expect(sealed.first[0]?.detail).toContain('25 days less than the policy');
      await put('hosts/a', 'forged afterwards');
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'hosts/b' }));
      const verified = await run({ verify: { from: today(), to: today() } });
      const kinds = verified.first.map(({ kind }) => kind);
      expect(kinds).toContain('root-differs');
      expect(kinds).toContain('delete-marker');
      expect(
        lines.map((line) => JSON.parse(line)).filter(({ message }) => message === 'finding'),
      ).toHaveLength(sealed.findings + verified.findings);
      // A day that was sealed is not sealed over.
      const again = await run({ date: today() });
      expect(again.first.map(({ kind }) => kind)).toContain('root-differs');
    },
    60_000,
  );

  testSealed(
    '(moto_server, openssl) finds a forged checkpoint, a broken chain and a day without one',
    async () => {
      const { put, run, rewrite } = await archive('forged', 30);
      await put('hosts/a', 'one');
      await run({ date: inDays(-1).toISOString().slice(0, 10) });
      await run({ date: today() });
      const range = { verify: { from: inDays(-2).toISOString().slice(0, 10), to: today() } };
      const before = await run(range);
      expect(before.first).toMatchObject([{ kind: 'checkpoint-missing' }]);
      await rewrite((text) => text.replace('"objects":1', '"objects":2'));
      expect((await run(range)).first.map(({ kind }) => kind)).toEqual([
        'checkpoint-missing',
        'signature-invalid',
        'root-differs',
      ]);
      await rewrite((text) =>
        text.replace(/"sha256":"..../, '"sha256":"0000').replace('"objects":2', '"objects":1'),
      );
      expect((await run(range)).first.map(({ kind }) => kind)).toEqual([
        'checkpoint-missing',
        'signature-invalid',
        'chain-broken',
      ]);
    },
    60_000,
  );

  test('refuses a day that is not over, and events it does not know', async () => {
    const environment = {
      ENVIRONMENT: 'x',
      BUCKET: 'x',
      PREFIXES: [''],
      SIGNING_KEY: 'x',
      RETENTION_DAYS: 1,
    };
    const clients = { s3: {} as S3Client, kms: {} as KMSClient, cloudwatch: {} as CloudWatchClient };
    const run = createCheckpointArchive({
      environment,
      ...clients,
      log: memoryLog().log,
      now: () => new Date(),
    });
    await expect(run({ date: today() })).rejects.toThrow(`date ${today()}: is not over yet`);
    await expect(run({ date: '2026-13-01' })).rejects.toThrow('event of checkpoint-archive');
    expect(() => checkpointEnvironment({ PREFIXES: '[]' })).toThrow(
      /BUCKET missing: set it to the archive bucket; PREFIXES .*name at least one prefix.*RETENTION_DAYS missing: set it to days/,
    );
  });
});
