import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { KeysStack } from '../../cdk/stacks/keys-stack.js';
import { NetworkStack } from '../../cdk/stacks/network-stack.js';
import type { EnvironmentPlan } from '../../model/index.js';
import { bySid, planOf, REGIONS, resources, templateOf, theOnly } from '../support/foundation.js';
import { type EnvironmentName, testApp } from '../support/test-app.js';

const FULL = REGIONS.filter(([, plan]) => plan.scope === 'full');
const network = (name: EnvironmentName) => templateOf(planOf(name), 'Network');

function networkOf(plan: EnvironmentPlan): Template {
  const app = testApp();
  return Template.fromStack(new NetworkStack(app, { plan, keys: new KeysStack(app, { plan }).refs }));
}

describe.each(FULL)('the network of %s', (_, plan) => {
  const template = templateOf(plan, 'Network');

  test('stands in zones by their id, with an ACL and a route table for each subnet', () => {
    const subnets = Object.values(resources(template, 'AWS::EC2::Subnet'));
    expect(subnets.map(({ Properties }) => [Properties.AvailabilityZoneId, Properties.CidrBlock])).toEqual(
      expect.arrayContaining(plan.network.subnets.map(({ zoneId, cidr }) => [zoneId, cidr])),
    );
    for (const type of [
      'NetworkAcl',
      'RouteTable',
      'SubnetNetworkAclAssociation',
      'SubnetRouteTableAssociation',
    ]) {
      template.resourceCountIs(`AWS::EC2::${type}`, plan.network.subnets.length);
    }
    const hostSubnets = plan.network.subnets.filter(({ kind }) => kind === 'host').length;
    template.resourceCountIs('AWS::EC2::Route', hostSubnets);
  });

  test('leaves rule 1 of each ACL to the fence, and no two rules with one number', () => {
    const taken = new Set<string>();
    for (const { Properties: rule } of Object.values(resources(template, 'AWS::EC2::NetworkAclEntry'))) {
      expect(rule.RuleNumber).toBeGreaterThanOrEqual(1000);
      const place = JSON.stringify([rule.NetworkAclId, rule.Egress === true, rule.RuleNumber]);
      expect(taken.has(place)).toBe(false);
      taken.add(place);
    }
  });

  test('lets nothing in from outside but answers', () => {
    const outside = Object.values(resources(template, 'AWS::EC2::NetworkAclEntry')).filter(
      ({ Properties: rule }) => rule.CidrBlock === '0.0.0.0/0' && rule.Egress !== true,
    );
    for (const { Properties: rule } of outside) {
      if (rule.Protocol === 6) expect(rule.PortRange).toEqual({ From: 1024, To: 65535 });
      else expect([rule.Protocol, rule.Icmp]).toEqual([1, { Type: 3, Code: 4 }]);
    }
    const groups = Object.values(resources(template, 'AWS::EC2::SecurityGroup'));
    const ingress = [
      ...groups.flatMap(({ Properties }) => Properties.SecurityGroupIngress ?? []),
      ...Object.values(resources(template, 'AWS::EC2::SecurityGroupIngress')).map(
        ({ Properties }) => Properties,
      ),
    ];
    for (const rule of ingress) {
      expect(rule.SourceSecurityGroupId).toBeDefined();
      expect([443, 7400]).toContain(rule.FromPort);
    }
  });

  test('lets hosts out to the planned addresses and ports, and to S3 and DynamoDB', () => {
    const [hosts] = Object.values(resources(template, 'AWS::EC2::SecurityGroup')).filter(({ Properties }) =>
      Properties.GroupDescription.startsWith('Trading hosts'),
    );
    const egress = hosts?.Properties.SecurityGroupEgress;
    const byAddress = egress.filter((rule: { CidrIp?: string }) => rule.CidrIp);
    expect(
      byAddress.map((rule: { CidrIp: string; FromPort: number; ToPort: number }) => [
        rule.CidrIp,
        rule.FromPort,
        rule.ToPort,
      ]),
    ).toEqual(plan.network.egress.map(({ cidr, port }) => [cidr, port, port]));
    expect(egress.length - byAddress.length).toBe(2);
  });

  test('has every log group, encrypted and kept as planned', () => {
    for (const { name, days } of plan.logs) {
      template.hasResource('AWS::Logs::LogGroup', {
        DeletionPolicy: 'Retain',
        Properties: { LogGroupName: name, RetentionInDays: days },
      });
    }
    for (const { Properties } of Object.values(resources(template, 'AWS::Logs::LogGroup'))) {
      expect(Properties.KmsKeyId).toBeDefined();
    }
  });
});

