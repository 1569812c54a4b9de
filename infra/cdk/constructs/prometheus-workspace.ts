import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as aps from 'aws-cdk-lib/aws-aps';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { EnvironmentPlan } from '../../model/index.js';
import type { TopicRefs } from '../refs.js';
import { alertManagerYaml, safetyRulesYaml } from './prometheus-rules.js';

export interface PrometheusWorkspaceProps {
  readonly plan: EnvironmentPlan;
  readonly key: kms.IKey;
  readonly topics: TopicRefs;
}

/**
 * Managed Prometheus for what the engine and the hosts export. The hosts send there with remote write (the
 * CloudWatch agent of `infra/host`, with the host's role); nothing scrapes a trading host from outside.
 */
export class PrometheusWorkspace extends Construct {
  readonly workspace: aps.CfnWorkspace;

  constructor(scope: Construct, id: string, { plan, key, topics }: PrometheusWorkspaceProps) {
    super(scope, id);
    this.workspace = new aps.CfnWorkspace(this, 'Workspace', {
      kmsKeyArn: key.keyArn,
      workspaceConfiguration: { retentionPeriodInDays: plan.retention.metricsDays },
      alertManagerDefinition: alertManagerYaml(
        { critical: topics.critical.topicArn, warning: topics.warning.topicArn },
        Stack.of(this).region,
      ),
    });
    // Metrics are looked at long after an incident, and after the stack that stood them.
    this.workspace.applyRemovalPolicy(RemovalPolicy.RETAIN);
    new ssm.StringParameter(this, 'Id', {
      parameterName: plan.names.prometheusParameter,
      description: 'Where hosts send their metrics: they look for it until it is there.',
      stringValue: this.workspace.attrWorkspaceId,
    });
    new aps.CfnRuleGroupsNamespace(this, 'Safety', {
      name: 'trading-safety',
      workspace: this.workspace.attrArn,
      data: safetyRulesYaml(plan.config.name),
    });
  }
}
