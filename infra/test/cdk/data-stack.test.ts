import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { DataStack } from '../../cdk/stacks/data-stack.js';
import { KeysStack } from '../../cdk/stacks/keys-stack.js';
import { NetworkStack } from '../../cdk/stacks/network-stack.js';
import type { EnvironmentPlan } from '../../model/index.js';
import { bySid, planOf, resources, templateOf, theOnly } from '../support/foundation.js';
import { testApp } from '../support/test-app.js';

const virginia = templateOf(planOf('prod-virginia'), 'Data');

function dataOf(plan: EnvironmentPlan, data: Partial<EnvironmentPlan['config']['data']>): Template {
  const app = testApp();
  const changed = { ...plan, config: { ...plan.config, data: { ...plan.config.data, ...data } } };
  const keys = new KeysStack(app, { plan: changed }).refs;
  const network = new NetworkStack(app, { plan: changed, keys }).refs;
  return Template.fromStack(new DataStack(app, { plan: changed, keys, network }));
}

describe('every service', () => {
  test('lets hosts in by security group on its own ports, and opens nothing itself', () => {
    const groups = Object.values(resources(virginia, 'AWS::EC2::SecurityGroup')).map(
      ({ Properties }) => Properties,
    );
    const ports = groups.map(({ SecurityGroupIngress }) =>
      SecurityGroupIngress.map(({ FromPort, ToPort }: { FromPort: number; ToPort: number }) => [
        FromPort,
        ToPort,
      ]),
    );
    expect(ports).toEqual([
      [[5432, 5432]],
      [[6379, 6379]],
      [
        [9098, 9098],
        [11001, 11001],
        [11002, 11002],
      ],
    ]);
    for (const { SecurityGroupIngress, SecurityGroupEgress } of groups) {
      for (const rule of SecurityGroupIngress) {
        expect(rule.CidrIp).toBeUndefined();
        expect(JSON.stringify(rule.SourceSecurityGroupId)).toContain('Network');
      }
      expect(SecurityGroupEgress).toEqual([expect.objectContaining({ CidrIp: '255.255.255.255/32' })]);
    }
    virginia.resourceCountIs('AWS::EC2::SecurityGroupEgress', 5);
  });

  test('is signed in to by IAM, through one policy for the role of the hosts', () => {
    const { PolicyDocument } = theOnly(virginia, 'AWS::IAM::ManagedPolicy').Properties;
    expect(Object.keys(bySid(PolicyDocument))).toEqual([
      'SignInToPostgres',
      'SignInToRedis',
      'WriteAndReadKafka',
    ]);
    for (const { Resource } of PolicyDocument.Statement) expect(JSON.stringify(Resource)).not.toBe('"*"');
  });

  test('is left out where nobody asks for it', () => {
    const tokyo = templateOf(planOf('prod-tokyo'), 'Data');
    tokyo.resourceCountIs('AWS::MSK::Cluster', 0);
    const endpoints = Object.keys(tokyo.findOutputs('*')).filter((id) => /Endpoint$|^Kafka/.test(id));
    expect(endpoints.sort()).toEqual(['PostgresEndpoint', 'RedisEndpoint']);
  });
});

