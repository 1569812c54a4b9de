import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { parse } from 'yaml';
import { alertManagerYaml, SAFETY_RULES, safetyRulesYaml } from '../../cdk/constructs/prometheus-rules.js';
import { ObservabilityStack } from '../../cdk/stacks/observability-stack.js';
import {
  type EnvironmentPlan,
  infraPath,
  loadEnvironment,
  planEnvironment,
  repositoryPath,
} from '../../model/index.js';
import { operationsRefs } from '../support/operations-refs.js';
import { comparable } from '../support/stack-snapshot.js';
import { ENVIRONMENTS, type EnvironmentName, shippedPlan, testApp } from '../support/test-app.js';

function synthesize(plan: EnvironmentPlan): Template {
  const app = testApp();
  const { keys, trading, state } = operationsRefs(new Stack(app, 'Elsewhere'), plan);
  return Template.fromStack(new ObservabilityStack(app, { plan, keys, trading, state }));
}

const templates = new Map(ENVIRONMENTS.map((name) => [name, synthesize(shippedPlan(name))]));
const of = (name: EnvironmentName) => templates.get(name) as Template;

function alarm(template: Template, name: string): Record<string, unknown> {
  const found = template.findResources('AWS::CloudWatch::Alarm', { Properties: { AlarmName: name } });
  expect(Object.keys(found)).toHaveLength(1);
  return Object.values(found)[0]!.Properties;
}

