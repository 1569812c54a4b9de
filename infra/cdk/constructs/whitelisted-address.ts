import { RemovalPolicy, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { ElasticIpRef } from '../refs.js';

/** An Elastic IP the venue has on its allow-list: retained, as a new one would have to be entered there by a person. */
export class WhitelistedAddress extends Construct {
  readonly ref: ElasticIpRef;

  constructor(scope: Construct, id: string, { purpose }: { readonly purpose: string }) {
    super(scope, id);
    const address = new ec2.CfnEIP(this, 'Address', { domain: 'vpc' });
    address.applyRemovalPolicy(RemovalPolicy.RETAIN, { applyToUpdateReplacePolicy: true });
    Tags.of(address).add('Name', `venue-${purpose}`);
    this.ref = { allocationId: address.attrAllocationId, address: address.attrPublicIp };
  }
}
