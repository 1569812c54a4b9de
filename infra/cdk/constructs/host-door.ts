import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { NetworkRefs } from '../refs.js';

export interface HostDoorProps {
  readonly network: Pick<NetworkRefs, 'vpcId' | 'hostSecurityGroupId'>;
  /** What stands behind it, e.g. `PostgreSQL`. */
  readonly service: string;
  readonly ports: readonly number[];
}

/** The security group of a service: TCP from hosts on its ports, and the same way out of the hosts' group. */
export class HostDoor extends Construct {
  readonly securityGroupId: string;

  constructor(scope: Construct, id: string, { network, service, ports }: HostDoorProps) {
    super(scope, id);
    const rule = (port: number) => ({
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      description: `${service}, port ${port}`,
    });
    const group = new ec2.CfnSecurityGroup(this, 'SecurityGroup', {
      vpcId: network.vpcId,
      groupDescription: `${service}: from hosts alone`,
      securityGroupIngress: ports.map((port) => ({
        ...rule(port),
        sourceSecurityGroupId: network.hostSecurityGroupId,
      })),
      // The service opens no flows. A rule that matches nothing keeps EC2 from allowing all of them.
      securityGroupEgress: [
        { ipProtocol: 'icmp', fromPort: 252, toPort: 86, cidrIp: '255.255.255.255/32', description: 'None' },
      ],
    });
    this.securityGroupId = group.attrGroupId;
    for (const port of ports) {
      new ec2.CfnSecurityGroupEgress(this, `FromHosts${port}`, {
        ...rule(port),
        groupId: network.hostSecurityGroupId,
        destinationSecurityGroupId: this.securityGroupId,
      });
    }
  }
}
