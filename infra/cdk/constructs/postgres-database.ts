import { ArnFormat, RemovalPolicy, Stack, Tags, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Construct } from 'constructs';
import { HostDoor } from './host-door.js';
import { BACKUP_TAG } from './journal-volume.js';
import { pascal } from './logical-id.js';
import type { PostgresProps } from './service-props.js';

/** The major version; AWS installs minor ones in the maintenance window. */
const MAJOR = '17';
const PORT = 5432;

/** Role inside the database that hosts sign in as, by IAM: `CREATE ROLE tradewind_engine LOGIN; GRANT rds_iam TO it`. */
const HOST_USER = 'tradewind_engine';

/** Log streams of RDS for PostgreSQL. */
const LOGS = ['postgresql', 'upgrade', 'iam-db-auth-error'];

/**
 * The relational store: a projection of the journal for questions, never on the order path. Hosts sign in by IAM over TLS;
 * the master password is kept and rotated by Secrets Manager and seen by nobody.
 */
export class PostgresDatabase extends Construct {
  readonly endpoint: string;
  /** A trial restore needs it: there may be no default one. */
  readonly subnetGroupName: string;
  /** Lets a role sign in. */
  readonly connect: iam.PolicyStatement;

  constructor(scope: Construct, id: string, props: PostgresProps) {
    super(scope, id);
    const { plan, keys, network, settings } = props;
    const { names, config } = plan;
    const stack = Stack.of(this);
    const door = new HostDoor(this, 'Door', { network, service: 'PostgreSQL', ports: [PORT] });
    const subnets = new rds.CfnDBSubnetGroup(this, 'Subnets', {
      dbSubnetGroupDescription: 'Private subnets',
      subnetIds: [...network.privateSubnetIds],
    });
    const database = new rds.CfnDBInstance(this, 'Instance', {
      dbInstanceIdentifier: names.database,
      dbName: 'tradewind',
      engine: 'postgres',
      engineVersion: MAJOR,
      autoMinorVersionUpgrade: true,
      allowMajorVersionUpgrade: false,
      dbInstanceClass: settings.instanceClass,
      storageType: 'gp3',
      allocatedStorage: String(settings.storageGiB),
      storageEncrypted: true,
      kmsKeyId: keys.data.keyArn,
      multiAz: settings.multiAz,
      masterUsername: 'tradewind',
      manageMasterUserPassword: true,
      masterUserSecret: { kmsKeyId: keys.secrets.keyArn },
      enableIamDatabaseAuthentication: true,
      dbSubnetGroupName: subnets.ref,
      dbParameterGroupName: this.parameters().ref,
      vpcSecurityGroups: [door.securityGroupId],
      publiclyAccessible: false,
      port: String(PORT),
      backupRetentionPeriod: settings.backupDays,
      deleteAutomatedBackups: false,
      copyTagsToSnapshot: true,
      deletionProtection: true,
      enableCloudwatchLogsExports: LOGS,
      monitoringInterval: 60,
      monitoringRoleArn: this.monitoringRole().roleArn,
      databaseInsightsMode: 'standard',
      enablePerformanceInsights: true,
      performanceInsightsKmsKeyId: keys.data.keyArn,
      performanceInsightsRetentionPeriod: 7,
      ...(config.dr
        ? {
            automaticBackupReplicationRegion: config.dr.region,
            automaticBackupReplicationRetentionPeriod: settings.backupDays,
            automaticBackupReplicationKmsKeyId: `arn:${stack.partition}:kms:${config.dr.region}:${stack.account}:${names.keyAlias('data')}`,
          }
        : {}),
    });
    database.applyRemovalPolicy(RemovalPolicy.RETAIN, { applyToUpdateReplacePolicy: true });
    Tags.of(database).add(BACKUP_TAG, 'database');
    // cfn-lint knows minor versions alone; CloudFormation asks for the major one where AWS installs the minor ones.
    database.addMetadata('cfn-lint', { config: { ignore_checks: ['W3691'] } });
    this.acknowledge(database, settings.multiAz);
    for (const log of LOGS) {
      const group = new logs.LogGroup(this, `Log${pascal(log)}`, {
        logGroupName: `/aws/rds/instance/${names.database}/${log}`,
        retention: plan.retention.operationalLogDays,
        encryptionKey: keys.audit,
        removalPolicy: RemovalPolicy.RETAIN,
      });
      Validations.of(group).acknowledge({
        id: 'CloudFormation-Validate::TW-NAME-02',
        reason: 'RDS writes to a log group under its own prefix and to no other.',
      });
      // RDS would create one of its own, unencrypted and kept for ever.
      database.node.addDependency(group);
    }
    this.subnetGroupName = subnets.ref;
    this.endpoint = `${database.attrEndpointAddress}:${PORT}`;
    this.connect = new iam.PolicyStatement({
      sid: 'SignInToPostgres',
      actions: ['rds-db:connect'],
      resources: [
        stack.formatArn({
          service: 'rds-db',
          resource: 'dbuser',
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          resourceName: `${database.attrDbiResourceId}/${HOST_USER}`,
        }),
      ],
    });
  }

  private parameters(): rds.CfnDBParameterGroup {
    return new rds.CfnDBParameterGroup(this, 'Parameters', {
      family: `postgres${MAJOR}`,
      description: 'TLS alone; connections, changes of the schema and slow statements logged',
      parameters: {
        'rds.force_ssl': '1',
        log_connections: '1',
        log_disconnections: '1',
        log_statement: 'ddl',
        log_min_duration_statement: '1000',
      },
    });
  }

  private monitoringRole(): iam.Role {
    const policy = 'service-role/AmazonRDSEnhancedMonitoringRole';
    const role = new iam.Role(this, 'MonitoringRole', {
      assumedBy: new iam.ServicePrincipal('monitoring.rds.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: 'Sends enhanced monitoring to CloudWatch Logs',
      managedPolicies: [iam.ManagedPolicy.fromAwsManagedPolicyName(policy)],
    });
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}]`,
      reason:
        'RDS documents this policy as the one for enhanced monitoring; it reaches one log group of the service and only the service can take on the role.',
    });
    return role;
  }

  private acknowledge(database: rds.CfnDBInstance, multiAz: boolean): void {
    Validations.of(database).acknowledge({
      id: 'AwsSolutions-RDS11',
      reason:
        'The port is hidden from nobody who matters: only the security group of the hosts reaches it, and tools expect 5432.',
    });
    Validations.of(database).acknowledge({
      id: 'NIST.800.53.R5-RDSInBackupPlan',
      reason: 'The plan in the Backup stack takes the database in by its tag; the rule looks for its ARN.',
    });
    Validations.of(database).acknowledge({
      id: 'CloudFormation-Validate::TW-NAME-01',
      reason:
        'RDS derives the names of its log groups from the identifier, and they have to stand, encrypted, before it writes to them.',
    });
    if (multiAz) return;
    const reason =
      'The environment file chose one zone: the database is a projection of the journal and is rebuilt from it.';
    Validations.of(database).acknowledge(
      { id: 'AwsSolutions-RDS3', reason },
      { id: 'NIST.800.53.R5-RDSMultiAZSupport', reason },
    );
  }
}