describe.each(ENVIRONMENTS)('observability of %s', (name) => {
  const plan = shippedPlan(name);

  test('is as recorded', () => {
    expect(comparable(of(name).toJSON())).toMatchSnapshot();
  });

  test('has exactly the alarms of the plan, each with its runbook and the topic of its severity', () => {
    const alarms = Object.values(of(name).findResources('AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => Properties,
    );
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual(
      plan.alarmInstances.map((one) => one.name).sort(),
    );
    const topics = of(name).findResources('AWS::SNS::Topic');
    for (const { AlarmName, AlarmDescription, AlarmActions, OKActions } of alarms) {
      const { plan: planned } = plan.alarmInstances.find((one) => one.name === AlarmName)!;
      expect(AlarmDescription).toContain(planned.meaning);
      expect(AlarmDescription).toContain(`${plan.config.observability.runbooks}/${planned.id}.md`);
      expect(AlarmActions).toEqual(OKActions);
      const topic = topics[AlarmActions[0].Ref]!;
      expect(topic.Properties.TopicName).toBe(plan.names.topic(planned.severity));
    }
  });

  test('tells the hosts where their metrics go, where they go anywhere', () => {
    const parameters = Object.values(of(name).findResources('AWS::SSM::Parameter'));
    expect(parameters.map(({ Properties }) => [Properties.Name, Object.keys(Properties.Value)])).toEqual(
      plan.config.observability.prometheus
        ? [[`/tradewind/${name}/prometheus/workspace`, ['Fn::GetAtt']]]
        : [],
    );
  });

  test('lets only encrypted messages in, from the monitoring services of this account', () => {
    of(name).allResourcesProperties('AWS::SNS::Topic', { KmsMasterKeyId: Match.anyValue() });
    const policies = Object.values(of(name).findResources('AWS::SNS::TopicPolicy'));
    expect(policies).toHaveLength(2);
    for (const { Properties } of policies) {
      const statements = Properties.PolicyDocument.Statement;
      expect(statements).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
      expect(statements).toContainEqual(
        expect.objectContaining({
          Sid: 'MonitoringOfThisAccount',
          Condition: { StringEquals: { 'aws:SourceAccount': plan.config.account } },
        }),
      );
      expect(statements).toHaveLength(2);
    }
  });

  test('shows every alarm with its runbook on the dashboard', () => {
    const [dashboard] = Object.values(of(name).findResources('AWS::CloudWatch::Dashboard'));
    const body = JSON.stringify(dashboard!.Properties.DashboardBody);
    for (const { id } of plan.alarms) expect(body).toContain(`${id}.md`);
  });
});

describe('alarms', () => {
  test('look at the lease every ten seconds and take silence for a fault', () => {
    expect(alarm(of('prod-tokyo'), 'tradewind-prod-tokyo-lease-age-standby')).toMatchObject({
      Namespace: 'Tradewind',
      MetricName: 'LeaseAge',
      Period: 10,
      EvaluationPeriods: 1,
      Threshold: 2_500,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'breaching',
      Dimensions: [
        { Name: 'Environment', Value: 'prod-tokyo' },
        { Name: 'Host', Value: 'standby' },
      ],
    });
  });

  test('count the leaders of all hosts in one expression, which alone is judged', () => {
    const { Metrics, Threshold, MetricName } = alarm(
      of('prod-tokyo'),
      'tradewind-prod-tokyo-two-leaders',
    ) as never as {
      Metrics: { Id: string; Expression?: string; ReturnData: boolean; MetricStat?: { Period: number } }[];
      Threshold: number;
      MetricName?: string;
    };
    expect(MetricName).toBeUndefined();
    expect(Threshold).toBe(1);
    expect(Metrics.filter(({ ReturnData }) => ReturnData)).toEqual([
      expect.objectContaining({ Id: 'watched', Expression: 'SUM([m1, m2])' }),
    ]);
    expect(
      Metrics.filter(({ MetricStat }) => MetricStat).map(({ MetricStat }) => MetricStat!.Period),
    ).toEqual([10, 10]);
  });

  test('name machines, volumes, functions and vaults', () => {
    const about = (name: string) => alarm(of('paper-tokyo'), `tradewind-paper-tokyo-${name}`).Dimensions;
    expect(about('host-status-primary')).toEqual([{ Name: 'InstanceId', Value: 'i-0aaaaaaaaaaaaaaa1' }]);
    expect(about('journal-volume-stalled-standby')).toEqual([
      { Name: 'VolumeId', Value: 'vol-0bbbbbbbbbbbbbbb2' },
    ]);
    expect(about('automation-failed-move-address')).toEqual([
      { Name: 'FunctionName', Value: 'tradewind-paper-tokyo-move-address' },
    ]);
    expect(about('backup-failed')).toEqual([
      { Name: 'BackupVaultName', Value: 'tradewind-paper-tokyo-vault' },
    ]);
    expect(about('restore-test-failed')).toEqual([{ Name: 'Environment', Value: 'paper-tokyo' }]);
  });

  test('are gathered in one that stands for the environment and one that ends upgrades', () => {
    const composites = Object.values(of('prod-tokyo').findResources('AWS::CloudWatch::CompositeAlarm'));
    const rule = (suffix: string) =>
      composites.find(({ Properties }) => Properties.AlarmName === `tradewind-prod-tokyo-${suffix}`)!
        .Properties.AlarmRule;
    expect(rule('upgrade-rollback').split(' OR ').sort()).toEqual(
      [
        'ALARM("tradewind-prod-tokyo-heartbeat-gap-primary")',
        'ALARM("tradewind-prod-tokyo-heartbeat-gap-standby")',
        'ALARM("tradewind-prod-tokyo-lease-age-primary")',
        'ALARM("tradewind-prod-tokyo-lease-age-standby")',
        'ALARM("tradewind-prod-tokyo-no-leader")',
        'ALARM("tradewind-prod-tokyo-two-leaders")',
      ].sort(),
    );
    expect(rule('environment-critical')).toContain('tradewind-prod-tokyo-journal-volume-stalled-primary');
    expect(rule('environment-critical')).not.toContain('host-drift');
  });

  test('say nothing about hosts that are not there: a pilot light', () => {
    const { dr } = shippedPlan('prod-virginia');
    expect(dr?.hosts.running).toBe(false);
    const template = synthesize(dr!);
    const names = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => Properties.AlarmName,
    );
    expect(names).toContain('tradewind-prod-virginia-backup-failed');
    expect(names.filter((one) => /lease|leader|heartbeat|host-|volume/.test(one))).toEqual([]);
  });

  test('fail at synthesis when they are about a host nobody made', () => {
    const plan = shippedPlan('prod-tokyo');
    const app = testApp();
    const { keys, state } = operationsRefs(new Stack(app, 'Elsewhere'), plan);
    expect(
      () => new ObservabilityStack(app, { plan, keys, state, trading: { hosts: {}, hostRoleArn: '' } }),
    ).toThrow('an alarm watches the primary host');
  });
});

