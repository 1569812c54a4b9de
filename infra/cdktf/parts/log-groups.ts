import { Construct } from 'constructs';
import type { EnvironmentPlan, LogGroupPlan } from '../../model/index.js';
import { LogGroup } from '../resources/logs.js';

export interface LogGroupRef {
  readonly name: string;
  readonly arn: string;
}

/** Encrypted log groups; one that carries records is left where it is by `terraform destroy`. */
export class LogGroups extends Construct {
  readonly refs: Partial<Record<LogGroupPlan['id'], LogGroupRef>> = {};

  constructor(scope: Construct, plan: EnvironmentPlan, auditKeyArn: string) {
    super(scope, 'logs');
    for (const { id, name, days, class: kind } of plan.logs) {
      const group = new LogGroup(this, id, {
        name,
        retentionInDays: days,
        kmsKeyId: auditKeyArn,
        skipDestroy: kind === 'record',
      });
      this.refs[id] = { name: group.ref('name'), arn: group.ref('arn') };
    }
  }

  /** The group of that id; the plan says which there are. */
  require(id: LogGroupPlan['id']): LogGroupRef {
    const ref = this.refs[id];
    if (!ref) throw new Error(`the plan has no log group ${id}, but a resource wants to write to it`);
    return ref;
  }
}
