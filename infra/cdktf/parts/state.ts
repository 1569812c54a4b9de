import { TerraformOutput } from 'cdktf';
import { Construct } from 'constructs';
import type { EnvironmentPlan, HostPlan, HostRole } from '../../model/index.js';
import { KEPT } from '../resources/aws-resource.js';
import { ElasticIp, Volume } from '../resources/hosts.js';
import { Table } from '../resources/state.js';
import type { KeyArns } from './keys.js';
import type { Network } from './network.js';
import { placeOf } from './place.js';

/** What a volume is told by in the backup plan. */
export const BACKUP_TAG = 'tradewind:backup';

export interface ElasticIpRef {
  readonly allocationId: string;
  readonly address: string;
}

/** What outlives the hosts: the lease, the journal volumes, the addresses a venue has on its list. */
export class State extends Construct {
  readonly leaseTable: { readonly name: string; readonly arn: string };
  readonly volumes: Partial<Record<HostRole, { readonly id: string; readonly arn: string }>> = {};
  /** By host; the one that moves with a secondary address belongs to the interfaces. */
  readonly elasticIps: Partial<Record<HostRole, ElasticIpRef>> = {};

  constructor(scope: Construct, plan: EnvironmentPlan, network: Network, keys: KeyArns) {
    super(scope, 'state');
    const { hosts, names } = plan;
    const table = new Table(
      this,
      'lease',
      {
        name: names.leaseTable,
        billingMode: 'PAY_PER_REQUEST',
        hashKey: 'leaseKey',
        attribute: [{ name: 'leaseKey', type: 'S' }],
        deletionProtectionEnabled: true,
        pointInTimeRecovery: [{ enabled: true }],
        serverSideEncryption: [{ enabled: true, kmsKeyArn: keys.data }],
      },
      KEPT,
    );
    this.leaseTable = { name: table.ref('name'), arn: table.ref('arn') };
    for (const host of hosts.hosts) {
      this.addVolume(plan, host, network, keys);
      if (host.elasticIp) this.addAddress(plan, host.role);
    }
  }

  private addVolume(plan: EnvironmentPlan, { role }: HostPlan, network: Network, keys: KeyArns): void {
    const { type, sizeGiB, iops, throughputMiB } = plan.config.hosts.journalVolume;
    const volume = new Volume(
      this,
      `${role}-journal`,
      {
        availabilityZone: network.subnetOf(role).zoneName,
        type,
        size: sizeGiB,
        ...(iops === undefined ? {} : { iops }),
        ...(throughputMiB === undefined ? {} : { throughput: throughputMiB }),
        encrypted: true,
        kmsKeyId: keys.data,
        tags: { Name: `${plan.names.prefix}-${role}-journal`, [BACKUP_TAG]: 'journal' },
      },
      KEPT,
    );
    const id = volume.ref('id');
    this.volumes[role] = { id, arn: placeOf(plan).arn('ec2', `volume/${id}`) };
  }

  private addAddress({ names }: EnvironmentPlan, owner: HostRole): void {
    const address = new ElasticIp(
      this,
      `${owner}-address`,
      { domain: 'vpc', tags: { Name: `${names.prefix}-${owner}` } },
      KEPT,
    );
    venueAddress(this, owner, address.ref('public_ip'));
    this.elasticIps[owner] = {
      allocationId: address.ref('allocation_id'),
      address: address.ref('public_ip'),
    };
  }
}

/** Tells the person who applies it what a venue has to know. */
export function venueAddress(scope: Construct, owner: HostRole | 'floating', value: string): void {
  new TerraformOutput(scope, `${owner}-venue-address`, {
    value,
    description: 'Enter this address in the allow-list of the API key at each venue',
  });
}
