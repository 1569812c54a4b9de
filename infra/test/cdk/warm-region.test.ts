import { expect, test } from '@jest/globals';
import { buildEnvironment } from '../../cdk/build-environment.js';
import { applyPolicy, formatFinding } from '../../cdk/policy/index.js';
import { planEnvironment } from '../../model/index.js';
import { modulesOfPlan, resources } from '../cdktf/terraform-json.js';
import { shippedPlan, testApp } from '../support/test-app.js';
import { release } from '../support/trading-refs.js';

const { config } = shippedPlan('prod-virginia');
const warm = planEnvironment({ ...config, dr: { ...config.dr!, mode: 'warm' } });

test('a warm second Region passes the policy, and its host is launched with a hold', () => {
  const app = testApp({ '@aws-cdk/core:failSynthOnValidationErrors': false });
  buildEnvironment(app, warm, release());
  const policy = applyPolicy(app, { strict: true });
  const assembly = app.synth();
  expect(policy.result(assembly.directory).findings.map(formatFinding)).toEqual([]);
  const launched = assembly.stacks.filter(({ template }) => JSON.stringify(template).includes('startHeld'));
  expect(launched.map(({ stackName }) => stackName)).toEqual(['Tradewind-prod-virginia-Dr-Trading']);
}, 180_000);

test('the Terraform form has that host too, and its alarms wait for the release', () => {
  const [home, second] = modulesOfPlan(warm);
  expect(Object.keys(resources(second!, 'aws_instance'))).toEqual(['trading_primary']);
  const alarms = (of: typeof home) => JSON.stringify(resources(of!, 'aws_cloudwatch_metric_alarm'));
  expect(alarms(second)).toContain('IF(held > 0, 0, m1)');
  expect(alarms(home)).not.toContain('AwaitsRelease');
}, 60_000);
