import { describe, expect, test } from '@jest/globals';
import { bySid, planOf, REGIONS, resources, templateOf, theOnly } from '../support/foundation.js';

describe.each(REGIONS)('the vaults of %s', (_, plan) => {
  const vaults = Object.values(resources(templateOf(plan, 'Backup'), 'AWS::Backup::BackupVault')).map(
    ({ Properties }) => Properties,
  );

  test('are those planned', () => {
    const wanted = [
      ...(plan.backup.receivingVault ? [plan.backup.receivingVault] : []),
      ...(plan.scope === 'full' ? [plan.backup.vault] : []),
    ];
    expect(vaults.map(({ BackupVaultName }) => BackupVaultName).sort()).toEqual(wanted.sort());
    for (const { EncryptionKeyArn } of vaults) expect(JSON.stringify(EncryptionKeyArn)).toContain('DataKey');
  });

  test('are locked as planned, and where they are nobody deletes but AWS Backup in time', () => {
    const { lock } = plan.backup;
    for (const vault of vaults) {
      expect(vault.LockConfiguration).toEqual(
        lock && {
          MinRetentionDays: lock.minDays,
          MaxRetentionDays: lock.maxDays,
          ...(lock.changeableForDays ? { ChangeableForDays: lock.changeableForDays } : {}),
        },
      );
      if (!lock) continue;
      const { NobodyDeletes } = bySid(vault.AccessPolicy);
      expect(NobodyDeletes).toMatchObject({ Effect: 'Deny', Principal: { AWS: '*' } });
      expect(NobodyDeletes.Action).toContain('backup:DeleteRecoveryPoint');
    }
  });
});

describe('the plan', () => {
  const plan = planOf('prod-tokyo');
  const template = templateOf(plan, 'Backup');
  const rules = theOnly(template, 'AWS::Backup::BackupPlan').Properties.BackupPlan.BackupPlanRule;

  test('has the planned rules', () => {
    expect(
      rules.map(
        (rule: { RuleName: string; ScheduleExpression: string; Lifecycle: { DeleteAfterDays: number } }) => [
          rule.RuleName,
          rule.ScheduleExpression,
          rule.Lifecycle.DeleteAfterDays,
        ],
      ),
    ).toEqual(plan.backup.rules.map(({ id, schedule, keepDays }) => [id, schedule, keepDays]));
  });

  test('keeps each point for as long as the lock of its vault allows', () => {
    for (const { Lifecycle } of rules) {
      expect(Lifecycle.DeleteAfterDays).toBeGreaterThanOrEqual(plan.backup.lock?.minDays ?? 0);
      expect(Lifecycle.DeleteAfterDays).toBeLessThanOrEqual(
        plan.backup.lock?.maxDays ?? Number.POSITIVE_INFINITY,
      );
      if (Lifecycle.MoveToColdStorageAfterDays) {
        expect(Lifecycle.DeleteAfterDays).toBeGreaterThanOrEqual(Lifecycle.MoveToColdStorageAfterDays + 90);
      }
    }
  });

  test('copies into the vault that stands in the second Region', () => {
    const targets = new Set(
      rules.flatMap((rule: { CopyActions?: { DestinationBackupVaultArn: string }[] }) =>
        (rule.CopyActions ?? []).map(({ DestinationBackupVaultArn }) => DestinationBackupVaultArn),
      ),
    );
    expect([...targets]).toEqual([
      `arn:aws:backup:ap-northeast-3:111122223333:backup-vault:${plan.dr?.backup.receivingVault}`,
    ]);
  });

  test('takes in the lease by its ARN, and volumes and databases of this environment alone', () => {
    const selections = Object.values(resources(template, 'AWS::Backup::BackupSelection')).map(
      ({ Properties }) => Properties.BackupSelection,
    );
    expect(selections.map(({ SelectionName }) => SelectionName)).toEqual(['lease', 'journals', 'databases']);
    for (const { SelectionName, Conditions } of selections) {
      if (SelectionName === 'lease') continue;
      expect(Conditions.StringEquals).toContainEqual({
        ConditionKey: 'aws:ResourceTag/tradewind:environment',
        ConditionValue: 'prod-tokyo',
      });
    }
    const [wanted] = selections[1].Conditions.StringEquals;
    const volumes = Object.values(resources(templateOf(plan, 'State'), 'AWS::EC2::Volume'));
    expect(volumes.length).toBeGreaterThan(0);
    for (const { Properties } of volumes) {
      expect(Properties.Tags).toContainEqual({
        Key: wanted.ConditionKey.replace('aws:ResourceTag/', ''),
        Value: wanted.ConditionValue,
      });
    }
  });
});

describe('restore tests', () => {
  test('restore each kind of what is backed up, the table under our key, the database in its own subnets', () => {
    const template = templateOf(planOf('prod-tokyo'), 'Backup');
    const tests = Object.fromEntries(
      Object.values(resources(template, 'AWS::Backup::RestoreTestingSelection')).map(({ Properties }) => [
        Properties.ProtectedResourceType,
        Properties.RestoreMetadataOverrides ?? {},
      ]),
    );
    expect(Object.keys(tests).sort()).toEqual(['DynamoDB', 'EBS', 'RDS']);
    expect(tests.DynamoDB.encryptionType).toBe('KMS');
    expect(JSON.stringify(tests.RDS.dbSubnetGroupName)).toContain('Data');
  });

  test('have a name AWS Backup takes', () => {
    const name = theOnly(templateOf(planOf('paper-tokyo'), 'Backup'), 'AWS::Backup::RestoreTestingPlan')
      .Properties.RestoreTestingPlanName;
    expect(name).toMatch(/^\w{1,50}$/);
  });

  test('are left out where none are asked for', () => {
    templateOf(planOf('dev-single'), 'Backup').resourceCountIs('AWS::Backup::RestoreTestingPlan', 0);
  });
});
