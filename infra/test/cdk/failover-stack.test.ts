import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { FailoverStack } from '../../cdk/stacks/failover-stack.js';
import { FUNCTIONS, type FunctionName } from '../../functions/index.js';
import { type EnvironmentPlan, functionsOf } from '../../model/index.js';
import { operationsRefs } from '../support/operations-refs.js';
import { comparable } from '../support/stack-snapshot.js';
import { ENVIRONMENTS, type EnvironmentName, shippedPlan, testApp } from '../support/test-app.js';

function synthesize(plan: EnvironmentPlan): Template {
  const app = testApp();
  return Template.fromStack(
    new FailoverStack(app, { plan, ...operationsRefs(new Stack(app, 'Elsewhere'), plan) }),
  );
}

const templates = new Map(ENVIRONMENTS.map((name) => [name, synthesize(shippedPlan(name))]));
const of = (name: EnvironmentName) => templates.get(name) as Template;

function lambdas(template: Template): Map<string, { Properties: Record<string, never> }> {
  const found = Object.values(template.findResources('AWS::Lambda::Function'));
  return new Map(found.map((one) => [one.Properties.FunctionName, one as never]));
}

function variables(name: EnvironmentName, what: FunctionName): Record<string, string> {
  const { Properties } = lambdas(of(name)).get(`tradewind-${name}-${what}`)!;
  return (Properties.Environment as { Variables: Record<string, string> }).Variables;
}

describe.each(ENVIRONMENTS)('functions of %s', (name) => {
  const plan = shippedPlan(name);

  test('are as recorded', () => {
    expect(comparable(of(name).toJSON())).toMatchSnapshot();
  });

  test('are those the plan asks for, as the manifest has them', () => {
    const names = functionsOf(plan.config) as FunctionName[];
    expect([...lambdas(of(name)).keys()].sort()).toEqual(names.map((one) => plan.names.function(one)).sort());
    for (const one of names) {
      const spec = FUNCTIONS[one];
      of(name).hasResourceProperties('AWS::Lambda::Function', {
        FunctionName: plan.names.function(one),
        Runtime: 'nodejs22.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        MemorySize: spec.memory,
        Timeout: spec.timeout,
        ReservedConcurrentExecutions: spec.reservedConcurrency,
        LoggingConfig: { LogGroup: plan.names.logGroup('functions') },
        DeadLetterConfig: { TargetArn: Match.stringLikeRegexp('critical$') },
      });
      expect(Object.keys(variables(name, one)).sort()).toEqual([...spec.variables].sort());
    }
  });

  test('may do what the manifest says, write their log and report failures: nothing else', () => {
    for (const { Properties } of Object.values(of(name).findResources('AWS::IAM::ManagedPolicy'))) {
      for (const statement of Properties.PolicyDocument.Statement) {
        expect(statement.Effect).toBe('Allow');
        expect([statement.Action].flat().some((action: string) => action.endsWith('*'))).toBe(false);
      }
    }
    of(name).resourceCountIs('AWS::IAM::Policy', 0);
    of(name).resourcePropertiesCountIs('AWS::IAM::Role', { ManagedPolicyArns: Match.anyValue() }, 0);
  });
});

