import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { KeysStack } from '../../cdk/stacks/keys-stack.js';
import { bySid, planOf, resources, templateOf } from '../support/foundation.js';
import { testApp } from '../support/test-app.js';

describe('keys', () => {
  test('are three that rotate yearly, and one that signs', () => {
    const template = templateOf(planOf('prod-tokyo'), 'Keys');
    template.resourceCountIs('AWS::KMS::Key', 4);
    template.resourcePropertiesCountIs(
      'AWS::KMS::Key',
      { EnableKeyRotation: true, RotationPeriodInDays: 365, PendingWindowInDays: 30 },
      3,
    );
    template.hasResourceProperties('AWS::KMS::Key', {
      KeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
    });
    for (const purpose of ['data', 'audit', 'secrets', 'signing']) {
      template.hasResourceProperties('AWS::KMS::Alias', {
        AliasName: `alias/tradewind-prod-tokyo-${purpose}`,
      });
    }
  });

  test('sign only where checkpoints are asked for', () => {
    templateOf(planOf('dev-single'), 'Keys').resourceCountIs('AWS::KMS::Key', 3);
  });

  test('are used by services for what belongs to the environment and nothing else', () => {
    const keys = Object.values(resources(templateOf(planOf('prod-tokyo'), 'Keys'), 'AWS::KMS::Key'));
    const statements = Object.assign({}, ...keys.map(({ Properties }) => bySid(Properties.KeyPolicy)));
    expect(statements.LogGroupsOfThisEnvironment.Condition.ArnLike).toEqual({
      'kms:EncryptionContext:aws:logs:arn': [
        'arn:aws:logs:ap-northeast-1:111122223333:log-group:/tradewind/prod-tokyo/*',
        'arn:aws:logs:ap-northeast-1:111122223333:log-group:/aws/rds/instance/tradewind-prod-tokyo-postgres/*',
      ],
    });
    expect(statements.AlarmsPublishToTopics.Condition.ArnLike).toEqual({
      'kms:EncryptionContext:aws:sns:topicArn':
        'arn:aws:sns:ap-northeast-1:111122223333:tradewind-prod-tokyo-*',
    });
    // Besides services: the account, and nobody by "*" but in a denial.
    for (const { Properties } of keys) {
      for (const { Effect, Principal } of Properties.KeyPolicy.Statement) {
        if (Effect === 'Allow') expect(JSON.stringify(Principal)).not.toContain('"*"');
      }
    }
  });

  test('of what is locked for years can neither be deleted nor disabled', () => {
    const indelible = (name: 'prod-tokyo' | 'paper-tokyo') =>
      Object.values(resources(templateOf(planOf(name), 'Keys'), 'AWS::KMS::Key'))
        .filter(({ Properties }) => bySid(Properties.KeyPolicy).NeverDeletedOrDisabled)
        .map(({ Properties }) => Properties.Description.split(': ')[1])
        .sort();
    expect(indelible('prod-tokyo')).toEqual([
      'audit archive and logs',
      'signs archive checkpoints',
      'volumes, tables, databases, backups, topics',
    ]);
    expect(indelible('paper-tokyo')).toEqual([]);
  });

  test('that are brought are not created', () => {
    const plan = planOf('paper-tokyo');
    const existing = { audit: 'arn:aws:kms:ap-northeast-1:111122223333:key/brought' };
    const brought = { ...plan, config: { ...plan.config, keys: { ...plan.config.keys, existing } } };
    const stack = new KeysStack(testApp(), { plan: brought });
    expect(stack.refs.audit.keyArn).toBe(existing.audit);
    Template.fromStack(stack).resourcePropertiesCountIs('AWS::KMS::Key', { EnableKeyRotation: true }, 2);
  });
});
