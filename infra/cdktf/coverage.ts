/** How a kind of resource of the CDK form stands in the Terraform form. */
export type Coverage =
  | { readonly as: readonly string[]; readonly but?: string }
  | { readonly absent: string };

const as = (...types: string[]): Coverage => ({ as: types });

/**
 * Every kind of resource the CDK form of the shipped environments has. A test holds it to both forms, and the table in
 * README.md is made from it.
 */
export const COVERAGE: Readonly<Record<string, Coverage>> = {
  'AWS::APS::RuleGroupsNamespace': { absent: 'the rules of Managed Prometheus come with the CDK form' },
  'AWS::APS::Workspace': { absent: 'Managed Prometheus comes with the CDK form' },
  'AWS::Backup::BackupPlan': as('aws_backup_plan'),
  'AWS::Backup::BackupSelection': as('aws_backup_selection'),
  'AWS::Backup::BackupVault': as(
    'aws_backup_vault',
    'aws_backup_vault_lock_configuration',
    'aws_backup_vault_policy',
  ),
  'AWS::Backup::RestoreTestingPlan': as('aws_backup_restore_testing_plan'),
  'AWS::Backup::RestoreTestingSelection': as('aws_backup_restore_testing_selection'),
  'AWS::CloudTrail::Trail': { absent: 'an account that Terraform runs mostly has a trail of its own' },
  'AWS::CloudWatch::Alarm': as('aws_cloudwatch_metric_alarm'),
  'AWS::CloudWatch::CompositeAlarm': as('aws_cloudwatch_composite_alarm'),
  'AWS::CloudWatch::Dashboard': { absent: 'the dashboard comes with the CDK form' },
  'AWS::DynamoDB::Table': as('aws_dynamodb_table'),
  'AWS::EC2::CapacityReservation': as('aws_ec2_capacity_reservation'),
  'AWS::EC2::EIP': as('aws_eip'),
  'AWS::EC2::EIPAssociation': {
    as: ['aws_eip_association', 'aws_eip'],
    but: 'the one that moves is associated by `aws_eip`, so that a failover is no drift',
  },
  'AWS::EC2::FlowLog': as('aws_flow_log'),
  'AWS::EC2::Instance': {
    as: ['aws_instance'],
    but: 'a new launch template is taken up with `terraform apply -replace`, not with `hosts.retired` alone',
  },
  'AWS::EC2::InternetGateway': as('aws_internet_gateway'),
  'AWS::EC2::LaunchTemplate': {
    as: ['aws_launch_template'],
    but: 'no `hosts.enaQueues` and no shared placement group: both refused at synthesis',
  },
  'AWS::EC2::NetworkAcl': as('aws_network_acl'),
  'AWS::EC2::NetworkAclEntry': as('aws_network_acl_rule'),
  'AWS::EC2::NetworkInterface': {
    as: ['aws_network_interface', 'aws_launch_template'],
    but: 'of its own only with `ha.address: secondary-ip`, and then with the connection tracking times of EC2; else made by the launch template, anew with each instance',
  },
  'AWS::EC2::PlacementGroup': {
    as: ['aws_placement_group', 'aws_cloudformation_stack'],
    but: 'with `precision-time` through a CloudFormation stack of the groups alone',
  },
  'AWS::EC2::Route': as('aws_route'),
  'AWS::EC2::RouteTable': as('aws_route_table'),
  'AWS::EC2::SecurityGroup': as('aws_security_group', 'aws_vpc_security_group_egress_rule'),
  'AWS::EC2::SecurityGroupEgress': as('aws_vpc_security_group_egress_rule'),
  'AWS::EC2::SecurityGroupIngress': as('aws_vpc_security_group_ingress_rule'),
  'AWS::EC2::Subnet': as('aws_subnet'),
  'AWS::EC2::SubnetNetworkAclAssociation': as('aws_network_acl_association'),
  'AWS::EC2::SubnetRouteTableAssociation': as('aws_route_table_association'),
  'AWS::EC2::VPC': as('aws_vpc'),
  'AWS::EC2::VPCEndpoint': as('aws_vpc_endpoint'),
  'AWS::EC2::VPCGatewayAttachment': as('aws_internet_gateway'),
  'AWS::EC2::Volume': as('aws_ebs_volume'),
  'AWS::EC2::VolumeAttachment': as('aws_volume_attachment'),
  'AWS::ElastiCache::ReplicationGroup': as('aws_elasticache_replication_group'),
  'AWS::ElastiCache::SubnetGroup': as('aws_elasticache_subnet_group'),
  'AWS::ElastiCache::User': as('aws_elasticache_user'),
  'AWS::ElastiCache::UserGroup': as('aws_elasticache_user_group'),
  'AWS::Events::Rule': as('aws_cloudwatch_event_rule', 'aws_cloudwatch_event_target'),
  'AWS::Grafana::Workspace': { absent: 'Managed Grafana comes with the CDK form' },
  'AWS::IAM::InstanceProfile': as('aws_iam_instance_profile'),
  'AWS::IAM::ManagedPolicy': as('aws_iam_policy', 'aws_iam_role_policy_attachment'),
  'AWS::IAM::Policy': as('aws_iam_role_policy'),
  'AWS::IAM::Role': as('aws_iam_role'),
  'AWS::KMS::Alias': as('aws_kms_alias'),
  'AWS::KMS::Key': as('aws_kms_key'),
  'AWS::Lambda::EventInvokeConfig': as('aws_lambda_function_event_invoke_config'),
  'AWS::Lambda::Function': as('aws_lambda_function'),
  'AWS::Lambda::Permission': as('aws_lambda_permission'),
  'AWS::Logs::LogGroup': as('aws_cloudwatch_log_group'),
  'AWS::Logs::MetricFilter': as('aws_cloudwatch_log_metric_filter'),
  'AWS::Logs::ResourcePolicy': as('aws_cloudwatch_log_resource_policy'),
  'AWS::MSK::Cluster': as('aws_msk_cluster'),
  'AWS::MSK::Configuration': as('aws_msk_configuration'),
  'AWS::RDS::DBInstance': {
    as: ['aws_db_instance'],
    but: 'without backups of the second Region: they are a resource of that Region, which is applied before there is a database',
  },
  'AWS::RDS::DBParameterGroup': as('aws_db_parameter_group'),
  'AWS::RDS::DBSubnetGroup': as('aws_db_subnet_group'),
  'AWS::Route53Resolver::FirewallDomainList': as('aws_route53_resolver_firewall_domain_list'),
  'AWS::Route53Resolver::FirewallRuleGroup': as(
    'aws_route53_resolver_firewall_rule_group',
    'aws_route53_resolver_firewall_rule',
  ),
  'AWS::Route53Resolver::FirewallRuleGroupAssociation': as(
    'aws_route53_resolver_firewall_rule_group_association',
  ),
  'AWS::Route53Resolver::ResolverQueryLoggingConfig': as('aws_route53_resolver_query_log_config'),
  'AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation': as(
    'aws_route53_resolver_query_log_config_association',
  ),
  'AWS::S3::Bucket': {
    as: [
      'aws_s3_bucket',
      'aws_s3_bucket_lifecycle_configuration',
      'aws_s3_bucket_logging',
      'aws_s3_bucket_object_lock_configuration',
      'aws_s3_bucket_ownership_controls',
      'aws_s3_bucket_public_access_block',
      'aws_s3_bucket_replication_configuration',
      'aws_s3_bucket_server_side_encryption_configuration',
      'aws_s3_bucket_versioning',
      'aws_s3_object',
    ],
    but: 'engine releases have a bucket of their own, as there is no bootstrap bucket',
  },
  'AWS::S3::BucketPolicy': {
    as: ['aws_s3_bucket_policy'],
    but: 'does not say who may change the bucket: the plan does not know who runs Terraform',
  },
  'AWS::SNS::Subscription': as('aws_sns_topic_subscription'),
  'AWS::SNS::Topic': as('aws_sns_topic'),
  'AWS::SNS::TopicPolicy': as('aws_sns_topic_policy'),
  'AWS::SSM::Document': as('aws_ssm_document'),
  'AWS::SSM::Parameter': as('aws_ssm_parameter'),
  'AWS::SecretsManager::ResourcePolicy': as('aws_secretsmanager_secret'),
  'AWS::SecretsManager::RotationSchedule': as('aws_secretsmanager_secret_rotation'),
  'AWS::SecretsManager::Secret': {
    as: ['aws_secretsmanager_secret'],
    but: 'without a placeholder value, which Terraform would keep in its state',
  },
  'Custom::AWS': {
    as: ['aws_route53_resolver_firewall_config', 'aws_default_security_group'],
    but: 'calls of the CDK form for what has no resource in CloudFormation; prefix lists are read from the gateway endpoints instead',
  },
};

/** The table in README.md. */
export function coverageTable(): string {
  const rows = Object.entries(COVERAGE).map(([kind, coverage]) => {
    if ('as' in coverage) {
      return `| ${kind} | ${coverage.as.map((type) => `\`${type}\``).join(' ')} | ${coverage.but ?? ''} |`;
    }
    return `| ${kind} | **not here** | ${coverage.absent} |`;
  });
  return ['| CDK form | Terraform form | Difference |', '|---|---|---|', ...rows].join('\n');
}
