import { describe, expect, test } from '@jest/globals';
import { planEnvironment } from '../../model/index.js';
import { ENVIRONMENTS, shippedPlan } from '../support/test-app.js';
import { type Module, modulesOfPlan } from './terraform-json.js';

const CASES = ENVIRONMENTS.flatMap((name) =>
  shippedPlan(name).hosts.hosts.map(({ role }) => [name, role] as const),
);

const addresses = ({ json }: Module): Map<string, unknown> =>
  new Map(
    Object.entries(json.resource).flatMap(([type, byName]) =>
      Object.entries(byName).map(([name, made]) => [`${type}.${name}`, made] as const),
    ),
  );

describe.each(CASES)('%s with its %s host retired', (name, role) => {
  const { config } = shippedPlan(name);
  const of = (plan: ReturnType<typeof planEnvironment>) => addresses(modulesOfPlan(plan)[0] as Module);
  const before = of(shippedPlan(name));
  const after = of(planEnvironment({ ...config, hosts: { ...config.hosts, retired: [role] } }));

  test('loses that host alone, and makes nothing new', () => {
    expect([...after.keys()].filter((address) => !before.has(address))).toEqual([]);
    const lost = [...before.keys()].filter((address) => !after.has(address));
    expect(lost).toContain(`aws_instance.trading_${role}`);
    expect(lost.filter((address) => address.startsWith('aws_instance.'))).toHaveLength(1);
  });

  test('keeps volumes, addresses, interfaces, templates, reserved capacity and routes as they are', () => {
    const kinds =
      /^aws_(ebs_volume|eip|network_interface|launch_template|ec2_capacity_reservation|route|route_table)\./;
    for (const [address, made] of before) {
      if (kinds.test(address)) expect([address, after.get(address)]).toEqual([address, made]);
    }
  });

  test('watches no host that is not there', () => {
    expect(JSON.stringify([...after])).not.toContain(`\${aws_instance.trading_${role}.`);
  });
});
