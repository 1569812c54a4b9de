import { CfnOutput, RemovalPolicy, Validations } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { JournalVolume } from '../constructs/journal-volume.js';
import { pascal } from '../constructs/logical-id.js';
import { WhitelistedAddress } from '../constructs/whitelisted-address.js';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.js';
import type { KeyRefs, StateRefs } from '../refs.js';

export interface StateStackProps extends EnvironmentStackProps {
  readonly keys: KeyRefs;
}

/** What hosts need to find again after any of them is replaced: the lease, the journals, the addresses venues know. */
export class StateStack extends EnvironmentStack {
  readonly refs: StateRefs;

  constructor(scope: Construct, props: StateStackProps) {
    super(scope, 'State', props, {
      stateful: true,
      description: 'Lease table, journal volumes, Elastic IPs',
    });
    const { hosts, config } = this.plan;
    const volumes = hosts.hosts.map((host) => [
      host.role,
      new JournalVolume(this, `Journal${pascal(host.role)}`, {
        host,
        volume: config.hosts.journalVolume,
        key: props.keys.data,
      }).volumeId,
    ]);
    const purposes = [
      ...hosts.hosts.filter(({ elasticIp }) => elasticIp).map(({ role }) => role),
      ...(hosts.floatingIp ? (['floating'] as const) : []),
    ];
    const addresses = purposes.map((purpose) => {
      const { ref } = new WhitelistedAddress(this, `Address${pascal(purpose)}`, { purpose });
      new CfnOutput(this, `VenueAddress${pascal(purpose)}`, {
        value: ref.address,
        description: 'Enter this address in the allow-list of the API key at each venue',
      });
      return [purpose, ref];
    });
    this.refs = {
      leaseTable: this.leaseTable(props.keys),
      journalVolumeIds: Object.fromEntries(volumes),
      elasticIps: Object.fromEntries(addresses),
    };
  }

  private leaseTable(keys: KeyRefs): dynamodb.ITable {
    const table = new dynamodb.Table(this, 'Lease', {
      tableName: this.plan.names.leaseTable,
      partitionKey: { name: 'leaseKey', type: dynamodb.AttributeType.STRING },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: keys.data,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Validations.of(table).acknowledge({
      id: 'NIST.800.53.R5-DynamoDBInBackupPlan',
      reason: 'The plan in the Backup stack names the ARN of the table, where the rule does not look.',
    });
    return table as dynamodb.ITable;
  }
}