describe('endpoints', () => {
  test('are reached by hosts alone and serve this account alone', () => {
    const template = network('prod-tokyo');
    const endpoints = Object.values(resources(template, 'AWS::EC2::VPCEndpoint'));
    expect(endpoints).toHaveLength(2 + planOf('prod-tokyo').network.interfaceEndpoints.length);
    for (const { Properties } of endpoints) {
      for (const statement of Properties.PolicyDocument.Statement) {
        if (statement.Sid === 'PackagesOfAws') continue;
        expect(statement.Condition.StringEquals['aws:PrincipalAccount']).toBe('111122223333');
      }
    }
  });

  test('of S3 give packages of AWS and buckets of this account, and nothing else', () => {
    const s3 = Object.values(resources(network('prod-tokyo'), 'AWS::EC2::VPCEndpoint')).find(
      ({ Properties }) => Properties.ServiceName.endsWith('.s3'),
    );
    const { BucketsOfThisAccount, PackagesOfAws } = bySid(s3?.Properties.PolicyDocument);
    expect(BucketsOfThisAccount.Condition.StringEquals['aws:ResourceAccount']).toBe('111122223333');
    expect(PackagesOfAws.Action).toEqual(['s3:GetObject']);
    expect(PackagesOfAws.Resource).toContain('arn:aws:s3:::al2023-repos-ap-northeast-1-de612dc2/*');
  });

  test('stand where hosts stand, and not at all where none are asked for', () => {
    const interfaces = (template: Template) =>
      Object.values(resources(template, 'AWS::EC2::VPCEndpoint')).filter(
        ({ Properties }) => Properties.VpcEndpointType === 'Interface',
      );
    for (const { Properties } of interfaces(network('prod-tokyo')))
      expect(Properties.SubnetIds).toHaveLength(1);
    expect(interfaces(network('dev-single'))).toEqual([]);
  });
});

describe('names', () => {
  test('resolve when they are on the list, and do not exist when they are not', () => {
    const { FirewallRules: rules } = theOnly(
      network('prod-tokyo'),
      'AWS::Route53Resolver::FirewallRuleGroup',
    ).Properties;
    expect(rules.map((rule: { Action: string }) => rule.Action)).toEqual(['ALLOW', 'BLOCK']);
    expect(rules[0].Priority).toBeLessThan(rules[1].Priority);
    expect(rules[0].FirewallDomainRedirectionAction).toBe('TRUST_REDIRECTION_DOMAIN');
    expect(rules[1].BlockResponse).toBe('NXDOMAIN');
    const lists = Object.values(resources(network('prod-tokyo'), 'AWS::Route53Resolver::FirewallDomainList'));
    expect(lists.map(({ Properties }) => Properties.Domains)).toEqual(
      expect.arrayContaining([[...(planOf('prod-tokyo').network.allowedDomains ?? [])], ['*']]),
    );
  });

  test('are asked in vain when the firewall does not answer', () => {
    const calls = Object.values(resources(network('prod-tokyo'), 'Custom::AWS')).map(({ Properties }) =>
      JSON.stringify(Properties.Create ?? Properties.Update),
    );
    expect(calls.filter((call) => call.includes('updateFirewallConfig'))).toEqual([
      expect.stringContaining('DISABLED'),
    ]);
    expect(calls.filter((call) => call.includes('revokeSecurityGroup'))).toHaveLength(2);
    expect(calls.filter((call) => call.includes('describeManagedPrefixLists'))).toHaveLength(2);
  });
});

describe('hosts', () => {
  test('reach each other on the replication port, and one host alone has no such rule', () => {
    network('prod-tokyo').resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
    network('dev-single').resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });
});

describe('a VPC that is brought', () => {
  const plan = planOf('prod-tokyo');
  const existing = { vpcId: 'vpc-0123456789abcdef0', internetGatewayId: 'igw-0123456789abcdef0' };
  const template = networkOf({ ...plan, network: { ...plan.network, existing } });

  test('is used and neither made nor changed', () => {
    for (const type of ['VPC', 'InternetGateway', 'VPCGatewayAttachment']) {
      template.resourceCountIs(`AWS::EC2::${type}`, 0);
    }
    template.allResourcesProperties('AWS::EC2::Subnet', { VpcId: existing.vpcId });
    template.allResourcesProperties('AWS::EC2::Route', { GatewayId: existing.internetGatewayId });
    expect(JSON.stringify(template.toJSON())).not.toContain('revokeSecurityGroup');
  });

  test('has flow logs of our subnets alone', () => {
    template.allResourcesProperties('AWS::EC2::FlowLog', { ResourceType: 'Subnet' });
    template.resourceCountIs('AWS::EC2::FlowLog', plan.network.subnets.length);
  });
});