describe('people', () => {
  test('are reached by the pager for what is critical and by mail for all', () => {
    const { config } = loadEnvironment(infraPath('environments', 'prod-tokyo.yaml'));
    const template = synthesize(
      planEnvironment({
        ...config,
        observability: {
          ...config.observability,
          pagerEndpoint: 'https://events.pager.example/integration/1',
          email: 'desk@example.com',
        },
      }),
    );
    const subscribed = Object.values(template.findResources('AWS::SNS::Subscription')).map(
      ({ Properties }) => [
        Properties.Protocol,
        Properties.TopicArn.Ref.startsWith('Critical') ? 'critical' : 'warning',
      ],
    );
    expect(subscribed.sort()).toEqual([
      ['email', 'critical'],
      ['email', 'warning'],
      ['https', 'critical'],
    ]);
    of('dev-single').resourceCountIs('AWS::SNS::Subscription', 0);
  });
});

describe('metrics store', () => {
  test('keeps what the retention policy says, encrypted, and pages through the same topics', () => {
    of('prod-tokyo').hasResourceProperties('AWS::APS::Workspace', {
      KmsKeyArn: Match.stringLikeRegexp(':key/1111'),
      WorkspaceConfiguration: { RetentionPeriodInDays: 400 },
      AlertManagerDefinition: Match.anyValue(),
    });
    of('dev-single').resourceCountIs('AWS::APS::Workspace', 0);
  });

  test('records from metrics the engine and the host really export', () => {
    const exported = sources(repositoryPath('engine', 'src'));
    for (const { expr } of SAFETY_RULES) {
      for (const [series] of expr.matchAll(/tradewind_\w+/g)) {
        expect(exported).toContain(`'${series.replace(/_(bucket|sum|count)$/, '')}'`);
      }
    }
  });

  test('gets its rules and its alert manager as YAML of Prometheus', () => {
    const { groups } = parse(safetyRulesYaml('paper-tokyo'));
    expect(groups[0].rules[0]).toEqual({
      record: 'tradewind:components_not_ready:count',
      expr: 'count by (host) (tradewind_ready == 0)',
      labels: { environment: 'paper-tokyo' },
    });
    const inner = parse(
      parse(alertManagerYaml({ critical: 'arn:c', warning: 'arn:w' }, 'eu-west-1')).alertmanager_config,
    );
    expect(inner.route.routes).toEqual([
      { receiver: 'critical', matchers: ['severity="critical"'], group_wait: '0s' },
    ]);
    expect(inner.receivers[0].sns_configs[0]).toMatchObject({
      topic_arn: 'arn:c',
      sigv4: { region: 'eu-west-1' },
    });
  });

  test('is read by Grafana with the four query actions on this workspace alone', () => {
    of('prod-tokyo').hasResourceProperties('AWS::Grafana::Workspace', {
      AuthenticationProviders: ['AWS_SSO'],
      PermissionType: 'CUSTOMER_MANAGED',
    });
    of('prod-tokyo').hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: 'QueryPrometheus',
            Action: ['aps:GetLabels', 'aps:GetMetricMetadata', 'aps:GetSeries', 'aps:QueryMetrics'],
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Prometheus'), 'Arn'] },
          }),
        ]),
      },
    });
    of('paper-tokyo').resourceCountIs('AWS::Grafana::Workspace', 0);
  });
});

function sources(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
}
