import type { Construct } from 'constructs';
import type { EnvironmentPlan } from '../../model/index.js';
import { LogGroup } from '../resources/logs.js';
import { SecurityGroup, SecurityGroupEgressRule, SecurityGroupIngressRule } from '../resources/network.js';
import type { KeyArns } from './keys.js';
import type { Network } from './network.js';

/** What each of the services is made with. */
export interface ServiceSurroundings {
  readonly plan: EnvironmentPlan;
  readonly keys: KeyArns;
  readonly network: Network;
}

/** The security group of a service: TCP from hosts on its ports, and the same way out of the hosts' group. */
export function hostDoor(
  scope: Construct,
  { network, plan }: ServiceSurroundings,
  service: string,
  ports: readonly number[],
): string {
  const securityGroupId = new SecurityGroup(scope, 'door', {
    vpcId: network.vpcId,
    description: `${service}: from hosts alone`,
    tags: { Name: `${plan.names.prefix}-${service.toLowerCase()}` },
  }).ref('id');
  for (const port of ports) {
    const rule = {
      description: `${service}, port ${port}`,
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
    };
    new SecurityGroupIngressRule(scope, `door-${port}`, {
      ...rule,
      securityGroupId,
      referencedSecurityGroupId: network.hostSecurityGroupId,
    });
    new SecurityGroupEgressRule(scope, `hosts-to-${port}`, {
      ...rule,
      securityGroupId: network.hostSecurityGroupId,
      referencedSecurityGroupId: securityGroupId,
    });
  }
  return securityGroupId;
}

/** A log group of a service, encrypted and kept as long as operational logs. */
export function serviceLog(
  scope: Construct,
  id: string,
  name: string,
  { plan, keys }: ServiceSurroundings,
): InstanceType<typeof LogGroup> {
  return new LogGroup(scope, id, {
    name,
    retentionInDays: plan.retention.operationalLogDays,
    kmsKeyId: keys.audit,
    skipDestroy: true,
  });
}
