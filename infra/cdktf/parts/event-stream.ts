import { Construct } from 'constructs';
import type { EnvironmentPlan, PolicyStatement } from '../../model/index.js';
import { KEPT } from '../resources/aws-resource.js';
import { KafkaCluster, KafkaConfiguration } from '../resources/data-services.js';
import { placeOf } from './place.js';
import { hostDoor, type ServiceSurroundings, serviceLog } from './service.js';

/** SASL by IAM over TLS, and the exporters of open monitoring. */
const PORTS = [9098, 11_001, 11_002];

type Settings = NonNullable<EnvironmentPlan['config']['data']['kafka']>;

/** The event stream for other machines. Clients sign in by IAM over TLS; topics are made on purpose. */
export class EventStream extends Construct {
  /** Lets a role sign in, write and read. */
  readonly connect: PolicyStatement;

  constructor(scope: Construct, around: ServiceSurroundings, settings: Settings) {
    super(scope, 'kafka');
    const { plan, keys, network } = around;
    const { arn } = placeOf(plan);
    const name = plan.names.eventStream;
    const express = settings.instanceType.startsWith('express.');
    const configuration = new KafkaConfiguration(this, 'configuration', {
      name,
      kafkaVersions: [settings.version],
      serverProperties: serverProperties(settings, plan.retention.kafkaHours, express),
    });
    new KafkaCluster(
      this,
      'cluster',
      {
        clusterName: name,
        kafkaVersion: settings.version,
        numberOfBrokerNodes: settings.brokers,
        brokerNodeGroupInfo: [
          {
            instanceType: settings.instanceType,
            clientSubnets: network.privateSubnetIds,
            securityGroups: [hostDoor(this, around, 'Kafka', PORTS)],
            connectivityInfo: [{ publicAccess: [{ type: 'DISABLED' }] }],
            // Express brokers bring their storage with them.
            ...(express ? {} : { storageInfo: [{ ebsStorageInfo: [{ volumeSize: settings.storageGiB }] }] }),
          },
        ],
        configurationInfo: [
          { arn: configuration.ref('arn'), revision: configuration.getNumberAttribute('latest_revision') },
        ],
        clientAuthentication: [{ unauthenticated: false, sasl: [{ iam: true, scram: false }] }],
        encryptionInfo: [
          {
            encryptionAtRestKmsKeyArn: keys.data,
            encryptionInTransit: [{ clientBroker: 'TLS', inCluster: true }],
          },
        ],
        enhancedMonitoring: 'PER_BROKER',
        openMonitoring: [
          {
            prometheus: [
              { jmxExporter: [{ enabledInBroker: true }], nodeExporter: [{ enabledInBroker: true }] },
            ],
          },
        ],
        loggingInfo: [
          {
            brokerLogs: [
              {
                cloudwatchLogs: [
                  {
                    enabled: true,
                    logGroup: serviceLog(this, 'log', plan.names.logGroup('kafka'), around).ref('name'),
                  },
                ],
              },
            ],
          },
        ],
      },
      KEPT,
    );
    this.connect = {
      Sid: 'WriteAndReadKafka',
      Effect: 'Allow',
      Action: [
        'AlterGroup',
        'Connect',
        'CreateTopic',
        'DescribeCluster',
        'DescribeGroup',
        'DescribeTopic',
        'ReadData',
        'WriteData',
        'WriteDataIdempotently',
      ].map((action) => `kafka-cluster:${action}`),
      Resource: ['cluster', 'topic', 'group'].map((kind) => arn('kafka', `${kind}/${name}/*`)),
    };
  }
}

/** A write counts when all but one of the replicas have it. Express brokers fix that themselves. */
function serverProperties({ brokers }: Settings, retentionHours: number, express: boolean): string {
  const replicas = Math.min(3, brokers);
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
