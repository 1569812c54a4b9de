import { Construct } from 'constructs';
import {
  automationDocument,
  automationRoleName,
  calendarName,
  changeCalendar,
  type DocumentArns,
  documentAccess,
  documentActions,
  documentGroups,
} from '../../model/documents/index.js';
import { SsmDocument } from '../resources/automation.js';
import { IamPolicy, IamRole, IamRolePolicyAttachment } from '../resources/identity.js';
import type { Failover } from './failover.js';
import type { FunctionSurroundings } from './function-settings.js';
import { literal } from './literal.js';
import { placeOf } from './place.js';
import { policyDocument } from './policy.js';

/** What people and agents do to the environment: the documents of the runbooks, their roles, the Change Calendar. */
export class Operations extends Construct {
  constructor(scope: Construct, around: FunctionSurroundings, failover: Failover) {
    super(scope, 'operations');
    const { plan, trading, state, topics, keys, secretArns } = around;
    const { arn, partition, account } = placeOf(plan);
    new SsmDocument(this, 'calendar', {
      name: calendarName({ plan }),
      documentType: 'ChangeCalendar',
      documentFormat: 'TEXT',
      content: literal(changeCalendar(plan.config)),
    });
    const arns: DocumentArns = {
      partition,
      instances: idsOf(trading.hosts, ({ instanceId }) => instanceId),
      journalVolumes: idsOf(state.volumes, ({ id }) => id),
      topics,
      leaseTable: state.leaseTable.arn,
      dataKey: keys.data,
      secrets: secretArns,
      functions: idsOf(failover.functions, (one) => one.arn),
    };
    const actions = documentActions(plan);
    const roles = new Map(
      documentGroups(actions).map((group) => {
        const name = automationRoleName(plan, group);
        const description = `Automation documents of ${plan.config.name} for ${group}.`;
        const role = new IamRole(this, `${group}-role`, {
          name,
          description,
          assumeRolePolicy: policyDocument({
            Effect: 'Allow',
            Principal: { Service: 'ssm.amazonaws.com' },
            Action: 'sts:AssumeRole',
            Condition: {
              StringEquals: { 'aws:SourceAccount': account },
              ArnLike: { 'aws:SourceArn': arn('ssm', 'automation-execution/*') },
            },
          }),
        });
        const policy = new IamPolicy(this, `${group}-policy`, {
          name,
          description,
          policy: policyDocument(...documentAccess(plan, group, arns)),
        });
        new IamRolePolicyAttachment(this, `${group}-policy-in-use`, {
          role: role.ref('name'),
          policyArn: policy.ref('arn'),
        });
        return [group, role.ref('arn')];
      }),
    );
    for (const action of actions) {
      const content = automationDocument(action, plan, {
        ...arns,
        roleArn: (group) => roles.get(group) as string,
      });
      new SsmDocument(this, action, {
        name: plan.names.document(action),
        documentType: 'Automation',
        documentFormat: 'JSON',
        content: literal(JSON.stringify(content)),
      });
    }
  }
}

function idsOf<K extends string, T>(
  values: Readonly<Partial<Record<K, T>>>,
  idOf: (value: T) => string,
): Partial<Record<K, string>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, idOf(value as T)]),
  ) as Partial<Record<K, string>>;
}
