import { Construct } from 'constructs';
import type { EnvironmentPlan } from '../../model/index.js';
import { LogResourcePolicy } from '../resources/logs.js';
import {
  FirewallConfig,
  FirewallDomainList,
  FirewallRule,
  FirewallRuleGroup,
  FirewallRuleGroupAssociation,
  QueryLogConfig,
  QueryLogConfigAssociation,
} from '../resources/network.js';
import type { LogGroupRef } from './log-groups.js';
import { placeOf } from './place.js';
import { policyDocument } from './policy.js';

/** Only the names of venues and AWS resolve; every query is logged. */
export class DnsFirewall extends Construct {
  constructor(
    scope: Construct,
    plan: EnvironmentPlan,
    vpcId: string,
    allowed: readonly string[],
    group: LogGroupRef,
  ) {
    super(scope, 'dns');
    const { prefix } = plan.names;
    const rules = new FirewallRuleGroup(this, 'rules', { name: `${prefix}-dns` });
    const list = (id: string, domains: readonly string[]) =>
      new FirewallDomainList(this, `${id}-names`, { name: `${prefix}-dns-${id}`, domains }).ref('id');
    new FirewallRule(this, 'allow', {
      name: 'allowed',
      action: 'ALLOW',
      priority: 100,
      firewallDomainListId: list('allowed', allowed),
      firewallRuleGroupId: rules.ref('id'),
      // Venues point their names at content networks; the alias chain is trusted once the first name is allowed.
      firewallDomainRedirectionAction: 'TRUST_REDIRECTION_DOMAIN',
    });
    new FirewallRule(this, 'block', {
      name: 'everything-else',
      action: 'BLOCK',
      blockResponse: 'NXDOMAIN',
      priority: 200,
      firewallDomainListId: list('everything', ['*']),
      firewallRuleGroupId: rules.ref('id'),
    });
    new FirewallRuleGroupAssociation(this, 'in-use', {
      name: `${prefix}-dns`,
      firewallRuleGroupId: rules.ref('id'),
      vpcId,
      priority: 101,
    });
    // Closed: a resolver that can not ask the firewall answers nothing. Hosts hold their venue sessions meanwhile.
    new FirewallConfig(this, 'fail-closed', { resourceId: vpcId, firewallFailOpen: 'DISABLED' });
    this.logQueries(plan, vpcId, group);
  }

  private logQueries(plan: EnvironmentPlan, vpcId: string, group: LogGroupRef): void {
    const { prefix } = plan.names;
    const { arn, account } = placeOf(plan);
    const permission = new LogResourcePolicy(this, 'log-permission', {
      policyName: `${prefix}-dns`,
      policyDocument: policyDocument({
        Effect: 'Allow',
        Principal: { Service: 'delivery.logs.amazonaws.com' },
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: `${group.arn}:*`,
        Condition: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': arn('logs', '*') },
        },
      }),
    });
    const log = new QueryLogConfig(
      this,
      'log',
      { name: `${prefix}-dns`, destinationArn: group.arn },
      { dependsOn: [permission] },
    );
    new QueryLogConfigAssociation(this, 'log-in-use', {
      resolverQueryLogConfigId: log.ref('id'),
      resourceId: vpcId,
    });
  }
}
