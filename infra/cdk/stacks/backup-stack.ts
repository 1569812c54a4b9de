import type { Construct } from 'constructs';
import { BackupSchedule } from '../constructs/backup-schedule.js';
import { LockedVault } from '../constructs/locked-vault.js';
import { RestoreTest } from '../constructs/restore-test.js';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.js';
import type { DataRefs, KeyRefs, StateRefs } from '../refs.js';

export interface BackupStackProps extends EnvironmentStackProps {
  readonly keys: KeyRefs;
  /** Absent in a second Region that holds copies alone. */
  readonly state?: StateRefs;
  /** Absent without data services. */
  readonly data?: DataRefs;
}

/**
 * Backups that can not be deleted: of the lease, the journals and the databases, copied to the second Region, restored for
 * trial. There, the vault that takes the copies in; it has to be deployed before the first copy.
 */
export class BackupStack extends EnvironmentStack {
  constructor(scope: Construct, props: BackupStackProps) {
    super(scope, 'Backup', props, { stateful: true, description: 'Locked backups and their restore tests' });
    const { backup } = this.plan;
    const key = props.keys.data;
    if (backup.receivingVault) {
      new LockedVault(this, 'Copies', { vaultName: backup.receivingVault, key, lock: backup.lock });
    }
    if (!props.state) return;
    const { vault } = new LockedVault(this, 'Backups', { vaultName: backup.vault, key, lock: backup.lock });
    const leaseTableArn = props.state.leaseTable.tableArn;
    const { role } = new BackupSchedule(this, 'Schedule', {
      plan: this.plan,
      vaultName: vault.ref,
      leaseTableArn,
    });
    if (backup.restoreTest) {
      new RestoreTest(this, 'RestoreTest', {
        plan: this.plan,
        vaultArn: vault.attrBackupVaultArn,
        roleArn: role.roleArn,
        leaseTableArn,
        key,
        ...(props.data?.databaseSubnetGroup ? { databaseSubnetGroup: props.data.databaseSubnetGroup } : {}),
      });
    }
  }
}
