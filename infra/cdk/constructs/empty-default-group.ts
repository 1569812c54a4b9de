import { Stack } from 'aws-cdk-lib';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { type AwsSdkCall, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { ApiCall } from './api-call.js';

export interface EmptyDefaultGroupProps {
  readonly securityGroupId: string;
  readonly logGroup?: ILogGroup;
}

/** Takes the two rules out of a VPC's default security group, so that what names no group of its own reaches nothing. */
export class EmptyDefaultGroup extends Construct {
  constructor(scope: Construct, id: string, { securityGroupId, logGroup }: EmptyDefaultGroupProps) {
    super(scope, id);
    const arn = Stack.of(this).formatArn({
      service: 'ec2',
      resource: 'security-group',
      resourceName: securityGroupId,
    });
    const revoke = (direction: 'Ingress' | 'Egress', permission: Readonly<Record<string, unknown>>) => {
      const call: AwsSdkCall = {
        service: 'EC2',
        action: `revokeSecurityGroup${direction}`,
        parameters: { GroupId: securityGroupId, IpPermissions: [{ IpProtocol: '-1', ...permission }] },
        physicalResourceId: PhysicalResourceId.of(`default-${direction.toLowerCase()}`),
        // Gone already.
        ignoreErrorCodesMatching: 'InvalidPermission.NotFound',
        outputPaths: ['Return'],
      };
      new ApiCall(this, direction, {
        call,
        permissions: [{ actions: [`ec2:RevokeSecurityGroup${direction}`], resources: [arn] }],
        ...(logGroup ? { logGroup } : {}),
      });
    };
    revoke('Ingress', { UserIdGroupPairs: [{ GroupId: securityGroupId }] });
    revoke('Egress', { IpRanges: [{ CidrIp: '0.0.0.0/0' }] });
  }
}
