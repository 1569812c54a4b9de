import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { LogGroupPlan } from '../../model/index.js';
import type { LogRefs } from '../refs.js';
import { pascal } from './logical-id.js';

export interface EnvironmentLogsProps {
  readonly groups: readonly LogGroupPlan[];
  readonly key: IKey;
  /** Groups that carry records can not be deleted before their protection is taken off. */
  readonly protectRecords: boolean;
}

/** Every log group of an environment, so that each is encrypted and keeps what the policy says from its first line on. */
export class EnvironmentLogs extends Construct {
  readonly refs: LogRefs;

  constructor(scope: Construct, id: string, { groups, key, protectRecords }: EnvironmentLogsProps) {
    super(scope, id);
    this.refs = Object.fromEntries(
      groups.map((group) => {
        const logGroup = new logs.LogGroup(this, pascal(group.id), {
          logGroupName: group.name,
          retention: group.days,
          encryptionKey: key,
          deletionProtectionEnabled: group.class === 'record' && protectRecords,
          removalPolicy: RemovalPolicy.RETAIN,
        });
        return [group.id, logGroup];
      }),
    );
  }
}
