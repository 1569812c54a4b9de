import { expect, test } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { TrailStack } from '../../cdk/stacks/trail-stack.js';
import { operationsRefs } from '../support/operations-refs.js';
import { comparable } from '../support/stack-snapshot.js';
import { shippedPlan, testApp } from '../support/test-app.js';

function synthesize(name: 'prod-tokyo' | 'prod-virginia'): { stack: TrailStack; template: Template } {
  const plan = shippedPlan(name);
  const app = testApp();
  const { keys, logs } = operationsRefs(new Stack(app, 'Elsewhere'), plan);
  const stack = new TrailStack(app, { plan, keys, logs });
  return { stack, template: Template.fromStack(stack) };
}

test.each(['prod-tokyo', 'prod-virginia'] as const)(
  'the trail of %s is as recorded and protected',
  (name) => {
    const { stack, template } = synthesize(name);
    expect(stack.terminationProtection).toBe(true);
    expect(comparable(template.toJSON())).toMatchSnapshot();
  },
);

test('records management calls and every object of the archive', () => {
  const { template } = synthesize('prod-tokyo');
  template.hasResourceProperties('AWS::CloudTrail::Trail', {
    EnableLogFileValidation: true,
    KMSKeyId: Match.stringLikeRegexp(':key/2222'),
    EventSelectors: [
      {
        IncludeManagementEvents: true,
        ExcludeManagementEventSources: ['kms.amazonaws.com'],
        ReadWriteType: 'All',
        DataResources: [
          {
            Type: 'AWS::S3::Object',
            Values: Match.arrayWith([
              'arn:aws:s3:::tradewind-prod-tokyo-archive-111122223333-ap-northeast-1/',
            ]),
          },
        ],
      },
    ],
  });
});

test('sees what is done in every Region, IAM above all, and who reads the copies of the archive', () => {
  synthesize('prod-tokyo').template.hasResourceProperties('AWS::CloudTrail::Trail', {
    IsMultiRegionTrail: true,
    IncludeGlobalServiceEvents: true,
    EventSelectors: [
      Match.objectLike({
        DataResources: [
          {
            Type: 'AWS::S3::Object',
            Values: [
              'arn:aws:s3:::tradewind-prod-tokyo-archive-111122223333-ap-northeast-1/',
              'arn:aws:s3:::tradewind-prod-tokyo-archive-111122223333-ap-northeast-3/',
            ],
          },
        ],
      }),
    ],
  });
  expect(shippedPlan('prod-tokyo').place).toBe('home');
  expect(shippedPlan('prod-virginia').dr?.place).toBe('second');
});

test('keeps its files as long as records, whatever happens to the stack', () => {
  const { template } = synthesize('prod-tokyo');
  template.hasResource('AWS::S3::Bucket', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      BucketName: 'tradewind-prod-tokyo-trail-111122223333-ap-northeast-1',
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: 2_557 })] },
    },
  });
});

test('lends its role to CloudTrail without a condition: the source is not said when it is taken on', () => {
  const { template } = synthesize('prod-tokyo');
  template.hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Action: 'sts:AssumeRole',
          Effect: 'Allow',
          Principal: { Service: 'cloudtrail.amazonaws.com' },
          Condition: Match.absent(),
        },
      ],
    },
  });
});

test('lets CloudTrail alone write, for this trail', () => {
  const { template } = synthesize('prod-tokyo');
  template.hasResourceProperties('AWS::S3::BucketPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Sid: 'TrailWritesFiles',
          Principal: { Service: 'cloudtrail.amazonaws.com' },
          Condition: {
            StringEquals: {
              'aws:SourceArn': 'arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/tradewind-prod-tokyo',
            },
          },
        }),
      ]),
    },
  });
});
