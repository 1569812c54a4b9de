/**
 * Types the emulator (moto 5.2) has no call for, with what it answers. An apply against it leaves them out; everything that
 * refers to them is given a text instead.
 */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  aws_backup_restore_testing_plan: 'CreateRestoreTestingPlan: 404',
  aws_backup_restore_testing_selection: 'CreateRestoreTestingSelection: 404',
  aws_backup_selection: 'CreateBackupSelection: 500',
  aws_backup_vault_policy: 'PutBackupVaultAccessPolicy: 404',
  aws_cloudformation_stack: 'AWS::EC2::PlacementGroup is unknown to its CloudFormation',
  aws_cloudwatch_composite_alarm: 'PutCompositeAlarm: 500',
  aws_ec2_capacity_reservation: 'CreateCapacityReservation: 500',
  aws_elasticache_replication_group: 'DescribeCacheClusters: 404 for what it has made',
  aws_elasticache_subnet_group: 'DeleteCacheSubnetGroup: 500',
  aws_elasticache_user_group: 'CreateUserGroup: 500',
  aws_msk_cluster: 'needs the configuration before it',
  aws_msk_configuration: 'CreateConfiguration: 404',
  aws_placement_group: 'CreatePlacementGroup: 500',
  aws_route53_resolver_firewall_config: 'UpdateFirewallConfig: 500',
  aws_route53_resolver_firewall_domain_list: 'CreateFirewallDomainList: 500',
  aws_route53_resolver_firewall_rule: 'CreateFirewallRule: 500',
  aws_route53_resolver_firewall_rule_group: 'CreateFirewallRuleGroup: 500',
  aws_route53_resolver_firewall_rule_group_association: 'AssociateFirewallRuleGroup: 500',
  aws_route53_resolver_query_log_config: 'ListTagsForResource: 400',
  aws_route53_resolver_query_log_config_association: 'needs the configuration before it',
  aws_secretsmanager_secret_rotation: 'RotateSecret: 500',
};

/** Arguments that keep a person from deleting by mistake what the check deletes on purpose. */
const PROTECTION: readonly string[] = [
  'deletion_protection_enabled',
  'deletion_protection',
  'disable_api_termination',
  'prevent_destroy',
];

type Arguments = Readonly<Record<string, unknown>>;

interface ModuleJson {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Arguments>>>>;
}

/** What is said differently to the emulator, by type. */
const CHANGED: Readonly<Record<string, (args: Arguments) => Arguments>> = {
  // MonitorInstances: 500. The launch template still asks for it.
  aws_instance: ({ monitoring: _, ...args }) => args,
  // The access logs it has written would keep the bucket.
  aws_s3_bucket: (args) =>
    String(args.bucket).includes('access-logs') ? { ...args, force_destroy: true } : args,
  // It takes a denial for one whatever its condition says, and the conditions here are about TLS, which it does not speak.
  aws_s3_bucket_policy: (args) => ({ ...args, policy: withoutDenials(String(args.policy)) }),
};

/** What the emulator takes and does not give back, so that each plan would want to set it again. */
export const NOT_RETURNED: Readonly<Record<string, readonly string[]>> = {
  aws_backup_plan: ['tags_all'],
  aws_backup_vault: ['tags_all'],
  aws_db_instance: [
    'monitoring_interval',
    'monitoring_role_arn',
    'performance_insights_enabled',
    'performance_insights_kms_key_id',
    'performance_insights_retention_period',
  ],
  aws_db_parameter_group: ['parameter'],
  aws_lambda_function: ['dead_letter_config', 'logging_config'],
  aws_launch_template: ['tag_specifications'],
  aws_s3_bucket_replication_configuration: ['rule'],
  aws_vpc_security_group_egress_rule: ['description'],
  aws_vpc_security_group_ingress_rule: ['description'],
};

/** A module as an emulator can apply and destroy it: without {@link LEFT_OUT} and without protection. */
export function forEmulator<M extends ModuleJson>(module: M): M {
  const resource = Object.fromEntries(
    Object.entries(module.resource)
      .filter(([type]) => !(type in LEFT_OUT))
      .map(([type, byName]) => [type, understood(type, byName)] as const)
      .filter(([, byName]) => Object.keys(byName).length > 0)
      .map(([type, byName]) => [type, mapValues(byName, (args) => changed(type, args))]),
  );
  return reduced({ ...module, resource }) as M;
}

/** CreateDocument answers a Change Calendar, which is text, with 400. */
function understood(
  type: string,
  byName: Readonly<Record<string, Arguments>>,
): Readonly<Record<string, Arguments>> {
  if (type !== 'aws_ssm_document') return byName;
  return Object.fromEntries(Object.entries(byName).filter(([, args]) => args.document_format !== 'TEXT'));
}

function changed(type: string, args: Arguments): Arguments {
  const said = CHANGED[type]?.(args) ?? args;
  const forgotten = NOT_RETURNED[type];
  return forgotten ? { ...said, lifecycle: { ignore_changes: forgotten } } : said;
}

function withoutDenials(policy: string): string {
  const document = JSON.parse(policy) as { Statement: { Effect: string }[] };
  const Statement = document.Statement.filter(({ Effect }) => Effect === 'Allow');
  // A policy must have one.
  const nothing = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 's3:ListBucket', Resource: '*' };
  return JSON.stringify({ ...document, Statement: Statement.length > 0 ? Statement : [nothing] });
}

function mapValues<T, R>(values: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
}

const TYPES = Object.keys(LEFT_OUT).join('|');
/** A whole expression, up to the brace that ends it, of an attribute of a type that is left out. */
const REFERENCE = new RegExp(`\\$\\{(?:${TYPES})\\.[^}]*\\}`, 'g');
const ADDRESS = new RegExp(`^(?:${TYPES})\\.`);

function reduced(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(REFERENCE, 'left-out');
  if (Array.isArray(value)) {
    return value.filter((one) => typeof one !== 'string' || !ADDRESS.test(one)).map(reduced);
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, PROTECTION.includes(name) ? false : reduced(inner)]),
  );
}
