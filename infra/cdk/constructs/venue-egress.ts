import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import type { EgressRule } from '../../model/index.js';
import { ApiCall } from './api-call.js';
import { pascal } from './logical-id.js';

export interface VenueEgressProps {
  readonly vpcId: string;
  readonly egress: readonly EgressRule[];
  /** Services reached by their managed prefix list, as in `com.amazonaws.<region>.<service>`. */
  readonly gatewayServices: readonly string[];
  /** Absent with one host. */
  readonly replicationPort?: number;
  readonly logGroup?: ILogGroup;
}

/**
 * The security group of hosts. Out: venues, S3 and DynamoDB, the other host. In: the other host, and nothing from
 * anywhere else; people come through Session Manager, which the host calls, so there is no SSH.
 */
export class VenueEgress extends Construct {
  readonly securityGroupId: string;

  constructor(scope: Construct, id: string, props: VenueEgressProps) {
    super(scope, id);
    const group = new ec2.CfnSecurityGroup(this, 'SecurityGroup', {
      vpcId: props.vpcId,
      groupDescription: 'Trading hosts: out to venues and AWS services, in from each other',
      securityGroupEgress: [
        ...props.egress.map(({ cidr, port, why }) => ({
          ipProtocol: 'tcp',
          fromPort: port,
          toPort: port,
          cidrIp: cidr,
          description: why,
        })),
        ...props.gatewayServices.map((service) => ({
          ipProtocol: 'tcp',
          fromPort: 443,
          toPort: 443,
          destinationPrefixListId: this.prefixList(service, props.logGroup),
          description: `${service} through its gateway endpoint`,
        })),
      ],
    });
    this.securityGroupId = group.attrGroupId;
    if (props.replicationPort !== undefined) this.replicate(props.replicationPort);
  }

  /** Its id differs by Region and is asked for at deployment. */
  private prefixList(service: string, logGroup: ILogGroup | undefined): string {
    const name = `com.amazonaws.${Stack.of(this).region}.${service}`;
    const call = new ApiCall(this, `${pascal(service)}PrefixList`, {
      call: {
        service: 'EC2',
        action: 'describeManagedPrefixLists',
        parameters: { Filters: [{ Name: 'prefix-list-name', Values: [name] }] },
        physicalResourceId: PhysicalResourceId.of(name),
        outputPaths: ['PrefixLists.0.PrefixListId'],
      },
      permissions: [{ actions: ['ec2:DescribeManagedPrefixLists'] }],
      ...(logGroup ? { logGroup } : {}),
    });
    return call.field('PrefixLists.0.PrefixListId');
  }

  private replicate(port: number): void {
    const rule = {
      groupId: this.securityGroupId,
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      description: 'Journal replication between the hosts',
    };
    new ec2.CfnSecurityGroupIngress(this, 'ReplicationIn', {
      ...rule,
      sourceSecurityGroupId: this.securityGroupId,
    });
    new ec2.CfnSecurityGroupEgress(this, 'ReplicationOut', {
      ...rule,
      destinationSecurityGroupId: this.securityGroupId,
    });
  }
}
