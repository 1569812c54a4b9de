import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as msk from 'aws-cdk-lib/aws-msk';
import { Construct } from 'constructs';
import { HostDoor } from './host-door.js';
import type { KafkaProps } from './service-props.js';

/** SASL by IAM over TLS. */
const PORT = 9098;

/** JMX and node exporters of open monitoring, scraped by the hosts' collector. */
const EXPORTER_PORTS = [11_001, 11_002];

/**
 * The event stream for other machines. Clients sign in by IAM over TLS and in no other way; topics are made on purpose, and
 * a write counts when all but one of the replicas have it.
 */
export class KafkaStream extends Construct {
  readonly clusterArn: string;
  /** Lets a role sign in, write and read. */
  readonly connect: iam.PolicyStatement;
  /** Why its resources have wildcards. */
  readonly wildcardReason =
    'MSK puts an id of its own behind the name of the cluster, and hosts write and read every topic of it.';

  constructor(scope: Construct, id: string, { plan, keys, network, settings }: KafkaProps) {
    super(scope, id);
    const { names, retention } = plan;
    const express = settings.instanceType.startsWith('express.');
    const door = new HostDoor(this, 'Door', { network, service: 'Kafka', ports: [PORT, ...EXPORTER_PORTS] });
    const log = new logs.LogGroup(this, 'Log', {
      logGroupName: names.logGroup('kafka'),
      retention: retention.operationalLogDays,
      encryptionKey: keys.audit,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const configuration = new msk.CfnConfiguration(this, 'Configuration', {
      name: names.eventStream,
      kafkaVersionsList: [settings.version],
      serverProperties: serverProperties({
        retentionHours: retention.kafkaHours,
        replicas: Math.min(3, settings.brokers),
        express,
      }),
    });
    const cluster = new msk.CfnCluster(this, 'Cluster', {
      clusterName: names.eventStream,
      kafkaVersion: settings.version,
      numberOfBrokerNodes: settings.brokers,
      brokerNodeGroupInfo: {
        instanceType: settings.instanceType,
        clientSubnets: [...network.privateSubnetIds],
        securityGroups: [door.securityGroupId],
        connectivityInfo: { publicAccess: { type: 'DISABLED' } },
        // Express brokers bring their storage with them.
        ...(express ? {} : { storageInfo: { ebsStorageInfo: { volumeSize: settings.storageGiB } } }),
      },
      configurationInfo: {
        arn: configuration.attrArn,
        revision: configuration.attrLatestRevisionRevision,
      },
      clientAuthentication: {
        sasl: { iam: { enabled: true }, scram: { enabled: false } },
        tls: { enabled: false },
        unauthenticated: { enabled: false },
      },
      encryptionInfo: {
        encryptionAtRest: { dataVolumeKmsKeyId: keys.data.keyArn },
        encryptionInTransit: { clientBroker: 'TLS', inCluster: true },
      },
      enhancedMonitoring: 'PER_BROKER',
      openMonitoring: {
        prometheus: { jmxExporter: { enabledInBroker: true }, nodeExporter: { enabledInBroker: true } },
      },
      loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: log.logGroupName } } },
    });
    cluster.applyRemovalPolicy(RemovalPolicy.RETAIN, { applyToUpdateReplacePolicy: true });
    this.clusterArn = cluster.attrArn;
    this.connect = this.access(names.eventStream);
  }

  private access(name: string): iam.PolicyStatement {
    const { account, partition, region } = Stack.of(this);
    const of = (kind: string, rest: string) =>
      `arn:${partition}:kafka:${region}:${account}:${kind}/${name}/${rest}`;
    return new iam.PolicyStatement({
      sid: 'WriteAndReadKafka',
      actions: [
        'kafka-cluster:AlterGroup',
        'kafka-cluster:Connect',
        'kafka-cluster:CreateTopic',
        'kafka-cluster:DescribeCluster',
        'kafka-cluster:DescribeGroup',
        'kafka-cluster:DescribeTopic',
        'kafka-cluster:ReadData',
        'kafka-cluster:WriteData',
        'kafka-cluster:WriteDataIdempotently',
      ],
      resources: [of('cluster', '*'), of('topic', '*'), of('group', '*')],
    });
  }
}

interface Topics {
  readonly retentionHours: number;
  readonly replicas: number;
  readonly express: boolean;
}

/** Express brokers fix replication themselves: three replicas, two in sync, no unclean election. */
function serverProperties({ retentionHours, replicas, express }: Topics): string {
  return [
    'auto.create.topics.enable=false',
    `log.retention.hours=${retentionHours}`,
    ...(express
      ? []
      : [
          `default.replication.factor=${replicas}`,
          `min.insync.replicas=${Math.max(1, replicas - 1)}`,
          'unclean.leader.election.enable=false',
        ]),
  ].join('\n');
}
