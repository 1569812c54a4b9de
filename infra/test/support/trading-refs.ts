import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { TradingStackProps } from '../../cdk/stacks/trading-stack.js';
import type { EngineRelease } from '../../delivery/index.js';
import type { EnvironmentPlan } from '../../model/index.js';

const ARCHIVE = join(mkdtempSync(join(tmpdir(), 'tradewind-release-')), 'release.tar.gz');
writeFileSync(ARCHIVE, 'an archive\n');

/** A release as the build would give it, of any version. */
export function release(version = '0.1.0-abc1234-00112233-44556677', digit = 'a'): EngineRelease {
  return {
    version,
    archive: ARCHIVE,
    sha256: digit.repeat(64),
  };
}

/** What other stacks would hand over, as things that exist: the trading stack is tested alone. */
export function tradingRefs(scope: Construct, plan: EnvironmentPlan): Omit<TradingStackProps, 'release'> {
  const { region, account } = plan.config;
  const others = new Stack(scope, 'Others', { env: { account, region } });
  const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
  const key = (name: string) =>
    kms.Key.fromKeyArn(
      others,
      `Key${name}`,
      arn('kms', `key/00000000-0000-4000-8000-${name.padStart(12, '0')}`),
    );
  const address = (digit: string) => ({
    allocationId: `eipalloc-${digit.repeat(17)}`,
    address: '203.0.113.1',
  });
  return {
    plan,
    keys: { data: key('d'), audit: key('a'), secrets: key('5') },
    network: {
      vpcId: `vpc-${'6'.repeat(17)}`,
      subnets: Object.fromEntries(
        plan.network.subnets.map(({ id }, index) => [
          id,
          {
            subnetId: `subnet-${String(index).repeat(17)}`,
            networkAclId: `acl-${String(index).repeat(17)}`,
            routeTableId: `rtb-${String(index).repeat(17)}`,
            zoneName: `${region}a`,
          },
        ]),
      ),
      privateSubnetIds: [],
      hostSecurityGroupId: `sg-${'5'.repeat(17)}`,
    },
    state: {
      leaseTable: dynamodb.Table.fromTableArn(
        others,
        'Lease',
        arn('dynamodb', `table/${plan.names.leaseTable}`),
      ),
      journalVolumeIds: { primary: 'vol-0aaaaaaaaaaaaaaaa', standby: 'vol-0bbbbbbbbbbbbbbbb' },
      elasticIps: {
        primary: address('7'),
        standby: address('8'),
        floating: address('9'),
      },
    },
    secrets: Object.fromEntries(
      plan.config.venues.flatMap(({ secret }) =>
        secret === undefined
          ? []
          : [
              [
                secret,
                secretsmanager.Secret.fromSecretCompleteArn(
                  others,
                  `Secret${secret}`,
                  arn('secretsmanager', `secret:${plan.names.secret(secret)}-AbCdEf`),
                ),
              ],
            ],
      ),
    ),
  };
}
