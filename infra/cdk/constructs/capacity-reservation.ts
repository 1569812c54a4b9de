import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';

export interface CapacityReservationProps {
  readonly instanceType: string;
  readonly zoneId: string;
  /** ARN of the placement group it is reserved in. @default - anywhere in the zone */
  readonly placementGroupArn?: string;
}

/**
 * Capacity for one host, inside its placement group: reserved elsewhere it could not be launched in the group. Targeted, so
 * that no other instance of the account takes it.
 */
export class CapacityReservation extends Construct {
  readonly reservationId: string;

  constructor(
    scope: Construct,
    id: string,
    { instanceType, zoneId, placementGroupArn }: CapacityReservationProps,
  ) {
    super(scope, id);
    this.reservationId = new ec2.CfnCapacityReservation(this, 'Resource', {
      instanceType,
      instancePlatform: 'Linux/UNIX',
      instanceCount: 1,
      instanceMatchCriteria: 'targeted',
      availabilityZoneId: zoneId,
      endDateType: 'unlimited',
      ...(placementGroupArn ? { placementGroupArn } : {}),
    }).ref;
  }
}
