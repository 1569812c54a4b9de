import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as resolver from 'aws-cdk-lib/aws-route53resolver';
import { PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import { ApiCall } from './api-call.js';

export interface DnsFirewallProps {
  readonly vpcId: string;
  /** Names that resolve, with `*.` for whatever is below one. */
  readonly allowedDomains: readonly string[];
  readonly queryLog: logs.ILogGroup;
  /** Where the function that sets the failure mode logs. */
  readonly logGroup?: logs.ILogGroup;
}

/** Venue and AWS names resolve, everything else does not exist, and every question is logged. */
export class DnsFirewall extends Construct {
  constructor(scope: Construct, id: string, props: DnsFirewallProps) {
    super(scope, id);
    const { vpcId, allowedDomains, queryLog } = props;
    const allowed = new resolver.CfnFirewallDomainList(this, 'Allowed', { domains: [...allowedDomains] });
    const everything = new resolver.CfnFirewallDomainList(this, 'Everything', { domains: ['*'] });
    const group = new resolver.CfnFirewallRuleGroup(this, 'Rules', {
      firewallRules: [
        {
          priority: 100,
          action: 'ALLOW',
          firewallDomainListId: allowed.attrId,
          // Venues stand behind content networks whose names change: what an allowed name points to is allowed too.
          firewallDomainRedirectionAction: 'TRUST_REDIRECTION_DOMAIN',
        },
        {
          priority: 200,
          action: 'BLOCK',
          blockResponse: 'NXDOMAIN',
          firewallDomainListId: everything.attrId,
        },
      ],
    });
    new resolver.CfnFirewallRuleGroupAssociation(this, 'Association', {
      vpcId,
      firewallRuleGroupId: group.attrId,
      priority: 101,
    });
    this.failClosed(props);
    this.logQueries(vpcId, queryLog);
  }

  /**
   * A resolver that can not ask the firewall answers nothing; hosts hold their venue sessions meanwhile. By API, as the
   * resource type of CloudFormation is not in every Region.
   */
  private failClosed({ vpcId, logGroup }: DnsFirewallProps): void {
    const { account, region, partition } = Stack.of(this);
    new ApiCall(this, 'FailClosed', {
      call: {
        service: 'Route53Resolver',
        action: 'updateFirewallConfig',
        parameters: { ResourceId: vpcId, FirewallFailOpen: 'DISABLED' },
        physicalResourceId: PhysicalResourceId.of('dns-firewall-fail-closed'),
        outputPaths: ['FirewallConfig.FirewallFailOpen'],
      },
      permissions: [
        {
          actions: ['route53resolver:UpdateFirewallConfig'],
          resources: [`arn:${partition}:route53resolver:${region}:${account}:firewall-config/*`],
          wildcardReason: 'Resolver gives the setting of a VPC an id of its own that nobody knows before.',
        },
        { actions: ['ec2:DescribeVpcs'] },
      ],
      ...(logGroup ? { logGroup } : {}),
    });
  }

  private logQueries(vpcId: string, group: logs.ILogGroup): void {
    const { account, region, partition } = Stack.of(this);
    const permission = new logs.ResourcePolicy(this, 'QueryLogPermission', {
      policyStatements: [
        new iam.PolicyStatement({
          principals: [new iam.ServicePrincipal('delivery.logs.amazonaws.com')],
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [group.logGroupArn],
          conditions: {
            StringEquals: { 'aws:SourceAccount': account },
            ArnLike: { 'aws:SourceArn': `arn:${partition}:logs:${region}:${account}:*` },
          },
        }),
      ],
    });
    const config = new resolver.CfnResolverQueryLoggingConfig(this, 'QueryLog', {
      destinationArn: group.logGroupArn,
    });
    config.node.addDependency(permission);
    new resolver.CfnResolverQueryLoggingConfigAssociation(this, 'QueryLogAssociation', {
      resolverQueryLogConfigId: config.attrId,
      resourceId: vpcId,
    });
  }
}
