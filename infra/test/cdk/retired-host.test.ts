import { beforeAll, describe, expect, test } from '@jest/globals';
import type { App } from 'aws-cdk-lib';
import type * as cxapi from 'aws-cdk-lib/cx-api';
import { buildEnvironment } from '../../cdk/build-environment.js';
import { applyPolicy, formatFinding } from '../../cdk/policy/index.js';
import { type EnvironmentPlan, type HostRole, planEnvironment } from '../../model/index.js';
import { ENVIRONMENTS, shippedPlan, testApp } from '../support/test-app.js';
import { release } from '../support/trading-refs.js';

interface Resource {
  readonly Type: string;
}

/** Report what is found instead of throwing it. */
const REPORT_ONLY = { '@aws-cdk/core:failSynthOnValidationErrors': false };
/** What is made anew with a host, and so has another id or none while it does not stand. */
const OF_THE_INSTANCE = ['AWS::EC2::Instance', 'AWS::EC2::LaunchTemplate', 'AWS::EC2::VolumeAttachment'];
/** What watches or acts on hosts: it goes and comes with the second one. */
const ABOUT_HOSTS = [
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::SSM::Document',
  'AWS::Lambda::Function',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
  'AWS::IAM::Role',
  'AWS::IAM::Policy',
  'AWS::IAM::ManagedPolicy',
  'AWS::Events::Rule',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::SecretsManager::RotationSchedule',
];

function retired(plan: EnvironmentPlan, role: HostRole): EnvironmentPlan {
  return planEnvironment({ ...plan.config, hosts: { ...plan.config.hosts, retired: [role] } });
}

/** Resources of all stacks, by stack and logical id. */
function resourcesOf(assembly: cxapi.CloudAssembly): Map<string, Resource> {
  return new Map(
    assembly.stacks.flatMap(({ stackName, template }) =>
      Object.entries(template.Resources as Record<string, Resource>).map(
        ([id, resource]) => [`${stackName}/${id}`, resource] as const,
      ),
    ),
  );
}

function build(plan: EnvironmentPlan): App {
  const app = testApp(REPORT_ONLY);
  buildEnvironment(app, plan, release());
  return app;
}

const CASES = ENVIRONMENTS.flatMap((name) =>
  shippedPlan(name).hosts.hosts.map(({ role }) => [name, role] as const),
);

describe.each(CASES)('%s with its %s host retired', (name, role) => {
  const plan = shippedPlan(name);
  let before: Map<string, Resource>;
  let after: Map<string, Resource>;
  let findings: readonly string[];

  beforeAll(() => {
    before = resourcesOf(build(plan).synth());
    const app = build(retired(plan, role));
    const policy = applyPolicy(app, { strict: true });
    const assembly = app.synth();
    after = resourcesOf(assembly);
    findings = policy.result(assembly.directory).findings.map(formatFinding);
  }, 180_000);

  test('passes the policy', () => expect(findings).toEqual([]));

  test('has one instance less, and nothing new but the template that waits', () => {
    const count = (of: typeof before) =>
      [...of.values()].filter(({ Type }) => Type === 'AWS::EC2::Instance').length;
    expect(count(after)).toBe(count(before) - 1);
    const added = [...after].filter(([id]) => !before.has(id)).map(([, { Type }]) => Type);
    expect(added).toEqual(['AWS::EC2::LaunchTemplate']);
  });

  test('loses only what is made again with the host', () => {
    const lost = [...before].filter(([id]) => !after.has(id)).map(([, { Type }]) => Type);
    expect(lost).toContain('AWS::EC2::VolumeAttachment');
    expect(lost.filter((type) => ![...OF_THE_INSTANCE, ...ABOUT_HOSTS].includes(type))).toEqual([]);
  });

  test('leaves the other host, addresses, volumes and reserved capacity as they are', () => {
    const kept = [...before].filter(
      ([id, { Type }]) => after.has(id) && Type.startsWith('AWS::EC2::') && !Type.includes('Endpoint'),
    );
    expect(kept.length).toBeGreaterThan(10);
    for (const [id, resource] of kept) expect([id, after.get(id)]).toEqual([id, resource]);
  });
});
