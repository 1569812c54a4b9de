import { Stack } from 'aws-cdk-lib';
import * as grafana from 'aws-cdk-lib/aws-grafana';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { EnvironmentPlan } from '../../model/index.js';
import { StatementRole } from './statement-role.js';

export interface GrafanaWorkspaceProps {
  readonly plan: EnvironmentPlan;
  /** The metrics it may read; absent without Managed Prometheus. */
  readonly prometheusArn?: string;
}

/** CloudWatch has no resource-level permissions for reading metrics. */
const CLOUDWATCH_READ = ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'];

/** Managed Grafana: people sign in through IAM Identity Center; its role reads metrics of this environment and no more. */
export class GrafanaWorkspace extends Construct {
  constructor(scope: Construct, id: string, { plan, prometheusArn }: GrafanaWorkspaceProps) {
    super(scope, id);
    const { account, region, partition } = Stack.of(this);
    const { role } = new StatementRole(this, 'Access', {
      description: `Grafana reads the metrics of ${plan.config.name}.`,
      assumedBy: new iam.ServicePrincipal('grafana.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:${partition}:grafana:${region}:${account}:/workspaces/*` },
        },
      }),
      statements: [
        ...(prometheusArn
          ? [
              {
                Sid: 'QueryPrometheus',
                Effect: 'Allow' as const,
                Action: ['aps:QueryMetrics', 'aps:GetSeries', 'aps:GetLabels', 'aps:GetMetricMetadata'],
                Resource: [prometheusArn],
              },
            ]
          : []),
        { Sid: 'ReadCloudWatch', Effect: 'Allow', Action: CLOUDWATCH_READ, Resource: ['*'] },
      ],
      wildcardReasons: {
        ReadCloudWatch:
          'Reading CloudWatch metrics has no resource-level permissions, so the two read actions can only be allowed on all resources.',
      },
    });
    new grafana.CfnWorkspace(this, 'Workspace', {
      name: plan.names.prefix,
      accountAccessType: 'CURRENT_ACCOUNT',
      authenticationProviders: ['AWS_SSO'],
      permissionType: 'CUSTOMER_MANAGED',
      dataSources: prometheusArn ? ['PROMETHEUS', 'CLOUDWATCH'] : ['CLOUDWATCH'],
      roleArn: role.roleArn,
    });
  }
}
