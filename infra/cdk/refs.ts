import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { HostRole, LogGroupPlan, SubnetPlan } from '../model/index.js';

/** What one stack gives to later ones. References between stacks are weak (see cdk.json): no export locks either side. */
export interface KeyRefs {
  /** Volumes, tables, databases, backups, topics. */
  readonly data: kms.IKey;
  /** The audit archive and the logs. */
  readonly audit: kms.IKey;
  /** Exchange keys. */
  readonly secrets: kms.IKey;
  /** ECDSA P-256, signs archive checkpoints; present with `archive.checkpoints`. */
  readonly signing?: kms.IKey;
}

export interface SubnetRef {
  readonly subnetId: string;
  readonly networkAclId: string;
  readonly routeTableId: string;
  /** The zone's name in this account, known at deployment. */
  readonly zoneName: string;
}

export interface NetworkRefs {
  readonly vpcId: string;
  readonly subnets: Readonly<Partial<Record<SubnetPlan['id'], SubnetRef>>>;
  readonly privateSubnetIds: readonly string[];
  /** Of the hosts: egress to venues, endpoints and S3/DynamoDB prefix lists alone; ingress between the hosts alone. */
  readonly hostSecurityGroupId: string;
}

export type LogRefs = Readonly<Partial<Record<LogGroupPlan['id'], logs.ILogGroup>>>;

export interface ArchiveRefs {
  readonly bucket: s3.IBucket;
}

export interface ElasticIpRef {
  readonly allocationId: string;
  readonly address: string;
}

export interface StateRefs {
  readonly leaseTable: dynamodb.ITable;
  readonly journalVolumeIds: Readonly<Partial<Record<HostRole, string>>>;
  /** By host, or `floating` for the one that moves with the secondary private address. */
  readonly elasticIps: Readonly<Partial<Record<HostRole | 'floating', ElasticIpRef>>>;
}

export interface DataRefs {
  /** Lets the role of the hosts sign in to the database, the cache and the event stream of this environment. */
  readonly connectPolicy: iam.IManagedPolicy;
  /** Of the database, where a trial restore of it goes; absent without one. */
  readonly databaseSubnetGroup?: string;
}

/** By `venues[].secret`. */
export type SecretRefs = Readonly<Record<string, secretsmanager.ISecret>>;

export interface HostRef {
  readonly instanceId: string;
  readonly networkInterfaceId: string;
}

export interface TradingRefs {
  readonly hosts: Readonly<Partial<Record<HostRole, HostRef>>>;
  readonly hostRoleArn: string;
}

export interface TopicRefs {
  readonly critical: sns.ITopic;
  readonly warning: sns.ITopic;
}

/** By name in `infra/functions`. */
export type FunctionRefs = Readonly<Record<string, lambda.IFunction>>;
