import { describe, expect, test } from '@jest/globals';
import { type HostAccessArns, hostAccess, type PolicyStatement } from '../../model/index.js';
import { ENVIRONMENTS, shippedPlan } from '../support/test-app.js';

const ARNS: HostAccessArns = {
  partition: 'aws',
  secrets: ['arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:tradewind/x/venues/binance-AbCdEf'],
  releases: 'arn:aws:s3:::releases/*.gz',
  keys: {
    data: 'arn:aws:kms:ap-northeast-1:111122223333:key/data',
    audit: 'arn:aws:kms:ap-northeast-1:111122223333:key/audit',
    secrets: 'arn:aws:kms:ap-northeast-1:111122223333:key/secrets',
  },
};

function statements(name: (typeof ENVIRONMENTS)[number], arns = ARNS): Map<string, PolicyStatement> {
  const { trading, management } = hostAccess(shippedPlan(name), arns);
  return new Map([...trading, ...management].map((statement) => [statement.Sid, statement]));
}

const actions = (all: Map<string, PolicyStatement>) => [...all.values()].flatMap(({ Action }) => Action);

describe.each(ENVIRONMENTS)('a host of %s', (name) => {
  const all = statements(name);

  test('is allowed single actions alone, and none that deletes, changes the network or grants', () => {
    expect(actions(all).filter((action) => action.includes('*'))).toEqual([]);
    expect(
      actions(all).filter((action) =>
        /Delete(?!Message)|^ec2:|^iam:(?!PassRole)|:Put.*Policy|Retention|LegalHold/.test(action),
      ),
    ).toEqual([]);
  });

  test('touches everything only where AWS knows no resource, and metrics by their namespace', () => {
    const everywhere = [...all.values()].filter(({ Resource }) => Resource.includes('*'));
    expect(everywhere.map(({ Sid }) => Sid)).toEqual(['SendMetrics', 'OpenSessions', 'RunCommands']);
    expect(all.get('SendMetrics')?.Condition).toEqual({
      StringEquals: { 'cloudwatch:namespace': 'Tradewind' },
    });
  });

  test('uses keys through the service that holds the data', () => {
    const { region } = shippedPlan(name).config;
    const keys = [...all.values()].filter(({ Action }) => Action.some((action) => action.startsWith('kms:')));
    expect(keys.map(({ Condition }) => Condition?.StringEquals?.['kms:ViaService']).sort()).toEqual(
      ['dynamodb', 's3', 'secretsmanager'].map((service) => `${service}.${region}.amazonaws.com`),
    );
  });

  test('has policies that IAM takes', () => {
    for (const Statement of Object.values(hostAccess(shippedPlan(name), ARNS))) {
      expect(JSON.stringify({ Version: '2012-10-17', Statement }).length).toBeLessThan(6_144);
    }
  });

  test('touches this environment alone', () => {
    for (const { Sid, Resource } of all.values()) {
      for (const resource of Resource.filter((one) =>
        /:(?:dynamodb|logs|ssm|iam):|s3:::tradewind/.test(one),
      )) {
        if (Sid !== 'WatchTakeover') expect(resource).toContain(name);
      }
    }
  });
});

test('the lease is one item: no other key of the table, and no request without a key', () => {
  expect(statements('prod-tokyo').get('HoldTheLease')).toMatchObject({
    Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
    Resource: ['arn:aws:dynamodb:ap-northeast-1:111122223333:table/tradewind-prod-tokyo-lease'],
    Condition: {
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['engine'] },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
  });
});

test('a takeover is two documents where an address moves, one where none does, none without a partner', () => {
  const started = (name: (typeof ENVIRONMENTS)[number]) =>
    statements(name)
      .get('StartTakeover')
      ?.Resource.filter((resource) => resource.includes(':document/'))
      .map((resource) => resource.split('/').at(-1));
  expect(started('paper-tokyo')).toEqual([
    'Tradewind-paper-tokyo-fence',
    'Tradewind-paper-tokyo-move-address',
  ]);
  expect(started('prod-tokyo')).toEqual(['Tradewind-prod-tokyo-fence']);
  expect(started('dev-single')).toBeUndefined();
});

test('metrics go to the workspace of this environment alone, where there is one', () => {
  const all = statements('prod-tokyo');
  expect(all.get('FindPrometheus')?.Resource).toEqual([
    'arn:aws:ssm:ap-northeast-1:111122223333:parameter/tradewind/prod-tokyo/prometheus/workspace',
  ]);
  expect(all.get('SendToPrometheus')).toMatchObject({
    Action: ['aps:RemoteWrite'],
    Resource: ['arn:aws:aps:ap-northeast-1:111122223333:workspace/*'],
    Condition: { StringEquals: { 'aws:ResourceTag/tradewind:environment': 'prod-tokyo' } },
  });
  const none = statements('dev-single');
  expect([none.has('FindPrometheus'), none.has('SendToPrometheus')]).toEqual([false, false]);
});

test('a host can write to the archive and read nothing of it', () => {
  const all = statements('prod-tokyo');
  expect(all.get('AppendToArchive')?.Action).toEqual(['s3:PutObject']);
  expect(all.get('EncryptArchive')?.Action).toEqual(['kms:GenerateDataKey']);
});

test('without exchange keys there is nothing to read them with', () => {
  const all = statements('dev-single', { ...ARNS, secrets: [] });
  expect(all.has('ReadExchangeKeys')).toBe(false);
  expect(all.has('DecryptExchangeKeys')).toBe(false);
});
