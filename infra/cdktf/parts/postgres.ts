import { Construct } from 'constructs';
import type { EnvironmentPlan, PolicyStatement } from '../../model/index.js';
import { KEPT } from '../resources/aws-resource.js';
import { DbInstance, DbParameterGroup, DbSubnetGroup } from '../resources/data-services.js';
import { IamRole, IamRolePolicyAttachment } from '../resources/identity.js';
import { placeOf } from './place.js';
import { trustOf } from './policy.js';
import { hostDoor, type ServiceSurroundings, serviceLog } from './service.js';
import { BACKUP_TAG } from './state.js';

/** The major version; AWS installs minor ones in the maintenance window. */
const MAJOR = '17';
const PORT = 5432;

/** Role inside the database that hosts sign in as, by IAM. */
const HOST_USER = 'tradewind_engine';

const LOGS = ['postgresql', 'upgrade', 'iam-db-auth-error'];

/** TLS alone; connections, changes of the schema and slow statements logged. */
const PARAMETERS = {
  'rds.force_ssl': '1',
  log_connections: '1',
  log_disconnections: '1',
  log_statement: 'ddl',
  log_min_duration_statement: '1000',
};

/** The relational store, a projection of the journal. Hosts sign in by IAM over TLS; nobody sees the master password. */
export class Postgres extends Construct {
  readonly subnetGroup: string;
  /** Lets a role sign in. */
  readonly connect: PolicyStatement;

  constructor(
    scope: Construct,
    around: ServiceSurroundings,
    settings: NonNullable<EnvironmentPlan['config']['data']['postgres']>,
  ) {
    super(scope, 'postgres');
    const { plan, keys, network } = around;
    const { arn } = placeOf(plan);
    const name = plan.names.database;
    this.subnetGroup = new DbSubnetGroup(this, 'subnets', {
      name,
      description: 'Private subnets',
      subnetIds: network.privateSubnetIds,
    }).ref('name');
    const logs = LOGS.map((log) =>
      serviceLog(this, `log-${log}`, `/aws/rds/instance/${name}/${log}`, around),
    );
    const database = new DbInstance(
      this,
      'database',
      {
        identifier: name,
        dbName: 'tradewind',
        engine: 'postgres',
        engineVersion: MAJOR,
        autoMinorVersionUpgrade: true,
        allowMajorVersionUpgrade: false,
        instanceClass: settings.instanceClass,
        storageType: 'gp3',
        allocatedStorage: settings.storageGiB,
        storageEncrypted: true,
        kmsKeyId: keys.data,
        multiAz: settings.multiAz,
        username: 'tradewind',
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: keys.secrets,
        iamDatabaseAuthenticationEnabled: true,
        dbSubnetGroupName: this.subnetGroup,
        parameterGroupName: this.parameters(name),
        vpcSecurityGroupIds: [hostDoor(this, around, 'PostgreSQL', [PORT])],
        publiclyAccessible: false,
        port: PORT,
        backupRetentionPeriod: settings.backupDays,
        deleteAutomatedBackups: false,
        copyTagsToSnapshot: true,
        deletionProtection: true,
        finalSnapshotIdentifier: `${name}-final`,
        enabledCloudwatchLogsExports: LOGS,
        monitoringInterval: 60,
        monitoringRoleArn: this.monitoringRole(plan),
        performanceInsightsEnabled: true,
        performanceInsightsKmsKeyId: keys.data,
        performanceInsightsRetentionPeriod: 7,
        tags: { Name: name, [BACKUP_TAG]: 'database' },
      },
      // RDS would create log groups of its own, unencrypted and kept for ever.
      { ...KEPT, dependsOn: logs },
    );
    this.connect = {
      Sid: 'SignInToPostgres',
      Effect: 'Allow',
      Action: ['rds-db:connect'],
      Resource: [arn('rds-db', `dbuser:${database.ref('resource_id')}/${HOST_USER}`)],
    };
  }

  private parameters(name: string): string {
    return new DbParameterGroup(this, 'parameters', {
      name,
      family: `postgres${MAJOR}`,
      description: 'TLS alone; connections, changes of the schema and slow statements logged',
      parameter: Object.entries(PARAMETERS).map(([key, value]) => ({
        name: key,
        value,
        applyMethod: 'immediate' as const,
      })),
    }).ref('name');
  }

  private monitoringRole(plan: EnvironmentPlan): string {
    const { account, partition, region } = placeOf(plan);
    const role = new IamRole(this, 'monitoring', {
      name: plan.names.role(`rds-monitoring-${region}`),
      description: 'Sends enhanced monitoring to CloudWatch Logs',
      assumeRolePolicy: trustOf('monitoring.rds.amazonaws.com', account),
    });
    new IamRolePolicyAttachment(this, 'monitoring-policy', {
      role: role.ref('name'),
      policyArn: `arn:${partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole`,
    });
    return role.ref('arn');
  }
}
