import { beforeEach, describe, expect, test } from '@jest/globals';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { CfnBackupVault } from 'aws-cdk-lib/aws-backup';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as logs from 'aws-cdk-lib/aws-logs';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { EnvironmentStack, type EnvironmentStackProps } from '../../cdk/environment-stack.js';
import { AssemblyRules } from '../../cdk/policy/assembly-rules.js';
import { shippedPlan } from '../support/test-app.js';

class AnyStack extends EnvironmentStack {
  constructor(app: App, part: string, props: EnvironmentStackProps) {
    super(app, part, props, { stateful: true, description: 'Any' });
  }
}

describe('the rules on the assembly', () => {
  const plan = shippedPlan('prod-tokyo');
  let app: App;
  let rules: AssemblyRules;

  beforeEach(() => {
    app = new App({ builtinCloudFormationValidation: false });
    rules = new AssemblyRules();
  });

  const found = () =>
    rules
      .validate({ appConstruct: app, stackTemplates: [], templatePaths: [] })
      .violations.map(({ ruleName, description, violatingResources }) => ({
        rule: ruleName,
        description,
        at: violatingResources.map(({ constructPath }) => constructPath),
      }));

  test('TW-STACK-01: data in a stack without termination protection', () => {
    new CfnBucket(new Stack(app, 'Loose'), 'Records');
    expect(found()).toEqual([
      {
        rule: 'TW-STACK-01',
        description: 'AWS::S3::Bucket stands in stack Loose, whose termination protection is off',
        at: ['Loose/Records'],
      },
    ]);
  });

  test('TW-STACK-01 lets a stack with protection, or with logs alone, pass', () => {
    new CfnBucket(new Stack(app, 'Kept', { terminationProtection: true }), 'Records');
    new logs.CfnLogGroup(new Stack(app, 'Loose'), 'Logs');
    expect(found()).toEqual([]);
  });

  test('TW-STACK-02: the lease outside the State stack', () => {
    const table = (stack: Stack) =>
      new dynamodb.CfnTable(stack, 'Lease', {
        keySchema: [{ attributeName: 'leaseKey', keyType: 'HASH' }],
      });
    table(new AnyStack(app, 'Trading', { plan }));
    table(new AnyStack(app, 'State', { plan }));
    expect(found()).toMatchObject([{ rule: 'TW-STACK-02', at: ['Tradewind-prod-tokyo-Trading/Lease'] }]);
  });

  test.each([
    ['another mode', { mode: 'GOVERNANCE', days: plan.archive.lockDays }, /is GOVERNANCE for \d+ days/],
    ['fewer days', { mode: 'COMPLIANCE', days: 30 }, /is COMPLIANCE for 30 days, the plan says COMPLIANCE/],
  ])('TW-STACK-03: records locked with %s than planned', (_, defaultRetention, says) => {
    new CfnBucket(new AnyStack(app, 'Archive', { plan }), 'Records', {
      objectLockEnabled: true,
      objectLockConfiguration: { objectLockEnabled: 'Enabled', rule: { defaultRetention } },
    });
    expect(found()).toMatchObject([{ rule: 'TW-STACK-03', description: expect.stringMatching(says) }]);
  });

  test('TW-STACK-03: a vault of development locked for ever', () => {
    const dev = shippedPlan('dev-single');
    new CfnBackupVault(new AnyStack(app, 'Backup', { plan: dev }), 'Vault', {
      backupVaultName: dev.backup.vault,
      lockConfiguration: { minRetentionDays: 1, changeableForDays: 3 },
    });
    expect(found()).toMatchObject([
      { description: 'the vault lock is a compliance lock after 3 days, the plan says no compliance lock' },
    ]);
  });

  test('an acknowledgment beside the resource is taken, and remembered with its reason', () => {
    const bucket = new CfnBucket(new Stack(app, 'Loose'), 'Records');
    const reason = 'The bucket holds what can be made again at any time.';
    Validations.of(bucket).acknowledge({ id: 'TW-STACK-01', reason });
    expect(found()).toEqual([]);
    expect(rules.acknowledged).toEqual([
      { rule: 'TW-STACK-01', constructPath: 'Loose/Records', acknowledgedAt: 'Loose/Records', reason },
    ]);
  });
});
