import { awsResource } from './aws-resource.js';

type Tags = Readonly<Record<string, string>>;

export const Vpc = awsResource<
  {
    readonly cidrBlock: string;
    readonly enableDnsSupport: boolean;
    readonly enableDnsHostnames: boolean;
    readonly tags: Tags;
  },
  'id'
>('aws_vpc');

/** Takes the rules out of the group that new interfaces would fall into. */
export const DefaultSecurityGroup = awsResource<{
  readonly vpcId: string;
  readonly ingress: readonly [];
  readonly egress: readonly [];
}>('aws_default_security_group');

export const InternetGateway = awsResource<{ readonly vpcId: string; readonly tags: Tags }>(
  'aws_internet_gateway',
);

export const Subnet = awsResource<
  {
    readonly vpcId: string;
    readonly cidrBlock: string;
    readonly availabilityZoneId: string;
    readonly mapPublicIpOnLaunch: boolean;
    readonly tags: Tags;
  },
  'id' | 'availability_zone'
>('aws_subnet');

export const RouteTable = awsResource<{ readonly vpcId: string; readonly tags: Tags }>('aws_route_table');

export const Route = awsResource<{
  readonly routeTableId: string;
  readonly destinationCidrBlock: string;
  readonly gatewayId?: string;
  readonly networkInterfaceId?: string;
}>('aws_route');

export const RouteTableAssociation = awsResource<{
  readonly routeTableId: string;
  readonly subnetId: string;
}>('aws_route_table_association');

/** Without rules of its own: they are resources apart, so that a rule added from outside is not taken for drift. */
export const NetworkAcl = awsResource<{ readonly vpcId: string; readonly tags: Tags }>('aws_network_acl');

export interface NetworkAclRuleArguments {
  readonly networkAclId: string;
  readonly ruleNumber: number;
  readonly egress: boolean;
  readonly ruleAction: 'allow' | 'deny';
  /** IP protocol number; `-1` is any. */
  readonly protocol: string;
  readonly cidrBlock: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
}

export const NetworkAclRule = awsResource<NetworkAclRuleArguments>('aws_network_acl_rule');

export const NetworkAclAssociation = awsResource<{
  readonly networkAclId: string;
  readonly subnetId: string;
}>('aws_network_acl_association');

export const VpcEndpoint = awsResource<
  {
    readonly vpcId: string;
    readonly serviceName: string;
    readonly vpcEndpointType: 'Gateway' | 'Interface';
    readonly policy: string;
    readonly routeTableIds?: readonly string[];
    readonly subnetIds?: readonly string[];
    readonly securityGroupIds?: readonly string[];
    readonly privateDnsEnabled?: boolean;
    readonly tags: Tags;
  },
  'id' | 'prefix_list_id'
>('aws_vpc_endpoint');

export const SecurityGroup = awsResource<{
  readonly vpcId: string;
  readonly description: string;
  readonly tags: Tags;
}>('aws_security_group');

export interface SecurityGroupRuleArguments {
  readonly securityGroupId: string;
  readonly description: string;
  readonly ipProtocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
  readonly cidrIpv4?: string;
  readonly prefixListId?: string;
  readonly referencedSecurityGroupId?: string;
}

export const SecurityGroupIngressRule = awsResource<SecurityGroupRuleArguments>(
  'aws_vpc_security_group_ingress_rule',
);

export const SecurityGroupEgressRule = awsResource<SecurityGroupRuleArguments>(
  'aws_vpc_security_group_egress_rule',
);

export const FlowLog = awsResource<{
  readonly vpcId?: string;
  readonly subnetId?: string;
  readonly trafficType: 'ALL';
  readonly iamRoleArn: string;
  readonly logDestination: string;
  readonly logDestinationType: 'cloud-watch-logs';
  readonly maxAggregationInterval: 60 | 600;
}>('aws_flow_log');

export const FirewallDomainList = awsResource<{
  readonly name: string;
  readonly domains: readonly string[];
}>('aws_route53_resolver_firewall_domain_list');

export const FirewallRuleGroup = awsResource<{ readonly name: string }>(
  'aws_route53_resolver_firewall_rule_group',
);

export const FirewallRule = awsResource<{
  readonly name: string;
  readonly action: 'ALLOW' | 'BLOCK';
  readonly blockResponse?: 'NXDOMAIN' | 'NODATA';
  readonly firewallDomainListId: string;
  readonly firewallRuleGroupId: string;
  readonly firewallDomainRedirectionAction?: 'TRUST_REDIRECTION_DOMAIN' | 'INSPECT_REDIRECTION_DOMAIN';
  readonly priority: number;
}>('aws_route53_resolver_firewall_rule');

export const FirewallRuleGroupAssociation = awsResource<{
  readonly name: string;
  readonly firewallRuleGroupId: string;
  readonly vpcId: string;
  readonly priority: number;
}>('aws_route53_resolver_firewall_rule_group_association');

export const FirewallConfig = awsResource<{
  readonly resourceId: string;
  readonly firewallFailOpen: 'DISABLED';
}>('aws_route53_resolver_firewall_config');

export const QueryLogConfig = awsResource<{ readonly name: string; readonly destinationArn: string }>(
  'aws_route53_resolver_query_log_config',
);

export const QueryLogConfigAssociation = awsResource<{
  readonly resolverQueryLogConfigId: string;
  readonly resourceId: string;
}>('aws_route53_resolver_query_log_config_association');

export const NetworkInterface = awsResource<
  {
    readonly subnetId: string;
    readonly description: string;
    readonly securityGroups: readonly string[];
    /** The first is the primary address. */
    readonly privateIpList: readonly string[];
    readonly privateIpListEnabled: true;
    readonly tags: Tags;
  },
  'id'
>('aws_network_interface');
