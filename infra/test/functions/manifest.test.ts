import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  bundleAgent,
  bundleFunction,
  FUNCTIONS,
  type FunctionArns,
  type FunctionName,
} from '../../functions/index.js';
import { infraPath, repositoryPath } from '../../model/index.js';

const names = Object.keys(FUNCTIONS) as FunctionName[];

const ARNS: FunctionArns = {
  partition: 'aws',
  region: 'ap-northeast-1',
  account: '111122223333',
  leaseTable: 'arn:table',
  keys: {
    data: 'arn:key/data',
    audit: 'arn:key/audit',
    secrets: 'arn:key/secrets',
    signing: 'arn:key/signing',
  },
  instances: ['arn:instance'],
  networkAcls: ['arn:acl'],
  networkInterfaces: ['arn:eni'],
  routeTables: [],
  secrets: ['arn:secret'],
  topics: ['arn:topic'],
  commandDocuments: ['arn:document'],
  archive: 'arn:bucket',
};

test('the manifest names every folder with a handler, and no other', () => {
  const folders = readdirSync(infraPath('functions')).filter((name) =>
    existsSync(infraPath('functions', name, 'handler.ts')),
  );
  expect(names.toSorted()).toEqual(folders.toSorted());
});

describe.each(names)('%s', (name) => {
  const spec = FUNCTIONS[name];

  test('is bundled without the AWS SDK, twice to the same bytes, and without paths of this machine', async () => {
    const { dir, file, entry, sha256 } = bundleFunction(name);
    expect(entry).toBe(spec.entry);
    const text = readFileSync(join(dir, file), 'utf8');
    expect(text.startsWith('// Tradewind ')).toBe(true);
    expect(text).toContain('from "@aws-sdk/client-');
    expect(text).not.toContain(infraPath());
    expect(text).not.toContain('sourceMappingURL');
    expect(Buffer.byteLength(text)).toBeLessThan(1_500_000);
    expect(readdirSync(dir)).toEqual([file]);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('starts as Lambda starts it, and says what its environment lacks', async () => {
    const { dir, file } = bundleFunction(name);
    const { handler } = await import(join(dir, file));
    await expect(handler({})).rejects.toThrow(`environment of ${name}: `);
    const error: Error = await handler({}).catch((thrown: Error) => thrown);
    for (const variable of spec.variables) expect(error.message).toContain(`${variable} missing: `);
  });

  test('may do what it lists, on named resources or under a condition', () => {
    const statements = spec.statements(ARNS);
    expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length);
    for (const { Sid, Action, Resource, Condition } of statements) {
      expect(Action.filter((action) => action.includes('*'))).toEqual([]);
      expect(Resource.length).toBeGreaterThan(0);
      if (Resource.includes('*')) expect([Sid, Condition]).toEqual([Sid, expect.anything()]);
    }
  });
});

test('every AWS call in the sources of a function is among its rights, and no right is unused', () => {
  // Command -> IAM action, where it is not service:Command.
  const services: Record<string, string> = {
    'client-s3': 's3',
    'client-kms': 'kms',
    'client-ec2': 'ec2',
    'client-sns': 'sns',
    'client-ssm': 'ssm',
    'client-dynamodb': 'dynamodb',
    'client-backup': 'backup',
    'client-cloudwatch': 'cloudwatch',
    'client-secrets-manager': 'secretsmanager',
    'client-rds': 'rds',
  };
  const special: Record<string, string[]> = {
    's3:HeadObject': ['s3:GetObjectVersion', 's3:GetObjectRetention'],
    's3:ListObjectsV2': ['s3:ListBucket'],
    's3:ListObjectVersions': ['s3:ListBucketVersions'],
  };
  for (const name of names) {
    const used = new Set<string>();
    const folder = infraPath('functions', name);
    const shared = repositoryPath('engine', 'src', 'ha', 'lease', 'dynamo', 'dynamo-lease-store.ts');
    const files = readdirSync(folder)
      .filter((file) => /(?<!\.d)\.ts$/.test(file))
      .map((file) => join(folder, file));
    const readsLease = files.some((file) => readFileSync(file, 'utf8').includes('DynamoLeaseStore'));
    for (const file of [...files, ...(readsLease ? [shared] : [])]) {
      const text = readFileSync(file, 'utf8');
      for (const [, imported, client] of text.matchAll(
        /(?:import|const) \{([^}]+)\} (?:from|= await import\()\s*'@aws-sdk\/([\w-]+)'/g,
      )) {
        for (const [, command] of imported!.matchAll(/\b(\w+)Command\b/g)) {
          const action = `${services[client!]}:${command}`;
          for (const each of special[action] ?? [action]) used.add(each);
        }
      }
    }
    // Only a fence writes the lease.
    if (name !== 'fence') used.delete('dynamodb:PutItem');
    const warm = FUNCTIONS[name].statements(ARNS);
    const route = FUNCTIONS[name].statements({ ...ARNS, routeTables: ['arn:rtb'] });
    const granted = new Set(
      [...warm, ...route]
        .flatMap(({ Action }) => Action)
        .filter((action) => !/^kms:(Decrypt|GenerateDataKey)$/.test(action)),
    );
    expect([name, [...used].toSorted()]).toEqual([name, [...granted].toSorted()]);
  }
});

test('a right that needs an ARN nobody gave names it', () => {
  const { archive: _, ...without } = ARNS;
  expect(() => FUNCTIONS['checkpoint-archive'].statements(without)).toThrow(
    'FunctionArns.archive: missing, and checkpoint-archive can do nothing without',
  );
});

test('the agent is one file that needs nothing but Node, and a changed file is built again', () => {
  const { dir, file, sha256 } = bundleAgent();
  const text = readFileSync(join(dir, file), 'utf8');
  const outside = [...text.matchAll(/^import .* from "([^"]+)"/gm)].map(([, from]) => from!);
  expect(outside.filter((from) => !from.startsWith('node:') && !builtins.has(from))).toEqual([]);
  expect(sha256).toHaveLength(64);
  expect(bundleAgent()).toEqual({ dir, file, sha256 });
});

const builtins = new Set((await import('node:module')).builtinModules);