describe('settings', () => {
  test('the fence knows each host, its subnet and the ACL of that subnet', () => {
    const { HOSTS, FENCING } = variables('prod-tokyo', 'fence');
    expect(FENCING).toBe('acl-and-stop');
    const hosts = JSON.parse(HOSTS!);
    expect(hosts.primary.instanceId).toBe('i-0aaaaaaaaaaaaaaa1');
    expect(hosts.primary.networkAclId).not.toBe(hosts.standby.networkAclId);
  });

  test('hosts that share a subnet are stopped; the fence may not touch the ACL they share', () => {
    const { HOSTS, FENCING } = variables('paper-tokyo', 'fence');
    expect(FENCING).toBe('stop');
    const hosts = JSON.parse(HOSTS!);
    expect(hosts.primary.networkAclId).toBe(hosts.standby.networkAclId);
    expect(JSON.stringify(of('prod-tokyo').toJSON())).toContain('ec2:CreateNetworkAclEntry');
    expect(JSON.stringify(of('paper-tokyo').toJSON())).not.toContain('NetworkAclEntry');
  });

  test('an address that moves is the floating one, between the interfaces of both hosts', () => {
    expect(JSON.parse(variables('paper-tokyo', 'move-address').ADDRESS!)).toEqual({
      kind: 'secondary-ip',
      interfaces: { primary: 'eni-0aaaaaaaaaaaaaaa1', standby: 'eni-0bbbbbbbbbbbbbbb2' },
      addresses: [shippedPlan('paper-tokyo').hosts.floatingIp],
    });
  });

  test('the rotation knows addresses, hosts, its two commands and the overlap', () => {
    const { HOSTS, ELASTIC_IPS, CHECK_DOCUMENT, OVERLAP_DAYS } = variables('prod-tokyo', 'rotate-secret');
    expect(JSON.parse(HOSTS!)).toEqual({ primary: 'i-0aaaaaaaaaaaaaaa1', standby: 'i-0bbbbbbbbbbbbbbb2' });
    expect(JSON.parse(ELASTIC_IPS!)).toHaveLength(2);
    expect(OVERLAP_DAYS).toBe('1');
    of('prod-tokyo').hasResourceProperties('AWS::SSM::Document', {
      Name: CHECK_DOCUMENT,
      DocumentType: 'Command',
    });
  });
});

describe('what starts them', () => {
  test('Secrets Manager rotates on schedule, and not because of a deployment', () => {
    of('prod-tokyo').hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { ScheduleExpression: 'rate(90 days)' },
      RotateImmediatelyOnUpdate: false,
    });
    of('prod-virginia').resourceCountIs('AWS::SecretsManager::RotationSchedule', 3);
    of('prod-tokyo').hasResourceProperties('AWS::Lambda::Permission', {
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: '111122223333',
    });
  });

  test('yesterday is sealed and overlaps are ended daily', () => {
    of('prod-tokyo').hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'cron(20 0 * * ? *)' });
    of('prod-tokyo').hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'cron(10 1 * * ? *)',
      Targets: [Match.objectLike({ Input: Match.stringLikeRegexp('"Step":"sweep"') })],
    });
  });

  test('restores of the test plan are judged, and a bad verdict is counted where the alarm looks', () => {
    of('prod-tokyo').hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['aws.backup'], detail: { status: ['COMPLETED'] } },
    });
    of('prod-tokyo').hasResourceProperties('AWS::Logs::MetricFilter', {
      MetricTransformations: [
        {
          MetricNamespace: 'Tradewind',
          MetricName: 'RestoreTestFailures',
          MetricValue: '1',
          Unit: 'Count',
          Dimensions: [{ Key: 'Environment', Value: '$.environment' }],
        },
      ],
    });
  });

  test('people hear of a host that stops', () => {
    of('dev-single').hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.ec2'],
        detail: { 'instance-id': ['i-0aaaaaaaaaaaaaaa1'], state: Match.arrayWith(['stopped']) },
      },
      Targets: [Match.objectLike({ Arn: Match.stringLikeRegexp('critical$') })],
    });
  });

  test('no alarm starts a failover', () => {
    for (const { Properties } of Object.values(of('prod-tokyo').findResources('AWS::Events::Rule'))) {
      expect(JSON.stringify(Properties)).not.toContain('aws.cloudwatch');
    }
  });

  test('a pilot light has only what works without hosts', () => {
    const names = [...lambdas(synthesize(shippedPlan('prod-virginia').dr!)).keys()];
    expect(names).toEqual(['tradewind-prod-virginia-checkpoint-archive']);
  });
});
