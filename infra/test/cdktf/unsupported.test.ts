import { expect, test } from '@jest/globals';
import { type EnvironmentConfig, EnvironmentError, planEnvironment } from '../../model/index.js';
import { shippedPlan } from '../support/test-app.js';
import { modulesOfPlan } from './terraform-json.js';

const { config } = shippedPlan('prod-tokyo');

function problemsOf(changed: EnvironmentConfig): readonly string[] {
  try {
    modulesOfPlan(planEnvironment(changed));
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems.map(({ path }) => path);
    throw error;
  }
  return [];
}

test('what the provider can not make is refused by name, all of it at once', () => {
  expect(problemsOf(config)).toEqual([]);
  expect(
    problemsOf({
      ...config,
      placement: { ...config.placement, strategy: 'shared', sharedGroupId: 'pg-0123456789abcdef0' },
      hosts: { ...config.hosts, enaQueues: 8 },
    }),
  ).toEqual(['placement.strategy', 'hosts.enaQueues']);
});
