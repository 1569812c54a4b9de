import { fullDiff, type ResourceDifference, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { TradingStack } from '../../cdk/stacks/trading-stack.js';
import type { EngineRelease } from '../../delivery/index.js';
import { type EnvironmentPlan, planEnvironment } from '../../model/index.js';
import { ENVIRONMENTS, type EnvironmentName, shippedPlan, testApp } from '../support/test-app.js';
import { release, tradingRefs } from '../support/trading-refs.js';

type Config = EnvironmentPlan['config'];

function synthesize(plan: EnvironmentPlan, ofRelease: EngineRelease = release()): Record<string, unknown> {
  const app = testApp();
  return Template.fromStack(
    new TradingStack(app, { ...tradingRefs(app, plan), release: ofRelease }),
  ).toJSON();
}

/** What a deployment would change, with its impact, by type of resource. */
function changes(
  before: object,
  after: object,
): { readonly type: string | undefined; readonly impact: ResourceImpact }[] {
  const found: { type: string | undefined; impact: ResourceImpact }[] = [];
  fullDiff(before as Record<string, unknown>, after as Record<string, unknown>).resources.forEachDifference(
    (_: string, difference: ResourceDifference) => {
      found.push({ type: difference.resourceType, impact: difference.changeImpact });
    },
  );
  return found;
}

const REPLACING = [
  ResourceImpact.WILL_REPLACE,
  ResourceImpact.MAY_REPLACE,
  ResourceImpact.WILL_DESTROY,
  ResourceImpact.WILL_ORPHAN,
];

const replaced = (before: object, after: object) =>
  changes(before, after).filter(({ impact }) => REPLACING.includes(impact));

/** What is changed in the life of an environment while its hosts trade. */
const EVERYDAY: readonly (readonly [string, (config: Config) => Partial<Config>])[] = [
  [
    'another owner and desk (tags)',
    () => ({ owner: 'another-team', desk: 'another-desk', costCenter: 'other' }),
  ],
  [
    'another image parameter',
    ({ hosts }) => ({ hosts: { ...hosts, image: { parameter: '/golden/images/trading-host' } } }),
  ],
  ['a fixed image', ({ hosts }) => ({ hosts: { ...hosts, image: { id: 'ami-0123456789abcdef0' } } })],
  [
    'other alarm settings',
    ({ observability }) => ({
      observability: { ...observability, clockErrorBound: 5, runbooks: 'https://example.com/runbooks' },
    }),
  ],
  [
    'another way to deploy',
    ({ engine }) => ({ engine: { ...engine, deployment: 'canary', healthGate: 60_000 } }),
  ],
  [
    'other lease times',
    ({ ha }) => ({ ha: { ...ha, lease: { renewEvery: 400, selfFence: 1_400, expire: 2_600 } } }),
  ],
  ['another tuning profile', ({ hosts }) => ({ hosts: { ...hosts, profile: 'max-speed' } })],
  [
    'a larger root volume',
    ({ hosts }) => ({ hosts: { ...hosts, rootVolume: { type: 'gp3', sizeGiB: 60 } } }),
  ],
  [
    'other times of connection tracking',
    ({ hosts }) => ({
      hosts: { ...hosts, connectionTracking: { tcpEstablished: 120_000, udp: 30_000, udpStream: 60_000 } },
    }),
  ],
  ['no detailed monitoring', ({ hosts }) => ({ hosts: { ...hosts, detailedMonitoring: false } })],
  ['another venue', ({ venues }) => ({ venues: [...venues, { id: 'bybit', cidrs: [], secret: 'bybit' }] })],
];

describe.each(ENVIRONMENTS)('%s', (name: EnvironmentName) => {
  const plan = shippedPlan(name);
  const before = synthesize(plan);

  test('a new release changes the pointer and nothing else', () => {
    const after = synthesize(plan, release('0.2.0-fedcba9-8899aabb', 'b'));
    expect(changes(before, after)).toEqual([
      { type: 'AWS::SSM::Parameter', impact: ResourceImpact.WILL_UPDATE },
    ]);
  });

  test.each(EVERYDAY)('%s replaces no host, address or reservation', (_, change) => {
    const otherPlan = planEnvironment({ ...plan.config, ...change(plan.config) });
    expect(otherPlan).not.toEqual(plan);
    expect(replaced(before, synthesize(otherPlan))).toEqual([]);
  });
});

test('the comparison sees a replacement where there is one', () => {
  const { config } = shippedPlan('prod-tokyo');
  const before = synthesize(planEnvironment(config));
  const after = synthesize(planEnvironment({ ...config, hosts: { ...config.hosts, retired: ['standby'] } }));
  expect(replaced(before, after)).toContainEqual({
    type: 'AWS::EC2::Instance',
    impact: ResourceImpact.WILL_DESTROY,
  });
});