describe('PostgreSQL', () => {
  test('is in two zones, encrypted, private, protected and recoverable to a point in time', () => {
    const { Properties } = theOnly(virginia, 'AWS::RDS::DBInstance');
    expect(Properties).toMatchObject({
      MultiAZ: true,
      StorageEncrypted: true,
      PubliclyAccessible: false,
      DeletionProtection: true,
      DeleteAutomatedBackups: false,
      BackupRetentionPeriod: 35,
      EnableIAMDatabaseAuthentication: true,
      EnablePerformanceInsights: true,
      MonitoringInterval: 60,
    });
    expect(Properties.Tags).toContainEqual({ Key: 'tradewind:backup', Value: 'database' });
  });

  test('takes TLS alone, and a password nobody sees', () => {
    expect(theOnly(virginia, 'AWS::RDS::DBParameterGroup').Properties.Parameters['rds.force_ssl']).toBe('1');
    const { Properties } = theOnly(virginia, 'AWS::RDS::DBInstance');
    expect(Properties.ManageMasterUserPassword).toBe(true);
    expect(JSON.stringify(Properties.MasterUserSecret.KmsKeyId)).toContain('SecretsKey');
    expect(Properties.MasterUserPassword).toBeUndefined();
  });

  test('copies its logs to the second Region, where there is one', () => {
    expect(theOnly(virginia, 'AWS::RDS::DBInstance').Properties).toMatchObject({
      AutomaticBackupReplicationRegion: 'us-east-2',
      AutomaticBackupReplicationKmsKeyId:
        'arn:aws:kms:us-east-2:444455556666:alias/tradewind-prod-virginia-data',
    });
    const paper = theOnly(templateOf(planOf('paper-tokyo'), 'Data'), 'AWS::RDS::DBInstance').Properties;
    expect(paper.AutomaticBackupReplicationRegion).toBeUndefined();
    expect(paper.MultiAZ).toBe(false);
  });

  test('writes to log groups that stand before it does', () => {
    const { Properties, ...rest } = theOnly(virginia, 'AWS::RDS::DBInstance');
    const groups = Object.entries(resources(virginia, 'AWS::Logs::LogGroup')).filter(
      ([, { Properties: group }]) =>
        group.LogGroupName.startsWith(`/aws/rds/instance/${Properties.DBInstanceIdentifier}/`),
    );
    expect(groups.map(([, { Properties: group }]) => group.LogGroupName.split('/').at(-1)).sort()).toEqual(
      [...Properties.EnableCloudwatchLogsExports].sort(),
    );
    expect(rest).toMatchObject({ DependsOn: expect.arrayContaining(groups.map(([id]) => id)) });
  });
});

describe('Redis', () => {
  test('is encrypted on disk and on the way, and asks for a user', () => {
    expect(theOnly(virginia, 'AWS::ElastiCache::ReplicationGroup').Properties).toMatchObject({
      Engine: 'valkey',
      NumCacheClusters: 3,
      AutomaticFailoverEnabled: true,
      MultiAZEnabled: true,
      AtRestEncryptionEnabled: true,
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: 'required',
      SnapshotRetentionLimit: 7,
    });
    const user = theOnly(virginia, 'AWS::ElastiCache::User').Properties;
    expect(user.AuthenticationMode).toEqual({ Type: 'iam' });
    expect(user.UserId).toBe(user.UserName);
  });

  test('fails over only with somewhere to go', () => {
    const alone = dataOf(planOf('prod-tokyo'), { redis: { nodeType: 'cache.t4g.small', nodes: 1 } });
    expect(theOnly(alone, 'AWS::ElastiCache::ReplicationGroup').Properties).toMatchObject({
      AutomaticFailoverEnabled: false,
      MultiAZEnabled: false,
    });
  });
});

describe('Kafka', () => {
  const cluster = theOnly(virginia, 'AWS::MSK::Cluster').Properties;
  const properties = (template: Template): string[] =>
    theOnly(template, 'AWS::MSK::Configuration').Properties.ServerProperties.split('\n');

  test('takes TLS and IAM alone', () => {
    expect(cluster.EncryptionInfo.EncryptionInTransit).toEqual({ ClientBroker: 'TLS', InCluster: true });
    expect(cluster.ClientAuthentication).toEqual({
      Sasl: { Iam: { Enabled: true }, Scram: { Enabled: false } },
      Tls: { Enabled: false },
      Unauthenticated: { Enabled: false },
    });
    expect(cluster.BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess).toEqual({ Type: 'DISABLED' });
  });

  test('keeps topics as long as planned, on three brokers of which two must have a write', () => {
    expect(cluster.NumberOfBrokerNodes).toBe(3);
    expect(cluster.BrokerNodeGroupInfo.ClientSubnets).toHaveLength(3);
    expect(properties(virginia)).toEqual([
      'auto.create.topics.enable=false',
      `log.retention.hours=${planOf('prod-virginia').retention.kafkaHours}`,
      'default.replication.factor=3',
      'min.insync.replicas=2',
      'unclean.leader.election.enable=false',
    ]);
  });

  test('is told neither storage nor replication where express brokers decide them', () => {
    const express = dataOf(planOf('prod-virginia'), {
      kafka: { instanceType: 'express.m7g.large', brokers: 3, storageGiB: 1000, version: '3.9.x' },
    });
    expect(theOnly(express, 'AWS::MSK::Cluster').Properties.BrokerNodeGroupInfo.StorageInfo).toBeUndefined();
    expect(properties(express).map((line) => line.split('=')[0])).toEqual([
      'auto.create.topics.enable',
      'log.retention.hours',
    ]);
  });
});
