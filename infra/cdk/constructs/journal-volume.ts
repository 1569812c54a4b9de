import { RemovalPolicy, Tags, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { EnvironmentPlan, HostPlan } from '../../model/index.js';

export interface JournalVolumeProps {
  readonly host: HostPlan;
  readonly volume: EnvironmentPlan['config']['hosts']['journalVolume'];
  readonly key: IKey;
}

/** What a volume is told by in the backup plan. */
export const BACKUP_TAG = 'tradewind:backup';

/** The data volume of a host: a resource of its own, so that it outlives the instance it is attached to. */
export class JournalVolume extends Construct {
  readonly volumeId: string;

  constructor(scope: Construct, id: string, { host, volume, key }: JournalVolumeProps) {
    super(scope, id);
    const resource = new ec2.CfnVolume(this, 'Volume', {
      // A zone of our own choosing, not one read from a subnet: a volume can not be moved, so nothing may move it.
      availabilityZoneId: host.zoneId,
      volumeType: volume.type,
      size: volume.sizeGiB,
      ...(volume.iops ? { iops: volume.iops } : {}),
      ...(volume.throughputMiB ? { throughput: volume.throughputMiB } : {}),
      encrypted: true,
      kmsKeyId: key.keyArn,
      multiAttachEnabled: false,
    });
    resource.applyRemovalPolicy(RemovalPolicy.RETAIN, { applyToUpdateReplacePolicy: true });
    Tags.of(resource).add('Name', `journal-${host.role}`);
    Tags.of(resource).add('tradewind:host', host.role);
    Tags.of(resource).add(BACKUP_TAG, 'journal');
    Validations.of(resource).acknowledge({
      id: 'NIST.800.53.R5-EC2EBSInBackupPlan',
      reason:
        'The plan in the Backup stack takes the volume in by its tag, as it does a new one; the rule looks for its ARN.',
    });
    this.volumeId = resource.attrVolumeId;
  }
}
