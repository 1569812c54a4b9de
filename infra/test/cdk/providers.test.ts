import { describe, expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { archiveProvider, keyProvider, vpcProvider } from '../../cdk/providers/index.js';
import { planOf, theOnly } from '../support/foundation.js';
import { testApp } from '../support/test-app.js';

const plan = planOf('prod-tokyo');
const stack = () =>
  new Stack(testApp(), 'Stack', { env: { account: plan.config.account, region: plan.config.region } });
const key = { id: 'Key', alias: 'alias/one', description: 'One', deletionWindowDays: 7 };

describe('a key', () => {
  test('is made with an alias, and retained', () => {
    const scope = stack();
    keyProvider(key).provide(scope);
    const template = Template.fromStack(scope);
    expect(theOnly(template, 'AWS::KMS::Key')).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { EnableKeyRotation: true, PendingWindowInDays: 7 },
    });
    template.hasResourceProperties('AWS::KMS::Alias', { AliasName: 'alias/one' });
  });

  test('that is brought is referred to as it is', () => {
    const scope = stack();
    const existing = 'arn:aws:kms:ap-northeast-1:111122223333:key/brought';
    expect(keyProvider({ ...key, existing }).provide(scope).keyArn).toBe(existing);
    expect(Template.fromStack(scope).toJSON().Resources).toBeUndefined();
  });
});

describe('a VPC', () => {
  test('is made with an internet gateway that routes wait for', () => {
    const scope = stack();
    const place = vpcProvider(plan.network).provide(scope);
    expect(place.attachment).toBeDefined();
    expect(place.defaultSecurityGroupId).toBeDefined();
    expect(theOnly(Template.fromStack(scope), 'AWS::EC2::VPC').Properties).toMatchObject({
      CidrBlock: plan.network.cidr,
      EnableDnsSupport: true,
      EnableDnsHostnames: true,
    });
  });

  test('that is brought has a default security group of somebody else', () => {
    const scope = stack();
    const existing = { vpcId: 'vpc-0123456789abcdef0', internetGatewayId: 'igw-0123456789abcdef0' };
    expect(vpcProvider({ ...plan.network, existing }).provide(scope)).toEqual(existing);
    expect(Template.fromStack(scope).toJSON().Resources).toBeUndefined();
  });
});

describe('an archive', () => {
  const brought = { ...plan, archive: { ...plan.archive, existing: true, bucket: 'their-records' } };
  const keysOf = (scope: Stack) => {
    const one = kms.Key.fromKeyArn(scope, 'Known', 'arn:aws:kms:ap-northeast-1:111122223333:key/known');
    return { data: one, audit: one, secrets: one };
  };

  test('that is brought is asked at deployment whether it locks, and not touched', () => {
    const scope = stack();
    const bucket = archiveProvider({ plan: brought, keys: keysOf(scope) }).provide(scope);
    expect(bucket.bucketName).toBe('their-records');
    const template = Template.fromStack(scope);
    template.resourceCountIs('AWS::S3::Bucket', 0);
    const { Properties } = theOnly(template, 'Custom::AWS');
    expect(JSON.parse(Properties.Create ?? Properties.Update)).toMatchObject({
      action: 'getObjectLockConfiguration',
      parameters: { Bucket: 'their-records' },
    });
  });

  test('is made with its access log beside it', () => {
    const scope = stack();
    archiveProvider({ plan, keys: keysOf(scope) }).provide(scope);
    Template.fromStack(scope).resourceCountIs('AWS::S3::Bucket', 2);
  });
});
