import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import {
  automationDocument,
  automationRoleName,
  DOCUMENT_WILDCARDS,
  type DocumentArns,
  type DocumentGroup,
  documentAccess,
  documentActions,
  documentGroups,
} from '../../model/documents/index.js';
import type { HostRole } from '../../model/index.js';
import { AutomationDocument } from '../constructs/automation-document.js';
import { ChangeCalendar } from '../constructs/change-calendar.js';
import { pascal } from '../constructs/logical-id.js';
import { StatementRole } from '../constructs/statement-role.js';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.js';
import type { FunctionRefs, KeyRefs, SecretRefs, StateRefs, TopicRefs, TradingRefs } from '../refs.js';

export interface OperationsStackProps extends EnvironmentStackProps {
  readonly keys: KeyRefs;
  readonly state: StateRefs;
  readonly trading: TradingRefs;
  readonly secrets: SecretRefs;
  readonly functions: FunctionRefs;
  readonly topics: TopicRefs;
}

/** What people and agents do to the environment, as documents that are the same at three in the morning. */
export class OperationsStack extends EnvironmentStack {
  constructor(scope: Construct, props: OperationsStackProps) {
    super(scope, 'Operations', props, {
      stateful: false,
      description:
        'Automation documents for the actions of the runbooks, their roles, and the Change Calendar.',
    });
    const { plan, state, trading, topics } = props;
    new ChangeCalendar(this, 'Calendar', { plan });

    const actions = documentActions(plan);
    const arns: DocumentArns = {
      partition: this.partition,
      instances: instanceIds(trading),
      journalVolumes: state.journalVolumeIds,
      topics: { critical: topics.critical.topicArn, warning: topics.warning.topicArn },
      leaseTable: state.leaseTable.tableArn,
      dataKey: props.keys.data.keyArn,
      secrets: Object.values(props.secrets).map((secret) => secret.secretArn),
      functions: Object.fromEntries(
        Object.entries(props.functions).map(([name, { functionArn }]) => [name, functionArn]),
      ),
    };
    const roles = new Map(documentGroups(actions).map((group) => [group, this.#role(group, arns)]));
    for (const action of actions) {
      new AutomationDocument(this, pascal(action), {
        name: plan.names.document(action),
        content: automationDocument(action, plan, {
          ...arns,
          roleArn: (group) => (roles.get(group) as iam.Role).roleArn,
        }),
      });
    }
  }

  #role(group: DocumentGroup, arns: DocumentArns): iam.Role {
    const { plan, account, region, partition } = this;
    const { role } = new StatementRole(this, `${pascal(group)}Role`, {
      roleName: automationRoleName(plan, group),
      description: `Automation documents of ${plan.config.name} for ${group}.`,
      assumedBy: new iam.ServicePrincipal('ssm.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:${partition}:ssm:${region}:${account}:automation-execution/*` },
        },
      }),
      statements: documentAccess(plan, group, arns),
      wildcardReasons: DOCUMENT_WILDCARDS,
    });
    return role;
  }
}

function instanceIds({ hosts }: TradingRefs): Partial<Record<HostRole, string>> {
  return Object.fromEntries(
    Object.entries(hosts).map(([role, { instanceId }]) => [role, instanceId]),
  ) as Partial<Record<HostRole, string>>;
}
